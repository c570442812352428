/** The transactions of the contract `metering`. */
export const meteringTransactions = {} as const;
