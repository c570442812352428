import { compareText } from '../../canonical-writer';
import { greatest, least } from '../../math';
import { fillByMerit } from './fill';
import { reachW, type Dispatchable, type AssetSetPoint } from './types';

const periodsPerHour = 4n;

/** What a dispatch is made for. */
export interface DispatchAsked {
  readonly members: readonly Dispatchable[];
  /** The power that is asked for in each period. */
  readonly targetsW: readonly bigint[];
  /** Seconds in which a set-point has to be reached after its signal. */
  readonly fullActivationSeconds: number;
}

/** The cheapest first; of the same cost the one that is ready first, then by id. */
export function inMeritOrder(members: readonly Dispatchable[]): readonly Dispatchable[] {
  return [...members].sort((left, right) => {
    if (left.costMicroPerKwh !== right.costMicroPerKwh) {
      return left.costMicroPerKwh < right.costMicroPerKwh ? -1 : 1;
    }
    return left.readySeconds - right.readySeconds || compareText(left.assetId, right.assetId);
  });
}

/** How an asset stands between two periods. */
interface Standing {
  lastW: bigint;
  energyWh: bigint | undefined;
  /** Periods for which it has run, and still has to rest. */
  run: number;
  rest: number;
}

/**
 * The set-points that follow the merit order: in each period the cheapest members give what they have promised, as far as ramp, least power,
 * energy and longest run let them, until the target is met; where the members together cannot, the sum stays below it. A member that has to
 * rest, or whose storage is empty, is followed by the next one. Members without a set-point are left out.
 */
export function dispatchByMerit({ fullActivationSeconds, members, targetsW }: DispatchAsked): readonly AssetSetPoint[] {
  const order = inMeritOrder(members.filter(({ isOnline }) => isOnline));
  const standings = order.map(({ energyWh }): Standing => ({ lastW: 0n, energyWh, run: 0, rest: 0 }));
  const powers: bigint[][] = order.map(() => []);
  for (const [period, targetW] of targetsW.entries()) {
    const entries = order.map((member, index) => {
      const standing = standings[index];
      const maxW = standing === undefined ? 0n : mostW(member, standing, period, fullActivationSeconds);
      const minW = standing === undefined ? 0n : leastWhenOnW(member, standing, fullActivationSeconds);
      return { fromW: 0n, onLevelMinW: minW, maxW };
    });
    for (const [index, powerW] of fillByMerit(entries, targetW).entries()) {
      powers[index]?.push(powerW);
      const [standing, member] = [standings[index], order[index]];
      if (standing !== undefined && member !== undefined) {
        step(standing, member, powerW);
      }
    }
  }
  return order.flatMap(({ assetId }, index) => {
    const powersW = powers[index] ?? [];
    return powersW.some((powerW) => powerW > 0n) ? [{ assetId, powersW }] : [];
  });
}

function mostW(member: Dispatchable, { energyWh, lastW, rest }: Standing, period: number, seconds: number): bigint {
  if (rest > 0) {
    return 0n;
  }
  const rampedW = least(member.promisedW[period] ?? 0n, lastW + reachW(member, seconds));
  return energyWh === undefined ? rampedW : least(rampedW, energyWh * periodsPerHour);
}

function leastWhenOnW(member: Dispatchable, { lastW }: Standing, seconds: number): bigint {
  return greatest(member.onLevelMinW, lastW - fallW(member, seconds));
}

/** By how much a set-point may fall from one period to the next; an asset may always stop. */
export function fallW({ rampDownWPerMinute }: Pick<Dispatchable, 'rampDownWPerMinute'>, seconds: number): bigint {
  return (rampDownWPerMinute * BigInt(seconds)) / 60n;
}

function step(standing: Standing, member: Dispatchable, powerW: bigint): void {
  const counted = countRun(member, standing, powerW > 0n);
  standing.run = counted.run;
  standing.rest = counted.rest;
  standing.lastW = powerW;
  if (standing.energyWh !== undefined) {
    standing.energyWh = greatest(0n, standing.energyWh - energyOfPeriodWh(powerW));
  }
}

/** Counts a period of a run or a rest; the longest run is followed by a rest. */
function countRun(
  { restPeriods, runPeriodsMax }: Dispatchable,
  { rest, run }: Pick<Standing, 'rest' | 'run'>,
  isOn: boolean,
): Pick<Standing, 'rest' | 'run'> {
  const next = isOn ? run + 1 : 0;
  return next >= runPeriodsMax ? { run: 0, rest: restPeriods } : { run: next, rest: Math.max(0, rest - 1) };
}

/** True where an asset that is on in these periods exceeds no longest run and breaks no rest. */
export function runsAreAllowed(member: Dispatchable, isOn: readonly boolean[]): boolean {
  let standing: Pick<Standing, 'rest' | 'run'> = { run: 0, rest: 0 };
  for (const on of isOn) {
    if (on && standing.rest > 0) {
      return false;
    }
    standing = countRun(member, standing, on);
  }
  return true;
}

/** The energy of a power over one period, rounded up. */
export function energyOfPeriodWh(powerW: bigint): bigint {
  return (powerW + periodsPerHour - 1n) / periodsPerHour;
}

/** The sum of set-points in each period. */
export function totalsOfSetPoints(setPoints: readonly AssetSetPoint[], periods: number): readonly bigint[] {
  return Array.from({ length: periods }, (_, period) =>
    setPoints.reduce((total, { powersW }) => total + (powersW[period] ?? 0n), 0n),
  );
}
