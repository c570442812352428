import {
  limits,
  micro,
  object,
  openedMinutesCodec,
  prequalificationCodec,
  present,
  rowCodec,
  serviceFundCodec,
  serviceProductCodec,
  serviceRequestCodec,
  serviceRequestIdCodec,
  serviceUseCodec,
  testSignalCodec,
  testTelemetryCodec,
  usedBy,
  type AssetId,
  type BandDirection,
  type ListAnswer,
  type Prequalification,
  type ServiceFund,
  type ServiceId,
  type ServiceKind,
  type ServiceProduct,
  type ServiceRequest,
  type ServiceUse,
} from '@flexledger/domain';
import { PrivateRowKeeper, RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';
import { vppKeys, vppPrefixes } from './asset-keys';

const productRow = rowCodec(serviceProductCodec);
/** The services as they are now: only their publisher writes them. */
export const services = new RowKeeper(productRow, vppKeys.service);
/** The versions of services, each written once. */
export const serviceVersions = new RowKeeper(productRow, vppKeys.serviceVersion);
const uses = new RowKeeper(rowCodec(serviceUseCodec), vppKeys.serviceUse);
/** Requests for services: small state machines that their buyer moves. */
export const serviceRequests = new RowKeeper(rowCodec(serviceRequestCodec), vppKeys.serviceRequest);
const requestsOf = new RowKeeper(rowCodec(object({ requestId: serviceRequestIdCodec })), vppKeys.serviceRequestOf);
const funds = new RowKeeper(rowCodec(serviceFundCodec), vppKeys.serviceFund);
/** Digests of the minutes of tests, and what they had to follow: written once but for the opening. */
export const testTelemetries = new RowKeeper(rowCodec(testTelemetryCodec), vppKeys.testTelemetry);
export const testSignals = new RowKeeper(rowCodec(testSignalCodec), vppKeys.testSignal);
/** Confidential: the minutes of tests. */
export const testMinutes = new PrivateRowKeeper('orders', rowCodec(openedMinutesCodec), vppKeys.testMinutes);
const prequalifications = new RowKeeper(rowCodec(prequalificationCodec), vppKeys.prequalification);

/** How many open requests there are for a service. */
export async function loadServiceUse(store: StoreSession, serviceId: ServiceId): Promise<ServiceUse> {
  return (await uses.load(store, serviceId)) ?? { openRequests: 0 };
}

/** Writes the next version of a service. */
export function saveService(store: StoreSession, product: ServiceProduct): void {
  services.save(store, product, product.serviceId);
  serviceVersions.save(store, product, product.serviceId, product.version);
}

/** The service that a request was made for, in the version that it was made for. */
export async function loadServiceOf(
  store: StoreSession,
  { serviceId, serviceVersion }: Pick<ServiceRequest, 'serviceId' | 'serviceVersion'>,
): Promise<ServiceProduct> {
  return present(await serviceVersions.load(store, serviceId, serviceVersion), 'A requested service was published.');
}

/** Writes a new request, which counts as open. */
export async function saveNewServiceRequest(store: StoreSession, request: ServiceRequest): Promise<void> {
  const { requestId, serviceId } = request;
  serviceRequests.save(store, request, requestId);
  requestsOf.save(store, { requestId }, serviceId, requestId);
  uses.save(store, usedBy(await loadServiceUse(store, serviceId), 1), serviceId);
}

/** Writes a request that was open and is not any more: closed, withdrawn or served. */
export async function saveEndedServiceRequest(store: StoreSession, request: ServiceRequest): Promise<void> {
  const { requestId, serviceId } = request;
  serviceRequests.save(store, request, requestId);
  uses.save(store, usedBy(await loadServiceUse(store, serviceId), -1), serviceId);
}

/** One page of the requests for a service; for evaluates. */
export async function pageServiceRequests(
  store: StoreSession,
  serviceId: ServiceId,
  after: string | undefined,
): Promise<ListAnswer<ServiceRequest>> {
  const prefix = vppPrefixes.serviceRequestsOf(serviceId);
  const { bookmark, rows } = await requestsOf.page(store, prefix, limits.listRowsMax, after);
  const found = await Promise.all(rows.map(({ requestId }) => serviceRequests.load(store, requestId)));
  return { rows: found.map((row) => present(row, 'A listed request exists.')), bookmark };
}

/** What an organisation has paid in for services; empty where it never has. */
export async function loadServiceFund(store: StoreSession, mspId: string): Promise<ServiceFund> {
  return (await funds.load(store, mspId)) ?? { mspId, availableMicro: micro(0n), lockedMicro: micro(0n) };
}

/** Saves what is left of a fund. */
export function saveServiceFund(store: StoreSession, fund: ServiceFund): ServiceFund {
  funds.save(store, fund, fund.mspId);
  return fund;
}

/** The prequalification of an asset, or of the pool of an aggregator, in a direction of a kind of service. */
export function loadPrequalification(
  store: StoreSession,
  subjectId: AssetId,
  kind: ServiceKind,
  direction: BandDirection,
): Promise<Prequalification | undefined> {
  return prequalifications.load(store, subjectId, kind, direction);
}

/** Saves a prequalification. */
export function savePrequalification(store: StoreSession, row: Prequalification): Prequalification {
  prequalifications.save(store, row, row.subjectId, row.kind, row.direction);
  return row;
}

/** One page of the prequalifications of a subject; for evaluates. */
export function pagePrequalifications(
  store: StoreSession,
  subjectId: AssetId,
  after: string | undefined,
): Promise<ListAnswer<Prequalification>> {
  return prequalifications.page(store, vppPrefixes.prequalifications(subjectId), limits.listRowsMax, after);
}
