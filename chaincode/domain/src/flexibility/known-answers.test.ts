import fc from 'fast-check';
import type { ParticipantId } from '../ids';
import { idOf } from '../testing/session-fixture';
import { slot, type Slot } from '../time';
import { micro, ppm, w } from '../units';
import { obligedIsps, updateReservation, proposeReservation } from './congestion/reservation';
import type { FlexPlace } from './header';
import type { FlexDirection } from './isps';
import { activate } from './order/order';
import { localDaySlots, type TimeZoneName, utcOffsetSlots } from './time-zone';

const periodSlot = slot(1_626_040);
const place: FlexPlace = { gridId: 'grid', congestionPointId: 'point', periodSlot, periodIsps: 96 };
const aggregatorId = idOf<ParticipantId>('aggregator');

function directionOf(signedW: number): FlexDirection {
  return signedW > 0 ? 'increase' : 'reduce';
}

/** A signed power of UFTP in one ISP, counted from 1, as the ledger has it. */
const isp = (number: number, signedW: number) => ({
  startSlot: slot(periodSlot + number - 1),
  slots: 1,
  direction: directionOf(signedW),
  powerW: w(BigInt(Math.abs(signedW))),
});

describe('the reservation of the UFTP specification, ISPs 11 to 16', () => {
  const numbered = (powers: readonly number[]) => powers.map((power, index) => isp(11 + index, power));
  const contracted = numbered([0, -2, -4, -4, -2, 0]);
  const updated = numbered([0, -2, -4, -2, 0, 0]);
  /** Lower bound -6 throughout, upper bound 0, -2, -4, 0, +2, +2. */
  const request = {
    isps: [0, -2, -4, 0, 2, 2].map((upper, index) => ({
      startSlot: slot(periodSlot + 10 + index),
      slots: 1,
      disposition: upper < 0 ? ('requested' as const) : ('available' as const),
      direction: 'reduce' as const,
      minW: w(BigInt(Math.max(0, -upper))),
      maxW: w(6n),
      againstMaxW: w(BigInt(Math.max(0, upper))),
    })),
  };

  it('obliges to offer 0, -2, -4, 0, 0, 0', () => {
    const terms = { contractId: 'contract', aggregatorId, contractedIsps: contracted };
    const reservation = updateReservation(proposeReservation(place, terms), updated);
    const obliged = obligedIsps(reservation, request);
    expect(obliged.map(({ slot: at }) => at - periodSlot + 1)).toEqual([11, 12, 13, 14, 15, 16]);
    expect(obliged.map(({ direction, powerW }) => (direction === 'reduce' ? 0n - powerW : powerW))).toEqual([
      0n,
      -2n,
      -4n,
      0n,
      0n,
      0n,
    ]);
  });
});

describe('an option at an activation factor', () => {
  const option = (powers: readonly bigint[], price: bigint) => ({
    optionRef: 'option',
    isps: powers.map((power, index) => isp(index + 1, -Number(power))),
    priceMicro: micro(price),
    minActivationFactorPpm: ppm(10_000n),
  });

  it('of 0.8 scales -1000 and -2000 W for 50 to -800 and -1600 W for 40', () => {
    const { isps, priceMicro } = activate(option([1_000n, 2_000n], 50_000_000n), ppm(800_000n));
    expect(isps.map(({ powerW }) => powerW)).toEqual([800n, 1_600n]);
    expect(priceMicro).toBe(40_000_000n);
  });

  it('never comes to more power or money than its share, nor to a price that UFTP cannot state', () => {
    const holds = fc.property(
      fc.array(fc.bigInt({ min: 0n, max: 1_000_000n }), { minLength: 1, maxLength: 5 }),
      fc.bigInt({ min: 0n, max: 10_000_000n }),
      fc.bigInt({ min: 1n, max: 100n }),
      (powers, price, percent) => {
        const made = activate(option(powers, price * 100n), ppm(percent * 10_000n));
        return (
          made.isps.every(({ powerW }, index) => {
            const exact = powers[index]! * percent;
            return powerW * 100n <= exact && exact < (powerW + 1n) * 100n;
          }) &&
          made.priceMicro * 100n <= price * 100n * percent &&
          price * 100n * percent < (made.priceMicro + 100n) * 100n &&
          made.priceMicro % 100n === 0n
        );
      },
    );
    fc.assert(holds, { numRuns: Number(process.env.PROPERTY_RUNS ?? '500'), seed: 20_160_520 });
  });
});

describe('local days', () => {
  const slotAt = (iso: string): Slot => slot(Date.parse(iso) / 900_000);

  it('have 92, 96 or 100 ISPs', () => {
    expect(localDaySlots('Europe/Amsterdam', slotAt('2016-05-19T22:00:00Z'))).toBe(96);
    expect(localDaySlots('Europe/Amsterdam', slotAt('2016-03-26T23:00:00Z'))).toBe(92);
    expect(localDaySlots('Europe/Amsterdam', slotAt('2016-10-29T22:00:00Z'))).toBe(100);
    expect(localDaySlots('Europe/London', slotAt('2016-03-27T00:00:00Z'))).toBe(92);
    expect(localDaySlots('Europe/Helsinki', slotAt('2016-10-29T21:00:00Z'))).toBe(100);
    expect(localDaySlots('Africa/Abidjan', slotAt('2016-03-27T00:00:00Z'))).toBe(96);
    expect(localDaySlots('Europe/Amsterdam', slotAt('2016-05-20T00:00:00Z'))).toBeUndefined();
  });

  it.each<TimeZoneName>(['Europe/Amsterdam', 'Europe/Lisbon', 'Europe/Athens', 'Africa/Abidjan'])(
    'of %s agree with the IANA data base around each change and in each month of 1996 to 2037',
    (timeZone) => {
      const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
      const offsetSlots = (seconds: number) => {
        const name = format.formatToParts(seconds * 1_000).find(({ type }) => type === 'timeZoneName')?.value ?? '';
        const [, sign, hours] = /^GMT(?:([+-])(\d\d):00)?$/.exec(name) ?? [];
        return (sign === '-' ? -1 : 1) * 4 * Number(hours ?? '0');
      };
      const wrong: string[] = [];
      for (let year = 1996; year <= 2037; year += 1) {
        // Where offsets change, hour by hour; elsewhere noon and midnight of the middle of each month.
        const days = [3, 10].flatMap((month) => Array.from({ length: 8 }, (_, index) => [month, 24 + index] as const));
        const middles = Array.from({ length: 12 }, (_, month) => [month + 1, 15] as const);
        for (const [month, dayOfMonth] of [...days, ...middles]) {
          for (let hour = 0; hour < 24; hour += 1) {
            const seconds = Date.UTC(year, month - 1, dayOfMonth, hour) / 1_000;
            // Portugal kept another zone until the autumn of 1996.
            if (timeZone === 'Europe/Lisbon' && year === 1996) continue;
            if (utcOffsetSlots(timeZone, slot(seconds / 900)) !== offsetSlots(seconds)) {
              wrong.push(new Date(seconds * 1_000).toISOString());
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});
