import {
  orderCommitment,
  orderContentCodec,
  pairingCodec,
  requiredCollateralMicro,
  type JsonObject,
  type JsonValue,
  type OrderContent,
  type Session,
} from '@flexledger/domain';
import type { SigningKey } from '../client/keys';
import type { WantedOrder } from './order-strategy';
import { deriveBytes, deriveId } from './seed';
import { signCommand } from './sign-command';

/** A participant's agent that trades: its key never leaves it, what it sends is sealed and signed. */
export interface TradingAgent {
  readonly seed: string;
  /** Name in derivations, for example `prosumer-07`. */
  readonly label: string;
  readonly key: SigningKey;
  readonly connectionLimitW: bigint;
}

/** The request of market:placeOrders and its confidential part, as plain JSON. */
export interface SealedOrders {
  readonly request: JsonObject;
  readonly confidential: JsonValue;
}

/** Gives the orders ids and salts, locks enough collateral, seals each order and signs the command that carries them. */
export function sealOrders(
  agent: TradingAgent,
  session: Session,
  wanted: readonly WantedOrder[],
  command: { readonly commandId: string; readonly channel: string; readonly expirySlot: number },
): SealedOrders {
  const participantId = agent.key.address;
  const orders = wanted
    .map((order, at) =>
      contentOf(agent, session, order, wanted.slice(0, at).filter((other) => isAlike(order, other)).length),
    )
    .sort((left, right) => (left.orderId < right.orderId ? -1 : 1));
  const { connectionLimitW } = agent;
  const unsigned = {
    commandId: command.commandId,
    sessionId: session.sessionId,
    participantId,
    expirySlot: command.expirySlot,
    collateralMicro: requiredCollateralMicro(session, { connectionLimitW, orders }).toString(),
    sealed: orders.map((order) => ({
      orderId: order.orderId,
      commitment: orderCommitment(session.sessionId, participantId, order),
    })),
  };
  return {
    request: signCommand({ channel: command.channel, key: agent.key }, 'market', 'placeOrders', unsigned),
    confidential: { orders: orders.map((order) => orderContentCodec.encode(order)) },
  };
}

function isAlike(left: WantedOrder, right: WantedOrder): boolean {
  return left.interval === right.interval && left.side === right.side;
}

/**
 * `before` counts the orders of the same interval and side that stand before this one, which need ids of their own. A salt is known
 * once its order is published, so that orders of another session have others.
 */
function contentOf(
  agent: TradingAgent,
  { kind, sessionId }: Session,
  order: WantedOrder,
  before: number,
): OrderContent {
  const place = kind === 'intraday' ? `${sessionId}/` : '';
  const first = `order/${agent.label}/${place}${order.interval}/${order.side}`;
  const label = before === 0 ? first : `${first}/${before}`;
  const { expirySlot, pairing } = order;
  return orderContentCodec.decode(
    {
      orderId: deriveId(agent.seed, label),
      salt: deriveBytes(agent.seed, `${label}/salt`, 16).toString('base64url'),
      side: order.side,
      interval: order.interval,
      energyWh: order.energyWh.toString(),
      limitPriceMicroPerKwh: order.limitPriceMicroPerKwh.toString(),
      ...(pairing === undefined ? {} : { pairing: pairingCodec.encode(pairing) }),
      ...(expirySlot === undefined ? {} : { expirySlot }),
    },
    '',
  );
}
