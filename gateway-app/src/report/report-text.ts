import { formatCentPerKwh, formatKw, formatKwh, formatMoney, formatPermille, formatTable } from './format';
import type { DayReport, PlannedHourReport, QuarterReport, StatementTotalsReport } from './report-types';

const LINES_SHOWN = 3;

/** The report for people: plain text of at most 120 columns. */
export function reportText(report: DayReport): string {
  const sections = [
    titleLines(report),
    energyLines(report),
    hourLines(report),
    ...limitLines(report),
    ...setPointLines(report),
    gridLines(report),
    statementLines(report),
    disturbanceLines(report),
    roleLines(report),
    ledgerLines(report),
    invariantLines(report),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** What a mode is called in words, where the network's own description does not say more. */
const NETWORK_NAMES: Readonly<Record<string, string>> = { devnet: 'devnet, the embedded Fabric (no consensus)' };

function titleLines(report: DayReport): string[] {
  const title = `A day in the community: ${report.day} (local time, UTC+1)`;
  return [
    title,
    '='.repeat(title.length),
    `Network: ${NETWORK_NAMES[report.network.mode] ?? report.network.description}. Seed: ${report.seed}. ` +
      `Played in ${report.durationSeconds.toFixed(1)} s.`,
    'Data: SimBench grid 1-LV-rural1--2-sw (ODbL 1.0), see data/simbench-lv.',
  ];
}

function energyLines({ energy, intraday }: DayReport): string[] {
  const kwh = (text: string): string => `${formatKwh(BigInt(text))} kWh`;
  return [
    'Energy',
    ...formatTable([
      ['  consumed', kwh(energy.consumedWh)],
      ['  produced', kwh(energy.producedWh)],
      ['  traded on the market', kwh(energy.tradedWh)],
      ...(intraday === undefined
        ? []
        : [[`  traded again in ${intraday.sessions} intraday sessions`, kwh(intraday.tradedWh)]]),
      ['  in through the transformer', kwh(energy.importWh)],
      ['  out through the transformer', kwh(energy.exportWh)],
    ]),
  ];
}

/** One row per hour: the clearing beside what the transformer carried. */
function hourLines(report: DayReport): string[] {
  const rows = report.prices.map((price) => {
    const quarters = report.grid.quarters.slice(price.interval * 4, price.interval * 4 + 4);
    const sells = report.trades.filter((trade) => trade.interval === price.interval && trade.side === 'sell');
    const peak = highest(quarters);
    return [
      `  ${price.start}`,
      priceText(price.priceMicroPerKwh),
      formatKwh(BigInt(price.tradedWh)),
      String(sells.length),
      formatKwh(sum(quarters.map((quarter) => quarter.importWh))),
      formatKwh(sum(quarters.map((quarter) => quarter.exportWh))),
      peak === undefined ? '-' : formatPermille(peak.loadingPermille),
      peak?.overloaded === true ? 'OVER' : '',
    ];
  });
  const head = ['  hour', 'ct/kWh', 'traded kWh', 'sellers', 'import kWh', 'export kWh', 'transformer peak', ''];
  const limited = report.prices.some(({ limits }) => limits !== undefined);
  const title = limited ? 'Hours (price at the grid above)' : 'Hours (one uniform price each)';
  return [title, ...formatTable([head, ...rows])];
}

/** One row per hour in which a limit of the grid binds; no section on a day without limits. */
function limitLines({ grid, planned, prices, rentSharedMicro = '0' }: DayReport): string[][] {
  const limited = prices.flatMap(({ limits, start }) => (limits === undefined ? [] : [{ start, ...limits }]));
  if (limited.length === 0) return [];
  const binding = limited.filter((hour) => hour.binding.length > 0);
  const rent = formatMoney(sum(limited.map(({ rentMicro }) => rentMicro)));
  const head = ['  hour', 'binds', 'named by', 'buses at ct/kWh', 'rent'];
  const rows = binding.map((hour) => [
    `  ${hour.start}`,
    hour.binding.map(({ limit }) => limit).join(', '),
    hour.source,
    hour.zones.map(({ buses, priceMicroPerKwh }) => `${buses} at ${priceText(priceMicroPerKwh)}`).join(', '),
    formatMoney(BigInt(hour.rentMicro)),
  ]);
  const back = formatMoney(BigInt(rentSharedMicro));
  const title = `Limits of the grid in the market (bind in ${binding.length} hours; rent ${rent}, of which ${back} went back)`;
  const plan = planned === undefined ? [] : [plannedLine(planned, grid.transformerLimitW)];
  return [[title, ...(rows.length === 0 ? [] : formatTable([head, ...rows])), ...plan]];
}

/** One row per participant whose connection was limited; no section where nobody was. */
function setPointLines({ setPoints }: DayReport): string[][] {
  if (setPoints === undefined || setPoints.connections.length === 0) return [];
  const head = ['  participant', 'quarters', 'held back', 'of it sold', 'paid', 'bought instead', 'beyond', 'in'];
  const rows = setPoints.connections.map((one) => [
    `  ${one.participant}`,
    String(one.quarters),
    formatKwh(BigInt(one.heldBackWh)),
    formatKwh(BigInt(one.correctedWh)),
    formatMoney(BigInt(one.compensationMicro)),
    formatMoney(BigInt(one.takeoverMicro)),
    formatKwh(BigInt(one.beyondWh)),
    one.beyondQuarters === 0 ? '' : `${one.beyondQuarters} NOT KEPT`,
  ]);
  const title = `Limits of connections (kWh; EUR; the system operator has paid ${formatMoney(BigInt(setPoints.spentMicro))})`;
  return [[title, ...formatTable([head, ...rows])]];
}

function priceText(priceMicroPerKwh: string | null): string {
  return priceMicroPerKwh === null ? '-' : formatCentPerKwh(BigInt(priceMicroPerKwh));
}

function highest(quarters: readonly QuarterReport[]): QuarterReport | undefined {
  return quarters.reduce<QuarterReport | undefined>(
    (most, quarter) => (most === undefined || quarter.loadingPermille > most.loadingPermille ? quarter : most),
    undefined,
  );
}

/** What all sessions together plan, beside the limits. */
function plannedLine(planned: readonly PlannedHourReport[], limitW: string): string {
  const most = (key: 'importW' | 'exportW'): string =>
    formatKw(planned.map((hour) => BigInt(hour[key])).reduce((left, right) => (left > right ? left : right), 0n));
  const beyond = planned.filter(({ beyondLimit }) => beyondLimit.length > 0);
  const kept = beyond.length === 0 ? 'inside all limits' : `beyond a limit in ${beyond.length} hours`;
  return (
    `  planned by all sessions together: at most ${most('exportW')} kW out and ${most('importW')} kW in ` +
    `through the transformer (${formatKw(BigInt(limitW))} kW), ${kept}`
  );
}

function gridLines({ grid, feeder }: DayReport): string[] {
  const { overload } = grid;
  const limit = formatKw(BigInt(grid.transformerLimitW));
  const over =
    overload.quarters === 0
      ? `  transformer (${limit} kW): inside its limit all day`
      : `  transformer (${limit} kW): above its limit in ${overload.quarters} quarter hours, ${overload.first} to ` +
        `${overload.last}, by ${formatKwh(BigInt(overload.energyWh))} kWh in all and ${formatKw(BigInt(overload.peakW))} kW at most`;
  const lines = grid.lines
    .slice(0, LINES_SHOWN)
    .map((line) => `  ${line.name}: ${formatPermille(line.loadingPermille)} at ${line.at}`);
  return ['Grid (from the readings on the ledger)', over, ...lines, feederLine(feeder)];
}

function feederLine({ balanced, flagged, incomplete, intoWh, unaccountedWh }: DayReport['feeder']): string {
  return (
    `  meter at the transformer against all others: ${balanced} quarter hours balance, ${flagged} are flagged, ` +
    `${incomplete} lack a reading; ${formatKwh(BigInt(unaccountedWh))} of ${formatKwh(BigInt(intoWh))} kWh are lost`
  );
}

function statementLines({ statements }: DayReport): string[] {
  const head = ['  participant', 'bought', 'sold', 'import', 'export', 'long', 'short', 'missing', 'to pay', 'outside'];
  const rows = statements.map(({ participant, totals }) => statementRow(participant, [totals]));
  const all = statementRow(
    'all',
    statements.map(({ totals }) => totals),
  );
  return [
    'Statements (kWh; EUR; "missing": quarter hours without a reading; "outside": the same meters at the supplier\'s prices)',
    ...formatTable([head, ...rows, all]),
  ];
}

const ENERGY_COLUMNS = ['boughtWh', 'soldWh', 'importWh', 'exportWh', 'longWh', 'shortWh'] as const;

function statementRow(name: string, totals: readonly StatementTotalsReport[]): string[] {
  const sumOf = (column: AmountColumn): bigint => sum(totals.map((row) => row[column] ?? '0'));
  const missing = totals.reduce((count, row) => count + row.missingSlots, 0);
  return [
    `  ${name}`,
    ...ENERGY_COLUMNS.map((column) => formatKwh(sumOf(column))),
    missing === 0 ? '' : String(missing),
    formatMoney(sumOf('billDebitMicro') - sumOf('billCreditMicro')),
    formatMoney(sumOf('outsideDebitMicro') - sumOf('outsideCreditMicro')),
  ];
}

type AmountColumn = Exclude<keyof StatementTotalsReport, 'missingSlots'>;

function disturbanceLines({ disturbances, refusedCall }: DayReport): string[] {
  const words = { silent: 'sends nothing', twice: 'sends a block twice', damaged: 'sends a damaged block' };
  return [
    'What went wrong on purpose',
    ...disturbances.map(
      ({ what, meterId, hour, outcome }) =>
        `  hour ${String(hour).padStart(2, '0')}: meter ${meterId} ${words[what]}: ${outcome}`,
    ),
    `  ${refusedCall.role} calls ${refusedCall.transaction}: ${refusedCall.refused ? 'refused' : 'NOT refused'} ` +
      `(${refusedCall.code})`,
  ];
}

function roleLines({ roles }: DayReport): string[] {
  const head = ['  role', 'organisation', 'submitted', 'received', 'last block'];
  const rows = roles.map((role) => [
    `  ${role.role}`,
    role.organization,
    String(role.submitted),
    String(role.received),
    String(role.lastBlock),
  ]);
  return ['Roles (one process each)', ...formatTable([head, ...rows])];
}

function ledgerLines({ ledger }: DayReport): string[] {
  const codes = Object.entries(ledger.validationCodes).map(([code, count]) => `${code} ${count}`);
  const { median, longest } = ledger.commitLatencyMs;
  return [
    'Ledger',
    `  height ${ledger.height} blocks, ${ledger.transactions} transactions (${codes.join(', ')})`,
    `  commit latency: median ${median.toFixed(0)} ms, longest ${longest.toFixed(0)} ms`,
  ];
}

/** So many fit a line of a terminal. */
const INVARIANTS_PER_LINE = 8;

function invariantLines({ invariants, findings }: DayReport): string[] {
  const list = Object.entries(invariants).map(([name, holds]) => `${name} ${holds ? 'holds' : 'BROKEN'}`);
  const rows = Array.from({ length: Math.ceil(list.length / INVARIANTS_PER_LINE) }, (_, row) =>
    list.slice(row * INVARIANTS_PER_LINE, (row + 1) * INVARIANTS_PER_LINE),
  );
  return ['Invariants', ...rows.map((row) => `  ${row.join(', ')}`), ...findings.map((finding) => `  ${finding}`)];
}

function sum(texts: readonly string[]): bigint {
  return texts.reduce((total, text) => total + BigInt(text), 0n);
}
