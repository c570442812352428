import type { ErrorRow } from './error-row';

const row = <const Code extends string>(code: Code, meaning: string, whoFixes: ErrorRow['whoFixes'] = 'caller') => {
  return { code, meaning, whoFixes, transient: false } as const satisfies ErrorRow;
};

/** Refusals of the choice of coalitions, in precedence order. */
export const vppCoalitionErrors = [
  row('VPP_CASE_TIME', 'The time for answers has passed, or does not end before the first slice begins.'),
  row('VPP_CASE_SPAN', 'The requests reach over more steps than one case can have.'),
  row('VPP_CASE_ASSETS', 'More assets are mandated than one case can have.'),
  row('VPP_CASE_EMPTY', 'No asset can serve any of the requests.'),
  row('VPP_CASE_TOO_LARGE', 'The case has more bytes than one row may have.'),
  row('VPP_CASE_UNKNOWN', 'There is no request for coalitions with this id.'),
  row('VPP_PLANNED', 'The request has its plan.', 'nobody'),
  row('VPP_PLAN_NOT_EXPIRED', 'The time for answers has not passed.'),
  row('VPP_CASE_TWICE', 'A case names an asset, a request or a group twice.'),
  row(
    'VPP_CASE_BAND',
    'The least power of a band is at most its largest, and a maximum by step has one entry per step.',
  ),
  row(
    'VPP_CASE_REQUEST',
    'The slices of a request end inside of the case, and its least power is at most its largest.',
  ),
  row('VPP_CASE_GROUP', 'A group has assets of the case, each once, and one limit for each step.'),
  row('VPP_PLAN_ASSET_UNKNOWN', 'An assignment is of an asset that is not in the case.'),
  row('VPP_PLAN_ORDER', 'Assignments stand in the order of the assets of the case, one for each at most.'),
  row('VPP_PLAN_REQUEST_UNKNOWN', 'A duty or what is served is of a request that is not in the case.'),
  row('VPP_PLAN_DUTY_ORDER', 'A duty begins before the one before it has ended, or ends after the case.'),
  row('VPP_PLAN_REST', 'A run begins before the rest after the one before it has ended.'),
  row('VPP_PLAN_RUN', 'A run is longer than the asset allows.'),
  row(
    'VPP_PLAN_NOT_ABLE',
    'An asset serves a request that it may not or cannot serve in a step, or cannot reach in time.',
  ),
  row('VPP_PLAN_BAND', 'The power of a step is outside of the band of the asset.'),
  row('VPP_PLAN_STORAGE', 'The promises of a storage take more energy than it has.'),
  row('VPP_PLAN_GROUP', 'The assets of a group promise more than their common limit.'),
  row(
    'VPP_PLAN_SERVED',
    'What is served stands in the order of the requests of the case, with one power for each slice.',
  ),
  row(
    'VPP_PLAN_BID',
    'A bid is below the least or above the largest power of the request, or no multiple of its step.',
  ),
  row('VPP_PLAN_NOT_COVERED', 'The firm power of the assets is less than what is served and its margin.'),
  row('VPP_PLAN_TOO_FEW_ASSETS', 'Fewer assets serve a request than it demands.'),
  row('VPP_OBJECTIVE_MISSTATED', 'The answer earns something else than is stated.'),
  row('VPP_CERTIFICATE_TOO_LARGE', 'The certificate costs more to check than is allowed.'),
  row('VPP_CERTIFICATE_INVALID', 'The certificate is no tree that covers all answers, or a price in it is none.'),
  row('VPP_BOUND_MISSTATED', 'The certificate proves another bound than is stated.'),
  row('VPP_GAP_EXCEEDED', 'The proven bound is above the answer by more than is agreed.'),
] as const;
