import { bilateralTransactions } from './bilateral';
import { clearingTransactions } from './clearing';
import { commitmentTransactions } from './commitments';
import { gridMarketTransactions } from './grid-market';
import { sessionTransactions } from './sessions';
import { setPointTransactions } from './set-points';
import { object } from '../decode';
import { participantIdCodec } from '../ids';
import { positionCodec } from '../market/rows';
import { listAnswer, pageFields } from './common';
import { exampleParticipantId } from './examples';
import { evaluateSpec } from './transaction-spec';

const contract = 'market';

/** The transactions of the contract `market`. */
export const marketTransactions = {
  ...sessionTransactions,
  ...clearingTransactions,
  ...commitmentTransactions,
  ...setPointTransactions,
  ...bilateralTransactions,
  ...gridMarketTransactions,
  getPositions: evaluateSpec(contract, 'getPositions', {
    roles: 'anyone',
    request: object({ participantId: participantIdCodec, ...pageFields }),
    response: listAnswer(positionCodec),
    errors: [],
    summary: 'Lists what a participant has bought and sold, interval by interval.',
    example: { participantId: exampleParticipantId },
  }),
} as const;
