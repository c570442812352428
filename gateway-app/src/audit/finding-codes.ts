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
  INVARIANT_BROKEN: 'the rows of the ledger break a rule of money, readings, forecasts, clearings or settlement',
} as const;

/** Code of a finding. */
export type FindingCode = keyof typeof FINDING_CODES;
