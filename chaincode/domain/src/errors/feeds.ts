import type { ErrorRow } from './error-row';

/** Refusals of the part of the contract `oracle` that takes signals from outside, in precedence order. */
export const feedErrors = [
  { code: 'FEED_UNKNOWN', meaning: 'There is no feed with this id.', whoFixes: 'caller', transient: true },
  { code: 'FEED_EXISTS', meaning: 'A feed with this id is registered.', whoFixes: 'caller', transient: false },
  {
    code: 'FEED_NOT_OWNER',
    meaning: 'The organisation has not registered this feed.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'FEED_RETIRED', meaning: 'The feed is retired.', whoFixes: 'nobody', transient: false },
  {
    code: 'FEED_KEYS_FULL',
    meaning: 'A feed has had as many keys as it may have.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'FEED_SHAPE',
    meaning: 'The series has another unit or step than the feed, or does not lie on its grid.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'FEED_SEQUENCE',
    meaning: 'The publication is not the next one of its feed, or was issued before the last one.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'FEED_FROM_FUTURE',
    meaning: 'The slot in which it says that it was issued has not begun on the ledger clock.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FEED_STALE',
    meaning: 'The publication is older than its feed says that values are good for.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'FEED_TWICE', meaning: 'A request names a feed twice.', whoFixes: 'caller', transient: false },
  {
    code: 'FEED_PUBLICATION_UNKNOWN',
    meaning: 'The feed has no publication with this number.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FEED_DIGEST_MISMATCH',
    meaning: 'The publication with this number has another digest.',
    whoFixes: 'caller',
    transient: false,
  },
] as const satisfies readonly ErrorRow[];
