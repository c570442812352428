import { demand } from '../errors';
import type { Regime } from '../flexibility/regime/rows';
import { greatest, least, mulDivFloor } from '../math';
import type { Grid } from '../registry/types';
import { w, type W } from '../units';
import type { LimitationAsked, PossiblePower } from './rows';

/**
 * The flow through an element for which connections are limited because its congestion point is orange, in W: the limit and what D-prognoses
 * and orders, as they were when it was declared, leave above it in the worst of the asked slots. Undefined where the limits are asked for
 * because of a measurement alone. Refuses a declaration that is not about this element and direction, and slots that are not between the first
 * and the last one that falls short (MARKET_NOT_ORANGE): what is covered in between is delivered only in part, as a rule.
 *
 * @param elementId the id of the limited element itself
 * @param regime the regime that is named, undefined where there is none
 */
export function expectedInOrange(
  { direction, fromSlot, orange, slots }: LimitationAsked,
  { elementId, grid, limitW }: { readonly elementId: string; readonly grid: Grid; readonly limitW: bigint },
  regime: Regime | undefined,
): W | undefined {
  if (orange === undefined) return undefined;
  const { congestionPointId } = orange;
  const point = grid.congestionPoints.find(({ id }) => id === congestionPointId);
  const isDeclared = regime?.regime === 'ORANGE' && point?.elementId === elementId;
  // Too much export is met by more consumption, so that is what was requested.
  const wanted = direction === 'export' ? 'increase' : 'reduce';
  const short = isDeclared ? regime.shortfalls.filter((one) => one.direction === wanted) : [];
  const [first, last] = [short[0], short.at(-1)];
  const isInside =
    first !== undefined && last !== undefined && fromSlot >= first.slot && fromSlot + slots - 1 <= last.slot;
  demand(isInside, 'MARKET_NOT_ORANGE', { congestionPointId });
  const asked = short.filter(({ slot }) => slot >= fromSlot && slot < fromSlot + slots);
  const missing = asked.map(({ coveredW, requestedW }) => requestedW - coveredW);
  return w(missing.reduce<bigint>((most, one) => greatest(most, limitW + one), limitW));
}

/** What a connection shows when it is limited, and how much it can show at most. */
export interface ShownPower {
  readonly presentW: bigint;
  readonly sizeW: bigint;
  /** What it had before, where a limit held already in the measured slot. */
  readonly before: PossiblePower | undefined;
}

/**
 * What a connection could have while its congestion point is orange: its flow grows with that of the element, from the measured one, or from
 * the one for which an earlier limit was given, to the expected one; no further than its size, rounded down. Undefined where that is not
 * more than it shows.
 */
export function possibleInOrange(
  { fromSlot, measuredW }: Pick<LimitationAsked, 'fromSlot' | 'measuredW'>,
  expectedW: W,
  { before, presentW, sizeW }: ShownPower,
): PossiblePower | undefined {
  const base = before ?? { powerW: presentW, sinceSlot: fromSlot, expectedW: measuredW };
  // A limit that followed a measurement alone says nothing of what was expected.
  const grownW =
    base.expectedW === undefined
      ? base.powerW
      : mulDivFloor(base.powerW, expectedW, greatest<bigint>(base.expectedW, 1n));
  const powerW = least(grownW, greatest(sizeW, presentW));
  return powerW > presentW ? { powerW: w(powerW), sinceSlot: base.sinceSlot, expectedW } : undefined;
}
