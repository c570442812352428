import { compareText } from '../canonical';
import { sum } from '../math';
import { micro, type Micro } from '../units';
import type { Account, PostingSet } from './rows';

/** What was debited and credited to an account. */
export interface AccountSums {
  readonly account: Account;
  readonly debitMicro: Micro;
  readonly creditMicro: Micro;
}

/** The sums of a page and whether its debits equal its credits. */
export interface TrialBalance {
  readonly accounts: readonly AccountSums[];
  readonly balanced: boolean;
}

/** The debits and credits of some posting sets by account, in the order of the accounts, and whether they are equal. */
export function trialBalance(sets: readonly PostingSet[]): TrialBalance {
  const sums = new Map<Account, { debit: bigint; credit: bigint }>();
  for (const { account, amountMicro, side } of sets.flatMap((set) => set.entries)) {
    const known = sums.get(account) ?? { debit: 0n, credit: 0n };
    sums.set(account, { ...known, [side]: known[side] + amountMicro });
  }
  const accounts = [...sums]
    .map(([account, { credit, debit }]): AccountSums => ({
      account,
      debitMicro: micro(debit),
      creditMicro: micro(credit),
    }))
    .sort((left, right) => compareText(left.account, right.account));
  const debits = sum(accounts.map((entry) => entry.debitMicro));
  const credits = sum(accounts.map((entry) => entry.creditMicro));
  return { accounts, balanced: debits === credits };
}
