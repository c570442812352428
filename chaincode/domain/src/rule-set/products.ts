import { integer, object, oneOf, type TypeOf } from '../decode';
import { limits } from '../limits';

/** The kinds of sessions: one for a whole day, or one that is reopened during the day for the next hours. */
export const sessionKindCodec = oneOf('day-ahead', 'intraday');
export type SessionKind = TypeOf<typeof sessionKindCodec>;

/** How many quarter hours one interval of a session has. */
export const intervalSlotsCodec = oneOf(1, 2, 4);

/**
 * What the market trades in sessions of one kind: intervals of so many quarter hours, at most so many in one session. A day-ahead
 * session has 23, 24 or 25 hours, as long as the local day is; an intraday session has 8 half hours and the next one begins half
 * an hour later.
 */
export const productCodec = object({
  kind: sessionKindCodec,
  intervalSlots: intervalSlotsCodec,
  intervalsMax: integer(1, limits.sessionIntervalsMax),
});
export type Product = TypeOf<typeof productCodec>;

/** Most products of a rule set: one for each kind. */
export const productsMax = 2;

/** Intervals of a day-ahead session under a rule set that names no products. */
const dayAheadIntervalsMax = 24;

/** What a rule set says about products. */
export interface ProductRules {
  readonly marketTimeUnitSlots: Product['intervalSlots'];
  readonly products?: readonly Product[];
}

/** The product of sessions of a kind; a rule set that names none trades day-ahead only, in its market time unit. */
export function productOf(rules: ProductRules, kind: SessionKind): Product | undefined {
  const dayAhead = {
    kind: 'day-ahead',
    intervalSlots: rules.marketTimeUnitSlots,
    intervalsMax: dayAheadIntervalsMax,
  } as const;
  return (rules.products ?? [dayAhead]).find((product) => product.kind === kind);
}

/** What contradicts itself in the products of a rule set, or undefined. */
export function findProductsProblem({ products = [] }: ProductRules): string | undefined {
  const kinds = new Set(products.map(({ kind }) => kind));
  return kinds.size === products.length ? undefined : 'two products are of the same kind';
}
