import { RuleError, type ErrorCode } from '../errors';
import { findOpeningFault, hasExpired } from './accept-orders';
import type { Order, OrderContent, Session } from './rows';

/**
 * Opens the seal of an order: it becomes published where the confidential values open its commitment and keep the rules, and void with
 * the code of the first fault where not. Values that this endorser does not have make no order void, as another endorser may have
 * them: the whole transaction is refused (MARKET_ORDER_VALUES_ABSENT) and can be sent again.
 *
 * @param memberSuspended whether the member was suspended in the slot of the gate, under a rule set that makes its orders void then
 */
export function publishOrder(
  session: Session,
  order: Order,
  content: OrderContent | undefined,
  memberSuspended = false,
): Order {
  if (content === undefined) {
    throw new RuleError('MARKET_ORDER_VALUES_ABSENT', { orderId: order.orderId });
  }
  const fault = findOpeningFault(session, order.participantId, order.commitment, content);
  const code = fault ?? findGateFault(session, content, memberSuspended);
  if (code !== undefined) {
    return { ...order, status: { kind: 'void', code } };
  }
  const { orderId: _same, ...published } = content;
  return { ...order, status: { kind: 'published', ...published } };
}

/** Why an order that keeps the rules no longer stood when the gate closed, or undefined. */
function findGateFault(session: Session, content: OrderContent, memberSuspended: boolean): ErrorCode | undefined {
  if (hasExpired(session, content)) {
    return 'MARKET_ORDER_EXPIRED';
  }
  return memberSuspended ? 'MARKET_MEMBER_SUSPENDED' : undefined;
}
