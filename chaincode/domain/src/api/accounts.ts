/** The transactions of the contract `accounts`. */
export const accountsTransactions = {} as const;
