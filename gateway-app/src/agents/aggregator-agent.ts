import {
  bandW,
  ispsOfEvent,
  isOpen,
  priceStepMicro,
  sum,
  type Enrolment,
  type FlexDirection,
  type FlexEvent,
  type FlexOrder,
  type FlexRequest,
  type Programme,
} from '@flexledger/domain';

/** A power in W over so many quarter hours is a kWh. */
const QUARTERS_PER_KWH = 4_000n;
const PPM_WHOLE = 1_000_000n;

/** What an aggregator can call, at which price, in a direction. */
export interface PortfolioStep {
  readonly powerW: bigint;
  readonly priceMicroPerKwh: bigint;
}

/** A programme and who is enrolled in it. */
export interface PortfolioProgramme {
  readonly programme: Programme;
  readonly enrolments: readonly Enrolment[];
}

/**
 * The cost curve of a portfolio in a direction over some slots: the bands of those who are enrolled, the cheapest programme first. Assets that
 * cannot run through are called in turns and count with the share of the slots in which they can, rounded down.
 */
export function costCurve(
  portfolio: readonly PortfolioProgramme[],
  direction: FlexDirection,
  slots: number,
): readonly PortfolioStep[] {
  return portfolio
    .filter(({ programme: { terms } }) => terms.direction === direction || terms.direction === 'shift')
    .map(({ enrolments, programme }) => ({
      powerW: sum(enrolments.filter(({ state }) => state === 'ACTIVE').flatMap(bandsIn(direction, slots))),
      priceMicroPerKwh: programme.terms.rewardMicroPerKwh,
    }))
    .filter(({ powerW }) => powerW > 0n)
    .sort((left, right) => Number(left.priceMicroPerKwh - right.priceMicroPerKwh));
}

function bandsIn(direction: FlexDirection, slots: number): (enrolment: Enrolment) => bigint[] {
  return ({ assets }) =>
    assets.map((asset) => (bandW(asset, direction) * BigInt(Math.min(asset.runSlotsMax, slots))) / BigInt(slots));
}

/** How an aggregator turns its costs into offers. */
export interface OfferPolicy {
  /** What of its portfolio it counts on: some will opt out or fail. */
  readonly reliablePpm: bigint;
  /** What it adds to the rewards that it expects to pay. */
  readonly marginPpm: bigint;
}

/** An option of an offer as the contract takes it. */
export interface OfferedOption {
  readonly isps: readonly {
    readonly startSlot: number;
    readonly slots: number;
    readonly direction: FlexDirection;
    readonly powerW: bigint;
  }[];
  readonly priceMicro: bigint;
}

/**
 * What an aggregator offers to a request: in every run that is requested as much of its reliable portfolio as is asked for, for what it will
 * pay in rewards and its margin, rounded up to the step of prices. Undefined where it has nothing to offer.
 */
export function offerTo(
  request: Pick<FlexRequest, 'isps'>,
  portfolio: readonly PortfolioProgramme[],
  { marginPpm, reliablePpm }: OfferPolicy,
): OfferedOption | undefined {
  const runs = request.isps.filter(({ disposition }) => disposition === 'requested');
  let costMicro = 0n;
  const isps = runs.flatMap(({ direction, maxW, slots, startSlot }) => {
    const curve = costCurve(portfolio, direction, slots).map(({ powerW, priceMicroPerKwh }) => ({
      powerW: (powerW * reliablePpm) / PPM_WHOLE,
      priceMicroPerKwh,
    }));
    const { costMicroPerHour, powerW } = cheapest(curve, maxW);
    costMicro += costMicroPerHour * BigInt(slots);
    return powerW === 0n ? [] : [{ startSlot, slots, direction, powerW }];
  });
  if (isps.length === 0) return undefined;
  const priced = costMicro * (PPM_WHOLE + marginPpm);
  const step = priceStepMicro * QUARTERS_PER_KWH * PPM_WHOLE;
  return { isps, priceMicro: ((priced + step - 1n) / step) * priceStepMicro };
}

function cheapest(curve: readonly PortfolioStep[], mostW: bigint): { powerW: bigint; costMicroPerHour: bigint } {
  let [powerW, costMicroPerHour] = [0n, 0n];
  for (const step of curve) {
    const takenW = step.powerW < mostW - powerW ? step.powerW : mostW - powerW;
    powerW += takenW;
    costMicroPerHour += takenW * step.priceMicroPerKwh;
  }
  return { powerW, costMicroPerHour };
}

/** What is missing of an order in each slot with the events that are still expected to be carried out, in Wh; none where nothing is. */
export function missingOf(order: Pick<FlexOrder, 'isps'>, events: readonly FlexEvent[]): ReadonlyMap<number, bigint> {
  const planned = new Map<number, bigint>();
  for (const { energyWh, slot } of events.filter(isOpen).flatMap(ispsOfEvent)) {
    planned.set(slot, (planned.get(slot) ?? 0n) + energyWh);
  }
  return new Map(
    order.isps.flatMap(({ powerW, slot }) => {
      const missingWh = powerW / 4n - (planned.get(slot) ?? 0n);
      return missingWh > 0n ? [[slot, missingWh] as const] : [];
    }),
  );
}

/** Whether there is still time to plan again: whether a signal now would be in time for the programme. */
export function isTimeToReplan({ terms }: Programme, { isps }: Pick<FlexOrder, 'isps'>, nowSlot: number): boolean {
  const [first] = isps;
  return first !== undefined && first.slot - nowSlot >= terms.noticeSlots;
}
