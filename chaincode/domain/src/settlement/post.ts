import { assert } from '../assert';
import { sum } from '../math';
import { micro } from '../units';
import type { Account, Entry, PostingSet } from './rows';

type Reason = Entry['reason'];

/** A movement of money from one account to another: the debit and its credit. Nothing where the amount is zero. */
export function move(debit: Account, credit: Account, amountMicro: bigint, reason: Reason): readonly Entry[] {
  if (amountMicro === 0n) {
    return [];
  }
  const amount = micro(amountMicro);
  return [
    { account: debit, side: 'debit', amountMicro: amount, reason },
    { account: credit, side: 'credit', amountMicro: amount, reason },
  ];
}

/** Joins entries of the same account, side and reason, in the order in which they first stand. */
export function joinEntries(entries: readonly Entry[]): readonly Entry[] {
  const joined = new Map<string, Entry>();
  for (const entry of entries) {
    const key = `${entry.account} ${entry.side} ${entry.reason}`;
    const known = joined.get(key);
    joined.set(
      key,
      known === undefined ? entry : { ...entry, amountMicro: micro(known.amountMicro + entry.amountMicro) },
    );
  }
  return [...joined.values()];
}

/** The sum of one side of some entries. */
export function sideMicro(entries: readonly Entry[], side: Entry['side'], account?: Account): bigint {
  return sum(
    entries
      .filter((entry) => entry.side === side && (account === undefined || entry.account === account))
      .map((entry) => entry.amountMicro),
  );
}

/** What is credited to an account less what is debited from it; the caller knows that it is not below zero. */
export function netCreditMicro(entries: readonly Entry[], account: Account): bigint {
  return sideMicro(entries, 'credit', account) - sideMicro(entries, 'debit', account);
}

/** A posting set that is balanced; throws InvariantError where it would not be. */
export function balanced(set: PostingSet): PostingSet {
  assert(sideMicro(set.entries, 'debit') === sideMicro(set.entries, 'credit'), 'Debits equal credits.');
  assert(
    set.entries.every((entry) => entry.amountMicro > 0n),
    'An entry has an amount above zero.',
  );
  return set;
}
