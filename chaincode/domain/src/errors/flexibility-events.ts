import type { ErrorRow } from './error-row';

const caller = { whoFixes: 'caller', transient: false } as const;
const nobody = { whoFixes: 'nobody', transient: false } as const;
const later = { whoFixes: 'caller', transient: true } as const;

/** Refusals of events of demand response and of their tracking, in precedence order. */
export const flexibilityEventErrors = [
  { code: 'FLEX_NOT_OWN_ORDER', meaning: "The order is another aggregator's.", ...caller },
  { code: 'FLEX_EVENT_UNKNOWN', meaning: 'The prosumer has no event under this order.', ...later },
  {
    code: 'FLEX_EVENT_EMPTY',
    meaning: 'The disaggregation asks nothing of the prosumer in this programme.',
    ...caller,
  },
  { code: 'FLEX_NOTICE_SLOT', meaning: 'The slot of the notice has not begun.', ...later },
  {
    code: 'FLEX_NOTICE_TOO_SHORT',
    meaning: 'The event begins before the notice of its programme has passed.',
    ...nobody,
  },
  {
    code: 'FLEX_EVENT_OUTSIDE_PROGRAMME',
    meaning: 'A slot of the event is outside the period, the hours or the grids of the programme.',
    ...caller,
  },
  { code: 'FLEX_EVENT_DIRECTION', meaning: 'The programme does not call in this direction.', ...caller },
  {
    code: 'FLEX_EVENT_NOT_NEUTRAL',
    meaning: 'The shift does not give back what it takes, within its tolerance.',
    ...caller,
  },
  { code: 'FLEX_EVENT_ABOVE_BAND', meaning: 'The event asks more of an asset than its flexibility band.', ...caller },
  { code: 'FLEX_EVENT_EXISTS', meaning: 'The event follows this revision of the disaggregation already.', ...nobody },
  { code: 'FLEX_EVENT_ACCEPTED', meaning: 'The prosumer has opted in to another volume, which stands.', ...nobody },
  {
    code: 'FLEX_EVENT_CLOSED',
    meaning: 'The event has been declined, cancelled or completed, or it has failed.',
    ...nobody,
  },
  { code: 'FLEX_EVENT_BEGUN', meaning: 'The event has begun; it can only be carried out or fail.', ...nobody },
  {
    code: 'FLEX_FORECAST_LATE',
    meaning: 'The forecast is not answered, or its time for answers ends after the notice.',
    ...caller,
  },
  { code: 'FLEX_SCHEDULE_METER', meaning: 'The meter is not one of the prosumer.', ...caller },
  { code: 'FLEX_SCHEDULE_BEGUN', meaning: 'The first slot of the schedule has begun.', ...nobody },
  {
    code: 'FLEX_SCHEDULE_ABOVE_LIMIT',
    meaning: 'The schedule takes or gives more in a slot than the connection can.',
    ...caller,
  },
  {
    code: 'FLEX_SIGNAL_WITHOUT_BASELINE',
    meaning: 'A set-point or a limit needs a baseline that is known at the notice.',
    ...caller,
  },
  { code: 'FLEX_EVENT_NOT_OVER', meaning: 'A slot that is to be measured has not ended.', ...later },
  { code: 'FLEX_EVENT_SLOT', meaning: 'Nothing is ordered of the prosumer in this slot.', ...caller },
  { code: 'FLEX_BASELINE_OPEN', meaning: 'The hours that adjust the baseline have not been measured yet.', ...later },
  { code: 'FLEX_REPORT_SHAPE', meaning: 'A report says nothing, or not one value for each of its slots.', ...caller },
  { code: 'FLEX_REPORT_EXISTS', meaning: 'A report of the meter begins in this slot already.', ...nobody },
  { code: 'FLEX_REPORT_UNKNOWN', meaning: 'There is no report of the meter that begins in this slot.', ...later },
] as const satisfies readonly ErrorRow[];
