import { array, boolean, nullable, object, optional } from '../decode';
import { digestCodec, elementIdCodec, freeTextCodec } from '../field-codecs';
import { participantIdCodec, proposalIdCodec } from '../ids';
import { limits } from '../limits';
import {
  changeCodec,
  clockHeadCodec,
  foundingFields,
  governanceCodec,
  gridCodec,
  gridFields,
  participantCodec,
  participantEntryCodec,
  proposalCodec,
} from '../registry/types';
import { slotCodec } from '../time';
import { commandFields, emptyCodec, listAnswer, pageFields } from './common';
import {
  exampleCommandId,
  exampleDigest,
  exampleFounding,
  exampleGrid,
  exampleKey,
  exampleParticipantId,
  exampleSignature,
} from './examples';
import { deviceTransactions } from './devices';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'registry';

const proposalAnswerCodec = object({
  proposalId: proposalIdCodec,
  proposalDigest: digestCodec,
  effective: boolean,
});

const standingRequestCodec = object({
  ...commandFields,
  participantId: participantIdCodec,
  reason: freeTextCodec,
  /** From which slot it counts at the gates of sessions; it must not have begun. */
  fromSlot: optional(slotCodec),
});
const standingExample = {
  commandId: exampleCommandId,
  participantId: exampleParticipantId,
  reason: 'Meter under repair',
  fromSlot: 1_625_220,
};

/** The transactions of the contract `registry`. */
export const registryTransactions = {
  bootstrap: submitSpec(contract, 'bootstrap', {
    roles: ['dso', 'tso', 'regulator'],
    founding: true,
    request: object({ ...commandFields, ...foundingFields }),
    response: proposalAnswerCodec,
    errors: ['REGISTRY_ALREADY_BOOTSTRAPPED', 'REGISTRY_GOVERNANCE_INVALID', 'REGISTRY_NOT_ENTITLED'],
    facts: ['ProposalMade'],
    summary: 'Proposes the founding rules; they take effect when two authorities and one member have approved them.',
    example: { commandId: exampleCommandId, ...exampleFounding },
  }),
  propose: submitSpec(contract, 'propose', {
    roles: 'anyone',
    request: object({ ...commandFields, change: changeCodec }),
    response: proposalAnswerCodec,
    errors: ['REGISTRY_GOVERNANCE_INVALID', 'REGISTRY_NOT_ENTITLED', 'REGISTRY_RULE_SET_NUMBER'],
    facts: ['ProposalMade'],
    summary: 'Proposes a change of the governance, with the first approval.',
    example: { commandId: exampleCommandId, change: { kind: 'timekeepers', timekeepers: ['TsoMSP'] } },
  }),
  approve: submitSpec(contract, 'approve', {
    roles: 'anyone',
    founding: true,
    request: object({ ...commandFields, proposalId: proposalIdCodec, proposalDigest: digestCodec }),
    response: proposalAnswerCodec,
    errors: [
      'REGISTRY_ALREADY_BOOTSTRAPPED',
      'REGISTRY_NOT_ENTITLED',
      'REGISTRY_PROPOSAL_UNKNOWN',
      'REGISTRY_PROPOSAL_DIGEST',
      'REGISTRY_PROPOSAL_CLOSED',
      'REGISTRY_PROPOSAL_STALE',
      'REGISTRY_ALREADY_APPROVED',
    ],
    facts: ['ProposalApproved', 'GovernanceChanged'],
    summary: 'Approves a proposal; it takes effect with the second authority and the first member.',
    example: { commandId: exampleCommandId, proposalId: exampleCommandId, proposalDigest: exampleDigest },
  }),
  registerParticipants: submitSpec(contract, 'registerParticipants', {
    roles: ['community', 'market', 'aggregator'],
    request: object({
      ...commandFields,
      participants: array(participantEntryCodec, limits.participantsPerCallMax, 1),
    }),
    response: object({ participantIds: array(participantIdCodec, limits.participantsPerCallMax) }),
    errors: ['SIGNATURE_KEY_INVALID', 'SIGNATURE_INVALID', 'PARTICIPANT_EXISTS'],
    facts: ['ParticipantsRegistered'],
    summary: 'Registers participants, each of which proves by its signature that it holds its key.',
    example: {
      commandId: exampleCommandId,
      participants: [
        {
          publicKey: exampleKey,
          kind: 'prosumer',
          custodial: false,
          connectionLimitW: '30000',
          signature: exampleSignature,
        },
      ],
    },
  }),
  suspendParticipant: submitSpec(contract, 'suspendParticipant', {
    roles: ['dso', 'regulator'],
    request: standingRequestCodec,
    response: emptyCodec,
    errors: [
      'PARTICIPANT_UNKNOWN',
      'PARTICIPANT_SUSPENDED',
      'PARTICIPANT_SLOT_BEGUN',
      'PARTICIPANT_SUSPENSIONS_TOO_MANY',
    ],
    facts: ['ParticipantSuspended'],
    summary:
      'Keeps a participant out of new business until it is readmitted; with a slot, its open orders are void at every gate from then on.',
    example: standingExample,
  }),
  readmitParticipant: submitSpec(contract, 'readmitParticipant', {
    roles: ['dso', 'regulator'],
    request: standingRequestCodec,
    response: emptyCodec,
    errors: [
      'PARTICIPANT_UNKNOWN',
      'PARTICIPANT_NOT_SUSPENDED',
      'PARTICIPANT_SUSPENSION_SLOT',
      'PARTICIPANT_SLOT_BEGUN',
    ],
    facts: ['ParticipantReadmitted'],
    summary: 'Readmits a suspended participant; at the gates from a slot on, where the suspension began with one.',
    example: standingExample,
  }),
  registerGrid: submitSpec(contract, 'registerGrid', {
    roles: ['dso'],
    request: object({ ...commandFields, ...gridFields }),
    response: emptyCodec,
    errors: ['GRID_EXISTS', 'GRID_ID_TWICE', 'GRID_REFERENCE', 'GRID_NOT_A_TREE'],
    facts: ['GridRegistered'],
    summary:
      'Registers a grid: a tree of buses, its lines, its transformer and the points where its limits are watched.',
    example: { commandId: exampleCommandId, ...exampleGrid },
  }),
  tick: submitSpec(contract, 'tick', {
    roles: ['dso', 'tso', 'regulator'],
    request: object({ ...commandFields, fromSlot: slotCodec, toSlot: slotCodec }),
    response: object({ fromSlot: slotCodec, toSlot: slotCodec }),
    errors: ['CLOCK_NOT_TIMEKEEPER', 'CLOCK_RANGE', 'CLOCK_NOT_CONTINUOUS', 'CLOCK_AHEAD'],
    facts: ['ClockTicked'],
    summary: 'Begins slots on the ledger clock, in order, at most a day at once; by a timekeeper.',
    example: { commandId: exampleCommandId, fromSlot: 1_625_200, toSlot: 1_625_203 },
  }),
  getGovernance: evaluateSpec(contract, 'getGovernance', {
    roles: 'anyone',
    request: emptyCodec,
    response: object({ governance: nullable(governanceCodec) }),
    errors: [],
    summary: 'The governance in force, or null before the founding.',
    example: {},
  }),
  getClock: evaluateSpec(contract, 'getClock', {
    roles: 'anyone',
    request: emptyCodec,
    response: object({ clock: nullable(clockHeadCodec) }),
    errors: [],
    summary: 'The first and last slot that have begun, or null before the first tick.',
    example: {},
  }),
  getProposal: evaluateSpec(contract, 'getProposal', {
    roles: 'anyone',
    request: object({ proposalId: proposalIdCodec }),
    response: proposalCodec,
    errors: ['REGISTRY_PROPOSAL_UNKNOWN'],
    summary: 'A proposal of governance and who has approved it.',
    example: { proposalId: exampleCommandId },
  }),
  getParticipant: evaluateSpec(contract, 'getParticipant', {
    roles: 'anyone',
    request: object({ participantId: participantIdCodec }),
    response: participantCodec,
    errors: ['PARTICIPANT_UNKNOWN'],
    summary: 'A participant.',
    example: { participantId: exampleParticipantId },
  }),
  listParticipants: evaluateSpec(contract, 'listParticipants', {
    roles: 'anyone',
    request: object({ ...pageFields }),
    response: listAnswer(participantCodec),
    errors: [],
    summary: 'The participants by id, at most 100 at once.',
    example: {},
  }),
  getGrid: evaluateSpec(contract, 'getGrid', {
    roles: 'anyone',
    request: object({ gridId: elementIdCodec }),
    response: gridCodec,
    errors: ['GRID_UNKNOWN'],
    summary: 'A grid with all its elements.',
    example: { gridId: 'rural-1' },
  }),
  ...deviceTransactions,
} as const;
