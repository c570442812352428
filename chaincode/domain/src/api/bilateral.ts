import { nullable, object } from '../decode';
import { digestCodec } from '../field-codecs';
import { contractIdCodec, participantIdCodec } from '../ids';
import { contractCodec, contractTermsCodec } from '../market/bilateral/rows';
import { slotCodec } from '../time';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleDigest, exampleParticipantId } from './examples';
import { signatureErrors, signedExample, signedFields } from './signed';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'market';
const roles = ['community', 'market'] as const;

const contractFields = { contractId: contractIdCodec };
const offerFields = { answerBySlot: slotCodec, terms: contractTermsCodec };

const exampleContractId = '01c0ntract000000000000000a';
const exampleTerms = {
  gridId: 'rural-1',
  sellerParticipantId: exampleParticipantId,
  buyerParticipantId: '01part1c1pant0000000000001',
  sellerBus: 'bus-2',
  buyerBus: 'bus-1',
  firstSlot: 1_626_044,
  intervalSlots: 4,
  intervals: 24,
  energyWh: ['2000'],
  priceMicroPerKwh: '180000',
  delivery: { kind: 'prorata' },
} as const;

const answerErrors = ['CONTRACT_UNKNOWN', 'CONTRACT_NOT_PARTY', 'CONTRACT_CLOSED', 'CONTRACT_EXPIRED'] as const;
const termsErrors = [
  'CONTRACT_SELF',
  'CONTRACT_BUS_UNKNOWN',
  'CONTRACT_PERIOD',
  'CONTRACT_SERIES',
  'CONTRACT_DEADLINE',
  'MARKET_PRICE_RANGE',
  'MARKET_PRICE_TICK',
  'COMMITMENTS_CLASS_UNKNOWN',
] as const;

/** The transactions of the contract `market` by which two participants agree without anyone in the middle. */
export const bilateralTransactions = {
  proposeContract: submitSpec(contract, 'proposeContract', {
    roles,
    request: object({ ...signedFields, ...offerFields }),
    response: contractCodec,
    errors: [...signatureErrors, 'GRID_UNKNOWN', 'CONTRACT_NOT_OFFERED', 'CONTRACT_NOT_PARTY', ...termsErrors],
    facts: ['ContractProposed'],
    summary: 'Offers another participant to sell to it or to buy from it, up to a slot of the ledger clock.',
    example: { ...signedExample, answerBySlot: 1_626_030, terms: exampleTerms },
  }),
  counterContract: submitSpec(contract, 'counterContract', {
    roles,
    request: object({ ...signedFields, ...contractFields, ...offerFields }),
    response: contractCodec,
    errors: [
      ...signatureErrors,
      'CONTRACT_NOT_OFFERED',
      ...answerErrors,
      'CONTRACT_NOT_YOUR_TURN',
      'CONTRACT_ROUNDS_TOO_MANY',
      'CONTRACT_PARTIES_CHANGED',
      ...termsErrors,
    ],
    facts: ['ContractCountered'],
    summary: "Answers the other side's offer with other terms; the answer can be answered in turn.",
    example: { ...signedExample, contractId: exampleContractId, answerBySlot: 1_626_030, terms: exampleTerms },
  }),
  acceptContract: submitSpec(contract, 'acceptContract', {
    roles,
    request: object({ ...signedFields, ...contractFields, termsDigest: digestCodec }),
    response: contractCodec,
    collection: 'orders',
    errors: [
      ...signatureErrors,
      'CONTRACT_NOT_OFFERED',
      ...answerErrors,
      'CONTRACT_NOT_YOUR_TURN',
      'CONTRACT_TERMS_CHANGED',
      'CONTRACT_SESSION_PENDING',
      'MARKET_NOT_IN_DAY_AHEAD',
      'MARKET_PRICE_RANGE',
      'MARKET_PRICE_TICK',
      'COMMITMENTS_CLASS_UNKNOWN',
      'COMMITMENTS_TOO_MANY',
      'COMMITMENTS_CAPACITY',
      'CONTRACT_PREEMPTION_TOO_DEAR',
      'CONTRACT_GRID_LIMIT',
      'ACCOUNTS_BALANCE_TOO_LOW',
    ],
    facts: ['ContractAccepted', 'ContractDisplaced'],
    summary:
      "Accepts the other side's last offer: the energy is reserved, the grid used, the buyer's money locked, all or nothing.",
    example: { ...signedExample, contractId: exampleContractId, termsDigest: exampleDigest },
  }),
  rejectContract: submitSpec(contract, 'rejectContract', {
    roles,
    request: object({ ...signedFields, ...contractFields }),
    response: contractCodec,
    errors: [...signatureErrors, ...answerErrors, 'CONTRACT_NOT_YOUR_TURN'],
    facts: ['ContractRejected'],
    summary: "Rejects the other side's offer for good.",
    example: { ...signedExample, contractId: exampleContractId },
  }),
  withdrawContract: submitSpec(contract, 'withdrawContract', {
    roles,
    request: object({ ...signedFields, ...contractFields }),
    response: contractCodec,
    errors: [...signatureErrors, ...answerErrors, 'CONTRACT_NOT_OWN_OFFER'],
    facts: ['ContractWithdrawn'],
    summary: "Takes back one's own offer before it is answered.",
    example: { ...signedExample, contractId: exampleContractId },
  }),
  expireContract: submitSpec(contract, 'expireContract', {
    roles: 'anyone',
    request: object({ ...commandFields, ...contractFields }),
    response: contractCodec,
    errors: ['CONTRACT_UNKNOWN', 'CONTRACT_CLOSED', 'CONTRACT_NOT_EXPIRED'],
    facts: ['ContractExpired'],
    summary: 'Closes an offer that nobody answered in time.',
    example: { commandId: exampleCommandId, contractId: exampleContractId },
  }),
  getContract: evaluateSpec(contract, 'getContract', {
    roles: 'anyone',
    request: object(contractFields),
    response: object({ contract: nullable(contractCodec) }),
    errors: [],
    summary: 'Answers a contract between two, or null.',
    example: { contractId: exampleContractId },
  }),
  listContracts: evaluateSpec(contract, 'listContracts', {
    roles: 'anyone',
    request: object({ participantId: participantIdCodec, ...pageFields }),
    response: listAnswer(contractCodec),
    errors: [],
    summary: 'Lists the contracts of a participant in whatever state, in the order of their ids.',
    example: { participantId: exampleParticipantId },
  }),
} as const;
