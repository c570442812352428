import type { Fill, GridIntervalClearing, GridOrder } from '@flexledger/domain';
import type { Corruption } from './corrupt-hints';
import type { RandomSource } from './random-source';

type Outcome = GridIntervalClearing;

/** What could be written instead of the right outcome: one Wh, one micro-unit, a friend preferred, a zone split, a limit hidden. */
export function corruptOutcomes(
  right: Outcome,
  orders: readonly GridOrder[],
  random: RandomSource,
): readonly Corruption<Outcome>[] {
  return [
    ...corruptFills(right, orders, random),
    ...corruptPrices(right, random),
    ...corruptLimits(right, random),
    { what: 'a Wh of volume too many', value: { ...right, tradedWh: right.tradedWh + 1n } },
    { what: 'a unit of welfare too many', value: { ...right, welfareNano: right.welfareNano + 1n } },
    { what: 'a unit of rent too few', value: { ...right, rentNano: right.rentNano - 1n } },
    { what: 'a fairness that is not there', value: { ...right, jainPpm: right.jainPpm - 1n } },
  ];
}

function corruptFills(right: Outcome, orders: readonly GridOrder[], random: RandomSource): Corruption<Outcome>[] {
  const filled = new Map(right.fills.map(({ energyWh, orderId }) => [orderId, energyWh]));
  const withChange = (what: string, changes: readonly (readonly [GridOrder, bigint])[]): Corruption<Outcome> => {
    const after = new Map(filled);
    for (const [{ orderId }, byWh] of changes) after.set(orderId, (after.get(orderId) ?? 0n) + byWh);
    const fills = [...after]
      .map(([orderId, energyWh]): Fill => ({ orderId, energyWh }))
      .filter(({ energyWh }) => energyWh !== 0n);
    fills.sort((left, next) => (left.orderId < next.orderId ? -1 : 1));
    return { what, value: { ...right, fills } };
  };
  const withFill = orders.filter(({ orderId }) => filled.has(orderId));
  const withRest = orders.filter(({ energyWh, orderId }) => (filled.get(orderId) ?? 0n) < energyWh);
  const corruptions: Corruption<Outcome>[] = [];
  if (withFill.length > 0) {
    const victim = random.pick(withFill);
    corruptions.push(withChange('a Wh too few', [[victim, -1n]]), withChange('a Wh too many', [[victim, 1n]]));
    corruptions.push({ what: 'fills in another order', value: { ...right, fills: [...right.fills].reverse() } });
    const friend = withRest.find(({ orderId, side }) => side === victim.side && orderId !== victim.orderId);
    if (friend)
      corruptions.push(
        withChange('a Wh goes to a friend', [
          [victim, -1n],
          [friend, 1n],
        ]),
      );
    const buyer = withRest.find(({ side }) => side === 'buy');
    const seller = withRest.find(({ side }) => side === 'sell');
    if (buyer && seller)
      corruptions.push(
        withChange('a Wh more is traded', [
          [buyer, 1n],
          [seller, 1n],
        ]),
      );
    const partner = withFill.find(({ side }) => side !== victim.side);
    if (partner)
      corruptions.push(
        withChange('a Wh less is traded', [
          [victim, -1n],
          [partner, -1n],
        ]),
      );
  }
  // A list of one fill is the same in any order.
  return corruptions.filter(({ what }) => what !== 'fills in another order' || right.fills.length > 1);
}

function corruptPrices(right: Outcome, random: RandomSource): Corruption<Outcome>[] {
  const place = random.below(right.zones.length);
  const zone = right.zones[place];
  const price = zone?.price;
  if (zone === undefined || price === undefined) return [];
  const withZones = (what: string, ...instead: Outcome['zones']): Corruption<Outcome> => ({
    what,
    value: { ...right, zones: [...right.zones.slice(0, place), ...instead, ...right.zones.slice(place + 1)] },
  });
  const corruptions = (['lowMicroPerKwh', 'highMicroPerKwh', 'clearingMicroPerKwh'] as const).flatMap((field) =>
    [1n, -1n].map((byMicro) =>
      withZones(`${field} ${byMicro}`, { ...zone, price: { ...price, [field]: price[field] + byMicro } }),
    ),
  );
  corruptions.push(withZones('a zone without a price', { ...zone, price: undefined }));
  corruptions.push(withZones('a zone left out'));
  const [first, ...rest] = zone.busIds;
  if (first !== undefined && rest.length > 0) {
    corruptions.push(withZones('a zone split', { busIds: [first], price }, { busIds: rest, price }));
  }
  return corruptions;
}

function corruptLimits(right: Outcome, random: RandomSource): Corruption<Outcome>[] {
  const corruptions: Corruption<Outcome>[] = [];
  const { bindingLimits, flows } = right;
  if (flows.length > 0) {
    const place = random.below(flows.length);
    const more = flows.map((flow, index) => (index === place ? { ...flow, forwardWh: flow.forwardWh + 1n } : flow));
    corruptions.push({ what: 'a Wh of flow', value: { ...right, flows: more } });
    corruptions.push({
      what: 'a flow left out',
      value: { ...right, flows: flows.filter((_, index) => index !== place) },
    });
  }
  if (bindingLimits.length > 0) {
    const place = random.below(bindingLimits.length);
    const instead = (change: (limit: (typeof bindingLimits)[number]) => (typeof bindingLimits)[number]): Outcome => ({
      ...right,
      bindingLimits: bindingLimits.map((limit, index) => (index === place ? change(limit) : limit)),
    });
    corruptions.push(
      {
        what: 'a limit hidden',
        value: { ...right, bindingLimits: bindingLimits.filter((_, index) => index !== place) },
      },
      {
        what: 'a dual of a micro-unit more',
        value: instead((limit) => ({ ...limit, shadowPriceMicroPerKwh: limit.shadowPriceMicroPerKwh + 1n })),
      },
      { what: 'a rent of one more', value: instead((limit) => ({ ...limit, rentNano: limit.rentNano + 1n })) },
      {
        what: 'a limit turned round',
        value: instead((limit) => ({ ...limit, direction: limit.direction === 'forward' ? 'backward' : 'forward' })),
      },
    );
  }
  return corruptions;
}
