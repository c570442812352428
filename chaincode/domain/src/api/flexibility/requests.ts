import { nullable, object, oneOf } from '../../decode';
import { headerFields } from '../../flexibility/header';
import { flexRequestIdCodec } from '../../flexibility/ids';
import { flexRequestCodec, requestFields } from '../../flexibility/request/rows';
import { commandFields } from '../common';
import { exampleCommandId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import {
  exampleHeader,
  examplePeriodSlot,
  flexibilityContract as contract,
  listAtPlace,
  operatorErrors,
  participantErrors,
} from './common';

export const exampleRequestId = '01f1exreqst00000000000000a';

const requestErrors = [
  'FLEX_ISPS_OUT_OF_BOUNDS',
  'FLEX_ISP_CONFLICT',
  'FLEX_REQUESTED_NO_DIRECTION',
  'FLEX_POWER_DISCREPANCY',
  'FLEX_ZERO_VOLUME',
  'FLEX_LACKING_REQUESTED',
] as const;
const newErrors = [
  'FLEX_EXPIRY_OUT_OF_BOUNDS',
  'FLEX_REVISION_SUBORDINATE',
  'FLEX_ALREADY_SUBMITTED',
  'FLEX_DUPLICATE_IDENTIFIER',
] as const;
const endState = oneOf('CLOSED', 'REVOKED');

/** The transactions of the contract `flexibility` by which flexibility is requested. */
export const flexRequestTransactions = {
  requestFlexibility: submitSpec(contract, 'requestFlexibility', {
    roles: ['dso'],
    request: object({ ...commandFields, ...headerFields, ...requestFields }),
    response: flexRequestCodec,
    errors: [...operatorErrors, ...requestErrors, ...newErrors, 'FLEX_REFERENCE_UNKNOWN', 'FLEX_REQUESTS_TOO_MANY'],
    facts: ['FlexRequested', 'RegimeChanged'],
    summary: 'Requests flexibility at a congestion point of the own grid on a local day; its regime is yellow then.',
    example: {
      commandId: exampleCommandId,
      ...exampleHeader,
      revision: 1,
      isps: [
        {
          startSlot: examplePeriodSlot + 72,
          slots: 4,
          disposition: 'requested',
          direction: 'reduce',
          minW: '20000',
          maxW: '60000',
        },
      ],
      answerBySlot: examplePeriodSlot - 4,
    },
  }),
  requestIncrease: submitSpec(contract, 'requestIncrease', {
    roles: ['market'],
    request: object({ ...signedFields, ...headerFields, ...requestFields }),
    response: flexRequestCodec,
    errors: [...participantErrors, ...requestErrors, 'FLEX_DIRECTION_REFUSED', ...newErrors],
    facts: ['FlexRequested'],
    summary: 'Requests, for a producer at a surplus of renewable energy, that more is consumed.',
    example: {
      ...signedExample,
      ...exampleHeader,
      revision: 1,
      isps: [
        {
          startSlot: examplePeriodSlot + 48,
          slots: 8,
          disposition: 'requested',
          direction: 'increase',
          minW: '10000',
          maxW: '30000',
        },
      ],
      answerBySlot: examplePeriodSlot - 4,
    },
  }),
  endFlexRequest: submitSpec(contract, 'endFlexRequest', {
    roles: ['dso'],
    request: object({ ...commandFields, requestId: flexRequestIdCodec, state: endState }),
    response: flexRequestCodec,
    errors: ['FLEX_NOT_GRID_OPERATOR', 'FLEX_REFERENCE_UNKNOWN', 'FLEX_NOT_PARTY', 'FLEX_REFERENCE_CLOSED'],
    facts: ['FlexRequestEnded'],
    summary: 'Takes no more offers to a request; revoked, none of them can be ordered either.',
    example: { commandId: exampleCommandId, requestId: exampleRequestId, state: 'CLOSED' },
  }),
  endIncreaseRequest: submitSpec(contract, 'endIncreaseRequest', {
    roles: ['market'],
    request: object({ ...signedFields, requestId: flexRequestIdCodec, state: endState }),
    response: flexRequestCodec,
    errors: [...signatureErrors, 'FLEX_REFERENCE_UNKNOWN', 'FLEX_NOT_PARTY', 'FLEX_REFERENCE_CLOSED'],
    facts: ['FlexRequestEnded'],
    summary: 'Ends the request of a producer, as endFlexRequest does that of a system operator.',
    example: { ...signedExample, requestId: exampleRequestId, state: 'REVOKED' },
  }),
  expireFlexRequest: submitSpec(contract, 'expireFlexRequest', {
    roles: 'anyone',
    request: object({ ...commandFields, requestId: flexRequestIdCodec }),
    response: flexRequestCodec,
    errors: ['FLEX_REFERENCE_UNKNOWN', 'FLEX_REFERENCE_CLOSED', 'FLEX_NOT_EXPIRED'],
    facts: ['FlexRequestEnded'],
    summary: 'Marks a request as expired that can not be answered any more.',
    example: { commandId: exampleCommandId, requestId: exampleRequestId },
  }),
  getFlexRequest: evaluateSpec(contract, 'getFlexRequest', {
    roles: 'anyone',
    request: object({ requestId: flexRequestIdCodec }),
    response: object({ request: nullable(flexRequestCodec) }),
    errors: [],
    summary: 'Answers a request for flexibility, or null.',
    example: { requestId: exampleRequestId },
  }),
  listFlexRequests: listAtPlace(
    'listFlexRequests',
    flexRequestCodec,
    'Lists the requests at a congestion point on a local day, whoever made them.',
  ),
} as const;
