import { meterIdCodec, type MeterId } from '../ids';
import type { IntervalTotal } from '../meter/types';
import { wh } from '../units';
import type { MeterHistory } from './forecast-mean';
import type { Computation } from './rows';

/** The part of a request that says what its series are of. */
export type SeriesAsked = Pick<Computation, 'requestId' | 'meterIds' | 'total'>;

/** The ids of the series of an answer, in order: those of the meters; of the meters together the request's own, since their total is no meter. */
export function seriesIdsOf({ meterIds, requestId, total }: SeriesAsked): readonly MeterId[] {
  return total === true ? [meterIdCodec.decode(requestId, '/requestId')] : meterIds;
}

/** The history of each series of an answer: that of each meter, or their sum. */
export function seriesHistory(asked: SeriesAsked, history: readonly MeterHistory[]): readonly MeterHistory[] {
  if (asked.total !== true) return history;
  const totals = sumOfTotals(history.map((one) => one.totals));
  return seriesIdsOf(asked).map((meterId) => ({ meterId, totals }));
}

/** What several meters have counted together, in the quarter hours that all of them have. */
export function sumOfTotals(meters: readonly (readonly IntervalTotal[])[]): readonly IntervalTotal[] {
  const [first = [], ...others] = meters;
  const rest = others.map((totals) => new Map(totals.map((total) => [total.slot, total])));
  return first.flatMap((total) => {
    const same = rest.map((bySlot) => bySlot.get(total.slot)).filter((one) => one !== undefined);
    if (same.length < rest.length) return [];
    const importWh = wh(same.reduce((sum, one) => sum + one.importWh, total.importWh as bigint));
    const exportWh = wh(same.reduce((sum, one) => sum + one.exportWh, total.exportWh as bigint));
    return [{ slot: total.slot, importWh, exportWh }];
  });
}
