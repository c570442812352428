import type { Coalition, FlexibilityBand, Remuneration } from '@flexledger/domain';
import type { ChannelAudit } from '@flexledger/gateway-app';
import { ASKED } from './catalogue';
import type { ServedRequest } from './choice';
import type { Gathering } from './gathering';
import type { Operated } from './operation';
import type { Refused, TestPlayed, VirtualPowerPlant } from './play';
import type { PoolKind } from './pool';
import type { Regulated } from './regulation';
import type { PoolWorld } from './world';

/** What the assets of a kind can do together in a direction, in W or var. */
export interface PoolBand {
  readonly kind: PoolKind;
  readonly direction: FlexibilityBand['direction'];
  readonly assets: number;
  readonly maxW: bigint;
}

/** What the scenario has come to. */
export interface VppReport {
  readonly network: string;
  readonly assets: number;
  readonly owners: number;
  readonly bands: readonly PoolBand[];
  readonly refused: readonly Refused[];
  readonly test: TestPlayed;
  /** What is served by the plans of the day. */
  readonly served: readonly ServedRequest[];
  /** What came of the reserve of the morning. */
  readonly operated: Operated;
  /** What came of the power-factor regulation of the afternoon. */
  readonly regulated: Regulated;
  /** The coalition that kept the capacity of the evening ready. */
  readonly ready: Coalition;
  /** What was paid for the three. */
  readonly paid: readonly Remuneration[];
  /** Names of participants, by their ids. */
  readonly names: ReadonlyMap<string, string>;
  /** Labels of assets, by their ids. */
  readonly labels: ReadonlyMap<string, string>;
  readonly transactions: number;
  readonly seconds: number;
  /** What the audit has found: problems of the chain, and invariants that do not hold. */
  readonly findings: readonly string[];
  readonly checked: number;
}

/** Collects the report from the ledger. */
export async function collectVppReport(
  world: PoolWorld,
  pool: Gathering,
  day: VirtualPowerPlant,
  played: Pick<VppReport, 'served' | 'operated' | 'regulated' | 'ready' | 'paid'>,
  { invariants, summary }: ChannelAudit,
  seconds: number,
): Promise<VppReport> {
  const broken = invariants.filter(({ holds }) => !holds).map(({ id }) => id);
  return {
    network: world.handle.description,
    assets: pool.assets.length,
    owners: new Set(pool.assets.map(({ owner }) => owner)).size,
    bands: await poolBands(world, pool),
    refused: day.refused,
    test: day.test,
    ...played,
    names: new Map(pool.assets.map(({ owner }) => [world.idOf(owner), owner])),
    labels: new Map(pool.assets.map(({ assetId, label }) => [assetId, label])),
    transactions: world.submitted,
    seconds,
    findings: [...summary.problems.map(String), ...broken],
    checked: invariants.reduce((total, { checked }) => total + checked, 0),
  };
}

async function poolBands(world: PoolWorld, pool: Gathering): Promise<readonly PoolBand[]> {
  const found = new Map<string, PoolBand>();
  for (const { assetId, kind } of pool.assets) {
    const { bands } = await world.read('vpp', 'getBands', { assetId });
    for (const { direction, maxW } of bands?.bands ?? []) {
      const known = found.get(`${kind} ${direction}`) ?? { kind, direction, assets: 0, maxW: 0n };
      found.set(`${kind} ${direction}`, { ...known, assets: known.assets + 1, maxW: known.maxW + maxW });
    }
  }
  return [...found.values()];
}

const kilo = (value: bigint): string => (Number(value) / 1_000).toFixed(1);
const euro = (micro: bigint): string => `${(Number(micro) / 1_000_000).toFixed(2)} EUR`;

/** The report for people. */
export function vppText(report: VppReport): string {
  const { assets, bands, findings, network, owners, refused, seconds, test, transactions } = report;
  const unitOf = (direction: string): string => (direction === 'up' || direction === 'down' ? 'kW' : 'kvar');
  const lines = [
    `A virtual power plant of ${assets} assets of ${owners} owners, ${network}`,
    '',
    'What they can do, by the bands that the oracle made and the contract worked out again:',
    ...bands.map(
      ({ assets: count, direction, kind, maxW }) =>
        `  ${count} × ${kind}, ${direction}: ${kilo(maxW)} ${unitOf(direction)}`,
    ),
    '',
    `Test activation: ${test.state}, ${kilo(test.powerMaxW)} kW`,
    ...test.quarters.map(
      ({ askedWh, deliveredWh }) => `  asked ${kilo(askedWh)} kWh, delivered ${kilo(deliveredWh)} kWh by the meters`,
    ),
    '',
    'Asked for:',
    ...ASKED.map(
      ({ capacityPriceMicroPerKwh, hour, label, service, volumeMaxW }) =>
        `  ${label}, from ${hour}:00: ${kilo(volumeMaxW)} ${service === 'reactive' ? 'kvar' : 'kW'} at ` +
        `${euro(capacityPriceMicroPerKwh * 1_000n)} for a ${service === 'reactive' ? 'Mvar' : 'MW'} and hour`,
    ),
    '',
    'Planned, proven or by the rule of the contract:',
    ...report.served.map(
      ({ assets: serving, label, slicesW }) =>
        `  ${label}: ${slicesW.map(kilo).join(', ')} by ${serving.length} assets`,
    ),
    '',
    ...operationText(report),
    '',
    ...report.paid.flatMap((remuneration) => paymentText(report, remuneration)),
    '',
    'Refused:',
    ...refused.map(({ code, what }) => `  ${what}: ${code}`),
    '',
    `${transactions} transactions in ${seconds.toFixed(0)} s`,
    `Invariants: ${findings.length === 0 ? 'all hold' : findings.join('; ')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What came of the reserve, line by line. */
function operationText({ labels, operated, ready, regulated }: VppReport): readonly string[] {
  const { acknowledged, activation, coalition, deliveries, dispatched, handover } = operated;
  const [{ offeredW } = { offeredW: 0n }] = coalition.slices;
  const takers = handover.takenOver.map(
    ({ assetId, powerW, seconds }) => `${labels.get(assetId)} ${kilo(powerW)} kW within ${seconds} s`,
  );
  return [
    `The reserve of the morning: ${coalition.memberCount} assets together sold ${kilo(offeredW)} kW, ${coalition.state}`,
    `  kept with ${Number(coalition.keptPpm) / 10_000} % by what is known of them; ${euro(coalition.lockedMicro ?? 0n)} set aside by the buyer`,
    `  called with ${kilo(activation.powerW)} kW: ${dispatched} assets dispatched, ${acknowledged} acknowledged`,
    `  ${labels.get(handover.fromAssetId)} drops out with ${kilo(handover.lostW)} kW; missing: ${kilo(handover.missingW)} kW; taken over by`,
    ...takers.map((taker) => `    ${taker}`),
    ...deliveries.map(
      ({ askedWh, deliveredWh, flags, minutes, shortfallWh }) =>
        `  asked ${kilo(askedWh)} kWh, delivered ${kilo(deliveredWh)}, short ${kilo(shortfallWh)} by the meters; ` +
        `minutes kept ${minutes?.kept ?? 0} of ${minutes?.due ?? 0}${flags.length === 0 ? '' : `; ${flags.join(', ')}`}`,
    ),
    ...regulationText(regulated),
    `The capacity of the evening: ${ready.memberCount} assets were ready with ${kilo(ready.slices[0]?.offeredW ?? 0n)} kW, ${ready.state}`,
  ];
}

/** What came of the power-factor regulation. */
function regulationText(regulated: Regulated): readonly string[] {
  const { acknowledged, activation, coalition, deliveries, dispatched, powerFactor } = regulated;
  const { activeW, powerFactorPpm, reactiveVar } = powerFactor;
  const factor = (var_: number): string => (Number(activeW) / Math.hypot(Number(activeW), var_)).toFixed(3);
  const wanted = (Number(powerFactorPpm) / 1_000_000).toFixed(3);
  const [before, after] = [Number(reactiveVar), Number(reactiveVar) - Number(activation.powerW)].map(factor);
  const sum = (pick: (delivery: Regulated['deliveries'][number]) => bigint): string =>
    kilo(deliveries.reduce((total, delivery) => total + pick(delivery), 0n));
  return [
    `The power factor of the afternoon: ${coalition.memberCount} assets sold ${kilo(coalition.slices[0]?.offeredW ?? 0n)} kvar, ${coalition.state}`,
    `  ${kilo(activeW)} kW with ${kilo(reactiveVar)} kvar are ${before}, ${wanted} is asked for, ` +
      `${kilo(activation.powerW)} kvar called: ${after}`,
    `  ${dispatched} assets dispatched, ${acknowledged} acknowledged; asked ${sum(({ askedWh }) => askedWh)} kvarh, ` +
      `delivered ${sum(({ deliveredWh }) => deliveredWh)} by the reactive registers`,
  ];
}

const LINES_MAX = 5;

/** Who got how much and why; of the members those who got most. */
function paymentText({ names, regulated }: VppReport, remuneration: Remuneration): readonly string[] {
  const { appliedRule, lines, operatorMicro, paidMicro, penaltyMicro, slices } = remuneration;
  const unit = remuneration.coalitionId === regulated.coalition.coalitionId ? 'kvarh' : 'kWh';
  const total = (pick: (slice: Remuneration['slices'][number]) => bigint): bigint =>
    slices.reduce((sum, slice) => sum + pick(slice), 0n);
  const most = [...lines].sort((left, right) => Number(right.paidMicro - left.paidMicro));
  return [
    `Paid ${euro(paidMicro)}: capacity ${euro(total((slice) => slice.capacityMicro))}, energy ${euro(total((slice) => slice.energyMicro))}, ` +
      `penalty ${euro(penaltyMicro)}; the aggregator keeps ${euro(operatorMicro)}, ${lines.length} owners share the rest ${appliedRule}:`,
    ...most
      .slice(0, LINES_MAX)
      .map(
        ({ deliveredWh, paidMicro: ownMicro, participantId }) =>
          `  ${names.get(participantId)}: ${euro(ownMicro)} for ${kilo(deliveredWh)} ${unit}`,
      ),
    ...(most.length > LINES_MAX ? [`  and ${most.length - LINES_MAX} others`] : []),
  ];
}
