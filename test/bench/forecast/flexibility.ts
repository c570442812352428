import { addSlots, slot, slotsPerDay, slotsPerHour } from '@flexledger/domain';
import {
  deliverable,
  energyOf,
  forecastFlexibility,
  sumOf,
  type FlexAsset,
  type FlexDirection,
} from '@flexledger/forecast';
import { energyAt, loadMarketYear, type MarketYear } from '../../simulation/year-data';

/** How well it was foreseen what calls of some assets of the SimBench grid could have delivered, in percent. */
export interface FlexibilityRow {
  readonly assets: string;
  readonly direction: FlexDirection;
  readonly hours: number;
  /** Mean absolute error of the middle, by the mean of what calls could have delivered. */
  readonly error: number;
  /** The same of what calls of the same hour of the day before could have delivered. */
  readonly yesterday: number;
  readonly coverage: number;
}

const TIME_ZONE = 'Etc/GMT-1';
const WARM_UP_DAYS = 45;
/** Shares that charging and discharging leave. */
const EFFICIENCY = 0.95;
const RESERVE_SHARE = 0.1;
const CHARGING_STATIONS = /^HLS/;
const HEAT_PUMPS = /^(Air|Soil)/;

/** Placebo calls: in every hour of every `everyDays`-th day, what was metered says what a call could have delivered. */
export function measureFlexibility(everyDays: number, say: (line: string) => void): readonly FlexibilityRow[] {
  const year = loadMarketYear();
  const groups: readonly [string, readonly FlexAsset[], FlexDirection][] = [
    ['PV', pvOf(year), 'down'],
    ['heat pumps', loadsOf(year, HEAT_PUMPS), 'up'],
    ['charging stations', loadsOf(year, CHARGING_STATIONS), 'up'],
    ['other loads', otherLoadsOf(year), 'up'],
    ['storages', storagesOf(year), 'up'],
    ['storages', storagesOf(year), 'down'],
    [
      'all',
      [...loadsOf(year, HEAT_PUMPS), ...loadsOf(year, CHARGING_STATIONS), ...otherLoadsOf(year), ...storagesOf(year)],
      'up',
    ],
  ];
  return groups.flatMap(([name, assets, direction]) =>
    [1, 4].map((slots) => {
      say(`flexibility of ${assets.length} ${name}, ${direction}, for ${slots} quarter hours`);
      return measureGroup(name, assets, direction, slots, everyDays);
    }),
  );
}

function measureGroup(
  name: string,
  assets: readonly FlexAsset[],
  direction: FlexDirection,
  slots: number,
  everyDays: number,
): FlexibilityRow {
  const placebo = sumOf(assets.map((asset) => deliverable(asset, direction, slots)));
  const days = Math.floor(placebo.values.length / slotsPerDay) - 1;
  let [error, yesterday, total, covered, counted] = [0, 0, 0, 0, 0];
  for (let day = WARM_UP_DAYS; day < days; day += everyDays) {
    const at = addSlots(placebo.firstSlot, day * slotsPerDay);
    const made = forecastFlexibility({
      assets,
      direction,
      slots,
      at,
      horizon: 'day-ahead',
      timeZone: TIME_ZONE,
      seed: 1,
    });
    made.intervals.forEach((interval, step) => {
      const came = energyOf(placebo, interval.slot, interval.slots);
      if (!Number.isFinite(came)) return;
      const [low = 0, middle = 0, high = 0] = [made.p10[step], made.p50[step], made.p90[step]];
      total += came;
      error += Math.abs(came - middle);
      yesterday += Math.abs(came - energyOf(placebo, interval.slot - slotsPerDay, interval.slots));
      if (came === 0 && high === 0) return;
      counted += 1;
      // Forecasts are whole watts.
      covered += low - 1 <= came && came <= high + 1 ? 1 : 0;
    });
  }
  const percent = (part: number, whole: number): number => (100 * part) / whole;
  return {
    assets: name,
    direction,
    hours: slots / slotsPerHour,
    error: percent(error, total),
    yesterday: percent(yesterday, total),
    coverage: percent(covered, counted),
  };
}

function assetsOf(year: MarketYear, kind: 'load' | 'pv', isWanted: (profile: string) => boolean): readonly FlexAsset[] {
  const profiles = kind === 'pv' ? year.grid.pv : year.grid.loads;
  return year.units
    .filter((unit) => unit.kind === kind)
    .flatMap((unit, index) =>
      isWanted(profiles[index]?.profile ?? '')
        ? [
            {
              assetId: unit.id,
              kind,
              measured: {
                meterId: unit.id,
                firstSlot: slot(year.firstSlot),
                values: Float64Array.from(unit.energiesWh),
              },
              maxW: Number(unit.ratedW),
            },
          ]
        : [],
    );
}

function pvOf(year: MarketYear): readonly FlexAsset[] {
  return assetsOf(year, 'pv', () => true);
}

function loadsOf(year: MarketYear, profiles: RegExp): readonly FlexAsset[] {
  return assetsOf(year, 'load', (profile) => profiles.test(profile));
}

/** Of homes, farms and businesses a tenth of their greatest power can be left off; what is below their usual base cannot. */
function otherLoadsOf(year: MarketYear): readonly FlexAsset[] {
  return assetsOf(year, 'load', (profile) => !CHARGING_STATIONS.test(profile) && !HEAT_PUMPS.test(profile)).map(
    (asset) => ({ ...asset, maxW: asset.maxW / 10, leastW: asset.maxW / 5 }),
  );
}

/** The storages of the grid, each charged by what the PV of the grid gives above its loads, in the part of its power, and emptied by what is missing. */
function storagesOf(year: MarketYear): readonly FlexAsset[] {
  const { storages } = year.grid;
  const powerW = storages.reduce((sum, { ratedW }) => sum + Number(ratedW), 0);
  return storages.map((unit, index) => {
    const capacityWh = Number(unit.energyWh);
    const reserveWh = RESERVE_SHARE * capacityWh;
    const maxW = Number(unit.ratedW);
    const mostWh = maxW / slotsPerHour;
    const values = new Float64Array(year.quarters);
    let heldWh = capacityWh / 2;
    for (let quarter = 0; quarter < year.quarters; quarter += 1) {
      values[quarter] = heldWh;
      const surplusWh = (maxW / powerW) * netOf(year, quarter);
      const moved = Math.min(Math.max(surplusWh, -mostWh), mostWh);
      heldWh += moved > 0 ? moved * EFFICIENCY : moved / EFFICIENCY;
      heldWh = Math.min(Math.max(heldWh, reserveWh), capacityWh);
    }
    const meterId = `storage-${index}`;
    const storage = { capacityWh, reserveWh, chargeShare: EFFICIENCY, dischargeShare: EFFICIENCY };
    return {
      assetId: meterId,
      kind: 'storage',
      maxW,
      storage,
      measured: { meterId, firstSlot: slot(year.firstSlot), values },
    };
  });
}

function netOf({ units }: MarketYear, quarter: number): number {
  return units.reduce((sum, unit) => sum + (unit.kind === 'pv' ? 1 : -1) * energyAt(unit, quarter), 0);
}

/** The table that `npm run bench -- forecast` prints of flexibility. */
export function flexibilityTable(rows: readonly FlexibilityRow[]): string {
  const lines = rows.map(
    ({ assets, coverage, direction, error, hours, yesterday }) =>
      `${assets.padEnd(18)} ${direction.padEnd(5)} ${hours.toFixed(2)} h ${[error, yesterday, coverage]
        .map((value) => value.toFixed(1).padStart(10))
        .join('')}`,
  );
  return ['flexibility        way   for         error yesterday  coverage', ...lines].join('\n');
}
