/**
 * What an audit can find wrong, by stable code, in the order in which docs/audit.md lists them. A code is never given
 * another meaning; the sentence beside it says what it means.
 */
export const FINDING_CODES = {
  FILE_HEADER_WRONG: 'the file does not begin as an exported file does, or names another channel than its blocks',
  FILE_TRUNCATED: 'the file ends before its end mark, or has another number of blocks than its end mark says',
  GENESIS_NOT_TRUSTED: 'block 0 is not the one that the auditor trusts',
  BLOCK_UNREADABLE: 'a block cannot be decoded; the blocks after it are not judged',
  BLOCK_NOT_CANONICAL: 'a block holds bytes that no orderer and no peer writes',
  BLOCK_NUMBER_WRONG: 'a block has another number than the one that was due',
  BLOCK_PREVIOUS_HASH_WRONG: 'a block does not name the hash of the block before it',
  BLOCK_DATA_HASH_WRONG: 'the envelopes of a block are not those of its header',
  BLOCK_METADATA_WRONG: "a block's metadata are not in the form that a peer writes",
  BLOCK_SIGNATURE_WRONG: 'a signature of an orderer does not hold',
  BLOCK_POLICY_UNMET: 'the signatures that hold do not satisfy the BlockValidation policy of the channel',
  LAST_CONFIG_WRONG: 'the orderers name another block as the last configuration',
  VALIDATION_CODE_WRONG: 'a transaction has another validation code than the one that is derived',
  COMMIT_HASH_WRONG: 'the commit hash is not that of the derived codes and writes',
  CREATOR_CERTIFICATE_EXPIRED: 'a valid transaction was made outside the time of its creator certificate',
  PEERS_DIFFER: 'a second peer has another block under the same number',
  READING_UNREADABLE: 'a row of readings was deleted, cannot be read, or holds another block than its key says',
  READING_METER_UNKNOWN: 'a block of readings is of a meter that was not registered before',
  READING_MISSING: 'blocks or quarter hours of a meter are missing, and no gap is recorded',
  READING_DOUBLED: 'a block or a quarter hour of a meter comes a second time',
  READING_LINK_WRONG: "a block of readings does not follow the one before it in its meter's chain",
  READING_SIGNATURE_WRONG: 'a block of readings is not signed by the key of its meter that was in force',
  COPY_TRUNCATED: 'the copy of private values ends before its end mark, or has another number of rows than it says',
  COPY_UNREADABLE: 'a line of the copy, or the row in it, cannot be read',
  COPY_MISSING: 'the copy has no values of a block of readings, and the ledger has not purged them',
  COPY_DOUBLED: 'the copy has the values of a block of readings twice',
  COPY_NOT_ON_LEDGER: 'the copy has values of a block of readings that the ledger does not have',
  COPY_CHANGED: 'the values in the copy are not those whose hash the transaction has written',
  COPY_TOTALS_WRONG: 'the values in the copy do not sum to the totals of their quarter hours',
  COPY_COMMITMENT_WRONG: 'the values in the copy do not open the commitment that the meter has signed',
  INVARIANT_BROKEN: 'the rows of the ledger break a rule of money, readings, forecasts, clearings or settlement',
} as const;

/** Code of a finding. */
export type FindingCode = keyof typeof FINDING_CODES;
