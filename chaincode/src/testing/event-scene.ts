import {
  exampleFlexibilityRules,
  type AssetId,
  type FlexOrderId,
  type JsonObject,
  type SignalKind,
} from '@flexledger/domain';
import { keys } from '../store/keys';
import { callers, command, firstSlot, record, type MeterAgent, type Signer } from './actors';
import { day, FlexScene, option, requestFields } from './flex-scene';
import type { CallOutcome } from './memory-ledger';
import { bandOf, ProgrammeScene } from './programme-scene';
import { codeOf } from './refusal';

/** The slots of the scene's events: an hour from 16:00 UTC of a Tuesday, signalled two hours before. */
export const eventSlots = {
  noticeSlot: day.peakSlot - 8,
  firstSlot: day.peakSlot,
  lastSlot: day.peakSlot + 3,
  slots: [0, 1, 2, 3].map((index) => day.peakSlot + index),
} as const;

/** What everybody takes in a quarter hour of every day before the event. */
export const usualWh = 1_500n;

/** What the system operator pays in before it orders. */
export const SCENE_FUND = '10000000';

/** What a plan asks of an asset in each of the four slots of the order, in Wh. */
export type PlanEntry = readonly [AssetId, readonly bigint[]];

/**
 * Three prosumers whose meters have recorded eight days of the same load, enrolled in a programme of an aggregator that the system operator has
 * ordered an hour of 5 kW less from.
 */
export class EventScene {
  private constructor(
    public readonly flex: FlexScene,
    public readonly made: ProgrammeScene,
    public readonly programmeId: string,
    public readonly orderId: FlexOrderId,
    public readonly noticeSlot: number,
  ) {}

  /**
   * The scene at the slot of the notice.
   *
   * @param terms changes of the programme's terms
   * @param rules changes of the rule set
   * @param usual what a meter has recorded in a slot before the notice
   * @param noticeSlots how long before the event its scene stands still
   */
  public static async create(
    terms: JsonObject = {},
    rules: JsonObject = {},
    usual: (agent: MeterAgent, slot: number) => bigint = () => usualWh,
    noticeSlots = 8,
  ): Promise<EventScene> {
    const flex = await FlexScene.create({ prognosisRequired: false }, firstSlot);
    await flex.tickTo(day.clockSlot);
    if (Object.keys(rules).length > 0) {
      await flex.changeRules({ flexibility: { ...exampleFlexibilityRules, prognosisRequired: false }, ...rules }, 3);
    }
    const made = await ProgrammeScene.on(flex.ledger, flex.agg, flex.other);
    const baseline = { method: 'high-4-of-5', adjustment: 'none' };
    const programmeId = await made.programme({ baseline, ...terms });
    await flex.fund(SCENE_FUND);
    if (rules.flexibility !== undefined) {
      // Rules that cover orders have the aggregator set something aside as well.
      await flex.pay(flex.agg, SCENE_FUND);
    }
    const orderId = await orderHour(flex);
    const noticeSlot = eventSlots.firstSlot - noticeSlots;
    await flex.tickTo(noticeSlot);
    const scene = new EventScene(flex, made, programmeId, orderId, noticeSlot);
    for (const agent of Object.values(made.meters)) {
      await scene.measure(agent, noticeSlot - firstSlot, (slot) => usual(agent, slot));
    }
    await scene.enrol(made.ann, [bandOf(made.assetIds.ann, 4_000n)]);
    await scene.enrol(made.bob, [bandOf(made.assetIds.bob, 6_000n, 6_000n)]);
    return scene;
  }

  /** Enrols a prosumer in the scene's programme. */
  public enrol(signer: Signer, assets: readonly JsonObject[], changes: JsonObject = {}): Promise<CallOutcome> {
    return this.made.send(signer, 'enrol', this.made.enrolment(this.programmeId, assets, changes), 'scene');
  }

  /** Records so many slots of a meter, import only, from where its chain stands. */
  public async measure(agent: MeterAgent, slots: number, importWh: (slot: number) => bigint): Promise<void> {
    const start = agent.peek([0n], [0n]).startSlot;
    for (let done = 0; done < slots; done += 96) {
      const length = Math.min(96, slots - done);
      const values = Array.from({ length }, (_, index) => importWh(start + done + index));
      const block = agent.next(
        values,
        values.map(() => 0n),
      );
      await record(this.made.ledger, `${agent.meterId} ${block.sequence}`, [block]);
    }
  }

  /** Puts a proven plan of the order where a disaggregation leaves it. */
  public plan(entries: readonly PlanEntry[], revision = 1): void {
    const plans = entries.map(([assetId, energiesWh]) => ({
      assetId,
      calls: [{ firstSlot: eventSlots.firstSlot, energiesWh: energiesWh.map(String) }],
    }));
    this.made.ledger.plant(keys.splitPlan(this.orderId, revision), {
      v: 1,
      orderId: this.orderId,
      revision,
      source: 'oracle',
      plans,
      objectiveNano: '0',
      boundNano: '0',
    });
  }

  /** The usual plan: 500 Wh less from ann and 750 Wh less from bob in each slot. */
  public usualPlan(revision = 1): void {
    const { ann, bob } = this.made.assetIds;
    this.plan(
      [
        [ann, [500n, 500n, 500n, 500n]],
        [bob, [750n, 750n, 750n, 750n]],
      ],
      revision,
    );
  }

  /** The request that signals events to some prosumers. */
  public signalling(signers: readonly Signer[], changes: JsonObject = {}): JsonObject {
    return {
      orderId: this.orderId,
      revision: 1,
      programmeId: this.programmeId,
      signalKind: 'DISPATCH_SETPOINT' satisfies SignalKind,
      noticeSlot: this.noticeSlot,
      participantIds: signers.map(({ participantId }) => participantId),
      ...changes,
    };
  }

  /** Signals events to some prosumers. */
  public signal(signers: readonly Signer[], changes: JsonObject = {}, label = 'once'): Promise<CallOutcome> {
    return this.made.send(this.made.aggregator, 'signalEvents', this.signalling(signers, changes), label);
  }

  /** Signals the usual plan to ann and bob. */
  public async called(): Promise<readonly JsonObject[]> {
    this.usualPlan();
    const { response } = await this.signal([this.made.ann, this.made.bob]);
    return response.events as JsonObject[];
  }

  /** A prosumer's answer to its event. */
  public answer(
    signer: Signer,
    transaction: 'acknowledgeEvent' | 'optIn' | 'optOut',
    fields: JsonObject = {},
    label = 'once',
  ): Promise<CallOutcome> {
    const reason = transaction === 'optOut' ? { reason: 'DECLINED' } : {};
    return this.made.send(signer, transaction, { orderId: this.orderId, ...reason, ...fields }, label);
  }

  /** Tracks or completes the events of some prosumers, by the system operator. */
  public watch(
    transaction: 'trackEvents' | 'completeEvents',
    signers: readonly Signer[],
    fields: JsonObject = {},
    label = 'once',
  ): Promise<CallOutcome> {
    const participantIds = signers.map(({ participantId }) => participantId);
    const commandId = command(`${transaction} ${label} ${JSON.stringify(fields)} ${participantIds.join()}`);
    const request = { commandId, orderId: this.orderId, participantIds, ...fields };
    return this.made.ledger.submit(callers.dso, `flexibility:${transaction}`, request);
  }

  /** The code with which something is refused. */
  public code(work: () => Promise<unknown>): Promise<string> {
    return codeOf(this.made.ledger, work);
  }
}

/** Has the aggregator offer, and the system operator order, 5 kW less in each slot of the hour. */
async function orderHour(flex: FlexScene): Promise<FlexOrderId> {
  const run = { startSlot: day.peakSlot, slots: 4, disposition: 'requested', direction: 'reduce' } as const;
  const fields = requestFields({ isps: [{ ...run, minW: '1000', maxW: '6000' }] });
  const { response: request } = await flex.send('requestFlexibility', fields);
  const isps = [{ startSlot: day.peakSlot, slots: 4, direction: 'reduce', powerW: '5000' }];
  const { offerId } = await flex.offered(flex.agg, String(request.requestId), [option('all', { isps })]);
  const ordered = {
    offerId,
    optionRef: 'all',
    activationFactorPpm: '1000000',
    isps: eventSlots.slots.map((slot) => ({ slot, direction: 'reduce', powerW: '5000' })),
    priceMicro: '5000000',
  };
  const { response } = await flex.send('orderFlexibility', ordered);
  return String(response.orderId) as FlexOrderId;
}
