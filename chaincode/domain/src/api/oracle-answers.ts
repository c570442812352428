/** What a chunk of an answer with a proof is refused with, before the proof is looked at. */
export const answerErrors = [
  'ORACLE_NOT_APPROVED',
  'ORACLE_REQUEST_UNKNOWN',
  'ORACLE_REQUEST_CLOSED',
  'ORACLE_REQUEST_EXPIRED',
  'ORACLE_DATA_MISMATCH',
  'ORACLE_CHUNK_INVALID',
  'ORACLE_CHUNK_EXISTS',
  'ORACLE_ANSWER_SHAPE',
  'ORACLE_ANSWER_DIGEST',
] as const;
