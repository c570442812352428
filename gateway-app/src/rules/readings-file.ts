import { nearestQuotient, type BaselineReading, type Slot } from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { csvCells } from '../meter-agent/csv-cells';
import { parseEnergy } from '../meter-agent/quantity';
import { slotOfTime } from './rules-time';

/** The energy of meters by interval, read and checked. */
export interface ReadingsFile {
  /** Quarter hours of one interval. */
  readonly intervalSlots: 1 | 2 | 4;
  /** The begin of the first and the end of the last interval. */
  readonly from: Slot;
  readonly to: Slot;
  readonly meters: readonly MeterReadings[];
}

/** The readings of one column, or of several together. */
export interface MeterReadings {
  readonly id: string;
  readonly readings: ReadonlyMap<Slot, BaselineReading>;
}

const MICRO = 1_000_000n;
const LINES_MAX = 1_000_000;
/** Some programs write 180.00000000000003: digits beyond a millionth of a Wh are none of the meter's. */
const ENERGY = /^(-?\d+(?:\.\d{1,6})?)\d*$/;

/**
 * Reads a CSV file with a column `time`, the begin of each interval in UTC, and one column of Wh for each meter, below zero for energy
 * to the grid. Energies are rounded to whole Wh. An empty cell and an interval without a line are missing readings.
 *
 * @throws CliError with a code beginning with RULES_, which says what is wrong and in which line
 */
export function readReadings(text: string): ReadingsFile {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const [header = '', ...rows] = lines;
  const names = (csvCells(header, ',') ?? []).map((name) => name.trim());
  if (names[0] !== 'time' || names.length < 2 || new Set(names).size !== names.length || rows.length > LINES_MAX) {
    throw new CliError(
      'RULES_FIELD_INVALID',
      'the first line names the columns: time, then each meter once; at most a million lines follow',
    );
  }
  const cells = rows.map((row, index) => cellsOf(row, index + 2, names.length));
  const slots = cells.map(([time = ''], index) => slotOfTime(time, `the time of line ${index + 2}`));
  const intervalSlots = intervalSlotsOf(slots);
  const [from, to] = [slots[0], slots.at(-1)];
  if (from === undefined || to === undefined) throw new CliError('RULES_READINGS_MISSING', 'the file has no readings');
  const meters = names.slice(1).map((id, column) => ({
    id,
    readings: new Map(
      cells.flatMap((row, index) => {
        const reading = readingOf(row[column + 1] ?? '', id, index + 2);
        const at = slots[index];
        return reading === undefined || at === undefined ? [] : [[at, reading] as const];
      }),
    ),
  }));
  return { intervalSlots, from, to: (to + intervalSlots) as Slot, meters };
}

/** All meters as one: an interval has a reading where each of them has one. */
export function together(meters: readonly MeterReadings[]): MeterReadings {
  const [first, ...others] = meters;
  const readings = new Map<Slot, BaselineReading>();
  for (const [at, reading] of first?.readings ?? []) {
    let netWh = reading.netWh;
    const isComplete = others.every((meter) => {
      const other = meter.readings.get(at);
      netWh += other?.netWh ?? 0n;
      return other !== undefined;
    });
    if (isComplete) readings.set(at, { netWh, isMeasured: true });
  }
  return { id: 'portfolio', readings };
}

/** The same readings by whole hours; an hour that is not complete has none. */
export function byHour({ id, readings }: MeterReadings, intervalSlots: number, slotsPerHour: number): MeterReadings {
  const parts = new Map<Slot, { netWh: bigint; count: number }>();
  for (const [at, { netWh }] of readings) {
    const hour = (at - (at % slotsPerHour)) as Slot;
    const part = parts.get(hour) ?? { netWh: 0n, count: 0 };
    parts.set(hour, { netWh: part.netWh + netWh, count: part.count + 1 });
  }
  const whole = [...parts].filter(([, { count }]) => count * intervalSlots === slotsPerHour);
  return { id, readings: new Map(whole.map(([hour, { netWh }]) => [hour, { netWh, isMeasured: true }])) };
}

function cellsOf(row: string, line: number, count: number): readonly string[] {
  const cells = csvCells(row, ',');
  if (cells?.length === count) return cells;
  throw new CliError('RULES_FIELD_INVALID', `line ${line} does not have ${count} cells`);
}

function intervalSlotsOf(slots: readonly Slot[]): 1 | 2 | 4 {
  const gaps = slots.slice(1).map((at, index) => at - (slots[index] ?? at));
  const least = gaps.reduce((smallest, gap) => (gap < smallest ? gap : smallest), gaps[0] ?? 0);
  const isEven = gaps.every((gap) => gap > 0 && gap % least === 0) && slots.every((at) => at % least === 0);
  if (isEven && (least === 1 || least === 2 || least === 4)) return least;
  throw new CliError(
    'RULES_TIME_INVALID',
    'the lines stand in the order of time, and their intervals have 15, 30 or 60 minutes from the full hour on',
  );
}

function readingOf(cell: string, id: string, line: number): BaselineReading | undefined {
  if (cell.trim() === '') return undefined;
  const [, digits = ''] = ENERGY.exec(cell.trim()) ?? [];
  const microWh = parseEnergy(digits, 'Wh');
  if (microWh !== undefined) return { netWh: nearestQuotient(microWh, MICRO), isMeasured: true };
  throw new CliError('RULES_READING_INVALID', `line ${line} has no number of Wh in the column ${JSON.stringify(id)}`);
}
