import { object } from '../decode';
import { commitmentDayCodec } from '../commitments/rows';
import { assetIdCodec } from '../ids';
import { slotCodec } from '../time';
import { exampleParticipantId } from './examples';
import { evaluateSpec } from './transaction-spec';

const contract = 'market';

/** The transactions of the contract `market` that ask the commitments book. */
export const commitmentTransactions = {
  getCommitments: evaluateSpec(contract, 'getCommitments', {
    roles: 'anyone',
    request: object({
      /** A registered asset, or the participant whose connection it is. */
      assetId: assetIdCodec,
      /** Any slot of the UTC day. */
      slot: slotCodec,
    }),
    response: commitmentDayCodec,
    errors: [],
    summary: 'Answers what an asset has promised in a UTC day, but for what sealed orders reserve.',
    example: { assetId: exampleParticipantId, slot: 1_626_044 },
  }),
} as const;
