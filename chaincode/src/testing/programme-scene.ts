import type { AssetId, CommandId, JsonObject } from '@flexledger/domain';
import {
  callers,
  command,
  firstSlot,
  foundedLedger,
  idOf,
  MeterAgent,
  registerAggregator,
  registerGrid,
  registerMeters,
  registerParticipants,
  Signer,
  tick,
} from './actors';
import { signed } from './market-scene';
import type { CallOutcome, MemoryLedger } from './memory-ledger';
import { codeOf } from './refusal';

/** The first slot in which programmes of the tests call; the day before it is a Friday. */
export const programmeSlots = { firstSlot: firstSlot + 20, lastSlot: firstSlot + 9_000 } as const;

const terms = {
  name: 'Evening peak',
  direction: 'reduce',
  gridIds: ['rural-1'],
  baseline: { method: 'high-5-of-10', adjustment: 'none' },
  rewardMicroPerKwh: '250000',
  penaltyMicroPerKwh: '100000',
  aggregatorSharePpm: '200000',
  tolerancePpm: '100000',
  noticeSlots: 4,
  callsPerMonthMax: 3,
  ...programmeSlots,
} as const;

const band = { noticeSlots: 1, runSlotsMax: 8, restSlots: 4, reboundPpm: '300000' } as const;

/** A band of an asset: what it can take less, and what it can take more. */
export function bandOf(assetId: AssetId, reduceMaxW: bigint, increaseMaxW = 0n, changes: JsonObject = {}): JsonObject {
  const widths = { reduceMaxW: reduceMaxW.toString(), increaseMaxW: increaseMaxW.toString() };
  return { assetId, ...widths, ...band, ...changes };
}

/** Two aggregators and three prosumers with their meters and assets on a founded ledger. */
export class ProgrammeScene {
  public readonly ann = new Signer();
  public readonly bob = new Signer();
  public readonly cyd = new Signer();
  public readonly meters = {
    ann: new MeterAgent('ann'),
    bob: new MeterAgent('bob'),
    cyd: new MeterAgent('cyd', { deviceType: 'pv' }),
  };
  public readonly assetIds = {
    ann: idOf<AssetId>('heat pump of ann'),
    bob: idOf<AssetId>('battery of bob'),
    cyd: idOf<AssetId>('pv of cyd'),
  };

  private constructor(
    public readonly ledger: MemoryLedger,
    public readonly aggregator: Signer,
    public readonly rival: Signer,
  ) {}

  /** A scene at its first slot, with nothing but what is registered. */
  public static async create(): Promise<ProgrammeScene> {
    const ledger = await foundedLedger();
    await registerGrid(ledger);
    const [aggregator, rival] = [new Signer(), new Signer()];
    await registerAggregator(ledger, aggregator);
    await registerAggregator(ledger, rival);
    const made = await ProgrammeScene.on(ledger, aggregator, rival);
    await tick(ledger, firstSlot, firstSlot);
    return made;
  }

  /** The prosumers of the scene on a ledger with its grid and two aggregators. */
  public static async on(ledger: MemoryLedger, aggregator: Signer, rival: Signer): Promise<ProgrammeScene> {
    const made = new ProgrammeScene(ledger, aggregator, rival);
    const { ann, bob, cyd, meters } = made;
    await registerParticipants(ledger, [ann, bob, cyd]);
    await registerMeters(ledger, ann, [meters.ann]);
    await registerMeters(ledger, bob, [meters.bob]);
    await registerMeters(ledger, cyd, [meters.cyd]);
    await made.registerAssets([
      { assetId: made.assetIds.ann, participantId: ann.participantId, kind: 'heat-pump', ratedPowerW: '6000' },
      {
        assetId: made.assetIds.bob,
        participantId: bob.participantId,
        kind: 'storage',
        ratedPowerW: '5000',
        energyWh: '10000',
      },
      { assetId: made.assetIds.cyd, participantId: cyd.participantId, kind: 'pv', ratedPowerW: '8000' },
    ]);
    return made;
  }

  /** Registers assets at the second bus and puts them into service. */
  public async registerAssets(
    entries: readonly (JsonObject & { readonly assetId: AssetId })[],
    changes: JsonObject = {},
  ): Promise<void> {
    const assets = entries.map((entry) => ({ gridId: 'rural-1', bus: 'bus-2', phases: 3, ...entry, ...changes }));
    const assetIds = entries.map(({ assetId }) => assetId);
    const register = { commandId: command(`register ${assetIds.join()}`), assets };
    await this.ledger.submit(callers.aggregator, 'registry:registerAssets', register);
    const commission = { commandId: command(`commission ${assetIds.join()}`), assetIds, reason: 'Installed' };
    await this.ledger.submit(callers.dso, 'registry:commissionAssets', commission);
  }

  /** Sends a command of a participant through the organisation that carries it. */
  public send(signer: Signer, transaction: string, fields: JsonObject, label = 'once'): Promise<CallOutcome> {
    const isAggregator = signer === this.aggregator || signer === this.rival;
    const caller = isAggregator ? callers.aggregator : callers.community;
    return this.ledger.submit(caller, `flexibility:${transaction}`, flexRequest(signer, transaction, fields, label));
  }

  /** The code with which a command of a participant is refused; ACCEPTED where it is not. */
  public refusal(signer: Signer, transaction: string, fields: JsonObject, label = 'refused'): Promise<string> {
    return codeOf(this.ledger, () => this.send(signer, transaction, fields, label));
  }

  /** Creates a programme and answers its id. */
  public async programme(changes: JsonObject = {}, signer = this.aggregator): Promise<string> {
    const fields = { terms: { ...terms, ...changes } };
    const { response } = await this.send(signer, 'createProgramme', fields, JSON.stringify(changes));
    return String(response.programmeId);
  }

  /** What a prosumer says when it enrols. */
  public enrolment(programmeId: string, assets: readonly JsonObject[], changes: JsonObject = {}): JsonObject {
    return { programmeId, assets, comfort: { eventsPerDayMax: 2, slotsPerDayMax: 12 }, ...changes };
  }

  /** The terms of the tests' programme, changed. */
  public static terms(changes: JsonObject = {}): JsonObject {
    return { ...terms, ...changes };
  }
}

/** The request of a transaction of the contract `flexibility`, signed by a participant. */
export function flexRequest(
  signer: Signer,
  transaction: string,
  fields: JsonObject,
  label: string,
): JsonObject & { readonly commandId: CommandId } {
  const commandId = command(`${transaction} ${label} ${signer.participantId}`);
  const request = { commandId, participantId: signer.participantId, expirySlot: firstSlot + 9_900, ...fields };
  return { ...signed(signer, 'flexibility', transaction, request), commandId };
}
