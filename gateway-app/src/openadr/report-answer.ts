import type { EventAnswer, EventView } from './port';
import type { ReportRequest } from './report-schema';

const FAILED_STATES = ['ERROR', 'SGD_ERROR_CONDITION'];

/**
 * What a report means for its event, the first of these that holds; undefined where it changes nothing:
 * - a resource is in ERROR or SGD_ERROR_CONDITION: a device has failed;
 * - one is IDLE_OPTED_OUT or RUNNING_OPTED_OUT: the prosumer declines. An event is answered as a whole, so one resource is enough;
 * - one says before the event has begun that it follows it (CURTAILED, HEIGHTENED): the prosumer opts in;
 * - any other report shows that the event has been received.
 */
export function answerOf(report: ReportRequest, event: EventView, currentSlot: number): EventAnswer | undefined {
  if (event.state !== 'NOTIFIED' && event.state !== 'ACKNOWLEDGED' && event.state !== 'OPTED_IN') return undefined;
  const states = statesOf(report);
  if (states.some(isFailed)) return { transaction: 'optOut', reason: 'DEVICE_FAILED' };
  if (states.some(isDeclined)) return { transaction: 'optOut', reason: 'DECLINED' };
  const follows = states.some((state) => state.endsWith('_CURTAILED') || state.endsWith('_HEIGHTENED'));
  if (follows && event.state !== 'OPTED_IN' && currentSlot < event.firstSlot) return { transaction: 'optIn' };
  return event.state === 'NOTIFIED' ? { transaction: 'acknowledgeEvent' } : undefined;
}

/** True for a report in which a resource declines or has failed. */
export function isWithdrawal(report: ReportRequest): boolean {
  return statesOf(report).some((state) => isFailed(state) || isDeclined(state));
}

function isFailed(state: string): boolean {
  return FAILED_STATES.includes(state);
}

function isDeclined(state: string): boolean {
  return state.endsWith('_OPTED_OUT');
}

function statesOf({ resources }: ReportRequest): readonly string[] {
  return resources
    .flatMap(({ intervals }) => intervals)
    .flatMap(({ payloads }) => payloads)
    .filter(({ type }) => type === 'OPERATING_STATE')
    .flatMap(({ values }) => values)
    .filter((value) => typeof value === 'string');
}
