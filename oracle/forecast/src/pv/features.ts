import { energyOf, type Series } from '../series';
import type { ClearSky } from './clear-sky';

/** One hour or half hour that is foreseen: the interval at whose beginning it is, and the interval that it is about. */
export interface Foreseen {
  readonly origin: number;
  readonly target: number;
}

const HOURS_BACK = 2;

/** The names of what a forecast of PV is made from, for its model card. */
export function featureNames(isIntraday: boolean, hasLight: boolean): readonly string[] {
  return [
    'clear sky of the last 30 days',
    'means of the same time on the last 1, 3, 7 and 30 days, per light',
    'share of the clear sky in the last day and the day before it',
    'share of the clear sky in the last hours, the latest counting most',
    ...(isIntraday ? ['share of the clear sky in the last half hour and the last two hours'] : []),
    ...(hasLight ? ['forecast of the light'] : []),
  ];
}

/** What is known about an interval beforehand, each as the energy that it alone would let one expect, in Wh. */
export function featuresOf(
  sky: ClearSky,
  { origin, target }: Foreseen,
  isIntraday: boolean,
  light?: Series,
): Float64Array {
  const clear = sky.clear(target, origin);
  const shares = [
    sky.share(origin - sky.perDay, origin),
    sky.share(origin - 2 * sky.perDay, origin - sky.perDay),
    sky.recentShare(origin),
    ...(isIntraday ? [sky.share(origin - 1, origin), sky.share(origin - (HOURS_BACK * sky.perDay) / 24, origin)] : []),
  ];
  const foretold = light === undefined ? [] : [lightShare(sky, target, light) * clear];
  return Float64Array.of(clear, ...sky.means(target, origin), ...shares.map((share) => share * clear), ...foretold);
}

/** The foretold light as a share of that of a clear sky; the usual half where nothing is foretold. */
function lightShare(sky: ClearSky, target: number, light: Series): number {
  const foretold = energyOf(light, sky.firstSlot + target * sky.intervalSlots, sky.intervalSlots) / sky.intervalSlots;
  const clear = sky.light[target] ?? 0;
  return Number.isFinite(foretold) && clear > 0 ? Math.min(foretold / clear, 1.5) : 0.5;
}
