import { slotsPerDay } from '@flexledger/domain';
import { endOf, valueAt, type Series } from '../series';
import { placeOf } from './place';
import { clearSkyLight } from './solar';

/** Days that are looked at, the last ones before the forecast. */
const DAYS = 60;
/** The most of its energy that a PV system can seem to give in the dark, where its place is only judged. */
const DARK_SHARE_MAX = 0.02;
/** Quarter hours before and after the light that are not yet night. */
const TWILIGHT_SLOTS = 6;

/**
 * Whether what a meter gave came from the sun: hardly any of it in the dark. A storage, a generator or a vehicle gives in the evening and at night
 * as well. It is the readings that say so, not a registration, since only they are what a forecast is made from and a total of meters has none.
 *
 * @param before values from this slot on are not looked at
 */
export function isPv(series: Series, before: number): boolean {
  const place = placeOf(series, before);
  if (place === undefined) return false;
  const end = Math.min(before, endOf(series));
  let [all, dark] = [0, 0];
  for (let slot = Math.max(series.firstSlot, end - DAYS * slotsPerDay); slot < end; slot += 1) {
    const energy = valueAt(series, slot);
    if (!(energy > 0)) continue;
    all += energy;
    // Of a system on a roof that faces east or west the judged place is off by up to some hours: twilight is no night.
    const near = [-TWILIGHT_SLOTS, 0, TWILIGHT_SLOTS].some((apart) => clearSkyLight(slot + apart, place) > 0);
    dark += near ? 0 : energy;
  }
  return dark <= DARK_SHARE_MAX * all;
}
