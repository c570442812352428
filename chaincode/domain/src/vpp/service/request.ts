import { demand, RuleError } from '../../errors';
import type { Participant } from '../../registry/types';
import { limits } from '../../limits';
import type { Role } from '../../field-codecs';
import type { ServiceRequestId } from '../ids';
import { publishedService } from './product';
import type { Buyer, ServiceBuyer, ServiceProduct, ServiceRequest, ServiceUse } from './rows';

/** What a buyer asks for. */
export type ServiceRequestAsked = Omit<ServiceRequest, 'buyer' | 'kind' | 'sliceSlots' | 'serviceVersion' | 'state'>;

/** What the ledger knows when a service is requested. */
export interface KnownForServiceRequest {
  readonly product: ServiceProduct | undefined;
  readonly buyer: Buyer;
  readonly buyerKind: ServiceBuyer | undefined;
  readonly use: ServiceUse;
  /** True where answers would be too late already. */
  readonly answerHasCome: boolean;
}

/** As what an organisation buys. */
export function organisationBuyer(role: Role | undefined): ServiceBuyer | undefined {
  return role === 'tso' || role === 'dso' ? role : undefined;
}

/** As what a participant buys: suppliers and producers are the wholesale market. */
export function participantBuyer({ kind }: Pick<Participant, 'kind'>): ServiceBuyer | undefined {
  return kind === 'supplier' || kind === 'producer' ? 'wholesale' : undefined;
}

/**
 * A request for a service. Refuses a service that is not offered, who may not buy it, a direction that it has not, times in the wrong order,
 * and volumes below the smallest bid of the service (999 kW of 1 MW: VPP_BID_BELOW_MINIMUM) or that are no whole number of steps.
 */
export function requestService(asked: ServiceRequestAsked, known: KnownForServiceRequest): ServiceRequest {
  const { answerBySlot, bidMinW, direction, firstSlot, gridIds, serviceId, slices, volumeMaxW } = asked;
  demand(new Set(gridIds).size === gridIds.length, 'VPP_NAMED_TWICE');
  const product = publishedService(known.product, serviceId);
  const { sliceSlots } = product;
  const isShort = slices * sliceSlots <= limits.requestSlotsMax;
  demand(isShort && answerBySlot <= firstSlot, 'VPP_PERIOD', { answerBySlot, firstSlot });
  demand(!known.answerHasCome, 'VPP_PERIOD_BEGUN', { slot: answerBySlot });
  const mayBuy = known.buyerKind !== undefined && product.buyers.includes(known.buyerKind);
  demand(mayBuy, 'VPP_BUYER_REFUSED', { serviceId });
  demand(product.directions.includes(direction), 'VPP_SERVICE_DIRECTION', { serviceId, direction });
  demandBid(product, bidMinW);
  demandBid(product, volumeMaxW);
  demand(bidMinW <= volumeMaxW, 'VPP_BID_STEP', { bidMinW: bidMinW.toString() });
  const isRoom = known.use.openRequests < limits.openRequestsPerServiceMax;
  demand(isRoom, 'VPP_REQUESTS_TOO_MANY', { serviceId });
  const { kind, version } = product;
  return { ...asked, buyer: known.buyer, kind, sliceSlots, serviceVersion: version, state: 'OPEN' };
}

/** Refuses a power that a service does not take as a bid: below its smallest one (VPP_BID_BELOW_MINIMUM), or between two steps (VPP_BID_STEP). */
export function demandBid({ bidMinW, bidStepW, serviceId }: ServiceProduct, powerW: bigint): void {
  demand(powerW >= bidMinW, 'VPP_BID_BELOW_MINIMUM', { serviceId, bidMinW: bidMinW.toString() });
  demand(powerW % bidStepW === 0n, 'VPP_BID_STEP', { serviceId, bidStepW: bidStepW.toString() });
}

/** The request of an id; refuses with VPP_REQUEST_UNKNOWN. */
export function knownServiceRequest(request: ServiceRequest | undefined, requestId: ServiceRequestId): ServiceRequest {
  if (request === undefined) {
    throw new RuleError('VPP_REQUEST_UNKNOWN', { requestId });
  }
  return request;
}

/** True where two name the same buyer. */
export function isBuyer(left: Buyer, right: Buyer): boolean {
  return left.mspId === right.mspId && left.participantId === right.participantId;
}

/**
 * The request as its buyer ends it: CLOSED takes no more offers and keeps those that were accepted, WITHDRAWN has none. Refuses another's, and
 * one that is not open.
 */
export function endServiceRequest(
  request: ServiceRequest,
  buyer: Buyer,
  state: Exclude<ServiceRequest['state'], 'OPEN'>,
): ServiceRequest {
  const { requestId } = request;
  demand(isBuyer(request.buyer, buyer), 'VPP_NOT_OWN_REQUEST', { requestId });
  return endedServiceRequest(request, state);
}

/** The request once it is closed, withdrawn or served, whoever does it; refuses one that is not open (VPP_REQUEST_CLOSED). */
export function endedServiceRequest(
  request: ServiceRequest,
  state: Exclude<ServiceRequest['state'], 'OPEN'>,
): ServiceRequest {
  demand(request.state === 'OPEN', 'VPP_REQUEST_CLOSED', { requestId: request.requestId, state: request.state });
  return { ...request, state };
}

/** The use of a service with one open request more or less. */
export function usedBy({ openRequests }: ServiceUse, change: 1 | -1): ServiceUse {
  return { openRequests: openRequests + change };
}
