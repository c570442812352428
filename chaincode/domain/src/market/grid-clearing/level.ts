/**
 * A point of the order in which a clearing fills sellers and gives up buyers. Prices rise from group to group; at one price the
 * even group stands for its sellers, who are filled, and the odd one for its buyers, who are emptied. The position inside a group is
 * a fraction that rises: for sellers the curtailment per unit of weight with a minus sign, for buyers the share that is emptied.
 */
export interface Level {
  readonly group: number;
  readonly numerator: bigint;
  /** Above zero. */
  readonly denominator: bigint;
}

/** Below every order: all buyers are full and no seller is. */
export const lowestLevel: Level = { group: -1, numerator: 0n, denominator: 1n };

/** Above every order: all sellers are full and no buyer is. */
export const highestLevel: Level = { group: Number.MAX_SAFE_INTEGER, numerator: 0n, denominator: 1n };

/** Whether a group is the sellers' half of its price. */
export function isOfferGroup(group: number): boolean {
  return group % 2 === 0;
}

/** The level at which a group is behind: its sellers are full, or its buyers are empty. */
export function endOfGroup(group: number): Level {
  return { group, numerator: isOfferGroup(group) ? 0n : 1n, denominator: 1n };
}

/** Orders levels from low to high as `sort` takes it. */
export function compareLevels(left: Level, right: Level): number {
  if (left.group !== right.group) {
    return left.group - right.group;
  }
  const difference = left.numerator * right.denominator - right.numerator * left.denominator;
  if (difference === 0n) {
    return 0;
  }
  return difference < 0n ? -1 : 1;
}

/** The higher of two levels. */
export function higherLevel(left: Level, right: Level): Level {
  return compareLevels(left, right) < 0 ? right : left;
}

/** The lower of two levels. */
export function lowerLevel(left: Level, right: Level): Level {
  return compareLevels(left, right) < 0 ? left : right;
}
