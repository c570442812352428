/** The transactions of the contract `market`. */
export const marketTransactions = {} as const;
