import {
  bandsOf,
  assetBandsCodec,
  deliverySamplesCodec,
  exampleService,
  exampleServiceRequest,
  exampleTechnicalData,
  exampleVppRules,
  technicalDataCodec,
  vppRulesCodec,
  type AssetId,
  type JsonObject,
} from '@flexledger/domain';
import { callers, command, firstSlot, idOf, record, type MeterAgent, type Signer } from './actors';
import { FlexScene } from './flex-scene';
import { signed } from './market-scene';
import type { CallOutcome, MemoryCaller, MemoryLedger } from './memory-ledger';
import { ProgrammeScene } from './programme-scene';
import { codeOf } from './refusal';

/** The slots of the scene: mandates stand from the first one on. */
export const vppSlots = {
  now: firstSlot,
  mandateSlot: firstSlot + 4,
  testSlot: firstSlot + 8,
  lastSlot: firstSlot + 9_000,
} as const;

/** Assets of three owners with meters of their own, an aggregator with its rival, and rules of virtual power plants. */
export class VppScene {
  public readonly assetIds = {
    battery: idOf<AssetId>('metered battery of bob'),
    pv: idOf<AssetId>('metered pv of cyd'),
    pump: idOf<AssetId>('metered heat pump of ann'),
  };

  private constructor(
    public readonly flex: FlexScene,
    public readonly made: ProgrammeScene,
  ) {}

  /** The scene at its first slot, with nothing but what is registered. */
  public static async create(rules: JsonObject = {}): Promise<VppScene> {
    const flex = await FlexScene.create({}, firstSlot);
    await flex.changeRules({ vpp: { ...exampleVppRules, ...rules } }, 3);
    const made = await ProgrammeScene.on(flex.ledger, flex.agg, flex.other);
    const scene = new VppScene(flex, made);
    const { ann, bob, cyd, meters } = made;
    const { battery, pump, pv } = scene.assetIds;
    const storage = { kind: 'storage', ratedPowerW: '10000', energyWh: '20000', meterId: meters.bob.meterId };
    await made.registerAssets([
      { assetId: battery, participantId: bob.participantId, ...storage },
      { assetId: pv, participantId: cyd.participantId, kind: 'pv', ratedPowerW: '8000', meterId: meters.cyd.meterId },
      {
        assetId: pump,
        participantId: ann.participantId,
        kind: 'heat-pump',
        ratedPowerW: '6000',
        meterId: meters.ann.meterId,
      },
    ]);
    return scene;
  }

  public get ledger(): MemoryLedger {
    return this.made.ledger;
  }

  /** Sends a signed command through the organisation that carries it. */
  public send(
    signer: Signer,
    transaction: string,
    fields: JsonObject,
    label = 'once',
    caller?: MemoryCaller,
  ): Promise<CallOutcome> {
    const { aggregator, rival } = this.made;
    const usual = signer === aggregator || signer === rival ? callers.aggregator : callers.community;
    const commandId = command(`${transaction} ${label} ${signer.participantId}`);
    const request = { commandId, participantId: signer.participantId, expirySlot: firstSlot + 9_900, ...fields };
    const ready = { ...signed(signer, 'vpp', transaction, request), commandId };
    return this.ledger.submit(caller ?? usual, `vpp:${transaction}`, ready);
  }

  /** Sends a command of an organisation. */
  public submit(caller: MemoryCaller, transaction: string, fields: JsonObject, label = 'once'): Promise<CallOutcome> {
    const commandId = command(`${transaction} ${label} ${caller.mspId}`);
    return this.ledger.submit(caller, `vpp:${transaction}`, { commandId, ...fields });
  }

  /** Asks the ledger. */
  public ask(transaction: string, fields: JsonObject): Promise<JsonObject> {
    return this.ledger.evaluate(callers.regulator, `vpp:${transaction}`, fields);
  }

  /** The code with which something is refused; ACCEPTED where it is not. */
  public code(attempt: () => Promise<unknown>): Promise<string> {
    return codeOf(this.ledger, attempt);
  }

  /** The technical data of the battery, changed. */
  public batteryData(changes: JsonObject = {}): JsonObject {
    const storage = { ...exampleTechnicalData.storage, atSlot: vppSlots.now };
    return { ...exampleTechnicalData, assetId: this.assetIds.battery, storage, ...changes };
  }

  /** The technical data of the PV system, changed. */
  public pvData(changes: JsonObject = {}): JsonObject {
    const { storage: _storage, ...rest } = exampleTechnicalData;
    return { ...rest, assetId: this.assetIds.pv, exportMaxW: '8000', importMaxW: '0', apparentVa: '8000', ...changes };
  }

  /** Files technical data, grants a mandate to the aggregator and files the bands, as an oracle does. */
  public async ready(signer: Signer, data: JsonObject, services: readonly string[] = ['mfrr']): Promise<string> {
    await this.send(signer, 'fileTechnicalData', data);
    const { response } = await this.send(
      signer,
      'grantMandate',
      this.mandate([String(data.assetId)], { services: [...services] }),
    );
    await this.fileBands(String(data.assetId));
    return String(response.mandateId);
  }

  /** A mandate to the aggregator, changed. */
  public mandate(assetIds: readonly string[], changes: JsonObject = {}): JsonObject {
    return {
      aggregatorId: this.made.aggregator.participantId,
      assetIds: [...assetIds],
      services: ['mfrr'],
      capacityPriceMinMicroPerKwh: '4000',
      energyPriceMinMicroPerKwh: '60000',
      firstSlot: vppSlots.mandateSlot,
      lastSlot: vppSlots.lastSlot,
      standing: true,
      constraints: { localDemandFirst: false },
      ...changes,
    };
  }

  /** The bands of an asset that an honest oracle files now. */
  public async bands(assetId: string): Promise<JsonObject> {
    const { data } = await this.ask('getTechnicalData', { assetId });
    const samples = deliverySamplesCodec.decode(await this.ask('getDeliverySamples', { assetId }), '');
    const rules = vppRulesCodec.decode(exampleVppRules, '');
    return assetBandsCodec.encode(bandsOf(technicalDataCodec.decode(data!, ''), samples, rules)) as JsonObject;
  }

  /** Files the bands of an asset. */
  public async fileBands(assetId: string, changes: JsonObject = {}, label = 'honest'): Promise<CallOutcome> {
    const filed = [{ ...(await this.bands(assetId)), ...changes }];
    return this.submit({ mspId: 'DsoMSP', role: 'oracle' }, 'fileBands', { filed }, `${label} ${assetId}`);
  }

  /** Publishes the example's service, changed. */
  public publish(changes: JsonObject = {}, caller: MemoryCaller = callers.tso, label = 'once'): Promise<CallOutcome> {
    const service = { ...exampleService, ...changes };
    return this.submit(caller, 'publishService', service, `${label} ${service.serviceId}`);
  }

  /** A request for the example's service, changed. */
  public request(changes: JsonObject = {}): JsonObject {
    const times = { firstSlot: vppSlots.now + 32, answerBySlot: vppSlots.now + 16 };
    return { ...exampleServiceRequest, ...times, ...changes };
  }

  /** Records so many slots of a meter from where its chain stands: what it takes and gives in each. */
  public async measure(agent: MeterAgent, importsWh: readonly bigint[], exportsWh?: readonly bigint[]): Promise<void> {
    const block = agent.next(importsWh, exportsWh ?? importsWh.map(() => 0n));
    await record(this.ledger, `${agent.meterId} ${block.sequence}`, [block]);
  }
}
