import { congestionTransactions } from './flexibility/congestion';
import { disaggregationTransactions } from './flexibility/disaggregation';
import { eventTransactions } from './flexibility/events';
import { flexOfferTransactions } from './flexibility/offers';
import { flexOrderTransactions } from './flexibility/orders';
import { programmeTransactions } from './flexibility/programmes';
import { regimeTransactions } from './flexibility/regime';
import { flexRequestTransactions } from './flexibility/requests';
import { reportTransactions } from './flexibility/reports';
import { scheduleTransactions } from './flexibility/schedules';
import { flexSettlementTransactions } from './flexibility/settlement';
import { voltageTransactions } from './flexibility/voltage';
import { voltageSettlementTransactions } from './flexibility/voltage-settlement';

/** The transactions of the contract `flexibility`, in which flexibility is requested, offered, ordered, signalled and tracked. */
export const flexibilityTransactions = {
  ...congestionTransactions,
  ...flexRequestTransactions,
  ...flexOfferTransactions,
  ...flexOrderTransactions,
  ...regimeTransactions,
  ...programmeTransactions,
  ...disaggregationTransactions,
  ...eventTransactions,
  ...voltageTransactions,
  ...reportTransactions,
  ...scheduleTransactions,
  ...flexSettlementTransactions,
  ...voltageSettlementTransactions,
} as const;
