import { demand } from '../errors';
import { limits } from '../limits';
import { micro, type Micro } from '../units';
import type { Meter } from '../registry/device-types';
import type { Participant } from '../registry/types';
import type { Order, OrderSet, Session } from './rows';

/** What a participant has placed in a session before, with the orders of it. */
export interface EarlierSet {
  readonly set: OrderSet;
  readonly orders: readonly (Order | undefined)[];
}

/** How a set of orders follows what the participant has placed before. */
export interface Placement {
  /** The number of the set among those of the participant in the session, from 1. */
  readonly number: number;
  /** What has to be locked for it now. */
  readonly lockMicro: Micro;
}

/**
 * The place of a new set of orders. A participant has one set in a session. It may put another one in its place, a few times, once it
 * has withdrawn every order of it: so it amends what it asks for before the gate. The collateral stays as it was locked and has to be
 * what the new set names, because what is locked is released with the clearing and not before.
 *
 * @throws RuleError MARKET_ORDERS_ALREADY_PLACED, MARKET_ORDERS_REPLACED_TOO_OFTEN, MARKET_COLLATERAL_KEPT
 */
export function placementAfter(earlier: EarlierSet | undefined, collateralMicro: bigint): Placement {
  if (earlier === undefined) {
    return { number: 1, lockMicro: micro(collateralMicro) };
  }
  const { orders, set } = earlier;
  const { participantId } = set;
  const withdrawn = orders.every((order) => order?.status.kind === 'withdrawn');
  demand(withdrawn, 'MARKET_ORDERS_ALREADY_PLACED', { participantId });
  const number = (set.placement ?? 1) + 1;
  demand(number <= limits.placementsPerSessionMax, 'MARKET_ORDERS_REPLACED_TOO_OFTEN', { participantId });
  demand(collateralMicro === set.collateralMicro, 'MARKET_COLLATERAL_KEPT', {
    collateralMicro: set.collateralMicro.toString(),
  });
  return { number, lockMicro: micro(0n) };
}

/**
 * The bus at which a participant stands in a session whose grid has limits: where its meters are, and the one that it names where they are
 * at several. The balancing participant, and a supplier or producer without a meter in the grid, bring their energy from outside: they
 * stand where the grid above is joined, which is said by no bus.
 *
 * @throws RuleError MARKET_BUS_UNKNOWN, MARKET_BUS_AMBIGUOUS
 */
export function busOfMember(
  { gridId, ruleSet }: Session,
  { kind, participantId }: Participant,
  meters: readonly Meter[],
  namedBus: string | undefined,
): string | undefined {
  const own = meters.filter((meter) => meter.gridId === gridId && meter.status !== 'RETIRED');
  const buses = new Set(own.map(({ bus }) => bus));
  const isOutside = participantId === ruleSet.balancingParticipantId || (buses.size === 0 && kind !== 'prosumer');
  if (isOutside) {
    demand(namedBus === undefined, 'MARKET_BUS_UNKNOWN', { participantId });
    return undefined;
  }
  const [only] = buses;
  demand(only !== undefined && buses.has(namedBus ?? only), 'MARKET_BUS_UNKNOWN', { participantId });
  demand(namedBus !== undefined || buses.size === 1, 'MARKET_BUS_AMBIGUOUS', { participantId });
  return namedBus ?? only;
}
