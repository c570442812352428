import { compareBigint, sum } from '../../math';
import type { BookOrder } from './book';
import { isOfferGroup, type Level } from './level';

/** The orders at which a zone stops, and the exact part of each that is traded: `parts` ÷ `whole`, in Wh. */
export interface Margin {
  readonly members: readonly BookOrder[];
  readonly parts: readonly bigint[];
  readonly whole: bigint;
  readonly level: Level;
}

/**
 * Stops inside a group after a step of `stepWh`, above zero and below the energy of its members: sellers trade the step, buyers
 * give it up.
 */
export function stopInside(group: number, members: readonly BookOrder[], stepWh: bigint): Margin {
  return isOfferGroup(group) ? stopAmongOffers(group, members, stepWh) : stopAmongBids(group, members, stepWh);
}

/** The level at which members of a group begin to move. */
export function startOfGroup(group: number, members: readonly BookOrder[]): Level {
  if (!isOfferGroup(group)) {
    return { group, numerator: 0n, denominator: 1n };
  }
  let start = { group, numerator: 0n, denominator: 1n };
  for (const { order, weight } of members) {
    if (order.energyWh * start.denominator > -start.numerator * weight) {
      start = { group, numerator: -order.energyWh, denominator: weight };
    }
  }
  return start;
}

/** Buyers at one price trade in proportion to their energy. */
function stopAmongBids(group: number, members: readonly BookOrder[], stepWh: bigint): Margin {
  const whole = sum(members.map(({ order }) => order.energyWh));
  const parts = members.map(({ order }) => order.energyWh * (whole - stepWh));
  return { members, parts, whole, level: { group, numerator: stepWh, denominator: whole } };
}

/**
 * Offers at one price are curtailed by the same energy per unit of weight, an offer never by more than itself: c with
 * Σ max(0, energy - c × weight) = step. Where the weight is the energy, that is pro rata.
 */
function stopAmongOffers(group: number, members: readonly BookOrder[], stepWh: bigint): Margin {
  let energyWh = sum(members.map(({ order }) => order.energyWh));
  let whole = sum(members.map(({ weight }) => weight));
  // Those with the least energy per weight are the first to be curtailed wholly.
  const byEnergyPerWeight = [...members].sort((left, right) =>
    compareBigint(left.order.energyWh * right.weight, right.order.energyWh * left.weight),
  );
  for (const { order, weight } of byEnergyPerWeight) {
    if (order.energyWh * whole > (energyWh - stepWh) * weight) {
      break;
    }
    energyWh -= order.energyWh;
    whole -= weight;
  }
  const curtailed = energyWh - stepWh;
  const parts = members.map(({ order, weight }) => {
    const part = order.energyWh * whole - curtailed * weight;
    return part > 0n ? part : 0n;
  });
  return { members, parts, whole, level: { group, numerator: -curtailed, denominator: whole } };
}
