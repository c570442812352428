import type { ErrorRow } from './error-row';

/** Refusals of the contract `metering`, in precedence order; those of a single block are reported with the block. */
export const meteringErrors = [
  {
    code: 'METERING_COUNT',
    meaning: 'The number of blocks in the confidential part is not the number in the request.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'METERING_RANGE',
    meaning: 'A query names 1 to 96 slots, the first not after the last.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'READING_FORMAT',
    meaning: 'The bytes of a block do not follow the block format.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'READING_METER_UNKNOWN', meaning: 'There is no meter with this id.', whoFixes: 'caller', transient: true },
  {
    code: 'READING_KEY_VERSION',
    meaning: 'The key version is not the one in force.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'READING_SHAPE',
    meaning: 'The resolution or the numbers of values, totals and stated qualities do not belong together.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'READING_SIGNATURE',
    meaning: 'The signature is not the low-S signature of this block by the key of the meter.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'READING_CONFLICT',
    meaning: 'Another block with this sequence number is already recorded.',
    whoFixes: 'operator',
    transient: false,
  },
  {
    code: 'READING_SEQUENCE',
    meaning: 'The block is not the next one of its meter.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'READING_LINK',
    meaning: 'The block is not linked to the previous one of its meter.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'READING_NOT_CONTIGUOUS',
    meaning: 'The block does not begin where the previous one, or a stated gap behind it, ended.',
    whoFixes: 'operator',
    transient: false,
  },
  {
    code: 'READING_NOT_ENDED',
    meaning: 'A slot of the block has not ended on the ledger clock.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'READING_TOTALS',
    meaning: 'The totals of an interval are not the sums of its values.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'READING_COMMITMENT',
    meaning: 'The commitment does not open to the values and the salt.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'READING_UNKNOWN', meaning: 'There is no such reading.', whoFixes: 'caller', transient: true },
  {
    code: 'GAP_RANGE',
    meaning: 'A gap names 1 to 672 slots, the first not after the last.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'GAP_NOT_CONTIGUOUS',
    meaning: 'A gap begins where the last block of the meter ended.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'GAP_NOT_ENDED',
    meaning: 'A slot of the gap has not ended on the ledger clock.',
    whoFixes: 'caller',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
