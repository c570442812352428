import { slot, slotsPerDay } from '../../time';
import { monthOf } from './months';

/** The first slot of a month by the calendar of the host. */
const startOf = (year: number, month: number) => (Date.UTC(year, month, 1) / 86_400_000) * slotsPerDay;

describe('the calendar month of a slot', () => {
  it('is that of the calendar of the host, on every day of 450 years', () => {
    for (let day = 0; day < 450 * 365; day += 1) {
      const date = new Date(day * 86_400_000);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      const { fromSlot, toSlot } = monthOf(slot(day * slotsPerDay + (day % slotsPerDay)));
      if (fromSlot !== startOf(year, month) || toSlot !== startOf(year, month + 1)) {
        throw new Error(`${date.toISOString()}: ${fromSlot} to ${toSlot}`);
      }
    }
  });
});
