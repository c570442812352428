import type { MeterId, RequestId } from '../ids';
import type { IntervalTotal } from '../meter/types';
import { idOf } from '../testing/session-fixture';
import { slot } from '../time';
import { wh } from '../units';
import { seriesHistory, seriesIdsOf, sumOfTotals } from './total';

const one = idOf<MeterId>('meter one');
const two = idOf<MeterId>('meter two');
const requestId = idOf<RequestId>('request');

function totals(values: Readonly<Record<number, readonly [bigint, bigint]>>): readonly IntervalTotal[] {
  return Object.entries(values).map(([at, [importWh, exportWh]]) => ({
    slot: slot(Number(at)),
    importWh: wh(importWh),
    exportWh: wh(exportWh),
  }));
}

const history = [
  { meterId: one, totals: totals({ 10: [5n, 0n], 11: [6n, 1n], 13: [7n, 0n] }) },
  { meterId: two, totals: totals({ 10: [1n, 2n], 12: [9n, 9n], 13: [3n, 4n] }) },
];

describe('the series of an answer', () => {
  it('are of the meters, or one of them all under the id of the request', () => {
    expect(seriesIdsOf({ requestId, meterIds: [one, two] })).toEqual([one, two]);
    expect(seriesIdsOf({ requestId, meterIds: [one, two], total: false })).toEqual([one, two]);
    expect(seriesIdsOf({ requestId, meterIds: [one, two], total: true })).toEqual([requestId]);
  });

  it('are made of the quarter hours that all meters have', () => {
    const together = { meterId: requestId, totals: totals({ 10: [6n, 2n], 13: [10n, 4n] }) };
    expect(seriesHistory({ requestId, meterIds: [one, two], total: true }, history)).toEqual([together]);
    expect(seriesHistory({ requestId, meterIds: [one, two] }, history)).toBe(history);
    expect(sumOfTotals([])).toEqual([]);
  });
});
