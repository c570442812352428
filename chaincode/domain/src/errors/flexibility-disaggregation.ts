import type { ErrorRow } from './error-row';

const row = <const Code extends string>(code: Code, meaning: string, whoFixes: ErrorRow['whoFixes'] = 'caller') => {
  return { code, meaning, whoFixes, transient: false } as const satisfies ErrorRow;
};

/** Refusals of what an order of flexibility is split into, in precedence order. */
export const disaggregationErrors = [
  row('FLEX_SPLIT_OTHERS', 'The order is of another aggregator.'),
  row('FLEX_SPLIT_SETTLED', 'The order is settled.', 'nobody'),
  row('FLEX_SPLIT_OPEN', 'Another request to split the order is open.'),
  row('FLEX_SPLIT_EXPIRY', 'The time for answers has passed, or does not end before the order begins.'),
  row('FLEX_SPLIT_REVISIONS', 'The order has been split as often as it may be.', 'nobody'),
  row('FLEX_SPLIT_DIRECTION', 'A programme calls in another direction than the order.'),
  row('FLEX_SPLIT_ASSETS', 'More assets are enrolled than one case can have.'),
  row('FLEX_SPLIT_TOO_LARGE', 'The case has more bytes than one row may have.'),
  row('FLEX_SPLIT_UNKNOWN', 'There is no request of this order and revision.'),
  row('FLEX_SPLIT_PLANNED', 'The order has its plan of this revision.', 'nobody'),
  row('FLEX_SPLIT_NOT_EXPIRED', 'The time for answers has not passed.'),
  row('FLEX_CASE_ASSET_TWICE', 'A case names an asset twice.'),
  row(
    'FLEX_CASE_BAND',
    'The least energy of a band is at most its largest, and a maximum by slot has one entry per slot.',
  ),
  row('FLEX_CASE_COMFORT', 'A case limits the comfort of a prosumer twice.'),
  row(
    'FLEX_CASE_SLOT',
    'A slot delivers at most no less than is requested, and limits rebound only where nothing is requested.',
  ),
  row('FLEX_PLAN_ASSET_UNKNOWN', 'A profile is of an asset that is not in the case.'),
  row('FLEX_PLAN_ORDER', 'Profiles stand in the order of the assets of the case, one for each at most.'),
  row('FLEX_PLAN_OPTED_OUT', 'An asset is called whose owner has opted out.'),
  row('FLEX_PLAN_CALLS', 'An asset is called more often than it has calls left.'),
  row('FLEX_PLAN_REST', 'A call begins before the order, before the one before it, or before its rest has ended.'),
  row('FLEX_PLAN_RUN', 'A call is longer than the asset allows.'),
  row('FLEX_PLAN_NOTICE', 'A call begins before the notice time of the asset has passed.'),
  row('FLEX_PLAN_BAND', 'The energy of a slot is outside of the band of the asset.'),
  row('FLEX_PLAN_COMFORT', 'The assets of a prosumer deliver more than its comfort allows.'),
  row('FLEX_PLAN_NOT_NEUTRAL', 'An asset does not take back what it gives, within the tolerance.'),
  row('FLEX_PLAN_ABOVE_MAXIMUM', 'More is delivered in a slot than it allows.'),
  row('FLEX_OBJECTIVE_MISSTATED', 'The profiles cost something else than is stated.'),
  row('FLEX_CERTIFICATE_TOO_LARGE', 'The certificate costs more to check than is allowed.'),
  row('FLEX_CERTIFICATE_INVALID', 'The certificate is no tree that covers all profiles, or a price in it is none.'),
  row('FLEX_BOUND_MISSTATED', 'The certificate proves another bound than is stated.'),
  row('FLEX_GAP_EXCEEDED', 'The answer costs more above its proven bound than is agreed.'),
] as const;
