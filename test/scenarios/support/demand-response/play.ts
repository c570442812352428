import type { FlexEvent, JsonObject } from '@flexledger/domain';
import {
  allPages,
  asksAtMost,
  decideEvent,
  offerTo,
  type DayPlan,
  type DemandResponseHome,
  type PortfolioProgramme,
  type RunningDay,
} from '@flexledger/gateway-app';
import type { Actors } from './actors';
import { AGGREGATORS, enrolmentOf, termsOf, unitsOf, type AggregatorPlan } from './portfolios';

const POINT = 'congestion-transformer';
const TIME_ZONE = 'Europe/Berlin';
const ANSWER_MS = 90_000;
const ANSWER_PAUSE_MS = 300;
/** What is paid in for flexibility, in micro-euro. */
const FUND_MICRO = '500000000';

/** What was said and done about one order. */
export interface PlayedOrder {
  readonly aggregator: AggregatorPlan;
  readonly orderId: string;
  /** How the split of each revision was found. */
  readonly splits: readonly string[];
  readonly declined: readonly string[];
  /** Slots in which prosumers deviated, by the prosumer. */
  readonly deviations: ReadonlyMap<string, readonly number[]>;
}

interface OpenOrder {
  readonly aggregator: AggregatorPlan;
  readonly orderId: string;
  readonly splits: string[];
  readonly declined: Set<string>;
  readonly deviations: Map<string, number[]>;
}

/** What differs between the parts of the scenario. */
export interface ScenarioPart {
  /** Whether limits of the grid act in the session. */
  readonly gridLimits: boolean;
  /** Whether the system operator limits connections in real time. */
  readonly setPoints: boolean;
  /** What it keeps below the limit, as not everybody delivers, in W. */
  readonly reserveW: number;
  /** The aggregators that offer. */
  readonly offering: readonly string[];
  /** What D-prognoses are made from: what will come, or what was traded. */
  readonly prognosis: 'outlook' | 'positions';
}

/** Demand response of a day from the programmes to the settlement, as steps between those of the day. */
export class DemandResponse {
  readonly #orders: OpenOrder[] = [];
  #regime = 'GREEN';
  readonly #programmes = new Map<string, readonly string[]>();
  #requestedIsps = 0;

  constructor(
    private readonly day: Pick<RunningDay, 'plan' | 'conductor'>,
    private readonly actors: Actors,
    private readonly part: ScenarioPart,
    private readonly say: (line: string) => void,
  ) {}

  /** The regime in which the system operator's orders have left the congestion point. */
  get regime(): string {
    return this.#regime;
  }

  get orders(): readonly PlayedOrder[] {
    return this.#orders.map((order) => ({ ...order, declined: [...order.declined] }));
  }

  get requestedIsps(): number {
    return this.#requestedIsps;
  }

  /** Programmes and enrolments; the system operator pays in. */
  async prepare(): Promise<void> {
    const { actors, plan } = this;
    await actors.registerAggregators(AGGREGATORS.map(({ label }) => label));
    const { gridId } = plan;
    await actors.submit('market', 'flexibility', 'fundFlexibility', 'fund', {
      gridId,
      amountMicro: FUND_MICRO,
      reference: 'paid in by the system operator',
    });
    for (const aggregator of AGGREGATORS) {
      // What an order has it set aside for the penalty.
      await actors.submit('market', 'accounts', 'fund', `cover ${aggregator.label}`, {
        participantId: actors.idOf(aggregator.label),
        amountMicro: FUND_MICRO,
        reference: 'paid in by the aggregator',
      });
      const ids: string[] = [];
      for (const programme of aggregator.programmes) {
        const { programmeId } = await actors.sign('aggregator', aggregator.label, 'createProgramme', programme.name, {
          terms: termsOf(plan, programme.name, programme.rewardMicroPerKwh),
        });
        ids.push(programmeId);
        for (const { assetId, bandW, owner } of unitsOf(plan, programme)) {
          await actors.sign('community', owner, 'enrol', programme.name, enrolmentOf(programmeId, assetId, bandW));
        }
      }
      this.#programmes.set(aggregator.label, ids);
    }
    this.say(`${AGGREGATORS.length} aggregators have enrolled the storages and PV systems of the grid`);
  }

  /** D-prognoses, the request, offers and orders, and the first split of each order. */
  async trade(
    prognosis: (aggregator: AggregatorPlan) => Promise<readonly bigint[]>,
    splitBySlot: number,
  ): Promise<void> {
    for (const aggregator of AGGREGATORS) await this.prognose(aggregator, await prognosis(aggregator));
    const { deliverySlot } = this.plan;
    const place = { congestionPointId: POINT, periodSlot: this.periodSlot };
    const asked = (await this.day.conductor.alone('dso', 'requestFlexibility', {
      ...place,
      answerBySlot: deliverySlot - 12,
      reserveW: this.part.reserveW,
    })) as { readonly requestId: string | null; readonly requestedIsps: number };
    this.#requestedIsps = asked.requestedIsps;
    if (asked.requestId === null) {
      this.say('the D-prognoses keep the limit of the transformer: the system operator requests nothing');
      return;
    }
    this.say(`the system operator requests flexibility in ${asked.requestedIsps} quarter hours`);
    const offering = AGGREGATORS.filter(({ label }) => this.part.offering.includes(label));
    for (const aggregator of offering) await this.offer(aggregator, asked.requestId);
    const ordered = (await this.day.conductor.alone('dso', 'orderFlexibility', place)) as {
      readonly orderIds: readonly string[];
      readonly missingW: string;
      readonly regime: string;
    };
    this.say(`${ordered.orderIds.length} orders, ${ordered.missingW} W are missing, the regime is ${ordered.regime}`);
    this.#regime = ordered.regime;
    for (const orderId of ordered.orderIds) {
      const { order } = await this.actors.read('flexibility', 'getFlexOrder', { orderId });
      const aggregator = AGGREGATORS.find(({ label }) => this.actors.idOf(label) === order?.aggregatorId);
      if (aggregator === undefined) throw new Error(`order ${orderId} is nobody's`);
      const open = { aggregator, orderId, splits: [], declined: new Set<string>(), deviations: new Map() };
      this.#orders.push(open);
      await this.split(open, 1, splitBySlot);
    }
  }

  /** The plan of a revision is made and signalled; everybody acknowledges. */
  async call(revision: number, nowSlot: number): Promise<void> {
    for (const order of this.#orders) {
      const { orderId } = order;
      const plan = await this.actors.submit(
        'aggregator',
        'flexibility',
        'planDisaggregation',
        `${orderId}/${revision}`,
        {
          orderId,
          revision,
        },
      );
      order.splits.push(plan.source);
      const called = new Set(plan.plans.filter(({ calls }) => calls.length > 0).map(({ assetId }) => String(assetId)));
      await this.dropUncalled(order, called);
      for (const [index, programmeId] of (this.#programmes.get(order.aggregator.label) ?? []).entries()) {
        const programme = order.aggregator.programmes[index];
        const owners =
          programme === undefined ? [] : unitsOf(this.plan, programme).filter(({ assetId }) => called.has(assetId));
        if (owners.length === 0) continue;
        const participantIds = owners.map(({ owner }) => this.actors.idOf(owner));
        const signal = {
          orderId,
          revision,
          programmeId,
          signalKind: 'DISPATCH_SETPOINT',
          noticeSlot: nowSlot,
          participantIds,
        };
        const { events } = await this.actors.sign(
          'aggregator',
          order.aggregator.label,
          'signalEvents',
          `${orderId}/${revision}/${index}`,
          signal,
        );
        const states = events.map(({ reason, state }) => reason ?? state).join(', ');
        this.say(`revision ${revision} of ${order.aggregator.label}, programme ${programme?.name ?? ''}: ${states}`);
        for (const { owner } of owners) {
          const event = await this.eventOf(orderId, owner);
          if (event?.state !== 'NOTIFIED') continue;
          await this.actors.sign('community', owner, 'acknowledgeEvent', `${orderId}/${revision}`, { orderId });
        }
      }
    }
  }

  /** Those who do not want to take part say so; their aggregator asks for another split. */
  async optOut(homes: ReadonlyMap<string, DemandResponseHome>, splitBySlot: number): Promise<void> {
    for (const order of this.#orders) {
      for (const [owner, event] of await this.openEvents(order.orderId)) {
        const home = homes.get(owner);
        const decision = home === undefined ? undefined : decideEvent(event, home);
        if (decision?.transaction !== 'optOut') continue;
        const { reason } = decision;
        await this.actors.sign('community', owner, 'optOut', order.orderId, { orderId: order.orderId, reason });
        order.declined.add(owner);
      }
      if (order.declined.size === 0) continue;
      this.say(`${[...order.declined].join(', ')} opted out of the order of ${order.aggregator.label}: planned again`);
      await this.split(order, 2, splitBySlot);
    }
  }

  /** Everybody who is still called opts in. */
  async optIn(): Promise<void> {
    for (const { orderId } of this.#orders) {
      for (const [owner, event] of await this.openEvents(orderId)) {
        const decision = decideEvent(event, { comfort: [], deviceWorks: true });
        await this.actors.sign('community', owner, decision.transaction, orderId, { orderId });
      }
    }
  }

  /** Measures the quarter hours of an hour for which flexibility is ordered. */
  async track(hour: number): Promise<void> {
    const { deliverySlot } = this.plan;
    const firstSlot = deliverySlot + hour * 4;
    for (const order of this.#orders) {
      const events = await this.openEvents(order.orderId);
      for (let slot = firstSlot; slot < firstSlot + 4; slot += 1) {
        const own = [...events.values()].filter(({ assets }) =>
          assets.some(({ isps }) => isps.some((isp) => isp.slot === slot)),
        );
        if (own.length === 0) continue;
        const { lines } = await this.actors.submit('dso', 'flexibility', 'trackEvents', `${order.orderId}/${slot}`, {
          orderId: order.orderId,
          participantIds: own.map(({ participantId }) => participantId),
          slot,
        });
        for (const { participantId } of lines.filter(({ isDeviation }) => isDeviation)) {
          const label = this.ownerOf(participantId);
          order.deviations.set(label, [...(order.deviations.get(label) ?? []), slot]);
        }
      }
    }
  }

  /** Measures whole events, settles the orders and gives the congestion point free. */
  async settle(): Promise<void> {
    for (const { orderId } of this.#orders) {
      const participantIds = [...(await this.openEvents(orderId)).values()].map(({ participantId }) => participantId);
      await this.actors.submit('aggregator', 'flexibility', 'completeEvents', orderId, { orderId, participantIds });
      await this.actors.submit('aggregator', 'flexibility', 'settleFlexibility', orderId, { orderId });
    }
    const place = { congestionPointId: POINT, periodSlot: this.periodSlot };
    const { regime } = (await this.day.conductor.alone('dso', 'declareGreen', place)) as { readonly regime: string };
    this.say(`the orders are settled, the regime is ${regime}`);
  }

  /** Events of an order that are still expected to be carried out, by the owner. */
  async openEvents(orderId: string): Promise<ReadonlyMap<string, FlexEvent>> {
    const events = await allPages((page) => this.actors.read('flexibility', 'listFlexEvents', { orderId, ...page }));
    const open = events.filter(({ state }) => state === 'NOTIFIED' || state === 'ACKNOWLEDGED' || state === 'OPTED_IN');
    return new Map(open.map((event) => [this.ownerOf(event.participantId), event]));
  }

  /** The label of a participant of the day. */
  ownerOf(participantId: string): string {
    return (
      this.plan.participants.find(({ label }) => this.actors.idOf(label) === participantId)?.label ?? participantId
    );
  }

  private get plan(): DayPlan {
    return this.day.plan;
  }

  /** Midnight in Berlin, an hour before that of the data. */
  private get periodSlot(): number {
    return this.plan.deliverySlot - 4;
  }

  private async prognose(aggregator: AggregatorPlan, netW: readonly bigint[]): Promise<void> {
    const isps = netW.map((powerW, index) => ({
      startSlot: this.periodSlot + index,
      slots: 1,
      importW: (powerW > 0n ? powerW : 0n).toString(),
      exportW: (powerW < 0n ? -powerW : 0n).toString(),
    }));
    await this.actors.sign('aggregator', aggregator.label, 'fileDPrognosis', '1', {
      ...this.header(),
      revision: 1,
      isps,
    });
  }

  private header(): JsonObject {
    return {
      gridId: this.plan.gridId,
      congestionPointId: POINT,
      periodSlot: this.periodSlot,
      ispMinutes: 15,
      timeZone: TIME_ZONE,
    };
  }

  private async offer(aggregator: AggregatorPlan, requestId: string): Promise<void> {
    const { request } = await this.actors.read('flexibility', 'getFlexRequest', { requestId });
    const portfolio: PortfolioProgramme[] = [];
    for (const programmeId of this.#programmes.get(aggregator.label) ?? []) {
      const { programme } = await this.actors.read('flexibility', 'getProgramme', { programmeId });
      const enrolments = await allPages((page) =>
        this.actors.read('flexibility', 'listEnrolments', { programmeId, ...page }),
      );
      if (programme !== null) portfolio.push({ programme, enrolments });
    }
    const option = request === null ? undefined : offerTo(request, portfolio, aggregator.policy);
    if (option === undefined) return;
    const isps = option.isps.map((run) => ({ ...run, powerW: run.powerW.toString() }));
    const [first] = isps;
    await this.actors.sign('aggregator', aggregator.label, 'offerFlexibility', requestId, {
      ...this.header(),
      requestId,
      options: [{ optionRef: 'all', isps, priceMicro: option.priceMicro.toString(), minActivationFactorPpm: '10000' }],
      orderBySlot: this.plan.deliverySlot,
    });
    this.say(`${aggregator.label} offers ${first?.powerW ?? '0'} W for ${option.priceMicro} micro-euro`);
  }

  /** Asks for the split of an order and waits until the oracle process has answered. */
  private async split(
    { aggregator, declined, orderId }: OpenOrder,
    revision: number,
    answerBySlot: number,
  ): Promise<void> {
    await this.actors.sign('aggregator', aggregator.label, 'requestDisaggregation', `${orderId}/${revision}`, {
      orderId,
      programmeIds: [...(this.#programmes.get(aggregator.label) ?? [])],
      excludedIds: [...declined].map((label) => this.actors.idOf(label)),
      fairnessMicroPerKwh: '0',
      answerBySlot,
    });
    for (let waitedMs = 0; waitedMs < ANSWER_MS; waitedMs += ANSWER_PAUSE_MS) {
      const { request } = await this.actors.read('flexibility', 'getDisaggregation', { orderId, revision });
      if (request?.state === 'ANSWERED') return;
      await new Promise((resolve) => setTimeout(resolve, ANSWER_PAUSE_MS));
    }
    this.say(`no oracle has answered about the order of ${aggregator.label}`);
  }

  /** Cancels the events of those whom a new plan does not call any more. */
  private async dropUncalled({ aggregator, orderId }: OpenOrder, called: ReadonlySet<string>): Promise<void> {
    const events = [...(await this.openEvents(orderId)).values()];
    const gone = events.filter(({ assets }) => !assets.some(({ assetId }) => called.has(assetId)));
    if (gone.length === 0) return;
    await this.actors.sign('aggregator', aggregator.label, 'cancelEvents', orderId, {
      orderId,
      participantIds: gone.map(({ participantId }) => participantId),
      reason: 'REPLANNED',
    });
  }

  private async eventOf(orderId: string, owner: string): Promise<FlexEvent | null> {
    const participantId = this.actors.idOf(owner);
    return (await this.actors.read('flexibility', 'getFlexEvent', { orderId, participantId })).event;
  }
}

/** Homes of which some want to be asked for a kilowatt-hour at most. */
export function homesThatDecline(labels: readonly string[]): ReadonlyMap<string, DemandResponseHome> {
  return new Map(labels.map((label) => [label, { comfort: [asksAtMost(1_000n)], deviceWorks: true }]));
}
