import { dayPlace, type DayPlan, type RunningDay, type StepPart, type StepValue } from '@flexledger/gateway-app';
import { expectedW } from './outlook';
import type { ScenarioPart } from './parts';
import { AGGREGATORS, enrolmentOf, ownersWith, termsOf, unitsOf, type AggregatorPlan } from './portfolios';

/** What the system operator pays in for flexibility, and each aggregator for penalties, in micro-euro. */
export const FUND_MICRO = 500_000_000n;

/** What was said and done about one order. */
export interface PlayedOrder {
  readonly aggregator: AggregatorPlan;
  readonly orderId: string;
  /** How the split of each revision was found. */
  readonly splits: readonly string[];
  readonly declined: readonly string[];
  /** Slots in which prosumers deviated, by the prosumer's id. */
  readonly deviations: ReadonlyMap<string, readonly number[]>;
}

interface OpenOrder {
  readonly aggregator: AggregatorPlan;
  readonly orderId: string;
  readonly splits: string[];
  readonly declined: Set<string>;
  readonly deviations: Map<string, number[]>;
}

type Fields = Readonly<Record<string, StepValue>>;

/** Demand response of a day from the programmes to the settlement, as steps of the role apps between those of the day. */
export class DemandResponse {
  readonly #orders: OpenOrder[] = [];
  #regime = 'GREEN';
  #requestedIsps = 0;
  #orangeSlots: readonly number[] = [];

  constructor(
    private readonly day: Pick<RunningDay, 'plan' | 'conductor'>,
    private readonly part: ScenarioPart,
    private readonly say: (line: string) => void,
  ) {}

  /** The regime in which the system operator's orders have left the congestion point. */
  get regime(): string {
    return this.#regime;
  }

  /** The slots for which the offers fell short. */
  get orangeSlots(): readonly number[] {
    return this.#orangeSlots;
  }

  get orders(): readonly PlayedOrder[] {
    return this.#orders.map((order) => ({ ...order, declined: [...order.declined] }));
  }

  get requestedIsps(): number {
    return this.#requestedIsps;
  }

  /** Programmes and enrolments; the system operator pays in. */
  async prepare(): Promise<void> {
    const { conductor } = this.day;
    const labels = AGGREGATORS.map(({ label }) => label);
    const amountMicro = FUND_MICRO.toString();
    await conductor.together(
      ['aggregator', 'registerAggregators', { labels }],
      ['market', 'fundFlexibility', { amountMicro }],
    );
    await conductor.alone('market', 'fundAggregators', { labels, amountMicro });
    const planned = AGGREGATORS.flatMap(({ label, programmes }) =>
      programmes.map((programme) => ({ label, programme })),
    );
    const made = (await conductor.together(
      ...planned.map(({ label, programme: { name, rewardMicroPerKwh } }): StepPart => {
        const terms = termsOf(this.plan, name, rewardMicroPerKwh);
        return ['aggregator', 'createProgramme', { aggregator: label, name, terms }];
      }),
    )) as { readonly programmeId: string }[];
    await conductor.together(
      ...planned.map(({ programme }, index): StepPart => {
        const units = unitsOf(this.plan, programme);
        const enrolments = Object.fromEntries(
          units.map(({ assetId, bandW, owner }) => [owner, enrolmentOf(assetId, bandW) as Fields]),
        );
        return ['community', 'enrol', { programmeId: made[index]?.programmeId ?? '', enrolments }];
      }),
    );
    this.say(`${AGGREGATORS.length} aggregators have enrolled the storages and PV systems of the grid`);
  }

  /** D-prognoses, the request, offers and orders, and the first split of each order. */
  async trade(splitBySlot: number): Promise<void> {
    const { conductor } = this.day;
    const { deliverySlot } = this.plan;
    const { congestionPointId, periodSlot } = dayPlace(this.plan);
    const place = { congestionPointId, periodSlot };
    await this.each(AGGREGATORS, 'fileDPrognosis', (aggregator) => {
      const owners = ownersWith(this.plan, aggregator);
      if (this.part.prognosis === 'positions') return { owners };
      return { quartersW: expectedW(this.plan, owners).map(String) };
    });
    const asked = (await conductor.alone('dso', 'requestFlexibility', {
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
    await this.offer(asked.requestId);
    const ordered = (await conductor.alone('dso', 'orderFlexibility', place)) as {
      readonly missingW: string;
      readonly regime: string;
      readonly orangeSlots: readonly number[];
    };
    this.say(`ordered: ${ordered.missingW} W are missing, the regime is ${ordered.regime}`);
    this.#regime = ordered.regime;
    this.#orangeSlots = ordered.orangeSlots;
    const orders = (await this.each(AGGREGATORS, 'ordersOf', () => ({}))) as string[][];
    for (const [index, aggregator] of AGGREGATORS.entries()) {
      const [orderId] = orders[index] ?? [];
      if (orderId !== undefined) {
        this.#orders.push({ aggregator, orderId, splits: [], declined: new Set<string>(), deviations: new Map() });
      }
    }
    await this.split(this.#orders, 1, splitBySlot);
  }

  /** The plan of a revision is made and signalled; everybody acknowledges. */
  async call(revision: number, noticeSlot: number): Promise<void> {
    const signalled = (await this.ofOrders(this.#orders, 'signalSplit', { revision, noticeSlot })) as {
      readonly source: string;
      readonly states: readonly string[];
    }[];
    for (const [index, order] of this.#orders.entries()) {
      const { source = '', states = [] } = signalled[index] ?? {};
      order.splits.push(source);
      this.say(`plan ${revision} of ${order.aggregator.label}, by ${source}: ${states.join(', ')}`);
    }
    await this.prosumers('acknowledgeEvents', {});
  }

  /** Those who do not want to take part say so; their aggregators ask for another split. */
  async optOut(mostWh: Readonly<Record<string, string>>, splitBySlot: number): Promise<void> {
    const declined = (await this.prosumers('decideEvents', { mostWh, isLast: false })) as string[][];
    const again = this.#orders.filter((_, index) => (declined[index] ?? []).length > 0);
    for (const [index, order] of this.#orders.entries()) {
      const gone = declined[index] ?? [];
      gone.forEach((owner) => order.declined.add(owner));
      if (gone.length > 0) this.say(`${gone.join(', ')} opted out of the order of ${order.aggregator.label}`);
    }
    await this.split(again, 2, splitBySlot);
  }

  /** Everybody who is still called opts in. */
  async optIn(): Promise<void> {
    await this.prosumers('decideEvents', { mostWh: {}, isLast: true });
  }

  /** Measures the quarter hours of an hour for which flexibility is ordered. */
  async track(hour: number): Promise<void> {
    const fromSlot = this.plan.deliverySlot + hour * 4;
    const found = (await this.ofOrders(this.#orders, 'trackHour', { fromSlot })) as {
      readonly participantId: string;
      readonly slot: number;
    }[][];
    for (const [index, { deviations }] of this.#orders.entries()) {
      for (const { participantId, slot } of found[index] ?? []) {
        deviations.set(participantId, [...(deviations.get(participantId) ?? []), slot]);
      }
    }
  }

  /** Measures whole events and settles the orders, one after the other as they are paid out of one fund; `round` 1 is the first time. */
  async settle(round: number): Promise<void> {
    for (const order of this.#orders) await this.ofOrders([order], 'settleOrder', { round });
  }

  /** The meter that has sent nothing of an hour is read, and what it shows recorded: orders are settled again for that. */
  async readLate(): Promise<void> {
    const { conductor, plan } = this.day;
    const { late } = plan.disturbances;
    if (late === undefined || this.#orders.length === 0) return;
    const totals = await conductor.alone('community', 'readOut', late);
    await conductor.alone('dso', 'recordLate', { ...late, totals });
    await this.settle(2);
    this.say('a reading has come late: the orders are settled again');
  }

  /** Gives the congestion point free. */
  async declareGreen(): Promise<void> {
    const { congestionPointId, periodSlot } = dayPlace(this.plan);
    const answer = await this.day.conductor.alone('dso', 'declareGreen', { congestionPointId, periodSlot });
    this.say(`the orders are settled, the regime is ${(answer as { readonly regime: string }).regime}`);
  }

  private get plan(): DayPlan {
    return this.day.plan;
  }

  private async offer(requestId: string): Promise<void> {
    const offering = AGGREGATORS.filter(({ label }) => this.part.offering.includes(label));
    const offers = (await this.each(offering, 'offerFlexibility', ({ policy }) => ({ requestId, ...policy }))) as ({
      readonly powerW: string;
      readonly priceMicro: string;
    } | null)[];
    for (const [index, { label }] of offering.entries()) {
      const { powerW = '0', priceMicro = '0' } = offers[index] ?? {};
      this.say(`${label} offers ${powerW} W for ${priceMicro} micro-euro`);
    }
  }

  /** Asks for splits of orders and waits until the oracle process has answered. */
  private async split(orders: readonly OpenOrder[], revision: number, answerBySlot: number): Promise<void> {
    const answers = (await this.ofOrders(orders, 'requestSplit', { revision, answerBySlot })) as {
      readonly isAnswered: boolean;
    }[];
    for (const [index, { aggregator }] of orders.entries()) {
      if (answers[index]?.isAnswered !== true)
        this.say(`no oracle has answered about the order of ${aggregator.label}`);
    }
  }

  /** A step of each aggregator at the same time. */
  private each(
    aggregators: readonly AggregatorPlan[],
    step: string,
    fields: (aggregator: AggregatorPlan) => Fields,
  ): Promise<StepValue[]> {
    return this.day.conductor.together(
      ...aggregators.map((one): StepPart => ['aggregator', step, { aggregator: one.label, ...fields(one) }]),
    );
  }

  /** A step of the aggregators of some orders at the same time. */
  private ofOrders(orders: readonly OpenOrder[], step: string, fields: Fields): Promise<StepValue[]> {
    return this.day.conductor.together(
      ...orders.map(({ aggregator: { label }, orderId }): StepPart => {
        return ['aggregator', step, { aggregator: label, orderId, ...fields }];
      }),
    );
  }

  /** A step of the prosumers who are called for each order. */
  private prosumers(step: string, fields: Fields): Promise<StepValue[]> {
    return this.day.conductor.together(
      ...this.#orders.map(({ orderId }): StepPart => ['community', step, { orderId, ...fields }]),
    );
  }
}
