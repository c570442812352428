import { RuleError } from '../errors';
import { findOpeningFault } from './accept-orders';
import type { Order, OrderContent, Session } from './rows';

/**
 * Opens the seal of an order: it becomes published where the confidential values open its commitment and keep the rules, and void with
 * the code of the first fault where not. Values that this endorser does not have make no order void, as another endorser may have
 * them: the whole transaction is refused (MARKET_ORDER_VALUES_ABSENT) and can be sent again.
 */
export function publishOrder(session: Session, order: Order, content: OrderContent | undefined): Order {
  if (content === undefined) {
    throw new RuleError('MARKET_ORDER_VALUES_ABSENT', { orderId: order.orderId });
  }
  const fault = findOpeningFault(session, order.participantId, order.commitment, content);
  if (fault !== undefined) {
    return { ...order, status: { kind: 'void', code: fault } };
  }
  const { orderId: _same, ...published } = content;
  return { ...order, status: { kind: 'published', ...published } };
}
