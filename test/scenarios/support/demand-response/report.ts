import type { FlexSettlement } from '@flexledger/domain';
import { localTimeOfSlot, type DayPlan, type DayReport } from '@flexledger/gateway-app';
import type { Observer } from './observer';
import { outlookOf, together } from './outlook';
import type { PartName } from './parts';
import type { DemandResponse, PlayedOrder } from './play';

/** Why a prosumer earned what it earned. */
export interface ProsumerOutcome {
  readonly label: string;
  readonly orderedWh: bigint;
  readonly baselineWh: bigint;
  readonly meteredWh: bigint;
  readonly deliveredWh: bigint;
  /** What the delivered energy is worth by the programme, and the part of it that the aggregator keeps. */
  readonly grossMicro: bigint;
  readonly aggregatorMicro: bigint;
  /** What the terms charge for deficiencies; no more than the rest is taken. */
  readonly penaltyMicro: bigint;
  /** What they charge for what came back after the event. */
  readonly reboundMicro: bigint;
  /** What it was paid as reward: the rest, or its part of what the order has brought where that is less. */
  readonly rewardMicro: bigint;
  /** What it paid for the energy that it used more, for which its supplier had no order. */
  readonly energyMicro: bigint;
  /** What it got: reward and energy less what it paid for energy. */
  readonly netMicro: bigint;
  readonly flags: readonly string[];
  readonly deviations: number;
}

/** What became of an order. */
export interface OrderOutcome {
  readonly aggregator: string;
  readonly splits: readonly string[];
  readonly declined: readonly string[];
  readonly orderedWh: bigint;
  readonly deliveredWh: bigint;
  readonly priceMicro: bigint;
  readonly paidMicro: bigint;
  readonly penaltyMicro: bigint;
  /** What is left to the aggregator after rewards and penalties. */
  readonly keptMicro: bigint;
  readonly prosumers: readonly ProsumerOutcome[];
  /** What it came to for the system operator each time that the order was settled: paid less penalty. */
  readonly settledMicro: readonly bigint[];
}

/** The flow through the transformer at its worst quarter hour, below zero for export, in W. */
export interface Peak {
  readonly time: string;
  readonly netW: bigint;
}

/** What the scenario has come to. */
export interface DemandResponseReport {
  readonly part: PartName;
  readonly limitW: bigint;
  readonly requestedIsps: number;
  readonly regime: string;
  readonly before: Peak;
  readonly after: Peak;
  readonly beyondBefore: number;
  readonly beyondAfter: number;
  /** Quarter hours from the first to the last for which offers fell short, and how many of them were beyond the limit all the same. */
  readonly orangeIsps: number;
  readonly beyondInOrange: number;
  readonly costMicro: bigint;
  readonly fundMicro: bigint;
  readonly orders: readonly OrderOutcome[];
  readonly day: DayReport;
}

const QUARTERS = 96;

const TITLES: Readonly<Record<PartName, string>> = {
  flexibility: 'flexibility solves a congestion',
  limits: 'limits of the grid act in the market, so that no flexibility is asked for',
  orange: 'offers cover half, the rest is limited',
};

/** Collects the report from the ledger. */
export async function collectDemandResponse(
  { part, plan }: { readonly part: PartName; readonly plan: DayPlan },
  observer: Observer,
  played: DemandResponse,
  day: DayReport,
): Promise<DemandResponseReport> {
  const orders = await Promise.all(played.orders.map((order) => orderOutcome(observer, order)));
  const limitW = plan.grid.transformer.limitW;
  const outlook = outlookOf(plan, plan.deliverySlot, QUARTERS);
  const before = together([...outlook.values()], QUARTERS).map((energyWh) => energyWh * 4n);
  const after = day.grid.quarters.map(({ exportWh, importWh }) => (BigInt(importWh) - BigInt(exportWh)) * 4n);
  const isBeyond = (netW: bigint): boolean => netW > limitW || netW < -limitW;
  const beyond = (flows: readonly bigint[]): number => flows.filter(isBeyond).length;
  const [firstOrange, lastOrange] = [played.orangeSlots[0], played.orangeSlots.at(-1)];
  const orange =
    firstOrange === undefined || lastOrange === undefined
      ? []
      : after.slice(firstOrange - plan.deliverySlot, lastOrange + 1 - plan.deliverySlot);
  const { availableMicro } = await observer.read('flexibility', 'getFlexibilityFund', { gridId: plan.gridId });
  return {
    part,
    limitW,
    requestedIsps: played.requestedIsps,
    regime: played.regime,
    before: peakOf(before, plan.deliverySlot),
    after: peakOf(after, plan.deliverySlot),
    beyondBefore: beyond(before),
    beyondAfter: beyond(after),
    orangeIsps: orange.length,
    beyondInOrange: beyond(orange),
    costMicro: orders.reduce((total, { paidMicro, penaltyMicro }) => total + paidMicro - penaltyMicro, 0n),
    fundMicro: availableMicro,
    orders,
    day,
  };
}

function peakOf(flowsW: readonly bigint[], firstSlot: number): Peak {
  const size = (netW: bigint): bigint => (netW < 0n ? -netW : netW);
  const at = flowsW.reduce((worst, netW, index) => (size(netW) > size(flowsW[worst] ?? 0n) ? index : worst), 0);
  return { time: localTimeOfSlot(firstSlot + at), netW: flowsW[at] ?? 0n };
}

async function orderOutcome(observer: Observer, order: PlayedOrder): Promise<OrderOutcome> {
  const { orderId } = order;
  const settlement = await observer.read('flexibility', 'getFlexSettlement', { orderId });
  const versions = await Promise.all(
    Array.from({ length: settlement.version }, (_, index) =>
      observer.read('flexibility', 'getFlexSettlement', { orderId, version: index + 1 }),
    ),
  );
  const prosumers = await Promise.all(
    settlement.prosumers.map((line) => prosumerOutcome(observer, order, settlement, line)),
  );
  const sumOf = (part: (isp: FlexSettlement['isps'][number]) => bigint): bigint =>
    settlement.isps.reduce((total, isp) => total + part(isp), 0n);
  const own = observer.idOf(order.aggregator.label);
  const isOwn = (account: string): boolean => account.includes(own);
  const kept = settlement.flows.reduce(
    (total, { amountMicro, credit, debit }) =>
      total + (isOwn(credit) ? amountMicro : 0n) - (isOwn(debit) ? amountMicro : 0n),
    0n,
  );
  return {
    aggregator: order.aggregator.label,
    splits: order.splits,
    declined: order.declined,
    orderedWh: sumOf(({ orderedWh }) => orderedWh),
    deliveredWh: sumOf(({ deliveredWh }) => deliveredWh),
    priceMicro: settlement.priceMicro,
    paidMicro: settlement.paidMicro,
    penaltyMicro: settlement.penaltyMicro,
    keptMicro: kept,
    settledMicro: versions.map(({ paidMicro, penaltyMicro }) => paidMicro - penaltyMicro),
    prosumers: prosumers.sort((left, right) => (left.label < right.label ? -1 : 1)),
  };
}

async function prosumerOutcome(
  observer: Observer,
  { deviations, orderId }: PlayedOrder,
  settlement: FlexSettlement,
  line: FlexSettlement['prosumers'][number],
): Promise<ProsumerOutcome> {
  const { aggregatorMicro, grossMicro, isps, participantId, penaltyMicro, reboundMicro, rewardMicro } = line;
  const label = observer.labelOf(participantId);
  const answers = await Promise.all(
    settlement.isps.map(({ slot }) => observer.read('flexibility', 'getPortfolioPerformance', { orderId, slot })),
  );
  const lines = answers.flatMap((answer) =>
    answer.lines.filter((performed) => performed.participantId === participantId),
  );
  const { event } = await observer.read('flexibility', 'getFlexEvent', { orderId, participantId });
  const net = (part: 'actual' | 'baseline'): bigint =>
    lines.reduce((total, line) => total + line[part].importWh - line[part].exportWh, 0n);
  return {
    label,
    orderedWh: isps.reduce((total, { orderedWh }) => total + orderedWh, 0n),
    baselineWh: net('baseline'),
    meteredWh: net('actual'),
    deliveredWh: isps.reduce((total, { deliveredWh }) => total + deliveredWh, 0n),
    grossMicro,
    aggregatorMicro,
    penaltyMicro,
    reboundMicro,
    rewardMicro,
    energyMicro: line.transferPaidMicro,
    netMicro: rewardMicro + line.transferReceivedMicro - line.transferPaidMicro,
    flags: event?.result?.flags ?? [],
    deviations: deviations.get(participantId)?.length ?? 0,
  };
}

const euro = (micro: bigint): string => `${(Number(micro) / 1_000_000).toFixed(2)} EUR`;
const kilowatts = (watts: bigint): string => `${(Number(watts) / 1_000).toFixed(1)} kW`;
const kilowattHours = (wattHours: bigint): string => `${(Number(wattHours) / 1_000).toFixed(1)} kWh`;

/** The report for people: what was too much, what was done about it, who earned what and why. */
export function demandResponseText(report: DemandResponseReport): string {
  const { after, before, beyondAfter, beyondBefore, costMicro, day, limitW, orders, part, regime, requestedIsps } =
    report;
  const peak = ({ netW, time }: Peak): string =>
    `${kilowatts(netW < 0n ? -netW : netW)} of ${netW < 0n ? 'export' : 'import'} at ${time}`;
  const lines = [
    `Demand response on ${day.day}, ${day.network.description}: ${TITLES[part]}`,
    `The transformer carries ${kilowatts(limitW)}. Nobody being asked, it would be ${peak(before)}, too much in ${beyondBefore} quarter hours;`,
    `  metered were ${peak(after)} at most, too much in ${beyondAfter}.`,
    requestedIsps === 0
      ? 'Nothing was requested: what was traded keeps the limit. What is metered differs from it, as nobody knows the day before.'
      : `Requested: flexibility in ${requestedIsps} quarter hours. After the orders the regime was ${regime}; ${costWords(costMicro)}.`,
    ...limitLines(report),
    ...orders.flatMap(orderLines),
    `Invariants: ${day.findings.length === 0 ? 'all hold' : day.findings.join('; ')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What the system operator has paid less what it got: where much is missing the penalties can be more than the price. */
function costWords(costMicro: bigint): string {
  return costMicro < 0n
    ? `penalties brought the operator ${euro(-costMicro)} more than it paid`
    : `they cost the operator ${euro(costMicro)}`;
}

/** What limited connections were paid, where connections were limited. */
function limitLines({ beyondInOrange, day: { setPoints }, orangeIsps }: DemandResponseReport): string[] {
  if (setPoints === undefined) return [];
  const { connections, spentMicro } = setPoints;
  return [
    `Orange: ${orangeIsps} quarter hours from the first to the last for which offers fall short, too much in ${beyondInOrange} of them.`,
    `${connections.length} connections were limited, which cost ${euro(BigInt(spentMicro))} (they are paid for what was held back, others for what they`,
    `  have bought of it):`,
    ...connections.map(
      ({ beyondQuarters, compensationMicro, heldBackWh, participant, quarters }) =>
        `  ${participant}: ${quarters} quarter hours, held back ${kilowattHours(BigInt(heldBackWh))}, ` +
        `got ${euro(BigInt(compensationMicro))}${beyondQuarters === 0 ? '' : `, beyond its limit in ${beyondQuarters}`}`,
    ),
  ];
}

function orderLines(order: OrderOutcome): string[] {
  const { aggregator, declined, deliveredWh, keptMicro, orderedWh, paidMicro, penaltyMicro, priceMicro, settledMicro } =
    order;
  const [split = '', ...again] = order.splits;
  const replanned =
    declined.length === 0 ? '' : `, and again by ${again.join(', ')} as ${declined.join(', ')} opted out`;
  const settled = settledMicro.map(euro).join(', then ');
  return [
    '',
    `${aggregator} was ordered ${kilowattHours(orderedWh)} of consumption more, or generation less, for ${euro(priceMicro)}:`,
    `  ${kilowattHours(deliveredWh)} delivered bring it ${euro(paidMicro)}, what is missing costs it ${euro(penaltyMicro)}; its prosumers paid,` +
      ` it ${keptMicro < 0n ? `has lost ${euro(-keptMicro)}` : `keeps ${euro(keptMicro)}`}`,
    `  split by ${split}${replanned}`,
    ...(settledMicro.length < 2
      ? []
      : [`  settled again as readings came late: it had ${settled} before it paid its prosumers`]),
    ...order.prosumers.flatMap(prosumerLines),
  ];
}

function prosumerLines(one: ProsumerOutcome): string[] {
  const { aggregatorMicro, energyMicro, grossMicro, penaltyMicro, reboundMicro, rewardMicro } = one;
  const numbers = [one.orderedWh, one.deliveredWh, one.baselineWh, one.meteredWh].map(kilowattHours);
  const [ordered = '', delivered = '', baseline = '', metered = ''] = numbers;
  const restMicro = grossMicro - aggregatorMicro - penaltyMicro - reboundMicro;
  const short = rewardMicro < restMicro ? `, of which the order brings it ${euro(rewardMicro)}` : '';
  const why = [...one.flags, ...(one.deviations === 0 ? [] : [`short in ${one.deviations} quarter hours`])];
  return [
    `  ${one.label}: asked for ${ordered}, delivered ${delivered} (baseline ${baseline}, metered ${metered})` +
      (why.length === 0 ? '' : `; ${why.join(', ')}`),
    `    worth ${euro(grossMicro)}, less ${euro(aggregatorMicro)} for the aggregator, ${euro(penaltyMicro)} of penalty and ` +
      `${euro(reboundMicro)} for rebound${short};`,
    `    less ${euro(energyMicro)} for the energy itself: it earned ${euro(one.netMicro)}`,
  ];
}
