import { seconds } from './testing/input-items';
import { addDays, TimeZone, type WallTime } from './time-zone';

const zurich = new TimeZone('Europe/Zurich');

function wall(text: string): WallTime {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/\D/).map(Number);
  return { year, month, day, hour, minute, second: 0 };
}

function quarters(zone: TimeZone, date: string): number {
  return Array.from({ length: 110 }, (_, index) => zone.quarterOfDay(date, index + 1)).filter(Boolean).length;
}

describe('the clock of a time zone', () => {
  test.each([
    ['2024-03-31', 92],
    ['2024-07-01', 96],
    ['2024-10-27', 100],
  ])('has on %s %i quarter hours', (date, count) => {
    expect(quarters(zurich, date)).toBe(count);
  });

  test('changes by half an hour on Lord Howe Island', () => {
    const island = new TimeZone('Australia/Lord_Howe');
    expect([quarters(island, '2024-04-07'), quarters(island, '2024-10-06')]).toEqual([98, 94]);
  });

  test('begins a day at one o’clock where the change is at midnight', () => {
    expect(new TimeZone('America/Santiago').quarterOfDay('2024-09-08', 1)).toBe(seconds('2024-09-08T04:00:00Z'));
    expect(quarters(new TimeZone('America/Santiago'), '2024-09-08')).toBe(92);
  });

  test('never shows the hour that is left out in spring, and shows the one of autumn twice', () => {
    expect(zurich.momentsOf(wall('2024-03-31 02:15'))).toEqual([]);
    expect(zurich.momentsOf(wall('2024-10-27 02:15'))).toEqual([
      seconds('2024-10-27T00:15:00Z'),
      seconds('2024-10-27T01:15:00Z'),
    ]);
    expect(zurich.momentsOf(wall('2024-06-01 12:00'))).toEqual([seconds('2024-06-01T10:00:00Z')]);
  });

  test('has no time for a date that the calendar does not have', () => {
    expect(zurich.momentsOf(wall('2023-02-29 12:00'))).toEqual([]);
    expect(zurich.quarterOfDay('2023-02-29', 1)).toBeUndefined();
  });

  test('counts days over the ends of months', () => {
    expect([addDays('2024-02-28', 2), addDays('2019-10-28', 48)]).toEqual(['2024-03-01', '2019-12-15']);
  });
});
