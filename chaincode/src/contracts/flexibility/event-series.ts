import {
  addSlots,
  adjustmentWindow,
  declaredSeries,
  forecastSeries,
  type BaselineRule,
  type BaselineSeries,
  type BaselineWindow,
  type MeterId,
  type RequestId,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { found } from '../../store/found';
import { computations, loadAnswer } from '../../store/oracle/oracle-store';
import { loadSchedule } from '../../store/flexibility/schedule-store';

/** Which series a baseline can be made from. */
export interface SeriesAsked {
  readonly rule: BaselineRule;
  readonly event: BaselineWindow;
  readonly meterIds: readonly MeterId[];
  readonly noticeSlot: Slot;
  readonly reboundSlots: number;
  /** The forecast that the aggregator names. */
  readonly forecastId: RequestId | undefined;
}

/**
 * What was forecast or declared for the meters of an event before its notice, for the methods that take it; undefined for the others. Refuses
 * a forecast that nobody has asked for (ORACLE_REQUEST_UNKNOWN) and one that came too late (FLEX_FORECAST_LATE).
 */
export async function loadSeries(context: GridContext, asked: SeriesAsked): Promise<BaselineSeries | undefined> {
  switch (asked.rule.method) {
    case 'forecast':
      return asked.forecastId === undefined ? undefined : loadForecast(context, asked.forecastId, asked);
    case 'declared':
      return loadDeclared(context, asked);
    default:
      return undefined;
  }
}

async function loadForecast(
  { session }: GridContext,
  requestId: RequestId,
  { meterIds, noticeSlot }: SeriesAsked,
): Promise<BaselineSeries> {
  const request = found(await computations.load(session, requestId), 'ORACLE_REQUEST_UNKNOWN', { requestId });
  const { series } = await loadAnswer(session, request);
  return forecastSeries(request, series, meterIds, noticeSlot);
}

async function loadDeclared({ session }: GridContext, asked: SeriesAsked): Promise<BaselineSeries> {
  const { event, meterIds, noticeSlot, reboundSlots, rule } = asked;
  const fromSlot = adjustmentWindow(rule.adjustment, event)?.firstSlot ?? event.firstSlot;
  const toSlot = addSlots(event.firstSlot, event.intervals * event.intervalSlots + reboundSlots - 1);
  const rows = await Promise.all(meterIds.map((meterId) => loadSchedule(session, meterId, fromSlot, toSlot)));
  return declaredSeries(rows.flat(), meterIds, noticeSlot);
}
