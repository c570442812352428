import {
  acceptOrders,
  orderCommitment,
  orderContentCodec,
  requestDigestOf,
  sealedOrderCodec,
  sessionCodec,
  slot,
  verifySignedCommand,
  type CommandId,
  type JsonObject,
} from '@flexledger/domain';
import { SigningKey } from '../client/keys';
import { DAY_PRICES } from '../roles/rule-set';
import { sealOrders, type TradingAgent } from './order-agent';
import type { WantedOrder } from './order-strategy';
import { deriveId, derivePrivateKey } from './seed';

const session = sessionCodec.decode(
  {
    sessionId: deriveId('seed', 'session'),
    kind: 'day-ahead',
    gridId: 'grid',
    firstSlot: 1_626_332,
    intervals: 24,
    intervalSlots: 4,
    gateCloseSlot: 1_626_308,
    publishDeadlineSlot: 1_626_316,
    ruleSet: { number: 1, ...DAY_PRICES },
    state: 'OPEN',
  },
  '',
);

const agent: TradingAgent = {
  seed: 'seed',
  label: 'prosumer-00',
  key: new SigningKey(derivePrivateKey('seed', 'key')),
  connectionLimitW: 30_000n,
};

const wanted: WantedOrder[] = [
  { side: 'buy', interval: 0, energyWh: 1_000n, limitPriceMicroPerKwh: 320_000n },
  { side: 'sell', interval: 12, energyWh: 5_000n, limitPriceMicroPerKwh: 81_000n },
];

const command = { commandId: deriveId('seed', 'command'), channel: 'community', expirySlot: 1_626_308 };

function seal(): { request: JsonObject; orders: JsonObject[] } {
  const { request, confidential } = sealOrders(agent, session, wanted, command);
  return { request, orders: (confidential as { orders: JsonObject[] }).orders };
}

describe('the orders that a trading agent seals', () => {
  test('say with whom they would rather be paired and when they expire, under the seal', () => {
    const wish = { pairing: { kind: 'local' }, expirySlot: slot(1_626_309) } as const;
    const { confidential, request } = sealOrders(agent, session, [{ ...wanted[0]!, ...wish }], command);
    const [content] = (confidential as { orders: JsonObject[] }).orders;
    expect(content).toMatchObject(wish);
    const order = orderContentCodec.decode(content ?? {}, '');
    const commitment = orderCommitment(session.sessionId, agent.key.address, order);
    expect(request.sealed).toEqual([{ orderId: order.orderId, commitment }]);
    const { pairing: _wish, ...plain } = order;
    expect(orderCommitment(session.sessionId, agent.key.address, plain)).not.toBe(commitment);
  });

  test('have other ids and salts in each intraday session, as a published order tells its salt', () => {
    const at = (name: string): JsonObject => {
      const intraday = { ...session, kind: 'intraday' as const, sessionId: deriveId('seed', name) as never };
      const { confidential } = sealOrders(agent, intraday, [wanted[0]!], command);
      return (confidential as { orders: JsonObject[] }).orders[0] ?? {};
    };
    const [one, other] = [at('one'), at('other')];
    expect(one.salt).not.toBe(other.salt);
    expect(one.orderId).not.toBe(other.orderId);
    expect(at('one')).toEqual(one);
  });

  test('are accepted by the rule of the market, with just enough collateral', () => {
    const { request, orders } = seal();
    const place = (collateralMicro: bigint): void =>
      acceptOrders(session, {
        participantId: agent.key.address,
        connectionLimitW: agent.connectionLimitW,
        sealed: (request.sealed as JsonObject[]).map((sealed) => sealedOrderCodec.decode(sealed, '')),
        orders: orders.map((order) => orderContentCodec.decode(order, '')),
        collateralMicro,
      });
    const collateralMicro = BigInt(request.collateralMicro as string);
    expect(() => place(collateralMicro)).not.toThrow();
    expect(() => place(collateralMicro - 1n)).toThrow('MARKET_COLLATERAL_TOO_SMALL');
  });

  test('are signed by the participant over exactly this request', () => {
    const { request } = seal();
    const signed = {
      channel: command.channel,
      commandId: command.commandId as CommandId,
      contract: 'market',
      transaction: 'placeOrders',
      expirySlot: slot(command.expirySlot),
      requestDigest: requestDigestOf(request),
    };
    const verify = (requestDigest: string): void =>
      verifySignedCommand({ ...signed, requestDigest }, agent.key.publicKey, request.signature as string);
    expect(() => verify(requestDigestOf(request))).not.toThrow();
    expect(() => verify(requestDigestOf({ ...request, collateralMicro: '1' }))).toThrow('SIGNATURE_INVALID');
  });

  test('show nothing of what they say, and are the same for the same seed', () => {
    const { request } = seal();
    const shown = JSON.stringify(request);
    expect(shown).not.toContain('320000');
    expect(shown).not.toContain('"sell"');
    expect(seal().request.sealed).toEqual(request.sealed);
  });
});
