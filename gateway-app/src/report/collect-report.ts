import type { PlayedDay } from '../day/play-day';
import type { RunningDay } from '../day/running-day';
import { localDateOfSlot } from '../grid/simbench';
import type { StepValue } from '../roles/protocol';
import { ROLE_NAMES, ROLE_ORGANIZATIONS } from '../roles/role-names';
import { auditDay } from './audit-day';
import { disturbanceReports } from './disturbance-report';
import { feederReport } from './feeder-report';
import { gridReport } from './grid-report';
import { meteredSeries, sumOf, type MeterReadings } from './metered-series';
import { median } from './format';
import type {
  DayReport,
  EnergyReport,
  GridReport,
  IntradayReport,
  PlannedHourReport,
  LedgerReport,
  PriceReport,
  RefusedCallReport,
  RoleReport,
  SetPointsReport,
  StatementReport,
  TradeReport,
} from './report-types';

interface Outcome {
  readonly prices: readonly PriceReport[];
  readonly trades: readonly TradeReport[];
}

interface SharedRent {
  readonly sharedMicro: string;
}

interface Counters {
  readonly submitted: number;
  readonly received: number;
  readonly lastBlock: number;
  readonly latenciesMs: readonly number[];
}

const QUARTERS = 96;
const CATCH_UP_MS_MAX = 5_000;
const CATCH_UP_PAUSE_MS = 50;

/** Collects the report: figures of the roles from the ledger, ledger and invariants from the raw blocks. */
export async function collectReport(
  day: RunningDay,
  played: PlayedDay,
  durationSeconds: () => number,
): Promise<DayReport> {
  const { plan, conductor, handle } = day;
  const [outcomeValue, readingsValue, balances] = await conductor.together(
    ['market', 'outcome'],
    ['dso', 'readings'],
    ['dso', 'feederBalance'],
  );
  const outcome = outcomeValue as unknown as Outcome;
  const series = meteredSeries(plan, readingsValue as unknown as readonly MeterReadings[]);
  const grid = gridReport(plan.grid, plan.deliverySlot, QUARTERS, series);
  const intraday = plan.intraday ? await conductor.alone('market', 'intradayOutcome') : undefined;
  const planned = plan.gridLimits ? await conductor.alone('market', 'plannedFlows') : undefined;
  const setPoints = plan.setPoints ? await conductor.alone('market', 'limitsOutcome') : undefined;
  const counters = await countersAtRest(day, conductor.lastBlock);
  const audit = await auditDay(handle, conductor.lastBlock);
  return {
    seed: plan.seed,
    day: localDateOfSlot(plan.deliverySlot),
    network: { mode: handle.mode, description: handle.description },
    energy: energyReport(series, outcome, grid),
    ...(intraday === undefined ? {} : { intraday: intraday as unknown as IntradayReport }),
    ...(planned === undefined ? {} : { planned: planned as unknown as readonly PlannedHourReport[] }),
    ...(setPoints === undefined ? {} : { setPoints: setPoints as unknown as SetPointsReport }),
    ...(played.rent === null ? {} : { rentSharedMicro: (played.rent as unknown as SharedRent).sharedMicro }),
    ...outcome,
    statements: played.statements as unknown as readonly StatementReport[],
    disturbances: disturbanceReports(plan, played.readings),
    refusedCall: played.refusedCall as unknown as RefusedCallReport,
    roles: [...counters].map(([role, counted]) => roleReport(role, counted)),
    ledger: { ...audit.ledger, commitLatencyMs: latencyReport([...counters.values()]) },
    grid,
    feeder: feederReport(plan.feeder.meterId, balances as readonly StepValue[]),
    invariants: audit.invariants,
    findings: audit.findings,
    durationSeconds: Math.round(durationSeconds() * 10) / 10,
  };
}

/** The roles' counters once their event streams have reached the last block that was written, or after a while. */
async function countersAtRest(day: RunningDay, lastBlock: number): Promise<Map<string, Counters>> {
  for (let waitedMs = 0; ; waitedMs += CATCH_UP_PAUSE_MS) {
    const counters = await readCounters(day);
    const behind = [...counters.values()].some((counted) => counted.lastBlock < lastBlock);
    if (!behind || waitedMs >= CATCH_UP_MS_MAX) return counters;
    await new Promise((resolve) => setTimeout(resolve, CATCH_UP_PAUSE_MS));
  }
}

async function readCounters(day: RunningDay): Promise<Map<string, Counters>> {
  const entries = await Promise.all([
    ...ROLE_NAMES.map(async (role) => [role, await day.call(role, 'counters')] as const),
    day.oracleCounters().then((counted) => ['oracle', counted] as const),
  ]);
  return new Map(entries.map(([role, counted]) => [role, counted as unknown as Counters]));
}

function roleReport(role: string, { submitted, received, lastBlock }: Counters): RoleReport {
  const organizations: Readonly<Record<string, string>> = { ...ROLE_ORGANIZATIONS, oracle: 'Dso' };
  return { role, organization: organizations[role] ?? '', submitted, received, lastBlock };
}

function latencyReport(counters: readonly Counters[]): LedgerReport['commitLatencyMs'] {
  const all = counters.flatMap((counted) => counted.latenciesMs);
  return { median: Math.round(median(all)), longest: Math.round(Math.max(0, ...all)) };
}

function energyReport(series: ReturnType<typeof meteredSeries>, outcome: Outcome, grid: GridReport): EnergyReport {
  return {
    consumedWh: sumOf(series, 'importWh').toString(),
    producedWh: sumOf(series, 'exportWh').toString(),
    tradedWh: outcome.prices.reduce((sum, price) => sum + BigInt(price.tradedWh), 0n).toString(),
    importWh: grid.quarters.reduce((sum, quarter) => sum + BigInt(quarter.importWh), 0n).toString(),
    exportWh: grid.quarters.reduce((sum, quarter) => sum + BigInt(quarter.exportWh), 0n).toString(),
  };
}
