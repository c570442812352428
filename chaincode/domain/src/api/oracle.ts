/** The transactions of the contract `oracle`. */
export const oracleTransactions = {} as const;
