import { integer, nullable, object, optional } from '../../decode';
import { freeTextCodec, mspIdCodec } from '../../field-codecs';
import { limits } from '../../limits';
import { microCodec } from '../../units';
import { serviceIdCodec } from '../../vpp/ids';
import { serviceFields, serviceFundCodec, serviceProductCodec } from '../../vpp/service/rows';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleCommandId } from '../examples';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { exampleService, vppContract as contract } from './common';

const publishers = ['tso', 'dso', 'market'] as const;

/** The transactions of the contract `vpp` about the catalogue of services and the funds of those who buy them. */
export const serviceTransactions = {
  publishService: submitSpec(contract, 'publishService', {
    roles: publishers,
    request: object({ ...commandFields, ...serviceFields }),
    response: serviceProductCodec,
    errors: ['VPP_OFF', 'VPP_SERVICE_OTHERS', 'VPP_SERVICE_TERMS', 'VPP_SERVICE_IN_USE'],
    facts: ['ServicePublished'],
    summary: 'Publishes a service of the catalogue, or a new version of it while nobody has an open request.',
    example: { commandId: exampleCommandId, ...exampleService },
  }),
  retireService: submitSpec(contract, 'retireService', {
    roles: publishers,
    request: object({ ...commandFields, serviceId: serviceIdCodec }),
    response: serviceProductCodec,
    errors: ['VPP_OFF', 'VPP_SERVICE_UNKNOWN', 'VPP_SERVICE_RETIRED', 'VPP_SERVICE_OTHERS', 'VPP_SERVICE_IN_USE'],
    facts: ['ServiceRetired'],
    summary: 'Takes a service out of the catalogue.',
    example: { commandId: exampleCommandId, serviceId: 'mfrr' },
  }),
  fundService: submitSpec(contract, 'fundService', {
    roles: ['market'],
    request: object({ ...commandFields, mspId: mspIdCodec, amountMicro: microCodec, reference: freeTextCodec }),
    response: serviceFundCodec,
    errors: ['VPP_OFF', 'VPP_BUYER_REFUSED', 'ACCOUNTS_AMOUNT_ZERO', 'ACCOUNTS_BALANCE_TOO_HIGH'],
    facts: ['ServiceFunded'],
    summary: 'Issues money that an organisation has paid in for services, from which accepted offers are covered.',
    example: { commandId: exampleCommandId, mspId: 'TsoMSP', amountMicro: '600000000', reference: 'Balancing, May' },
  }),
  getService: evaluateSpec(contract, 'getService', {
    roles: 'anyone',
    request: object({ serviceId: serviceIdCodec, version: optional(integer(1, limits.amendmentVersionMax)) }),
    response: object({ service: nullable(serviceProductCodec) }),
    errors: [],
    summary: 'A service in a version, or as it is now; null where there is none.',
    example: { serviceId: 'mfrr' },
  }),
  listServices: evaluateSpec(contract, 'listServices', {
    roles: 'anyone',
    request: object({ ...pageFields }),
    response: listAnswer(serviceProductCodec),
    errors: [],
    summary: 'The catalogue of services, at most 100 at once.',
    example: {},
  }),
  getServiceFund: evaluateSpec(contract, 'getServiceFund', {
    roles: 'anyone',
    request: object({ mspId: mspIdCodec }),
    response: serviceFundCodec,
    errors: [],
    summary: 'What an organisation has paid in for services: free, and set aside for accepted offers.',
    example: { mspId: 'TsoMSP' },
  }),
} as const;
