import { nullable, object } from '../../decode';
import type { ErrorCode } from '../../errors';
import { serviceIdCodec, serviceRequestIdCodec } from '../../vpp/ids';
import { serviceRequestCodec, serviceRequestFields } from '../../vpp/service/rows';
import { listAnswer, pageFields } from '../common';
import { exampleCommandId } from '../examples';
import { signatureErrors, signedExample } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { buyerCommandFields, buyerRoles } from './buyer';
import { exampleServiceRequest, exampleServiceRequestId, vppContract as contract } from './common';

const named = { requestId: serviceRequestIdCodec };
const namedExample = { requestId: exampleServiceRequestId };

const endErrors: readonly ErrorCode[] = [
  ...signatureErrors,
  'VPP_OFF',
  'VPP_BUYER_REFUSED',
  'VPP_REQUEST_UNKNOWN',
  'VPP_NOT_OWN_REQUEST',
  'VPP_REQUEST_CLOSED',
];

/** How a buyer ends its request. */
function endSpec(name: string, summary: string) {
  return submitSpec(contract, name, {
    roles: buyerRoles,
    request: object({ ...buyerCommandFields, ...named }),
    response: serviceRequestCodec,
    errors: endErrors,
    facts: ['ServiceRequestEnded'],
    summary,
    example: { commandId: exampleCommandId, ...namedExample },
  });
}

/** The transactions of the contract `vpp` by which services are requested. */
export const serviceRequestTransactions = {
  requestService: submitSpec(contract, 'requestService', {
    roles: buyerRoles,
    request: object({ ...buyerCommandFields, ...serviceRequestFields }),
    response: serviceRequestCodec,
    errors: [
      ...signatureErrors,
      'GRID_UNKNOWN',
      'VPP_OFF',
      'VPP_NAMED_TWICE',
      'VPP_PERIOD',
      'VPP_PERIOD_BEGUN',
      'VPP_SERVICE_UNKNOWN',
      'VPP_SERVICE_RETIRED',
      'VPP_BUYER_REFUSED',
      'VPP_SERVICE_DIRECTION',
      'VPP_BID_BELOW_MINIMUM',
      'VPP_BID_STEP',
      'VPP_REQUESTS_TOO_MANY',
    ],
    facts: ['ServiceRequested'],
    summary:
      'Requests a service for a system operator, or for a supplier or producer of the wholesale market, who signs.',
    example: { ...signedExample, ...exampleServiceRequest },
  }),
  withdrawServiceRequest: endSpec('withdrawServiceRequest', 'Withdraws an open request for a service.'),
  closeServiceRequest: endSpec('closeServiceRequest', 'Takes no more offers to an open request for a service.'),
  getServiceRequest: evaluateSpec(contract, 'getServiceRequest', {
    roles: 'anyone',
    request: object({ ...named }),
    response: object({ request: nullable(serviceRequestCodec) }),
    errors: [],
    summary: 'A request for a service, or null.',
    example: namedExample,
  }),
  listServiceRequests: evaluateSpec(contract, 'listServiceRequests', {
    roles: 'anyone',
    request: object({ serviceId: serviceIdCodec, ...pageFields }),
    response: listAnswer(serviceRequestCodec),
    errors: [],
    summary: 'The requests for a service by id, at most 100 at once.',
    example: { serviceId: 'mfrr' },
  }),
} as const;
