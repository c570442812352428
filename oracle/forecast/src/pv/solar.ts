import { slotSeconds, slotsPerDay } from '@flexledger/domain';

/** Where a PV system stands: degrees north and degrees east. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const SECONDS_PER_DAY = slotsPerDay * slotSeconds;
/** Noon of 1 January 2000, from which astronomers count, in seconds since 1970. */
const EPOCH_SECONDS = 946_728_000;
const HOURS_PER_DAY = 24;
/** Below this share of the light of a high sun a place counts as dark. */
const DARK_KW_PER_M2 = 0.003;

const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);
const cosine = (degrees: number): number => Math.cos((degrees * Math.PI) / 180);

/**
 * The sine of the sun's height at the middle of a quarter hour, below 0 at night. Declination and sidereal time by the low-precision formulas of the
 * Astronomical Almanac (within 0.01 degrees from 1950 to 2050); refraction and the height of the horizon are left out.
 */
export function sineOfSun(slot: number, { latitude, longitude }: Place): number {
  const days = (slot * slotSeconds + slotSeconds / 2 - EPOCH_SECONDS) / SECONDS_PER_DAY;
  const anomaly = 357.528 + 0.9856003 * days;
  const ecliptic = 280.46 + 0.9856474 * days + 1.915 * sine(anomaly) + 0.02 * sine(2 * anomaly);
  const obliquity = 23.439 - 0.0000004 * days;
  const declination = Math.asin(sine(obliquity) * sine(ecliptic));
  const ascension = Math.atan2(cosine(obliquity) * sine(ecliptic), cosine(ecliptic));
  const sidereal = (18.697374558 + 24.06570982441908 * days) % HOURS_PER_DAY;
  const hourAngle = ((sidereal * 15 + longitude) * Math.PI) / 180 - ascension;
  return sine(latitude) * Math.sin(declination) + cosine(latitude) * Math.cos(declination) * Math.cos(hourAngle);
}

/**
 * The light on level ground under a clear sky, in kW per square metre: 1.098 · s · exp(−0.057 / s) for the sine s of the sun's height (Haurwitz 1945).
 * Zero at night.
 */
export function clearSkyLight(slot: number, place: Place): number {
  const height = sineOfSun(slot, place);
  if (height <= 0) return 0;
  const light = 1.098 * height * Math.exp(-0.057 / height);
  return light < DARK_KW_PER_M2 ? 0 : light;
}
