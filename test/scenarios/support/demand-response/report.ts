import type { FlexSettlement } from '@flexledger/domain';
import { localTimeOfSlot, type DayReport, type RunningDay } from '@flexledger/gateway-app';
import type { Actors } from './actors';
import { outlookOf, together } from './outlook';
import type { DemandResponse, PlayedOrder } from './play';

/** Why a prosumer earned what it earned. */
export interface ProsumerOutcome {
  readonly label: string;
  readonly orderedWh: bigint;
  readonly baselineWh: bigint;
  readonly meteredWh: bigint;
  readonly deliveredWh: bigint;
  readonly rewardMicro: bigint;
  /** What the terms charge for deficiencies; no more than the reward of the event is taken. */
  readonly penaltyMicro: bigint;
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
}

/** The flow through the transformer at its worst quarter hour, below zero for export, in W. */
export interface Peak {
  readonly time: string;
  readonly netW: bigint;
}

/** What the scenario has come to. */
export interface DemandResponseReport {
  readonly limitW: bigint;
  readonly requestedIsps: number;
  readonly regime: string;
  readonly before: Peak;
  readonly after: Peak;
  readonly beyondBefore: number;
  readonly beyondAfter: number;
  readonly costMicro: bigint;
  readonly fundMicro: bigint;
  readonly orders: readonly OrderOutcome[];
  readonly day: DayReport;
}

const QUARTERS = 96;

/** Collects the report from the ledger. */
export async function collectDemandResponse(
  { plan }: RunningDay,
  actors: Actors,
  played: DemandResponse,
  day: DayReport,
): Promise<DemandResponseReport> {
  const orders = await Promise.all(played.orders.map((order) => orderOutcome(actors, played, order)));
  const limitW = plan.grid.transformer.limitW;
  const outlook = outlookOf(plan, plan.deliverySlot, QUARTERS);
  const before = together([...outlook.values()], QUARTERS).map((energyWh) => energyWh * 4n);
  const after = day.grid.quarters.map(({ exportWh, importWh }) => (BigInt(importWh) - BigInt(exportWh)) * 4n);
  const beyond = (flows: readonly bigint[]) => flows.filter((netW) => netW > limitW || netW < -limitW).length;
  const { availableMicro } = await actors.read('flexibility', 'getFlexibilityFund', { gridId: plan.gridId });
  return {
    limitW,
    requestedIsps: played.requestedIsps,
    regime: played.regime,
    before: peakOf(before, plan.deliverySlot),
    after: peakOf(after, plan.deliverySlot),
    beyondBefore: beyond(before),
    beyondAfter: beyond(after),
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

async function orderOutcome(actors: Actors, played: DemandResponse, order: PlayedOrder): Promise<OrderOutcome> {
  const { orderId } = order;
  const settlement = await actors.read('flexibility', 'getFlexSettlement', { orderId });
  const prosumers = await Promise.all(
    settlement.prosumers.map((line) => prosumerOutcome(actors, played, order, settlement, line)),
  );
  const sumOf = (part: (isp: FlexSettlement['isps'][number]) => bigint): bigint =>
    settlement.isps.reduce((total, isp) => total + part(isp), 0n);
  const own = actors.idOf(order.aggregator.label);
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
    prosumers: prosumers.sort((left, right) => (left.label < right.label ? -1 : 1)),
  };
}

async function prosumerOutcome(
  actors: Actors,
  played: DemandResponse,
  { deviations, orderId }: PlayedOrder,
  settlement: FlexSettlement,
  line: FlexSettlement['prosumers'][number],
): Promise<ProsumerOutcome> {
  const { isps, participantId, penaltyMicro, rewardMicro } = line;
  const label = played.ownerOf(participantId);
  const answers = await Promise.all(
    settlement.isps.map(({ slot }) => actors.read('flexibility', 'getPortfolioPerformance', { orderId, slot })),
  );
  const lines = answers.flatMap((answer) =>
    answer.lines.filter((performed) => performed.participantId === participantId),
  );
  const { event } = await actors.read('flexibility', 'getFlexEvent', { orderId, participantId });
  const net = (part: 'actual' | 'baseline'): bigint =>
    lines.reduce((total, line) => total + line[part].importWh - line[part].exportWh, 0n);
  return {
    label,
    orderedWh: isps.reduce((total, { orderedWh }) => total + orderedWh, 0n),
    baselineWh: net('baseline'),
    meteredWh: net('actual'),
    deliveredWh: isps.reduce((total, { deliveredWh }) => total + deliveredWh, 0n),
    rewardMicro,
    penaltyMicro,
    netMicro: rewardMicro + line.transferReceivedMicro - line.transferPaidMicro,
    flags: event?.result?.flags ?? [],
    deviations: deviations.get(label)?.length ?? 0,
  };
}

const euro = (micro: bigint): string => `${(Number(micro) / 1_000_000).toFixed(2)} EUR`;
const kilowatts = (watts: bigint): string => `${(Number(watts) / 1_000).toFixed(1)} kW`;
const kilowattHours = (wattHours: bigint): string => `${(Number(wattHours) / 1_000).toFixed(1)} kWh`;

/** The report for people. */
export function demandResponseText(report: DemandResponseReport): string {
  const { after, before, beyondAfter, beyondBefore, costMicro, day, limitW, orders, regime, requestedIsps } = report;
  const peak = ({ netW, time }: Peak): string =>
    `${kilowatts(netW < 0n ? -netW : netW)} ${netW < 0n ? 'export' : 'import'} at ${time}`;
  const lines = [
    `Demand response on ${day.day}, ${day.network.description}`,
    `Transformer (${kilowatts(limitW)}): ${peak(before)} without flexibility, ${beyondBefore} quarter hours beyond the limit;`,
    `  ${peak(after)} with it, ${beyondAfter} beyond`,
    `Requested: ${requestedIsps} quarter hours, regime ${regime}; it cost the system operator ${euro(costMicro)}`,
    ...limitLines(day),
    ...orders.flatMap(orderLines),
    `Invariants: ${day.findings.length === 0 ? 'all hold' : day.findings.join('; ')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What limited connections were paid, where connections were limited. */
function limitLines({ setPoints }: DayReport): string[] {
  if (setPoints === undefined) return [];
  const { connections, spentMicro } = setPoints;
  return [
    `Limited: ${connections.length} connections, compensated with ${euro(BigInt(spentMicro))}`,
    ...connections.map(
      ({ beyondQuarters, compensationMicro, heldBackWh, participant, quarters }) =>
        `  ${participant}: ${quarters} quarter hours, held back ${kilowattHours(BigInt(heldBackWh))}, ` +
        `got ${euro(BigInt(compensationMicro))}${beyondQuarters === 0 ? '' : `, beyond its limit in ${beyondQuarters}`}`,
    ),
  ];
}

function orderLines(order: OrderOutcome): string[] {
  const { aggregator, declined, deliveredWh, keptMicro, orderedWh, paidMicro, penaltyMicro, priceMicro } = order;
  return [
    '',
    `${aggregator}: ordered ${kilowattHours(orderedWh)} for ${euro(priceMicro)}, delivered ${kilowattHours(deliveredWh)}:`,
    `  paid ${euro(paidMicro)}, penalty ${euro(penaltyMicro)}, kept after all payments ${euro(keptMicro)}`,
    `  split by ${order.splits.join(', then by ')}; opted out: ${declined.join(', ') || 'nobody'}`,
    ...order.prosumers.map(prosumerLine),
  ];
}

function prosumerLine(one: ProsumerOutcome): string {
  const numbers = [one.orderedWh, one.baselineWh, one.meteredWh, one.deliveredWh].map(kilowattHours);
  const [ordered = '', baseline = '', metered = '', delivered = ''] = numbers;
  const why = [...one.flags, ...(one.deviations === 0 ? [] : [`deviated in ${one.deviations} quarter hours`])];
  return [
    `  ${one.label}: ordered ${ordered} more, baseline ${baseline}, metered ${metered}, delivered ${delivered};`,
    `    got ${euro(one.netMicro)} (reward ${euro(one.rewardMicro)}), charged ${euro(one.penaltyMicro)}` +
      (why.length === 0 ? '' : `: ${why.join(', ')}`),
  ].join('\n');
}
