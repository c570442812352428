import { coalitionPlanCodec, frozenCoalitionCaseCodec, rowCodec, type CoalitionPlanId } from '@flexledger/domain';
import { composite } from '../keys';
import { RowKeeper } from '../row-keeper';

/** What came of a choice of coalitions, and what it was made from: both written once. */
export const coalitionPlans = new RowKeeper(rowCodec(coalitionPlanCodec), (planId: CoalitionPlanId) =>
  composite('coalition-plan', planId),
);
export const coalitionCases = new RowKeeper(rowCodec(frozenCoalitionCaseCodec), (planId: CoalitionPlanId) =>
  composite('coalition-case', planId),
);
