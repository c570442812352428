import type { ClearingGrid, ClearingHint, GridOrder } from '@flexledger/domain';
import type { RandomSource } from './random-source';

/** A wrong version of something, with what was done to it. */
export interface Corruption<Value> {
  readonly what: string;
  readonly value: Value;
}

type BindingLimits = ClearingHint['bindingLimits'];

/** How many limits that do not bind are named by turns; a grid can have sixty. */
const addedMax = 6;

/** What an oracle could say instead of the truth: a limit too many, missing, turned round, twice or made up, other orders at the margin. */
export function corruptHints(
  hint: ClearingHint,
  grid: ClearingGrid,
  orders: readonly GridOrder[],
  random: RandomSource,
): readonly Corruption<ClearingHint>[] {
  const { bindingLimits } = hint;
  const changed = (what: string, limits: BindingLimits): Corruption<ClearingHint> => ({
    what,
    value: { ...hint, bindingLimits: limits },
  });
  const all = grid.branches.flatMap(({ backwardLimitWh, forwardLimitWh, id }) => [
    ...(forwardLimitWh === undefined ? [] : [{ id, direction: 'forward' as const }]),
    ...(backwardLimitWh === undefined ? [] : [{ id, direction: 'backward' as const }]),
  ]);
  const others = all.filter(
    (limit) => !bindingLimits.some(({ direction, id }) => id === limit.id && direction === limit.direction),
  );
  const added = Array.from({ length: Math.min(addedMax, others.length) }, () => random.pick(others));
  const anyOrder = orders[random.below(Math.max(1, orders.length))];
  return [
    ...bindingLimits.flatMap((limit, index) => {
      const rest = bindingLimits.filter((_, place) => place !== index);
      const turned = {
        ...limit,
        direction: limit.direction === 'forward' ? ('backward' as const) : ('forward' as const),
      };
      return [
        changed(`${limit.id} is missing`, rest),
        changed(`${limit.id} is turned round`, [...rest, turned]),
        changed(`${limit.id} is a row`, [...rest, { id: limit.id, direction: 'row' }]),
        changed(`${limit.id} stands twice`, [...bindingLimits, limit]),
      ];
    }),
    ...added.map((limit) => changed(`${limit.id} ${limit.direction} is too many`, [...bindingLimits, limit])),
    changed('no limit', []),
    changed('every limit', all),
    changed('a limit that is made up', [...bindingLimits, { id: 'made-up', direction: 'forward' }]),
    {
      what: 'a friend at the margin',
      value: { ...hint, marginalOrderIds: anyOrder ? [anyOrder.orderId] : ['friend'] },
    },
    { what: 'the margin left out', value: { ...hint, marginalOrderIds: [] } },
  ];
}
