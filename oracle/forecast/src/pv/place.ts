import { slotsPerDay } from '@flexledger/domain';
import { endOf, valueAt, type Series } from '../series';
import { clearSkyLight, type Place } from './solar';

/** Days whose energy says where the sun stands highest for a system. */
const DAYS = 60;
/** Degrees that the sun goes in a quarter hour. */
const DEGREES_PER_SLOT = 360 / slotsPerDay;
/** What is taken for the latitude where nothing is said: the middle of Europe. */
const USUAL_LATITUDE = 50;

/**
 * The place on level ground whose light has its middle when a system's energy of the last days had: for a system that faces east one further east. It
 * stands in for a place that nobody has stated. Undefined without any energy.
 */
export function placeOf(series: Series, before: number): Place | undefined {
  const end = Math.min(before, endOf(series));
  const from = Math.max(series.firstSlot, end - DAYS * slotsPerDay);
  const made = middleOf(from, end, (slot) => Math.max(valueAt(series, slot), 0));
  const meridian = { latitude: USUAL_LATITUDE, longitude: 0 };
  const light = middleOf(from, end, (slot) => clearSkyLight(slot, meridian));
  if (made === undefined || light === undefined) return undefined;
  return { ...meridian, longitude: wrapped((light - made) * DEGREES_PER_SLOT) };
}

/** The quarter hour of the UTC day around which some energy lies, on the circle of the day. */
function middleOf(from: number, to: number, energyAt: (slot: number) => number): number | undefined {
  let [along, across] = [0, 0];
  for (let slot = from; slot < to; slot += 1) {
    const energy = energyAt(slot);
    if (!(energy > 0)) continue;
    const angle = (2 * Math.PI * ((slot % slotsPerDay) + 0.5)) / slotsPerDay;
    along += energy * Math.cos(angle);
    across += energy * Math.sin(angle);
  }
  return along === 0 && across === 0 ? undefined : (Math.atan2(across, along) * slotsPerDay) / (2 * Math.PI);
}

function wrapped(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}
