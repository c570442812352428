import { AgentError } from './agent-error';
import { csvCells } from './csv-cells';
import { CsvClock, type CsvTime } from './csv-clock';
import { fileLines, type FileLine, type LineStart } from './file-lines';
import type { FaultCode } from './fault-codes';
import type { Energy, InputItem, MeterInput } from './measurement';
import { parseEnergy, type EnergyUnit } from './quantity';

/** How the lines of a file are read. */
export interface CsvOptions {
  readonly file: string;
  readonly delimiter: ',' | ';' | '\t';
  readonly decimal: '.' | ',';
  readonly unit: EnergyUnit;
  /** Whether a line has the energy of a period or the counters of the meter. */
  readonly kind: 'energy' | 'register';
  /** Minutes of the period of a line that has its energy. */
  readonly minutes: number;
  /** Name of a time zone of the IANA data base, for times without an offset. */
  readonly zone: string;
  readonly time: CsvTime;
  /** Name of the column with the energy from the grid. */
  readonly import: string;
  /** Name of the column with the energy to the grid. Without one, a negative energy in the other column is energy to the grid. */
  readonly export?: string | undefined;
  /** Where no column has the energy to the grid: whether a negative energy is one, or a faulty reading, which is stated BAD. */
  readonly negative: 'export' | 'bad';
  /** Waits for more lines at the end of the file. */
  readonly follow: boolean;
}

/** Where the file is read on: written down with what was read before it. */
interface Position {
  readonly offset: number;
  readonly line: number;
  /** The time of the last good line, which tells the two hours of an autumn night apart. */
  readonly lastSeconds: number | null;
}

const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * A file of comma-separated values with a line of column names, in the order of time. Each line that cannot be used is a fault with
 * its number; the position goes on behind it. A file may grow while it is read, but not change.
 */
export class CsvInput implements MeterInput {
  readonly replayable = true;
  readonly #options: CsvOptions;

  constructor(options: CsvOptions) {
    this.#options = options;
  }

  /** @throws AgentError AGENT_INPUT_COLUMN | AGENT_INPUT_CHANGED */
  async *read(position: string | undefined, stop: AbortSignal): AsyncGenerator<InputItem> {
    const { file, follow } = this.#options;
    const header = await this.#header(stop);
    if (header === undefined) return;
    const last = position === undefined ? undefined : (JSON.parse(position) as Position);
    const start: LineStart = last === undefined ? header.start : { offset: last.offset, number: last.line };
    const lines = new CsvLines(this.#options, header.columns, last?.lastSeconds ?? undefined);
    for await (const line of fileLines({ file, start, follow, stop })) {
      const read = lines.read(line);
      const after: Position = {
        offset: line.nextOffset,
        line: line.number + 1,
        lastSeconds: lines.lastSeconds ?? null,
      };
      if (read !== undefined) yield { ...read, position: JSON.stringify(after) };
    }
  }

  async #header(
    stop: AbortSignal,
  ): Promise<{ readonly columns: readonly string[]; readonly start: LineStart } | undefined> {
    const { file, follow, delimiter } = this.#options;
    for await (const line of fileLines({ file, start: { offset: 0, number: 1 }, follow, stop })) {
      const columns = csvCells((line.text ?? '').replace(BYTE_ORDER_MARK, ''), delimiter) ?? [];
      return { columns, start: { offset: line.nextOffset, number: 2 } };
    }
    return undefined;
  }
}

/** What a line says: a measurement or a fault. */
type LineRead = Pick<InputItem, 'measurement' | 'faults'>;

class CsvLines {
  readonly #options: CsvOptions;
  readonly #clock: CsvClock;
  readonly #columnCount: number;
  readonly #importColumn: number;
  readonly #exportColumn: number | undefined;
  /** The time of the last line whose time was good. */
  lastSeconds: number | undefined;

  constructor(options: CsvOptions, columns: readonly string[], lastSeconds: number | undefined) {
    const names = columns.map((name) => name.trim());
    const columnOf = (name: string): number => {
      const index = names.indexOf(name);
      if (index >= 0) return index;
      throw new AgentError('AGENT_INPUT_COLUMN', `${options.file} has no column "${name}" in its first line`);
    };
    this.#options = options;
    this.#clock = new CsvClock(options.time, options.zone, columnOf);
    this.#columnCount = columns.length;
    this.#importColumn = columnOf(options.import);
    this.#exportColumn = options.export === undefined ? undefined : columnOf(options.export);
    this.lastSeconds = lastSeconds;
  }

  /** Undefined for an empty line. */
  read(line: FileLine): LineRead | undefined {
    if (line.text === undefined) return faultAt(line, 'CSV_LINE_TOO_LONG', 'the line has more than 65,536 bytes');
    if (line.text.trim() === '') return undefined;
    const cells = csvCells(line.text, this.#options.delimiter);
    if (cells?.length !== this.#columnCount) {
      const found = cells === undefined ? 'a quote that does not end' : `${cells.length} columns`;
      return faultAt(line, 'CSV_COLUMNS', `the line has ${found}, the first line ${this.#columnCount} columns`);
    }
    const time = this.#clock.read(cells, this.lastSeconds);
    if ('code' in time) return faultAt(line, time.code, time.sentence);
    this.lastSeconds = time.seconds;
    const energy = this.#energy(cells);
    if (energy === undefined) {
      const { unit } = this.#options;
      const shown = [this.#importColumn, this.#exportColumn ?? this.#importColumn].map((column) => cells[column]);
      return faultAt(line, 'CSV_VALUE', `"${[...new Set(shown)].join('", "')}" is no amount of ${unit}`);
    }
    return { faults: [], measurement: this.#measurement(time.seconds, energy) };
  }

  #measurement(
    seconds: number,
    { isBad = false, ...energy }: Energy & { readonly isBad?: boolean },
  ): NonNullable<InputItem['measurement']> {
    const { kind, minutes, time } = this.#options;
    if (kind === 'register') return { kind, atSeconds: seconds, ...energy };
    const isEnd = 'column' in time && time.stamp === 'end';
    const fromSeconds = isEnd ? seconds - minutes * 60 : seconds;
    return { kind, fromSeconds, toSeconds: fromSeconds + minutes * 60, ...energy, ...(isBad ? { isBad } : {}) };
  }

  #energy(cells: readonly string[]): (Energy & { readonly isBad?: boolean }) | undefined {
    const { unit, decimal, kind, negative } = this.#options;
    const amountIn = (column: number): bigint | undefined => parseEnergy(cells[column] ?? '', unit, decimal);
    const imported = amountIn(this.#importColumn);
    const exported = this.#exportColumn === undefined ? 0n : amountIn(this.#exportColumn);
    if (imported === undefined || exported === undefined || exported < 0n) return undefined;
    if (imported >= 0n) return { importMicroWh: imported, exportMicroWh: exported };
    const isOtherDirection = kind === 'energy' && this.#exportColumn === undefined;
    return isOtherDirection ? { importMicroWh: 0n, exportMicroWh: -imported, isBad: negative === 'bad' } : undefined;
  }
}

function faultAt(line: FileLine, code: FaultCode, sentence: string): LineRead {
  return { faults: [{ code, where: `line ${line.number}`, sentence }] };
}
