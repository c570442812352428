import type { ErrorRow } from './error-row';

const caller = { whoFixes: 'caller', transient: false } as const;
const nobody = { whoFixes: 'nobody', transient: false } as const;

/** Refusals of programmes and enrolments of demand response, in precedence order; the first one is that of trade in flexibility too. */
export const flexibilityProgrammeErrors = [
  { code: 'FLEX_ROLE_MISMATCH', meaning: 'The participant is of a kind that cannot do this.', ...caller },
  {
    code: 'FLEX_PROGRAMME_UNKNOWN',
    meaning: 'There is no programme with this id.',
    whoFixes: 'caller',
    transient: true,
  },
  { code: 'FLEX_NOT_OWN_PROGRAMME', meaning: "The programme is another aggregator's.", ...caller },
  { code: 'FLEX_PROGRAMME_CLOSED', meaning: 'The programme is closed.', ...nobody },
  { code: 'FLEX_PERIOD', meaning: 'A period, or an hour of the day, ends before it begins.', ...caller },
  { code: 'FLEX_TERMS', meaning: 'The terms of the programme contradict themselves.', ...caller },
  { code: 'FLEX_NOT_PROSUMER', meaning: 'Only a prosumer enrols in a programme.', ...caller },
  { code: 'FLEX_ENROLLED', meaning: 'The participant is enrolled in the programme already.', ...nobody },
  { code: 'FLEX_NOT_ENROLLED', meaning: 'The participant is not enrolled in the programme.', ...caller },
  { code: 'FLEX_ASSET_TWICE', meaning: 'An asset stands twice in the enrolment.', ...caller },
  { code: 'FLEX_ASSET_NOT_OWN', meaning: "The asset is another participant's.", ...caller },
  {
    code: 'FLEX_ASSET_ELSEWHERE',
    meaning: 'The programme has no enrolments in the grid of the asset, or the assets are in several grids.',
    ...caller,
  },
  {
    code: 'FLEX_ASSET_ENROLLED',
    meaning: 'The asset is with another aggregator; it is with one at a time.',
    whoFixes: 'caller',
    transient: true,
  },
  { code: 'FLEX_ASSET_PROGRAMMES', meaning: 'The asset is in too many programmes of its aggregator.', ...caller },
  { code: 'FLEX_BAND_ABOVE_RATING', meaning: 'A flexibility band is wider than the asset can ever move.', ...caller },
  {
    code: 'FLEX_BAND_DIRECTION',
    meaning: 'The asset offers nothing in the direction that the programme calls for.',
    ...caller,
  },
  { code: 'FLEX_BAND_NOTICE', meaning: 'The asset needs a longer notice than the programme gives.', ...caller },
  { code: 'FLEX_COMFORT', meaning: 'A lower temperature limit is above the upper one.', ...caller },
] as const satisfies readonly ErrorRow[];
