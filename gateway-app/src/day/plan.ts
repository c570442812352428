import { parseDecimal } from '../grid/decimal';
import { deriveId, deriveInteger, derivePrivateKey, publicKeyText } from '../agents/seed';
import type { StrategyName } from '../agents/strategies';
import {
  loadSimbenchGrid,
  localDayFirstSlot,
  type GridStorage,
  type GridUnit,
  type SimbenchGrid,
} from '../grid/simbench';

/** A meter of the day: what it measures and who owns it. */
export interface MeterPlan {
  readonly meterId: string;
  /** Public name inside this program, for example `load-07`; it never goes to the channel. */
  readonly label: string;
  readonly kind: 'load' | 'pv';
  /** What the registry is told that it measures: a heat pump or a charger may rest for days, a home may not. */
  readonly deviceType: 'load' | 'heat-pump' | 'ev-charger' | 'pv' | 'storage';
  readonly unit: GridUnit;
  /** Label of the participant that owns it. */
  readonly owner: string;
  /** The storage behind it, where its owner's agent makes use of one. */
  readonly battery?: GridStorage;
}

/** The system operator's own meter at the transformer: what all other meters count together, and what gets lost. */
export interface FeederPlan {
  readonly meterId: string;
  readonly label: string;
  /** What gets lost in the played grid, of the energy that goes into it. */
  readonly lossPpm: bigint;
  /** What the system operator states that may get lost. */
  readonly lossAllowancePpm: bigint;
}

/** A storage as an asset of the ledger; `meterId` where it has a meter of its own. */
export interface StoragePlan {
  readonly assetId: string;
  readonly owner: string;
  readonly unit: number;
  readonly meterId?: string;
}

/** A PV system as an asset of the ledger. */
export interface PvAssetPlan {
  readonly assetId: string;
  readonly owner: string;
  readonly unit: GridUnit;
  readonly meterId: string;
}

/** A participant of the day with its meters. */
export interface ParticipantPlan {
  /** Public name inside this program, for example `prosumer-07` or `supplier`. */
  readonly label: string;
  readonly kind: 'prosumer' | 'supplier';
  readonly publicKey: string;
  readonly connectionLimitW: bigint;
  readonly meters: readonly MeterPlan[];
}

/** What goes wrong on purpose, chosen by the seed: the day must go on through all of it. Hours count from 0. */
export interface Disturbances {
  /** This meter measures nothing in this hour; the distribution system operator records the gap. */
  readonly silent: { readonly meterId: string; readonly hour: number };
  /** This meter's block of this hour is sent twice. */
  readonly twice: { readonly meterId: string; readonly hour: number };
  /** This meter's block of this hour is damaged on the way and sent again undamaged. */
  readonly damaged: { readonly meterId: string; readonly hour: number };
  /** The owner of PV, by label, whose agent keeps to no limit of its connection; it matters where connections are limited. */
  readonly disobedient: string;
  /** The owner of a storage, by label, who opts in to events and does nothing; it matters where flexibility is ordered. */
  readonly idle: string;
  /** The storage's meter whose readings of this hour come only after the event is settled; none where no flexibility can be ordered. */
  readonly late?: { readonly meterId: string; readonly hour: number };
}

/** Everything about the day that is known before it begins. Slots are quarter hours since 1970 UTC. */
export interface DayPlan {
  readonly seed: string;
  /** How the agents of the prosumers bid. */
  readonly strategy: StrategyName;
  /** Whether the system operator limits connections in real time. */
  readonly setPoints: boolean;
  /** Whether agents trade their deviations again in intraday sessions. */
  readonly intraday: boolean;
  /** Whether limits of the grid act in the market. */
  readonly gridLimits: boolean;
  /** Whether agents plan with the forecast of trained models instead of that of the domain's rule. */
  readonly trainedForecast: boolean;
  /** Whether flexibility can be ordered: storages have meters of their own, and PV systems are assets. */
  readonly flexibility: boolean;
  readonly grid: SimbenchGrid;
  readonly gridId: string;
  readonly sessionId: string;
  readonly forecastRequestId: string;
  /** First slot of the history (12 May, 00:00 local). */
  readonly historySlot: number;
  /** The day before delivery, 00:00 local. */
  readonly eveSlot: number;
  /** The forecast is asked for (eve, 12:00 local). */
  readonly forecastSlot: number;
  /** The gate closes (eve, 18:00 local). */
  readonly gateCloseSlot: number;
  /** Orders that are not published by then are void (eve, 20:00 local). */
  readonly publishDeadlineSlot: number;
  /** From then on no oracle's answer is taken and the market clears without (eve, 21:00 local). */
  readonly answerDeadlineSlot: number;
  /** The delivery day, 00:00 local. */
  readonly deliverySlot: number;
  readonly participants: readonly ParticipantPlan[];
  readonly meters: readonly MeterPlan[];
  readonly feeder: FeederPlan;
  readonly storages: readonly StoragePlan[];
  /** PV systems as assets that can be called; only where flexibility can be ordered. */
  readonly pvAssets: readonly PvAssetPlan[];
  readonly disturbances: Disturbances;
}

/** Quarter hours of an hour and of a day in the data's local time (no clock change). */
export const SLOTS_PER_HOUR = 4;
export const SLOTS_PER_DAY = 96;
export const HOURS_PER_DAY = 24;
/** The hour whose readings of a meter come late. */
const LATE_HOUR = 13;
/** The congestion point of the day: the transformer. */
export const CONGESTION_POINT_ID = 'congestion-transformer';
/** So long after the last orders could be published an oracle may answer a request for a clearing. */
export const ANSWER_SLOTS = SLOTS_PER_HOUR;

/** What may be chosen for a day beside its seed. */
export interface DayChoices {
  /** Whole days of history before the eve, at least one; default 7. */
  readonly historyDays?: number;
  /** How the agents of the prosumers bid; default `simple`. */
  readonly strategy?: StrategyName;
  /** Whether the system operator limits connections in real time; default false. */
  readonly setPoints?: boolean;
  /** Whether agents trade their deviations again in intraday sessions; default false. */
  readonly intraday?: boolean;
  /** Whether limits of the grid act in the market; default false. */
  readonly gridLimits?: boolean;
  /** Whether agents plan with the forecast of trained models; default false. */
  readonly trainedForecast?: boolean;
  /** Whether flexibility can be ordered; default false. */
  readonly flexibility?: boolean;
}

const DEFAULT_CHOICES: Required<DayChoices> = {
  historyDays: 7,
  strategy: 'simple',
  setPoints: false,
  intraday: false,
  gridLimits: false,
  trainedForecast: false,
  flexibility: false,
};

/**
 * Plans the day of 20 May and the days before its eve; the same seed and choices, the same plan. Only with the
 * strategy `battery` are the storages of the grid used.
 */
export function planDay(seed: string, choices: DayChoices = {}): DayPlan {
  const { flexibility, gridLimits, historyDays, intraday, setPoints, strategy, trainedForecast } = {
    ...DEFAULT_CHOICES,
    ...choices,
  };
  const grid = loadSimbenchGrid();
  const deliverySlot = localDayFirstSlot(5, 20);
  const eveSlot = deliverySlot - SLOTS_PER_DAY;
  const homes = withBatteries(planMeters(seed, grid), strategy === 'battery' ? grid.storages : []);
  const meters = flexibility ? [...homes, ...planStorageMeters(seed, grid)] : homes;
  return {
    seed,
    strategy,
    setPoints,
    intraday,
    gridLimits,
    trainedForecast,
    flexibility,
    grid,
    gridId: deriveId(seed, 'grid'),
    sessionId: deriveId(seed, 'session/day-ahead'),
    forecastRequestId: deriveId(seed, 'forecast/day-ahead'),
    historySlot: eveSlot - historyDays * SLOTS_PER_DAY,
    eveSlot,
    forecastSlot: eveSlot + 12 * SLOTS_PER_HOUR,
    gateCloseSlot: eveSlot + 18 * SLOTS_PER_HOUR,
    publishDeadlineSlot: eveSlot + 20 * SLOTS_PER_HOUR,
    answerDeadlineSlot: eveSlot + 20 * SLOTS_PER_HOUR + ANSWER_SLOTS,
    deliverySlot,
    participants: planParticipants(seed, grid, meters),
    meters,
    feeder: { meterId: deriveId(seed, 'meter/feeder'), label: 'feeder', lossPpm: 15_000n, lossAllowancePpm: 30_000n },
    storages: grid.storages.map((storage) => ({
      assetId: deriveId(seed, `storage/${storage.id}`),
      owner: ownerLabel(grid, storage.bus),
      unit: storage.id,
      ...(flexibility ? { meterId: storageMeterId(seed, storage) } : {}),
    })),
    pvAssets: flexibility ? homes.flatMap((meter) => pvAssetOf(seed, meter)) : [],
    disturbances: {
      ...planDisturbances(seed, homes),
      idle: planIdle(seed, grid),
      ...(flexibility ? { late: planLate(seed, grid) } : {}),
    },
  };
}

/** Number of a unit in labels: two digits, from 0 as in the data. */
function numbered(prefix: string, id: number): string {
  return `${prefix}-${String(id).padStart(2, '0')}`;
}

function planMeters(seed: string, grid: SimbenchGrid): MeterPlan[] {
  const loads = grid.loads.map((unit): MeterPlan => {
    const label = numbered('load', unit.id);
    return {
      meterId: deriveId(seed, `meter/${label}`),
      label,
      kind: 'load',
      deviceType: deviceTypeOf(unit),
      unit,
      owner: numbered('prosumer', unit.id),
    };
  });
  const pv = grid.pv.map((unit): MeterPlan => {
    const label = numbered('pv', unit.id);
    const owner = ownerLabel(grid, unit.bus);
    return { meterId: deriveId(seed, `meter/${label}`), label, kind: 'pv', deviceType: 'pv', unit, owner };
  });
  return [...loads, ...pv];
}

/** A storage that is called has a meter of its own. Nobody uses it otherwise: of its profile it takes nothing. */
function planStorageMeters(seed: string, grid: SimbenchGrid): MeterPlan[] {
  const profile = grid.loads[0]?.profile ?? '';
  return grid.storages.map((storage): MeterPlan => {
    const { bus, id, name, ratedW } = storage;
    const unit: GridUnit = { id, name, bus, ratedKw: parseDecimal('0'), ratedKvar: parseDecimal('0'), ratedW, profile };
    const label = numbered('storage', id);
    const meterId = storageMeterId(seed, storage);
    return { meterId, label, kind: 'load', deviceType: 'storage', unit, owner: ownerLabel(grid, bus) };
  });
}

function storageMeterId(seed: string, { id }: GridStorage): string {
  return deriveId(seed, `meter/${numbered('storage', id)}`);
}

function pvAssetOf(seed: string, { kind, meterId, owner, unit }: MeterPlan): PvAssetPlan[] {
  return kind === 'pv' ? [{ assetId: deriveId(seed, `pv/${unit.id}`), owner, unit, meterId }] : [];
}

function planIdle(seed: string, grid: SimbenchGrid): string {
  const storage = grid.storages[deriveInteger(seed, 'disturbance/idle', grid.storages.length)];
  return ownerLabel(grid, storage?.bus ?? 0);
}

/** The largest storage of somebody who does what it is asked for, in the hour of the greatest export. */
function planLate(seed: string, grid: SimbenchGrid): NonNullable<Disturbances['late']> {
  const idle = planIdle(seed, grid);
  const others = grid.storages.filter(({ bus }) => ownerLabel(grid, bus) !== idle);
  const [largest] = [...others].sort((left, right) => Number(right.ratedW - left.ratedW));
  if (largest === undefined) throw new RangeError('the grid has one storage only');
  return { meterId: storageMeterId(seed, largest), hour: LATE_HOUR };
}

/** A storage stands behind the first load meter of its bus. */
function withBatteries(meters: readonly MeterPlan[], storages: readonly GridStorage[]): MeterPlan[] {
  return meters.map((meter) => {
    const first = meters.find(({ kind, unit }) => kind === 'load' && unit.bus === meter.unit.bus);
    const battery = first === meter ? storages.find(({ bus }) => bus === meter.unit.bus) : undefined;
    return battery === undefined ? meter : { ...meter, battery };
  });
}

/** SimBench names the profiles of heat pumps by the heat's source (Air, Soil), and those of chargers HLS (home charging). */
function deviceTypeOf({ profile }: GridUnit): MeterPlan['deviceType'] {
  if (/^(Air|Soil)_/.test(profile)) return 'heat-pump';
  return profile.startsWith('HLS_') ? 'ev-charger' : 'load';
}

/** The prosumer of the first load on the bus; in this grid every bus with PV has one. A bus without: the first of all. */
function ownerLabel(grid: SimbenchGrid, bus: number): string {
  const load = grid.loads.find((candidate) => candidate.bus === bus) ?? grid.loads[0];
  return numbered('prosumer', load?.id ?? 0);
}

/** A key pair's label in the derivation; the agent of the participant derives the private key from it. */
export function participantKeyLabel(label: string): string {
  return `participant-key/${label}`;
}

/** The label of a meter's key pair. */
export function meterKeyLabel(label: string): string {
  return `meter-key/${label}`;
}

function planParticipants(seed: string, grid: SimbenchGrid, meters: readonly MeterPlan[]): ParticipantPlan[] {
  const keyOf = (label: string): string => publicKeyText(derivePrivateKey(seed, participantKeyLabel(label)));
  const prosumers = grid.loads.map((load): ParticipantPlan => {
    const label = numbered('prosumer', load.id);
    const own = meters.filter((meter) => meter.owner === label);
    const sum = (kind: 'load' | 'pv'): bigint =>
      own.filter((meter) => meter.kind === kind).reduce((total, meter) => total + meter.unit.ratedW, 0n);
    const [loadW, pvW] = [sum('load'), sum('pv')];
    const connectionLimitW = loadW > pvW ? loadW : pvW;
    return { label, kind: 'prosumer', publicKey: keyOf(label), connectionLimitW, meters: own };
  });
  const supplier: ParticipantPlan = {
    label: 'supplier',
    kind: 'supplier',
    publicKey: keyOf('supplier'),
    // It takes the other side of every deviation, so its connection counts as large as all of theirs together.
    connectionLimitW: prosumers.reduce((total, prosumer) => total + prosumer.connectionLimitW, 0n),
    meters: [],
  };
  return [...prosumers, supplier];
}

/** Three different load meters in different daytime hours, so that each disturbance can be seen by itself. */
function planDisturbances(seed: string, meters: readonly MeterPlan[]): Omit<Disturbances, 'idle' | 'late'> {
  const loads = meters.filter((meter) => meter.kind === 'load');
  const first = deriveInteger(seed, 'disturbance/meter', loads.length);
  const pick = (index: number): { meterId: string; hour: number } => ({
    meterId: loads[(first + index * 7) % loads.length]?.meterId ?? '',
    hour: 6 + index * 4 + deriveInteger(seed, `disturbance/hour/${index}`, 4),
  });
  const owners = [...new Set(meters.filter(({ kind }) => kind === 'pv').map(({ owner }) => owner))];
  const disobedient = owners[deriveInteger(seed, 'disturbance/disobedient', owners.length)] ?? '';
  return { silent: pick(0), twice: pick(1), damaged: pick(2), disobedient };
}
