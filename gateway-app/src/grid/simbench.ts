import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { multiply, parseDecimal, scaleToInteger, type Decimal } from './decimal';

/** A busbar of the grid. */
export interface GridBus {
  readonly id: number;
  readonly name: string;
  readonly voltageV: bigint;
}

/** A line between two buses with its thermal limit at nominal voltage. */
export interface GridLine {
  readonly id: number;
  readonly name: string;
  readonly fromBus: number;
  readonly toBus: number;
  readonly limitW: bigint;
}

/** A load or a PV system: its rating and the profile that drives it. */
export interface GridUnit {
  readonly id: number;
  readonly name: string;
  readonly bus: number;
  readonly ratedKw: Decimal;
  readonly ratedW: bigint;
  /** Reactive power that a load takes at its rating; nothing for a PV system. */
  readonly ratedKvar: Decimal;
  readonly profile: string;
}

/** A storage: rated power (magnitude) and energy content. */
export interface GridStorage {
  readonly id: number;
  readonly name: string;
  readonly bus: number;
  readonly ratedW: bigint;
  readonly energyWh: bigint;
}

/** One quarter hour for which an independent power flow is known. */
export interface GridReference {
  readonly step: number;
  readonly netImportKw: number;
  readonly loadKw: readonly number[];
  readonly loadKvar: readonly number[];
  readonly pvKw: readonly number[];
}

/** The low-voltage grid as the day uses it. */
export interface SimbenchGrid {
  readonly code: string;
  readonly buses: readonly GridBus[];
  readonly lines: readonly GridLine[];
  readonly transformer: { readonly fromBus: number; readonly toBus: number; readonly limitW: bigint };
  readonly loads: readonly GridUnit[];
  readonly pv: readonly GridUnit[];
  readonly storages: readonly GridStorage[];
  readonly references: readonly GridReference[];
}

/**
 * A year of quarter hours, one column per profile, and one with `_q` behind its name for the reactive power of a load; values per unit of a rating. The source states that its time labels
 * are UTC+1 all year and they are read so. Two labels jump all the same, as in civil time (02:00 of 27 March is left
 * out, 02:00 of 30 October comes twice): a range across such a jump is refused instead of being shifted silently.
 */
export interface ProfileYear {
  /** Slot (quarter hours since 1970 UTC) of every row, from its label. */
  readonly rowSlots: readonly number[];
  /** Row of each slot; of a label that comes twice, the first. */
  readonly rowOfSlot: ReadonlyMap<number, number>;
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** The folder with the data inside the project. */
export const SIMBENCH_FOLDER = path.join(__dirname, '..', '..', '..', 'data', 'simbench-lv');

/** The data's local time is UTC+1 all year: four quarter hours ahead of UTC. */
export const LOCAL_OFFSET_SLOTS = 4;

const SLOT_MS = 900_000;

interface RawUnit {
  readonly id: number;
  readonly name: string;
  readonly bus: number;
  readonly kw: number;
  readonly kvar?: number;
  readonly profile: string;
}

interface RawGrid {
  readonly code: string;
  readonly transformer: { readonly kva: number; readonly hv_bus: number; readonly lv_bus: number };
  readonly buses: readonly { readonly id: number; readonly name: string; readonly kv: number }[];
  readonly lines: readonly {
    readonly id: number;
    readonly name: string;
    readonly a: number;
    readonly b: number;
    readonly imax_a: number;
  }[];
  readonly loads: readonly RawUnit[];
  readonly pv: readonly RawUnit[];
  readonly storage: readonly {
    readonly id: number;
    readonly name: string;
    readonly bus: number;
    readonly kw: number;
    readonly kwh: number;
  }[];
  readonly reference: readonly {
    readonly step: number;
    readonly net_import_kw: number;
    readonly load_kw: readonly number[];
    readonly load_kvar: readonly number[];
    readonly pv_kw: readonly number[];
  }[];
}

/** The slot in which a local (UTC+1) day of 2016 begins; month and day count from 1. */
export function localDayFirstSlot(month: number, day: number): number {
  return Date.UTC(2016, month - 1, day) / SLOT_MS - LOCAL_OFFSET_SLOTS;
}

/** `HH:MM` of a slot in the data's local time. */
export function localTimeOfSlot(slot: number): string {
  return new Date((slot + LOCAL_OFFSET_SLOTS) * SLOT_MS).toISOString().slice(11, 16);
}

/** `YYYY-MM-DD` of a slot in the data's local time. */
export function localDateOfSlot(slot: number): string {
  return new Date((slot + LOCAL_OFFSET_SLOTS) * SLOT_MS).toISOString().slice(0, 10);
}

/** Energy of a quarter hour in Wh: rating (kW) · profile value · 250, rounded half up. Both factors are decimal texts. */
export function quarterHourEnergyWh(ratedKw: Decimal, profileValue: string): bigint {
  return scaleToInteger(multiply(ratedKw, parseDecimal(profileValue)), 250n);
}

/** Loads the grid from its JSON file; throws if the file is absent or not of the expected shape. */
export function loadSimbenchGrid(folder: string = SIMBENCH_FOLDER): SimbenchGrid {
  const raw = JSON.parse(readFileSync(path.join(folder, 'rural1-2034.json'), 'utf8')) as RawGrid;
  const voltages = new Map(raw.buses.map((bus) => [bus.id, toWhole(bus.kv, 1000n)]));
  return {
    code: raw.code,
    buses: raw.buses.map((bus) => ({ id: bus.id, name: bus.name, voltageV: toWhole(bus.kv, 1000n) })),
    lines: raw.lines.map((line) => ({
      id: line.id,
      name: line.name,
      fromBus: line.a,
      toBus: line.b,
      limitW: lineLimitW(voltages.get(line.a) ?? 0n, toWhole(line.imax_a, 1n)),
    })),
    transformer: {
      fromBus: raw.transformer.hv_bus,
      toBus: raw.transformer.lv_bus,
      limitW: toWhole(raw.transformer.kva, 1000n),
    },
    loads: raw.loads.map(toUnit),
    pv: raw.pv.map(toUnit),
    storages: raw.storage.map((storage) => ({
      id: storage.id,
      name: storage.name,
      bus: storage.bus,
      ratedW: toWhole(Math.abs(storage.kw), 1000n),
      energyWh: toWhole(storage.kwh, 1000n),
    })),
    references: raw.reference.map((reference) => ({
      step: reference.step,
      netImportKw: reference.net_import_kw,
      loadKw: reference.load_kw,
      loadKvar: reference.load_kvar,
      pvKw: reference.pv_kw,
    })),
  };
}

/** Loads the year of profiles from the compressed table; throws if it is absent or has a row of another length. */
export function loadProfileYear(folder: string = SIMBENCH_FOLDER): ProfileYear {
  const text = gunzipSync(readFileSync(path.join(folder, 'profiles_year_rural1.csv.gz'))).toString('utf8');
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const names = header.split(',').slice(1);
  const rowSlots = rows.map((row) => slotOfLabel(row.slice(0, row.indexOf(','))));
  const table = rows.map((row) => row.split(',').slice(1));
  const broken = table.findIndex((row) => row.length !== names.length);
  if (broken >= 0) throw new Error(`row ${broken + 1} of the profiles has not ${names.length} values`);
  const columns = new Map<string, readonly string[]>();
  names.forEach((name, index) => {
    const isLoad = name.endsWith('_p');
    columns.set(
      isLoad ? name.slice(0, -2) : name,
      table.map((row) => row[index] ?? '0'),
    );
  });
  const rowOfSlot = new Map<number, number>();
  rowSlots.forEach((slot, row) => {
    if (!rowOfSlot.has(slot)) rowOfSlot.set(slot, row);
  });
  return { rowSlots, rowOfSlot, columns };
}

/**
 * The energies in Wh of a unit over `slots` quarter hours from `firstSlot`; throws if the year does not hold exactly
 * these quarter hours in one run.
 */
export function unitEnergiesWh(year: ProfileYear, unit: GridUnit, firstSlot: number, slots: number): bigint[] {
  return profileValues(year, unit.profile, firstSlot, slots).map((value) => quarterHourEnergyWh(unit.ratedKw, value));
}

/** The reactive energies in varh that a load takes, in the same way. */
export function loadReactiveVarh(year: ProfileYear, load: GridUnit, firstSlot: number, slots: number): bigint[] {
  const values = profileValues(year, `${load.profile}_q`, firstSlot, slots);
  return values.map((value) => quarterHourEnergyWh(load.ratedKvar, value));
}

function profileValues(year: ProfileYear, profile: string, firstSlot: number, slots: number): readonly string[] {
  const column = year.columns.get(profile);
  if (column === undefined) throw new Error(`profile ${profile} is not in the data`);
  const start = year.rowOfSlot.get(firstSlot);
  if (start === undefined || year.rowSlots[start + slots - 1] !== firstSlot + slots - 1) {
    throw new Error(`the data does not hold ${slots} quarter hours from slot ${firstSlot} on`);
  }
  return column.slice(start, start + slots);
}

const LABEL = /^(\d{2})\.(\d{2})\.(\d{4}) (\d{2}):(\d{2})$/;

function slotOfLabel(label: string): number {
  const match = LABEL.exec(label);
  if (match === null) throw new Error(`"${label}" is not a time label of the profiles`);
  const [day = 0, month = 0, year = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute) / SLOT_MS - LOCAL_OFFSET_SLOTS;
}

function toUnit(raw: RawUnit): GridUnit {
  const ratedKw = parseDecimal(String(raw.kw));
  return {
    id: raw.id,
    name: raw.name,
    bus: raw.bus,
    ratedKw,
    ratedW: scaleToInteger(ratedKw, 1000n),
    ratedKvar: parseDecimal(String(raw.kvar ?? 0)),
    profile: raw.profile,
  };
}

function toWhole(value: number, factor: bigint): bigint {
  return scaleToInteger(parseDecimal(String(value)), factor);
}

/** Three-phase rating: floor(sqrt(3) · voltage · current), with an exact integer square root. */
function lineLimitW(voltageV: bigint, currentA: bigint): bigint {
  return integerSquareRoot(3n * (voltageV * currentA) ** 2n);
}

function integerSquareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let estimate = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (estimate + value / estimate) / 2n;
    if (next >= estimate) return estimate;
    estimate = next;
  }
}
