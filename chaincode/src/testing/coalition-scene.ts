import {
  answerPieces,
  canonicalJson,
  coalitionAnswerCodec,
  coalitionCaseCodec,
  digestOf,
  greedyCoalition,
  prepareCoalition,
  commitmentOfMinutes,
  coalitionPlanCodec,
  frozenCoalitionCaseCodec,
  leafOfAsset,
  openedMinutesCodec,
  openedSetPointsCodec,
  requestDigestOf,
  rootOfSetPoints,
  signedCommandBytes,
  slot,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import { composite } from '../store/keys';
import { callers, channel, command, firstSlot, idOf, type MeterAgent, type Signer } from './actors';
import type { CallOutcome, MemoryCaller } from './memory-ledger';
import { VppScene, vppSlots } from './vpp-scene';

/** The slots of a coalition's life: two slices of four hours. */
export const coalitionSlots = {
  consentBySlot: vppSlots.now + 10,
  answerBySlot: vppSlots.now + 16,
  acceptBySlot: vppSlots.now + 20,
  firstSlot: vppSlots.now + 32,
  secondSlice: vppSlots.now + 48,
  endSlot: vppSlots.now + 64,
} as const;

const salt = Buffer.alloc(16, 7).toString('base64url');

/** What an asset promises in a quarter hour of the plan of the scene. */
export interface PlannedPower {
  readonly assetId: string;
  readonly owner: string;
  readonly powerW: string;
  readonly firmPpm?: string;
}

/**
 * A battery whose owner has a standing mandate and a heat pump whose owner is asked each time serve 8 kW of a system operator's request, two slices
 * of four hours, by a plan that stands where a proven one does.
 */
export class CoalitionScene {
  public planId = idOf<string>('plan');

  private constructor(
    public readonly vpp: VppScene,
    public readonly requestId: string,
  ) {}

  /** The scene before anything is proposed. */
  public static async create(
    service: JsonObject = {},
    rules: JsonObject = {},
    request: JsonObject = {},
    isPlanned = true,
  ): Promise<CoalitionScene> {
    const vpp = await VppScene.create(rules);
    const { ann, bob } = vpp.made;
    const services = [String(service.kind ?? 'mfrr')];
    await vpp.flex.tickTo(vppSlots.now);
    // What it holds lasts for what a coalition of the scene can call of it: 6 kW for a quarter of eight hours.
    const { storage } = vpp.batteryData() as JsonObject & { storage: JsonObject };
    const charged = { storage: { ...storage, storedWh: '16800' }, rampUpWPerMinute: '10000' };
    await vpp.ready(bob, vpp.batteryData(charged), services);
    await vpp.send(ann, 'fileTechnicalData', pumpData(vpp));
    await vpp.send(ann, 'grantMandate', vpp.mandate([vpp.assetIds.pump], { services, standing: false }));
    await vpp.fileBands(vpp.assetIds.pump);
    await vpp.publish({ bidMinW: '2000', bidStepW: '1000', prequalification: false, keptPpm: '500000', ...service });
    await vpp.submit(callers.market, 'fundService', {
      mspId: 'TsoMSP',
      amountMicro: '1000000000',
      reference: 'Reserve',
    });
    const { response } = await vpp.submit(callers.tso, 'requestService', {
      ...vpp.request({ volumeMaxW: '20000', bidMinW: '2000', slices: 2, answerBySlot: coalitionSlots.answerBySlot }),
      ...(service.serviceId === undefined ? {} : { serviceId: service.serviceId }),
      ...request,
    });
    const scene = new CoalitionScene(vpp, String(response.requestId));
    if (isPlanned) {
      scene.plan();
    }
    return scene;
  }

  /** Has the plan chosen: the case is asked for, and the choice of the contract itself is filed as an oracle's answer, or holds because nobody answers. */
  public async choose(isAnswered: boolean): Promise<void> {
    const { vpp } = this;
    const answerBySlot = vppSlots.now + 4;
    const asked = { requestIds: [this.requestId], groups: [], answerBySlot };
    const { response } = await vpp.send(vpp.made.aggregator, 'requestCoalition', asked);
    this.planId = String(response.planId);
    if (isAnswered) {
      const known = await vpp.ask('getCoalitionPlan', { planId: this.planId });
      const answer = greedyCoalition(prepareCoalition(coalitionCaseCodec.decode(known.asked as JsonValue, '')));
      const pieces = answerPieces(coalitionAnswerCodec, answer);
      const answerDigest = digestOf(coalitionAnswerCodec.encode(answer));
      const dataDigest = response.dataDigest ?? '';
      const common = { planId: this.planId, solver: 'greedy', dataDigest, answerDigest, chunks: pieces.length };
      for (const [chunk, piece] of pieces.entries()) {
        await vpp.submit(
          { mspId: 'DsoMSP', role: 'oracle' },
          'answerCoalition',
          { ...common, chunk, piece },
          `${chunk}`,
        );
      }
    }
    await vpp.flex.tickTo(answerBySlot);
    await vpp.submit(callers.aggregator, 'planCoalition', { planId: this.planId });
  }

  /** Puts a plan where a proven one stands: by default 6 kW of the battery and 4 kW of the heat pump serve 8 kW. */
  public plan(members: readonly PlannedPower[] = this.members(), servedW = '8000', planId = this.planId): void {
    const { aggregator } = this.vpp.made;
    const steps = 32;
    const bandOf = ({ firmPpm, powerW }: PlannedPower) => {
      return {
        minW: '0',
        maxW: powerW,
        costMicroPerKwh: '50000',
        keepMicroPerKwh: '4000',
        firmPpm: firmPpm ?? '900000',
      };
    };
    const asked = {
      firstSlot: coalitionSlots.firstSlot,
      stepSlots: 1,
      steps,
      assets: members.map((member) => ({
        assetId: member.assetId,
        participantId: member.owner,
        up: bandOf(member),
        symmetric: bandOf(member),
        activationSeconds: 60,
        runStepsMax: steps,
        restSteps: 0,
        startCostMicro: '0',
      })),
      requests: [
        {
          requestId: this.requestId,
          direction: 'up',
          firstStep: 0,
          sliceSteps: 16,
          slices: 2,
          activationSecondsMax: 750,
          minW: '2000',
          maxW: '20000',
          stepW: '1000',
          capacityPriceMicroPerKwh: '15000',
          energyPriceMicroPerKwh: '150000',
          activationPpm: '50000',
          marginPpm: '0',
          holdPpm: '250000',
          assetsMin: 1,
        },
      ],
      groups: [],
    };
    const assignments = members.map(({ assetId, powerW }) => ({
      assetId,
      duties: [{ requestId: this.requestId, firstStep: 0, powersW: Array.from({ length: steps }, () => powerW) }],
    }));
    const served = [{ requestId: this.requestId, slicesW: [servedW, servedW] }];
    const sums = { objectiveNano: '0', boundNano: '0' };
    const plan = { planId, aggregatorId: aggregator.participantId, source: 'oracle', assignments, served, ...sums };
    coalitionPlanCodec.decode(plan, '');
    frozenCoalitionCaseCodec.decode({ planId, asked }, '');
    this.vpp.ledger.plant(composite('coalition-plan', planId), { v: 1, ...plan });
    this.vpp.ledger.plant(composite('coalition-case', planId), { v: 1, planId, asked });
  }

  /** The members of the usual plan. */
  public members(): readonly PlannedPower[] {
    const { assetIds, made } = this.vpp;
    return [
      { assetId: assetIds.battery, owner: made.bob.participantId, powerW: '6000' },
      { assetId: assetIds.pump, owner: made.ann.participantId, powerW: '4000' },
    ];
  }

  /** Proposes the coalition of a plan. */
  public propose(
    changes: JsonObject = {},
    label = 'once',
    signer: Signer = this.vpp.made.aggregator,
  ): Promise<CallOutcome> {
    const { acceptBySlot, consentBySlot } = coalitionSlots;
    const fields = { planId: this.planId, requestId: this.requestId, consentBySlot, acceptBySlot, ...changes };
    return this.vpp.send(signer, 'proposeCoalition', fields, label);
  }

  /** A coalition with every consent, offered and accepted. */
  public async accepted(): Promise<string> {
    const { response } = await this.propose();
    const coalitionId = String(response.coalitionId);
    if (response.state === 'PROPOSED') {
      const { assetIds, made } = this.vpp;
      await this.vpp.send(made.ann, 'consentCoalition', { coalitionId, assetIds: [assetIds.pump], publishes: true });
      await this.vpp.submit(callers.aggregator, 'concludeConsents', { coalitionId });
    }
    await this.vpp.send(this.vpp.made.aggregator, 'offerCapacity', { coalitionId });
    await this.vpp.submit(callers.tso, 'acceptOffer', { coalitionId });
    return coalitionId;
  }

  /** What calls a coalition two minutes into its first slice for half an hour, changed. */
  public call(coalitionId: string, changes: JsonObject = {}): JsonObject {
    const signalMinute = coalitionSlots.firstSlot * 15 + 2;
    return { coalitionId, slice: 0, direction: 'up', powerW: '4000', signalMinute, periods: 2, ...changes };
  }

  /** Calls a coalition. */
  public activate(
    coalitionId: string,
    changes: JsonObject = {},
    label = 'once',
    caller: MemoryCaller = callers.tso,
  ): Promise<CallOutcome> {
    return this.vpp.submit(caller, 'activate', this.call(coalitionId, changes), label);
  }

  /** Records a dispatch: set-points by asset, the same in each of two periods unless they are listed. */
  public dispatch(
    activationId: string,
    powers: Readonly<Record<string, string | readonly string[]>>,
    label = 'once',
    changes: JsonObject = {},
  ): Promise<CallOutcome> {
    const opened = this.opened(powers);
    const { setPoints } = openedSetPointsCodec.decode(opened, '');
    const { aggregator } = this.vpp.made;
    const request = {
      commandId: command(`recordDispatch ${label}`),
      participantId: aggregator.participantId,
      expirySlot: firstSlot + 9_900,
      activationId,
      root: rootOfSetPoints(salt, setPoints),
      ...changes,
    };
    const ready = { ...request, signature: signatureOf(aggregator, 'recordDispatch', request) };
    return this.vpp.ledger.submit(callers.aggregator, 'vpp:recordDispatch', ready, { transient: { dispatch: opened } });
  }

  /** Set-points as they are opened. */
  public opened(powers: Readonly<Record<string, string | readonly string[]>>): JsonObject {
    const setPoints = Object.entries(powers).map(([assetId, powersW]) => ({
      assetId,
      powersW: typeof powersW === 'string' ? [powersW, powersW] : [...powersW],
    }));
    return { salt, setPoints };
  }

  /** What an owner's agent signs of a dispatch. */
  public acknowledgement(
    signer: Signer,
    activationId: string,
    assetId: string,
    opened: JsonObject,
    changes: JsonObject = {},
  ): JsonObject {
    const leaf = leafOfAsset(openedSetPointsCodec.decode(opened, ''), assetId as never) ?? 'A'.repeat(43);
    const entry = {
      commandId: command(`acknowledge ${assetId} ${canonicalJson(changes)}`),
      participantId: signer.participantId,
      activationId,
      revision: 1,
      assetId,
      leaf,
      isAccepted: true,
      expirySlot: firstSlot + 9_900,
      ...changes,
    };
    return { ...entry, signature: signatureOf(signer, 'acknowledgeDispatch', entry) };
  }

  /** Commits the minutes of a pool, the same net power in each, and answers what opens them. */
  public async commit(
    coalitionId: string,
    at: number,
    minutesW: readonly (readonly [string, string])[],
  ): Promise<JsonObject> {
    const minutes = minutesW.map(([importW, exportW]) => ({ importW, exportW }));
    const opened = { salt, minutes };
    const commitment = commitmentOfMinutes(openedMinutesCodec.decode(opened, ''));
    await this.vpp.send(this.vpp.made.aggregator, 'commitTelemetry', { coalitionId, slot: at, commitment }, String(at));
    return opened;
  }

  /** Opens what was committed. */
  public open(coalitionId: string, at: number, telemetry: JsonObject, label = 'once'): Promise<CallOutcome> {
    const request = { commandId: command(`open ${at} ${label}`), coalitionId, slot: at };
    return this.vpp.ledger.submit(callers.aggregator, 'vpp:openTelemetry', request, { transient: { telemetry } });
  }

  /** Records a meter up to a slot: the usual energies, but others in some slots. */
  public async measureTo(
    agent: MeterAgent,
    toSlot: number,
    usual: readonly [bigint, bigint],
    others: Readonly<Record<number, readonly [bigint, bigint]>> = {},
  ): Promise<void> {
    const start = agent.peek([0n], [0n]).startSlot;
    const values = Array.from({ length: toSlot - start + 1 }, (_, index) => others[start + index] ?? usual);
    await this.vpp.measure(
      agent,
      values.map(([importWh]) => importWh),
      values.map(([, exportWh]) => exportWh),
    );
  }
}

/** A heat pump of 6 kW that can be taken back at once. */
function pumpData(vpp: VppScene): JsonObject {
  const {
    apparentVa: _apparent,
    storage: _storage,
    ...rest
  } = vpp.batteryData() as JsonObject & { storage: JsonObject; apparentVa: string };
  return { ...rest, assetId: vpp.assetIds.pump, exportMaxW: '0', importMaxW: '6000', energyCostMicroPerKwh: '100000' };
}

function signatureOf(signer: Signer, transaction: string, request: JsonObject): string {
  const { commandId, expirySlot } = request as { readonly commandId: never; readonly expirySlot: number };
  const requestDigest = requestDigestOf(request);
  const expiry = slot(expirySlot);
  const bytes = signedCommandBytes({
    channel,
    commandId,
    contract: 'vpp',
    transaction,
    expirySlot: expiry,
    requestDigest,
  });
  return signer.sign(bytes);
}
