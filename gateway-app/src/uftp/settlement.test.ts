import { slot, w, type FlexOrder } from '@flexledger/domain';
import { readMessage, writeMessage, type MessageOf } from './messages';
import { receiveMessage } from './receive';
import { answerSettlement, flexSettlementMessage, settleOrder } from './settlement';
import { exampleRows, exampleSettings } from './testing/example-rows';

const about = { settings: exampleSettings, timeStamp: '2016-06-01T08:00:00Z' };
const { order, prognosis } = exampleRows();
const allocated = (...powers: readonly bigint[]) =>
  new Map(order.isps.map(({ slot: at }, index) => [at, powers[index] ?? 0n]));
// 16 kW less in two quarter hours, of which one falls 4 kW short; 7,999 W more later, wholly delivered.
const settled = settleOrder(order, prognosis, allocated(44_000n, 48_000n, 67_999n));
const message = flexSettlementMessage([settled], order.aggregatorId, about);

describe('the settlement of an order', () => {
  it('follows the example of the specification: 14, 14, -4, -22, -33', () => {
    const one: FlexOrder = {
      ...order,
      isps: [0, 1, 2, 3].map((quarter) => ({
        slot: slot(order.periodSlot + quarter),
        direction: 'reduce',
        powerW: w(2_000n),
      })),
      priceMicro: 14_000_000n as FlexOrder['priceMicro'],
      penaltyMicroPerKwh: 11_000_000n as FlexOrder['penaltyMicroPerKwh'],
    };
    const isps = [{ startSlot: order.periodSlot, slots: 96, importW: w(10_000n), exportW: w(0n) }];
    const net = [7_000n, 8_000n, 9_000n, 10_000n, 11_000n].map((actualW) => {
      const { penaltyMicro, priceMicro } = settleOrder(
        one,
        { isps },
        new Map(one.isps.map((isp) => [isp.slot, actualW])),
      );
      return (priceMicro - penaltyMicro) / 1_000_000n;
    });
    expect(net).toEqual([14n, 14n, -4n, -22n, -33n]);
  });

  it('is written with UFTP signs, and mirrored for what was to be increased', () => {
    expect(message.FlexOrderSettlement[0]?.ISP).toMatchObject([
      { BaselinePower: '60000', OrderedFlexPower: '-16000', DeliveredFlexPower: '-16000', PowerDeficiency: '0' },
      { ActualPower: '48000', DeliveredFlexPower: '-12000', PowerDeficiency: '4000' },
      { ActualPower: '67999', OrderedFlexPower: '7999', DeliveredFlexPower: '7999', PowerDeficiency: '0' },
    ]);
    const { NetSettlement, Penalty, Price } = message.FlexOrderSettlement[0]!;
    // 35,999 of 39,999 W delivered of 4 euro; 1 kWh missing at 0.4 euro.
    expect([Price, Penalty, NetSettlement]).toEqual(['3.5999', '0.4000', '3.1999']);
  });

  it('is refused without baseline or allocation', () => {
    expect(() => settleOrder(order, prognosis, new Map())).toThrow(RangeError);
  });
});

describe('a received settlement', () => {
  type Settlement = MessageOf<'FlexSettlement'>['FlexOrderSettlement'][number];
  const statusOf = (changes: Partial<Settlement>, orders: readonly FlexOrder[] = [order]) => {
    const one = { ...message.FlexOrderSettlement[0]!, ...changes };
    return answerSettlement({ ...message, FlexOrderSettlement: [one] }, orders, exampleSettings)[0];
  };
  const [first, ...rest] = message.FlexOrderSettlement[0]!.ISP;

  it('is accepted where everything follows', () => {
    expect(statusOf({})).toEqual({ OrderReference: order.orderId, Disposition: 'Accepted' });
  });

  it.each<readonly [string, Partial<Settlement>, string]>([
    ['another price', { Price: '3.6000' }, 'what was delivered is worth 3.5999'],
    ['another penalty', { Penalty: '0.5000' }, 'the penalty is 0.4000'],
    ['another net amount', { NetSettlement: '3.2000' }, 'the net amount is not price minus penalty'],
    [
      'a power that was not ordered',
      { ISP: [{ ...first!, OrderedFlexPower: '-15999' }, ...rest] },
      'ISP 73 was ordered with another power',
    ],
    [
      'delivery that does not follow',
      { ISP: [{ ...first!, DeliveredFlexPower: '-15999' }, ...rest] },
      '16000 W were delivered in ISP 73',
    ],
    [
      'a deficiency that does not follow',
      { ISP: [{ ...first!, PowerDeficiency: '1' }, ...rest] },
      '0 W were missing in ISP 73',
    ],
    ['an ISP less', { ISP: rest }, 'the order has other ISPs'],
    ['an ISP of a million', { ISP: [{ ...first!, Duration: '999999' }, ...rest] }, 'the order has other ISPs'],
    ['another period', { Period: '2016-05-18' }, 'the order is of another period'],
    ['an unknown order', { OrderReference: 'none' }, 'the ledger has no order of this reference'],
  ])('is disputed for %s', (_what, changes, reason) => {
    expect(statusOf(changes)).toMatchObject({ Disposition: 'Disputed', DisputeReason: reason });
  });

  it('is answered with a status for each order, and rejected as a whole from a stranger', async () => {
    const receiver = {
      ...about,
      submit: () => Promise.resolve({}),
      metered: () => Promise.resolve([]),
      ordersOf: () => Promise.resolve([order]),
    };
    const answer = readMessage(await receiveMessage(writeMessage('FlexSettlement', message), receiver));
    expect(answer).toMatchObject({
      name: 'FlexSettlementResponse',
      content: { Result: 'Accepted', FlexOrderSettlementStatus: [{ Disposition: 'Accepted' }] },
    });
    const strange = writeMessage('FlexSettlement', { ...message, SenderDomain: 'agg.example' });
    expect(readMessage(await receiveMessage(strange, receiver)).content).toMatchObject({
      Result: 'Rejected',
      FlexOrderSettlementStatus: [{ Disposition: 'Disputed' }],
    });
  });
});
