import type { ErrorRow } from './error-row';

const caller = { whoFixes: 'caller', transient: false } as const;
const later = { whoFixes: 'caller', transient: true } as const;
const nobody = { whoFixes: 'nobody', transient: false } as const;

/** Refusals of assets, mandates, bands, services, requests and tests of virtual power plants, in precedence order. */
export const vppAssetErrors = [
  { code: 'VPP_OFF', meaning: 'The rule set has no virtual power plants.', whoFixes: 'operator', transient: true },
  { code: 'VPP_NAMED_TWICE', meaning: 'An asset, a service or a grid is named twice.', ...caller },
  { code: 'VPP_PERIOD', meaning: 'A period ends before it begins, or is longer than a request can be.', ...caller },
  { code: 'VPP_PERIOD_BEGUN', meaning: 'The period has begun on the ledger clock.', ...nobody },
  { code: 'VPP_ASSET_NOT_OWN', meaning: "The asset is another participant's.", ...caller },
  { code: 'VPP_RATING_EXCEEDED', meaning: 'A power is above what the asset is registered with.', ...caller },
  {
    code: 'VPP_DIRECTION_IMPOSSIBLE',
    meaning: 'An asset of this kind cannot give, or cannot take, or cannot be held back.',
    ...caller,
  },
  {
    code: 'VPP_STORAGE_INVALID',
    meaning: 'A storage lacks its energies, another asset has some, or they contradict each other.',
    ...caller,
  },
  { code: 'VPP_STORAGE_TIME', meaning: 'A state of charge is stated for a time that has not begun.', ...later },
  {
    code: 'VPP_LEVELS_INVALID',
    meaning: 'A least power is above the greatest one, a ramp is zero, or nothing is offered.',
    ...caller,
  },
  { code: 'VPP_DATA_UNKNOWN', meaning: 'The owner of the asset has not filed its technical data.', ...later },
  { code: 'VPP_NOT_AGGREGATOR', meaning: 'The participant is no aggregator.', ...caller },
  {
    code: 'VPP_ASSET_MANDATED',
    meaning: 'The asset has a mandate at that time, or too many; two aggregators never have it at once.',
    ...later,
  },
  { code: 'VPP_MANDATE_UNKNOWN', meaning: 'There is no mandate with this id.', ...later },
  { code: 'VPP_NOT_OWN_MANDATE', meaning: "The mandate is another participant's.", ...caller },
  { code: 'VPP_MANDATE_REVOKED', meaning: 'The mandate is revoked already.', ...nobody },
  { code: 'VPP_MANDATE_MISSING', meaning: 'The owner has given no mandate for this service and time.', ...later },
  { code: 'VPP_BANDS_OUTDATED', meaning: 'The bands are made of technical data that are not in force.', ...later },
  {
    code: 'VPP_BAND_MISMATCH',
    meaning: 'The bands are not what follows from the technical data and what was delivered.',
    ...caller,
  },
  { code: 'VPP_SERVICE_UNKNOWN', meaning: 'There is no service with this id.', ...later },
  { code: 'VPP_SERVICE_RETIRED', meaning: 'The service is retired.', ...nobody },
  {
    code: 'VPP_SERVICE_OTHERS',
    meaning: 'The service is published by another organisation, or would be bought by others only.',
    ...caller,
  },
  { code: 'VPP_SERVICE_TERMS', meaning: 'The terms of the service contradict themselves.', ...caller },
  { code: 'VPP_SERVICE_IN_USE', meaning: 'There are open requests for the service.', ...later },
  { code: 'VPP_BUYER_REFUSED', meaning: 'The service is not sold to who asks for it.', ...caller },
  { code: 'VPP_SERVICE_DIRECTION', meaning: 'The service has no such direction.', ...caller },
  { code: 'VPP_BID_BELOW_MINIMUM', meaning: 'A volume is below the smallest bid of the service.', ...caller },
  {
    code: 'VPP_BID_STEP',
    meaning: 'A volume is not a whole number of steps, or the least is above the most.',
    ...caller,
  },
  { code: 'VPP_REQUESTS_TOO_MANY', meaning: 'There are too many open requests for the service.', ...later },
  { code: 'VPP_REQUEST_UNKNOWN', meaning: 'There is no request for a service with this id.', ...later },
  { code: 'VPP_NOT_OWN_REQUEST', meaning: "The request is another buyer's.", ...caller },
  { code: 'VPP_REQUEST_CLOSED', meaning: 'The request is not open.', ...nobody },
  { code: 'VPP_FUND_TOO_SMALL', meaning: 'The buyer has not set aside what the service may cost.', ...later },
  { code: 'VPP_TEST_OPEN', meaning: 'The asset or pool is under test for this kind of service.', ...later },
  {
    code: 'VPP_TEST_SHARES',
    meaning: 'A test of an asset is of that asset alone, and asks for some power.',
    ...caller,
  },
  {
    code: 'VPP_TEST_UNMEASURABLE',
    meaning: 'The asset has no meter of its own, or the meters do not measure what would be tested.',
    ...caller,
  },
  { code: 'VPP_BANDS_UNKNOWN', meaning: 'The oracle has filed no bands of the asset in this direction.', ...later },
  {
    code: 'VPP_TEST_ABOVE_BAND',
    meaning: 'The test asks for more, or for longer, than the band of the asset.',
    ...caller,
  },
  {
    code: 'VPP_ASSET_TOO_SLOW',
    meaning: 'The asset is not at full power in the time that the service gives.',
    ...caller,
  },
  { code: 'VPP_TEST_PROMISED', meaning: 'The asset is promised to others at the time of the test.', ...later },
  { code: 'VPP_TEST_UNKNOWN', meaning: 'The asset or pool is not under test for this kind of service.', ...later },
  { code: 'VPP_TEST_NOT_OWN', meaning: "The test is another aggregator's, or of another's service.", ...caller },
  { code: 'VPP_TEST_BY_METERS', meaning: 'The service is settled by dispatch: meters judge its tests.', ...caller },
  {
    code: 'VPP_TEST_SIGNAL',
    meaning: 'A test of FCR is shown a frequency, another one powers up to the tested one.',
    ...caller,
  },
  {
    code: 'VPP_TEST_NOT_OVER',
    meaning: 'The test is not over, or its readings, telemetry or signals may still come.',
    ...later,
  },
  { code: 'VPP_NOT_PREQUALIFIED', meaning: 'The asset or pool is not prequalified for the service.', ...later },
] as const satisfies readonly ErrorRow[];
