import { object } from '../decode';
import { sessionIdCodec } from '../ids';
import { bucketNumberCodec } from '../settlement/rows';
import { rentAnswerCodec, rentWeightsCodec } from '../settlement/share-rent';
import { commandFields } from './common';
import { exampleCommandId, exampleSessionId } from './examples';
import { submitSpec } from './transaction-spec';

const contract = 'accounts';

const request = object({ ...commandFields, sessionId: sessionIdCodec, bucket: bucketNumberCodec });
const example = { commandId: exampleCommandId, sessionId: exampleSessionId, bucket: 0 };

/** The transactions of the contract `accounts` that give the rent of grid limits back. */
export const rentTransactions = {
  weighRent: submitSpec(contract, 'weighRent', {
    roles: ['market', 'regulator'],
    request,
    response: rentWeightsCodec,
    errors: [
      'MARKET_SESSION_UNKNOWN',
      'ACCOUNTS_CLEARING_NOT_APPLIED',
      'ACCOUNTS_BUCKET_UNKNOWN',
      'ACCOUNTS_STATEMENT_UNKNOWN',
      'ACCOUNTS_RENT_NONE',
    ],
    facts: ['RentWeighed'],
    summary: 'Records by what the rent of a session is shared in one bucket of participants, once.',
    example,
  }),
  shareRent: submitSpec(contract, 'shareRent', {
    roles: ['market', 'regulator'],
    request,
    response: rentAnswerCodec,
    errors: [
      'MARKET_SESSION_UNKNOWN',
      'ACCOUNTS_CLEARING_NOT_APPLIED',
      'ACCOUNTS_BUCKET_UNKNOWN',
      'ACCOUNTS_RENT_NONE',
      'ACCOUNTS_RENT_NOT_WEIGHED',
      'ACCOUNTS_RENT_NOBODY',
    ],
    facts: ['RentShared'],
    summary: "Gives one bucket's members their part of the rent of a session, once every bucket is weighed.",
    example,
  }),
} as const;
