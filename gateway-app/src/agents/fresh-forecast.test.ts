import { freshForecast, type NetAt } from './fresh-forecast';

const NOW = 96_000;
const period = { nowSlot: NOW, firstSlot: NOW + 2, intervals: 3, intervalSlots: 2 };

/** Readings of the days before: `day` counts them back from 1; of the day itself only what is measured. */
function readings(before: (day: number, slot: number) => bigint | undefined, today: (slot: number) => bigint): NetAt {
  return (slot) => {
    const day = Math.ceil((NOW - 2 - slot) / 96);
    if (slot >= NOW) throw new RangeError(`slot ${slot} has not been measured yet`);
    return day <= 0 ? today(slot) : before(day, slot);
  };
}

describe('the forecast soon before', () => {
  test('is the mean of seven days where the newest half hour was as usual, with all but two days inside', () => {
    const net = readings(
      (day) => BigInt(day * 10),
      () => 40n,
    );
    expect(freshForecast(net, period)).toEqual(Array(3).fill({ lowWh: 40n, middleWh: 80n, highWh: 120n }));
  });

  test('is moved by three quarters of the newest error, and four fifths of that with each half hour', () => {
    const net = readings(
      () => 100n,
      () => 300n,
    );
    const middles = freshForecast(net, period).map((one) => one?.middleWh);
    expect(middles).toEqual([200n + 300n, 200n + 240n, 200n + 192n]);
  });

  test('is moved downwards as far as upwards', () => {
    const net = readings(
      () => 100n,
      () => -100n,
    );
    expect(freshForecast(net, period).map((one) => one?.middleWh)).toEqual([-100n, -40n, 8n]);
  });

  test('takes the days that have all readings, and is moved by nothing without the newest', () => {
    const net: NetAt = (slot) => {
      if (slot >= NOW - 2) return undefined;
      return slot >= NOW - 192 && slot !== NOW - 96 + 2 ? 50n : undefined;
    };
    const two = { lowWh: 100n, middleWh: 100n, highWh: 100n };
    expect(freshForecast(net, { ...period, intervals: 2 })).toEqual([two, two]);
    expect(freshForecast(() => undefined, { ...period, intervals: 1 })).toEqual([undefined]);
  });

  test('asks for no reading that is not there yet', () => {
    const asked: number[] = [];
    freshForecast(
      (slot) => {
        asked.push(slot);
        return 0n;
      },
      { ...period, intervals: 8 },
    );
    expect(Math.max(...asked)).toBe(NOW - 1);
  });
});
