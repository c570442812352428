/** The object types of the chaincode's rows, as they stand first in its composite keys (chaincode/src/store/keys.ts). */
export const ROW_TYPES = {
  grid: 'grid',
  meter: 'meter',
  block: 'block',
  gap: 'gap',
  session: 'session',
  order: 'order',
  clearing: 'clearing',
  clearingChunk: 'clearing-chunk',
  trade: 'trade',
  position: 'position',
  posting: 'posting',
  limit: 'limit',
  computation: 'computation',
  answerHead: 'answer',
  answerChunk: 'answer-chunk',
} as const;
