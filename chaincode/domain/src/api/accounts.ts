import { array, boolean, integer, nullable, object, optional } from '../decode';
import { digestCodec, freeTextCodec, signatureCodec } from '../field-codecs';
import { participantIdCodec, sessionIdCodec } from '../ids';
import { limits } from '../limits';
import {
  accountCodec,
  bucketNumberCodec,
  limitRowCodec,
  postingSetCodec,
  postingSetKeyCodec,
  runCodec,
  sourceCodec,
  statementCodec,
  statementLineCodec,
} from '../settlement/rows';
import { slotCodec } from '../time';
import { statementCoalitionCodec } from '../vpp/remuneration';
import { microCodec } from '../units';
import { bookmarkCodec, commandFields, listAnswer, pageFields } from './common';
import { curtailmentTransactions } from './curtailment';
import { deviationTransactions } from './deviations';
import { disputeTransactions } from './disputes';
import { exampleCommandId, exampleParticipantId, exampleSessionId, exampleSignature } from './examples';
import { rentTransactions } from './rent';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'accounts';

const otherParticipantId = '01part2c2pant0000000000000';
const sessionSlotsMax = limits.sessionIntervalsMax * 4;
const settledSlotCodec = object({
  slot: slotCodec,
  /** The ledger key of the posting set. */
  postingSet: postingSetKeyCodec,
  digest: digestCodec,
  participants: integer(0, limits.accountsPerBucketMax),
  /** Participants whose deviation waits for readings. */
  missing: integer(0, limits.accountsPerBucketMax),
});

/** The transactions of the contract `accounts`. */
export const accountsTransactions = {
  ...deviationTransactions,
  ...rentTransactions,
  ...curtailmentTransactions,
  ...disputeTransactions,
  fund: submitSpec(contract, 'fund', {
    roles: ['market'],
    request: object({
      ...commandFields,
      participantId: participantIdCodec,
      amountMicro: microCodec,
      reference: freeTextCodec,
    }),
    response: limitRowCodec,
    errors: ['PARTICIPANT_UNKNOWN', 'ACCOUNTS_AMOUNT_ZERO', 'ACCOUNTS_BALANCE_TOO_HIGH'],
    facts: ['AccountFunded'],
    summary: 'Issues money that a participant has paid in at the bank.',
    example: {
      commandId: exampleCommandId,
      participantId: exampleParticipantId,
      amountMicro: '50000000',
      reference: 'Transfer 4711',
    },
  }),
  transfer: submitSpec(contract, 'transfer', {
    roles: ['community', 'market'],
    request: object({
      ...commandFields,
      debitParticipantId: participantIdCodec,
      creditParticipantId: participantIdCodec,
      amountMicro: microCodec,
      expirySlot: slotCodec,
      signature: signatureCodec,
    }),
    response: limitRowCodec,
    errors: [
      'SIGNATURE_EXPIRED',
      'SIGNATURE_INVALID',
      'PARTICIPANT_UNKNOWN',
      'PARTICIPANT_SUSPENDED',
      'ACCOUNTS_AMOUNT_ZERO',
      'ACCOUNTS_TRANSFER_TO_SELF',
      'ACCOUNTS_BALANCE_TOO_LOW',
    ],
    facts: ['TransferMade'],
    summary: 'Moves money between participants, signed by the one who pays; the other folds it into its balance.',
    example: {
      commandId: exampleCommandId,
      debitParticipantId: exampleParticipantId,
      creditParticipantId: otherParticipantId,
      amountMicro: '1000000',
      expirySlot: 1_626_020,
      signature: exampleSignature,
    },
  }),
  settleInterval: submitSpec(contract, 'settleInterval', {
    roles: ['market', 'regulator'],
    request: object({
      ...commandFields,
      sessionId: sessionIdCodec,
      fromSlot: slotCodec,
      intervals: integer(1, limits.settledIntervalsPerCallMax),
      run: runCodec,
      bucket: bucketNumberCodec,
    }),
    response: object({
      sessionId: sessionIdCodec,
      run: runCodec,
      bucket: bucketNumberCodec,
      slots: array(settledSlotCodec, limits.settledIntervalsPerCallMax, 1),
    }),
    errors: [
      'MARKET_SESSION_UNKNOWN',
      'ACCOUNTS_CLEARING_NOT_APPLIED',
      'ACCOUNTS_SESSION_NOT_ANCHOR',
      'ACCOUNTS_INTERVAL_OUTSIDE',
      'ACCOUNTS_BUCKET_UNKNOWN',
      'ACCOUNTS_RUN_REFUSED',
      'ACCOUNTS_INTERVAL_NOT_ENDED',
      'ACCOUNTS_POSITIONS_OPEN',
      'ACCOUNTS_IMBALANCE_PRICE_MISSING',
      'ACCOUNTS_FLEXIBILITY_OPEN',
      'ACCOUNTS_COALITION_OPEN',
    ],
    facts: ['IntervalSettled'],
    summary: 'Settles up to four quarter hours that have ended: trades, deviations and reserves, one posting set each.',
    example: {
      commandId: exampleCommandId,
      sessionId: exampleSessionId,
      fromSlot: 1_626_044,
      intervals: 4,
      run: 1,
      bucket: 0,
    },
  }),
  foldBalance: submitSpec(contract, 'foldBalance', {
    roles: ['community', 'market'],
    request: object({
      ...commandFields,
      participantId: participantIdCodec,
      sources: array(sourceCodec, limits.foldSourcesMax, 1),
    }),
    response: limitRowCodec,
    errors: [
      'PARTICIPANT_UNKNOWN',
      'ACCOUNTS_SOURCE_TWICE',
      'ACCOUNTS_SOURCE_UNKNOWN',
      'ACCOUNTS_SOURCE_FOLDED',
      'ACCOUNTS_BALANCE_TOO_HIGH',
    ],
    facts: ['BalanceFolded'],
    summary: 'Makes credits of transfers, clearings and statements available to their owner.',
    example: {
      commandId: exampleCommandId,
      participantId: exampleParticipantId,
      sources: [
        { kind: 'clearing', sessionId: exampleSessionId },
        { kind: 'statement', sessionId: exampleSessionId, run: 1 },
      ],
    },
  }),
  statement: submitSpec(contract, 'statement', {
    roles: ['market', 'regulator'],
    request: object({
      ...commandFields,
      sessionId: sessionIdCodec,
      run: runCodec,
      firstSlot: slotCodec,
      slots: integer(1, sessionSlotsMax),
      participantIds: array(participantIdCodec, limits.statementParticipantsMax, 1),
    }),
    response: object({ statements: array(statementCodec, limits.statementParticipantsMax) }),
    errors: [
      'MARKET_SESSION_UNKNOWN',
      'ACCOUNTS_CLEARING_NOT_APPLIED',
      'ACCOUNTS_SESSION_NOT_ANCHOR',
      'ACCOUNTS_RUN_REFUSED',
      'ACCOUNTS_INTERVAL_NOT_SETTLED',
      'ACCOUNTS_STATEMENT_PERIOD',
      'ACCOUNTS_NOT_IN_SESSION',
    ],
    facts: ['StatementsIssued'],
    summary: 'Issues the statements of participants over the whole period of a session.',
    example: {
      commandId: exampleCommandId,
      sessionId: exampleSessionId,
      run: 1,
      firstSlot: 1_626_044,
      slots: 96,
      participantIds: [exampleParticipantId],
    },
  }),
  getStatement: evaluateSpec(contract, 'getStatement', {
    roles: 'anyone',
    request: object({
      sessionId: sessionIdCodec,
      run: runCodec,
      participantId: participantIdCodec,
      fromSlot: optional(slotCodec),
      slots: optional(integer(1, sessionSlotsMax)),
    }),
    response: object({
      statement: statementCodec,
      /** The rule in words, with the numbers of the rule set. */
      rule: array(freeTextCodec, 30),
      lines: array(statementLineCodec, sessionSlotsMax),
      /** Coalitions of virtual power plants in which assets of the participant served; they are paid beside the session. */
      coalitions: array(statementCoalitionCodec, limits.coalitionsPerStatementMax),
    }),
    errors: ['ACCOUNTS_STATEMENT_UNKNOWN'],
    summary:
      'Answers a statement that explains itself: rule, inputs with their ledger keys, intermediate values, postings.',
    example: { sessionId: exampleSessionId, run: 1, participantId: exampleParticipantId },
  }),
  getBalance: evaluateSpec(contract, 'getBalance', {
    roles: 'anyone',
    request: object({ participantId: participantIdCodec }),
    response: limitRowCodec,
    errors: ['PARTICIPANT_UNKNOWN'],
    summary: 'Answers what a participant can dispose of; credits that are not folded yet are not in it.',
    example: { participantId: exampleParticipantId },
  }),
  listPostings: evaluateSpec(contract, 'listPostings', {
    roles: 'anyone',
    request: object(pageFields),
    response: listAnswer(postingSetCodec),
    errors: [],
    summary: 'Lists posting sets in the order of their keys.',
    example: {},
  }),
  trialBalance: evaluateSpec(contract, 'trialBalance', {
    roles: 'anyone',
    request: object(pageFields),
    response: object({
      postingSets: integer(0, limits.postingSetsPerPageMax),
      accounts: array(
        object({ account: accountCodec, debitMicro: microCodec, creditMicro: microCodec }),
        limits.trialAccountsMax,
      ),
      /** True where debits equal credits over the page. */
      balanced: boolean,
      bookmark: nullable(bookmarkCodec),
    }),
    errors: [],
    summary: 'Sums up debits and credits by account over up to 1,000 posting sets.',
    example: {},
  }),
} as const;
