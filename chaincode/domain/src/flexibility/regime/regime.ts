import { demand } from '../../errors';
import { greatest, sum } from '../../math';
import { addSlots, type Slot } from '../../time';
import { w, type W } from '../../units';
import { periodOf, type FlexPlace } from '../header';
import { ispsOf, type FlexDirection } from '../isps';
import type { FlexOffer } from '../offer/rows';
import type { FlexOrder } from '../order/rows';
import type { FlexRequest } from '../request/rows';
import { requestsPerDayMax, type Regime, type Shortfall } from './rows';

/** The regime of a congestion point and day before anything was requested. */
export function greenRegime({ congestionPointId, gridId, periodIsps, periodSlot }: FlexPlace): Regime {
  return { gridId, congestionPointId, periodSlot, periodIsps, regime: 'GREEN', requestIds: [], shortfalls: [] };
}

/** The regime once the system operator requests: at least YELLOW. Refuses a day with too many requests (FLEX_REQUESTS_TOO_MANY). */
export function regimeAfterRequest(regime: Regime, { requestId }: FlexRequest): Regime {
  demand(regime.requestIds.length < requestsPerDayMax, 'FLEX_REQUESTS_TOO_MANY', { requests: requestsPerDayMax });
  const requestIds = [...regime.requestIds, requestId];
  return { ...regime, regime: regime.regime === 'GREEN' ? 'YELLOW' : regime.regime, requestIds };
}

/** The regime once the system operator orders: at least YELLOW up to the end of what is ordered. */
export function regimeAfterOrder(regime: Regime, order: FlexOrder): Regime {
  const last = order.isps.at(-1)?.slot ?? order.periodSlot;
  const orderedEndSlot = addSlots(last, 1);
  return {
    ...regime,
    regime: regime.regime === 'GREEN' ? 'YELLOW' : regime.regime,
    orderedEndSlot: latest(regime.orderedEndSlot, orderedEndSlot),
  };
}

function latest(left: Slot | undefined, right: Slot): Slot {
  return left !== undefined && left > right ? left : right;
}

/** An offer that answers a request, with its order where it is ordered. */
export interface AnsweringOffer {
  readonly offer: FlexOffer;
  readonly order: FlexOrder | undefined;
  /** True where it can still be ordered. */
  readonly stands: boolean;
}

/**
 * In which ISPs a request is not met: what is ordered, and of each offer that can still be ordered the most that one of its options has in that
 * ISP, come to less than is requested at least. So as long as something that would help can be ordered it has to be.
 */
export function shortfallsOf(request: FlexRequest, answers: readonly AnsweringOffer[]): readonly Shortfall[] {
  const wanted = ispsOf(request.isps).filter(({ run }) => run.disposition === 'requested');
  return wanted.flatMap(({ run: { direction, minW }, slot }) => {
    const coveredW = w(sum(answers.map((answer) => coverW(answer, slot, direction))));
    return coveredW < minW ? [{ slot, direction, requestedW: minW, coveredW }] : [];
  });
}

function coverW({ offer, order, stands }: AnsweringOffer, slot: Slot, direction: FlexDirection): W {
  if (order !== undefined) {
    return powerAt(order.isps, slot, direction);
  }
  if (!stands) {
    return w(0n);
  }
  return offer.options
    .map(({ isps }) =>
      powerAt(
        ispsOf(isps).map(({ run, slot: at }) => ({ ...run, slot: at })),
        slot,
        direction,
      ),
    )
    .reduce(greatest, w(0n));
}

function powerAt(
  isps: readonly { readonly slot: Slot; readonly direction: FlexDirection; readonly powerW: W }[],
  slot: Slot,
  direction: FlexDirection,
): W {
  const at = isps.find((isp) => isp.slot === slot);
  return at?.direction === direction ? at.powerW : w(0n);
}

/** ORANGE: the offers do not suffice. Refuses where they do (FLEX_OFFERS_SUFFICE). */
export function declareOrange(regime: Regime, shortfalls: readonly Shortfall[]): Regime {
  demand(shortfalls.length > 0, 'FLEX_OFFERS_SUFFICE', {});
  const others = regime.shortfalls.filter(({ slot }) => !shortfalls.some((shortfall) => shortfall.slot === slot));
  const all = [...others, ...shortfalls].sort((left, right) => left.slot - right.slot);
  return { ...regime, regime: 'ORANGE', shortfalls: all };
}

/**
 * Back to GREEN. Refuses while a request can still be answered or something that was ordered, or an ISP of a shortfall, is still to come
 * (FLEX_REGIME_IN_USE), and where the regime is GREEN already (FLEX_REGIME_GREEN).
 */
export function declareGreen(
  regime: Regime,
  known: { readonly isRequestOpen: boolean; readonly hasEnded: boolean },
): Regime {
  demand(regime.regime !== 'GREEN', 'FLEX_REGIME_GREEN', { periodSlot: regime.periodSlot });
  demand(!known.isRequestOpen && known.hasEnded, 'FLEX_REGIME_IN_USE', { periodSlot: regime.periodSlot });
  return { ...regime, regime: 'GREEN', shortfalls: [] };
}

/** The first slot after everything that a regime other than GREEN is about: orders and shortfalls; the day's first where there is nothing. */
export function regimeEndSlot({ orderedEndSlot, shortfalls, ...place }: Regime): Slot {
  const last = shortfalls.at(-1)?.slot;
  const afterShortfall = last === undefined ? periodOf(place).startSlot : addSlots(last, 1);
  return latest(orderedEndSlot, afterShortfall);
}
