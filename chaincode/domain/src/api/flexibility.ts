import { programmeTransactions } from './flexibility/programmes';

/** The transactions of the contract `flexibility`. */
export const flexibilityTransactions = {
  ...programmeTransactions,
} as const;
