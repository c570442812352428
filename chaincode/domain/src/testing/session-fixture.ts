import { sha256 } from '../digest';
import { crockford26, type OrderId, type ParticipantId, type SessionId } from '../ids';
import { orderCommitment } from '../market/accept-orders';
import type { Order, OrderContent, Session } from '../market/rows';
import type { RuleSet } from '../rule-set';
import { slot } from '../time';
import { microPerKwh, ppm, wh } from '../units';

/** An id that is made from a name, for tests. */
export function idOf<T extends string>(name: string): T {
  return crockford26(sha256(Buffer.from(name))) as T;
}

/** A rule set for tests: k = 0.5, prices in whole 100 micro-units up to 1 EUR, no fee. */
export const testRuleSet: RuleSet = {
  number: 7,
  marketTimeUnitSlots: 4,
  mechanism: 'uniform',
  kPpm: ppm(500_000n),
  priceCapMicroPerKwh: microPerKwh(1_000_000n),
  priceFloorMicroPerKwh: microPerKwh(1_000n),
  tickMicroPerKwh: microPerKwh(100n),
  quantityMinWh: wh(10n),
  ordersPerParticipantMax: 48,
  retailPriceMicroPerKwh: microPerKwh(320_000n),
  feedInPriceMicroPerKwh: microPerKwh(80_000n),
  imbalanceShortMicroPerKwh: microPerKwh(400_000n),
  imbalanceLongMicroPerKwh: microPerKwh(50_000n),
  feePpm: ppm(0n),
  currency: 'EUR',
};

/** A session for tests: two hours from slot 1,000, the gate closes at slot 900. */
export const testSession: Session = {
  sessionId: idOf<SessionId>('session'),
  kind: 'day-ahead',
  gridId: 'grid-1',
  firstSlot: slot(1_000),
  intervals: 2,
  intervalSlots: 4,
  gateCloseSlot: slot(900),
  publishDeadlineSlot: slot(920),
  ruleSet: testRuleSet,
  state: 'OPEN',
};

/** The content of an order for tests, with the energy in Wh and the limit in micro-units per kWh. */
export function contentOf(
  name: string,
  side: 'buy' | 'sell',
  interval: number,
  energyWh: bigint,
  limitPriceMicroPerKwh: bigint,
): OrderContent {
  return {
    orderId: idOf<OrderId>(name),
    salt: Buffer.from(`salt of the order ${name}`.padEnd(24).slice(0, 24)).toString('base64url'),
    side,
    interval,
    energyWh: wh(energyWh),
    limitPriceMicroPerKwh: microPerKwh(limitPriceMicroPerKwh),
  };
}

/** The row of a published order. */
export function publishedOrder(session: Session, participantId: ParticipantId, content: OrderContent): Order {
  const { orderId, ...rest } = content;
  return {
    sessionId: session.sessionId,
    orderId,
    participantId,
    commitment: orderCommitment(session.sessionId, participantId, content),
    status: { kind: 'published', ...rest },
  };
}
