import {
  bySlot,
  ispMoney,
  settleIsp,
  sum,
  type DPrognosis,
  type FlexOrder,
  type ParticipantId,
  type Slot,
} from '@flexledger/domain';
import type { MessageOf } from './messages';
import { UFTP_VERSION, type Outgoing } from './outgoing';
import { addressOfPoint, domainOfAggregator, domainOfOperator, type UftpSettings } from './settings';
import { derivedUuid } from './uuid';
import { amountOf, dateOf, directedPower, ispOf, microOf, signedPower } from './values';

/** What settlement found for one ISP of an order: watts of consumption, below zero where more was given than taken. */
export interface SettledIsp {
  readonly slot: Slot;
  readonly baselineW: bigint;
  readonly actualW: bigint;
  /** How much of what was ordered was delivered; the order has the direction. */
  readonly deliveredW: bigint;
  readonly deficiencyW: bigint;
}

/** What settlement came to for one order. */
export interface SettledOrder {
  readonly order: FlexOrder;
  readonly isps: readonly SettledIsp[];
  /** The share of the price that was delivered, rounded down to micro-units. */
  readonly priceMicro: bigint;
  readonly penaltyMicro: bigint;
}

/** Quarter hours of an hour: a power in watts is four times its energy in Wh of a quarter hour. */
const ISPS_PER_HOUR = 4n;
/** ISPs of the longest day. */
const ISPS_MAX = 100;

/**
 * Settles an order by UFTP's rule against the D-prognosis that is its baseline and what the system operator allocated to the aggregator.
 *
 * @throws RangeError where an ordered ISP has no baseline or nothing was allocated
 */
export function settleOrder(
  order: FlexOrder,
  baseline: Pick<DPrognosis, 'isps'>,
  allocatedW: ReadonlyMap<Slot, bigint>,
): SettledOrder {
  const expected = bySlot(baseline.isps);
  const isps = order.isps.map(({ direction, powerW, slot }): SettledIsp => {
    const at = expected.get(slot);
    const actualW = allocatedW.get(slot);
    if (at === undefined || actualW === undefined)
      throw new RangeError(`slot ${slot} has no baseline or no allocation`);
    const baselineW = at.importW - at.exportW;
    return { slot, baselineW, actualW, ...ruleOf({ direction, powerW, baselineW, actualW }) };
  });
  return { order, isps, ...moneyOf(order, isps) };
}

interface RuleInput {
  readonly direction: 'reduce' | 'increase';
  readonly powerW: bigint;
  readonly baselineW: bigint;
  readonly actualW: bigint;
}

/** The rule is linear, so that watts in are watts out. */
function ruleOf({ actualW, baselineW, direction, powerW }: RuleInput): Pick<SettledIsp, 'deliveredW' | 'deficiencyW'> {
  const outcome = settleIsp({ direction, baselineWh: baselineW, actualWh: actualW, orderedWh: powerW });
  return { deliveredW: outcome.deliveredWh, deficiencyW: outcome.deficiencyWh };
}

function moneyOf(
  order: FlexOrder,
  isps: readonly Pick<SettledIsp, 'deliveredW' | 'deficiencyW'>[],
): Pick<SettledOrder, 'priceMicro' | 'penaltyMicro'> {
  const orderedW = sum(order.isps.map(({ powerW }) => powerW));
  const deliveredW = sum(isps.map((isp) => isp.deliveredW));
  const deficiencyWh = sum(isps.map((isp) => isp.deficiencyW)) / ISPS_PER_HOUR;
  const prices = { priceMicroPerKwh: 0n, penaltyMicroPerKwh: order.penaltyMicroPerKwh };
  const { penaltyMicro } = ispMoney({ deliveredWh: 0n, deficiencyWh }, prices);
  return { priceMicro: orderedW === 0n ? 0n : (order.priceMicro * deliveredW) / orderedW, penaltyMicro };
}

type OrderSettlement = MessageOf<'FlexSettlement'>['FlexOrderSettlement'][number];

/**
 * The settlement of orders of one aggregator in one grid, as the system operator sends it. The schema demands a settlement of contracts as
 * well: an order without one is under a contract without a name, of which nothing is reserved.
 *
 * @throws RangeError where there is no order
 */
export function flexSettlementMessage(
  settled: readonly SettledOrder[],
  aggregatorId: ParticipantId,
  outgoing: Outgoing,
): MessageOf<'FlexSettlement'> {
  const { settings, timeStamp } = outgoing;
  const days = settled.map(({ order: { periodSlot } }) => dateOf(periodSlot, settings.timeZone)).sort();
  const [first] = settled;
  const [PeriodStart] = days;
  const PeriodEnd = days.at(-1);
  if (first === undefined || PeriodStart === undefined || PeriodEnd === undefined) {
    throw new RangeError('a settlement is of at least one order');
  }
  const messageId = derivedUuid(['settlement', ...settled.map(({ order }) => order.orderId), timeStamp].join('/'));
  return {
    Version: UFTP_VERSION,
    SenderDomain: domainOfOperator(settings, first.order.gridId),
    RecipientDomain: domainOfAggregator(settings, aggregatorId),
    TimeStamp: timeStamp,
    MessageID: messageId,
    ConversationID: messageId,
    PeriodStart,
    PeriodEnd,
    Currency: settings.currency,
    FlexOrderSettlement: settled.map((one) => orderSettlement(one, settings)),
    ContractSettlement: settled.map(({ order: { contractId, isps, periodSlot } }) => ({
      ...(contractId === undefined ? {} : { ContractID: contractId }),
      Period: [
        {
          Period: dateOf(periodSlot, settings.timeZone),
          ISP: isps.map((isp) => ({
            ...ispOf(periodSlot, isp.slot, 1),
            ReservedPower: '0',
            OrderedPower: signedPower(isp),
          })),
        },
      ],
    })),
  };
}

function orderSettlement(
  { isps, order, penaltyMicro, priceMicro }: SettledOrder,
  settings: UftpSettings,
): OrderSettlement {
  const { contractId, periodSlot } = order;
  const directions = new Map(order.isps.map((isp) => [isp.slot, isp]));
  const [price, penalty] = [amountOf(priceMicro), amountOf(penaltyMicro)];
  return {
    OrderReference: referenceOf(order),
    Period: dateOf(periodSlot, settings.timeZone),
    ...(contractId === undefined ? {} : { ContractID: contractId }),
    CongestionPoint: addressOfPoint(settings, order),
    Price: price,
    Penalty: penalty,
    NetSettlement: amountOf(microOf(price) - microOf(penalty)),
    ISP: isps.map(({ actualW, baselineW, deficiencyW, deliveredW, slot }) => {
      const { direction = 'reduce', powerW = 0n } = directions.get(slot) ?? {};
      return {
        ...ispOf(periodSlot, slot, 1),
        BaselinePower: baselineW.toString(),
        OrderedFlexPower: signedPower({ direction, powerW }),
        ActualPower: actualW.toString(),
        DeliveredFlexPower: signedPower({ direction, powerW: deliveredW }),
        PowerDeficiency: deficiencyW.toString(),
      };
    }),
  };
}

/** What both sides call an order. */
export function referenceOf({ orderId, orderReference }: FlexOrder): string {
  return orderReference ?? orderId;
}

/**
 * The answer to a settlement, order by order: accepted where it is of an order on the ledger, with its ISPs and powers, and where delivery,
 * deficiency and money follow from baseline and allocation by the rule; else disputed, with the first thing that does not.
 */
export function answerSettlement(
  received: MessageOf<'FlexSettlement'>,
  orders: readonly FlexOrder[],
  settings: UftpSettings,
): MessageOf<'FlexSettlementResponse'>['FlexOrderSettlementStatus'] {
  const known = new Map(orders.map((order) => [referenceOf(order), order]));
  return received.FlexOrderSettlement.map((one) => {
    const reference = one.OrderReference === undefined ? {} : { OrderReference: one.OrderReference };
    const order = known.get(one.OrderReference ?? '');
    const reason = order === undefined ? 'the ledger has no order of this reference' : faultOf(one, order, settings);
    return reason === undefined
      ? { ...reference, Disposition: 'Accepted' as const }
      : { ...reference, Disposition: 'Disputed' as const, DisputeReason: reason };
  });
}

function faultOf(received: OrderSettlement, order: FlexOrder, settings: UftpSettings): string | undefined {
  if (received.Period !== dateOf(order.periodSlot, settings.timeZone)) return 'the order is of another period';
  if (received.CongestionPoint !== addressOfPoint(settings, order)) return 'the order is of another congestion point';
  const isps = ispsOf(received);
  if (isps.size !== order.isps.length) return 'the order has other ISPs';
  const settled: Pick<SettledIsp, 'deliveredW' | 'deficiencyW'>[] = [];
  for (const { direction, powerW, slot } of order.isps) {
    const number = slot - order.periodSlot + 1;
    const isp = isps.get(number);
    if (isp === undefined) return `ISP ${number} is missing`;
    if (isp.OrderedFlexPower !== signedPower({ direction, powerW }))
      return `ISP ${number} was ordered with another power`;
    const input = { direction, powerW, baselineW: BigInt(isp.BaselinePower), actualW: BigInt(isp.ActualPower) };
    const { deficiencyW, deliveredW } = ruleOf(input);
    if (directedPower(isp.DeliveredFlexPower).powerW !== deliveredW)
      return `${deliveredW} W were delivered in ISP ${number}`;
    if (BigInt(isp.PowerDeficiency ?? '0') !== deficiencyW) return `${deficiencyW} W were missing in ISP ${number}`;
    settled.push({ deficiencyW, deliveredW });
  }
  return moneyFaultOf(received, moneyOf(order, settled));
}

function moneyFaultOf(
  received: OrderSettlement,
  { penaltyMicro, priceMicro }: Pick<SettledOrder, 'priceMicro' | 'penaltyMicro'>,
): string | undefined {
  const [price, penalty] = [microOf(received.Price), microOf(received.Penalty ?? '0')];
  if (price !== microOf(amountOf(priceMicro))) return `what was delivered is worth ${amountOf(priceMicro)}`;
  if (penalty !== microOf(amountOf(penaltyMicro))) return `the penalty is ${amountOf(penaltyMicro)}`;
  return microOf(received.NetSettlement) === price - penalty ? undefined : 'the net amount is not price minus penalty';
}

function ispsOf(settlement: OrderSettlement): ReadonlyMap<number, OrderSettlement['ISP'][number]> {
  return new Map(
    settlement.ISP.flatMap((isp) =>
      Array.from(
        { length: Math.min(ISPS_MAX, Number(isp.Duration ?? '1')) },
        (_, index) => [Number(isp.Start) + index, isp] as const,
      ),
    ),
  );
}
