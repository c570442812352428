import { accountsTransactions } from './accounts';
import { flexibilityTransactions } from './flexibility';
import { marketTransactions } from './market';
import { meteringTransactions } from './metering';
import { oracleTransactions } from './oracle';
import { registryTransactions } from './registry';
import { vppTransactions } from './vpp';
import type { AnyTransactionSpec, ConfidentialOf, RequestOf, ResponseOf } from './transaction-spec';

/** Every transaction of every contract, by contract and name. */
export const contracts = {
  registry: registryTransactions,
  metering: meteringTransactions,
  market: marketTransactions,
  flexibility: flexibilityTransactions,
  vpp: vppTransactions,
  accounts: accountsTransactions,
  oracle: oracleTransactions,
} as const;

/** Every transaction as a list. */
export const manifest: readonly AnyTransactionSpec[] = Object.values(contracts).flatMap((transactions) =>
  Object.values<AnyTransactionSpec>(transactions),
);

type Contracts = typeof contracts;
/** The name of a contract. */
export type ContractName = keyof Contracts;
/** The name of a transaction of a contract. */
export type TransactionName<C extends ContractName> = keyof Contracts[C] & string;
type SpecAt<C extends ContractName, T extends TransactionName<C>> = Extract<Contracts[C][T], AnyTransactionSpec>;
type WithMode<C extends ContractName, M extends string> = {
  [T in TransactionName<C>]: SpecAt<C, T>['mode'] extends M ? T : never;
}[TransactionName<C>];

/** The names of the transactions of a contract that write. */
export type SubmitName<C extends ContractName> = WithMode<C, 'submit'>;
/** The names of the transactions of a contract that only read. */
export type EvaluateName<C extends ContractName> = WithMode<C, 'evaluate'>;

/** The request of a transaction: `RequestAt<'registry', 'tick'>`. */
export type RequestAt<C extends ContractName, T extends TransactionName<C>> = RequestOf<SpecAt<C, T>>;
/** The response of a transaction. */
export type ResponseAt<C extends ContractName, T extends TransactionName<C>> = ResponseOf<SpecAt<C, T>>;
/** The confidential part of a transaction, undefined where it has none. */
export type ConfidentialAt<C extends ContractName, T extends TransactionName<C>> = ConfidentialOf<SpecAt<C, T>>;

/** The spec of a transaction, with its types. */
export function specOf<C extends ContractName, T extends TransactionName<C>>(contract: C, name: T): Contracts[C][T] {
  return contracts[contract][name];
}
