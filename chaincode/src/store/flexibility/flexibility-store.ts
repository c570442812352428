import {
  dPrognosisCodec,
  flexOfferCodec,
  flexOrderCodec,
  flexRequestCodec,
  greenRegime,
  limits,
  offerOfCodec,
  offersPerAggregatorMax,
  orderOfCodec,
  present,
  prognosisHeadCodec,
  regimeCodec,
  requestHeadCodec,
  requestOfCodec,
  reservationCodec,
  rowCodec,
  RuleError,
  type DPrognosis,
  type FlexOffer,
  type FlexOrder,
  type FlexPlace,
  type FlexRequest,
  type FlexRequestId,
  type ListAnswer,
  type ParticipantId,
  type Regime,
} from '@flexledger/domain';
import { keys, prefixes, type PlaceKey } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const prognoses = new RowKeeper(rowCodec(dPrognosisCodec), keys.dPrognosis);
const prognosisHeads = new RowKeeper(rowCodec(prognosisHeadCodec), keys.prognosisHead);
export const reservations = new RowKeeper(rowCodec(reservationCodec), keys.reservation);
export const flexRequests = new RowKeeper(rowCodec(flexRequestCodec), keys.flexRequest);
export const flexRequestHeads = new RowKeeper(rowCodec(requestHeadCodec), keys.flexRequestHead);
const requestsOf = new RowKeeper(rowCodec(requestOfCodec), keys.flexRequestOf);
export const flexOffers = new RowKeeper(rowCodec(flexOfferCodec), keys.flexOffer);
const offersTo = new RowKeeper(rowCodec(offerOfCodec), keys.flexOfferTo);
const unsolicited = new RowKeeper(rowCodec(offerOfCodec), keys.unsolicitedOffer);
export const flexOrders = new RowKeeper(rowCodec(flexOrderCodec), keys.flexOrder);
const ordersOf = new RowKeeper(rowCodec(orderOfCodec), keys.flexOrderOf);
const regimes = new RowKeeper(rowCodec(regimeCodec), keys.regime);

/** The last revision of an aggregator's D-prognosis, or undefined. */
export async function lastPrognosis(
  store: StoreSession,
  place: PlaceKey,
  aggregatorId: ParticipantId,
): Promise<DPrognosis | undefined> {
  const head = await prognosisHeads.load(store, place, aggregatorId);
  return head === undefined ? undefined : prognoses.load(store, place, aggregatorId, head.revision);
}

/** A revision of an aggregator's D-prognosis; undefined where it was not filed. */
export function loadPrognosis(
  store: StoreSession,
  place: PlaceKey,
  aggregatorId: ParticipantId,
  revision: number,
): Promise<DPrognosis | undefined> {
  return prognoses.load(store, place, aggregatorId, revision);
}

/** Writes a new revision of a D-prognosis; the earlier ones stay. */
export function savePrognosis(store: StoreSession, prognosis: DPrognosis): void {
  const { aggregatorId, revision } = prognosis;
  prognoses.save(store, prognosis, prognosis, aggregatorId, revision);
  prognosisHeads.save(store, { aggregatorId, revision }, prognosis, aggregatorId);
}

/** One page of the last D-prognoses at a place; for evaluates. */
export async function pagePrognoses(
  store: StoreSession,
  place: PlaceKey,
  after: string | undefined,
): Promise<ListAnswer<DPrognosis>> {
  const { bookmark, rows } = await prognosisHeads.page(
    store,
    prefixes.prognosisHeads(place),
    limits.listRowsMax,
    after,
  );
  const found = await Promise.all(
    rows.map(({ aggregatorId, revision }) => prognoses.load(store, place, aggregatorId, revision)),
  );
  return { rows: found.map((row) => present(row, 'A head names a D-prognosis that exists.')), bookmark };
}

/** Writes a new request and the row by which it is found at its place. */
export function saveRequest(store: StoreSession, request: FlexRequest): void {
  const { requestId } = request;
  flexRequests.save(store, request, requestId);
  requestsOf.save(store, { requestId }, request, requestId);
}

/** One page of the requests at a place; for evaluates. */
export async function pageRequests(
  store: StoreSession,
  place: PlaceKey,
  after: string | undefined,
): Promise<ListAnswer<FlexRequest>> {
  const { bookmark, rows } = await requestsOf.page(store, prefixes.flexRequestsOf(place), limits.listRowsMax, after);
  const found = await Promise.all(rows.map(({ requestId }) => flexRequests.load(store, requestId)));
  return { rows: found.map((row) => present(row, 'A listed request exists.')), bookmark };
}

/** Writes a new offer under the next number of its aggregator; refuses with FLEX_OFFERS_TOO_MANY where there is none left. */
export async function saveNewOffer(store: StoreSession, offer: FlexOffer): Promise<void> {
  const { aggregatorId, offerId, requestId } = offer;
  const isTaken = (number: number) =>
    requestId === undefined
      ? unsolicited.exists(store, offer, aggregatorId, number)
      : offersTo.exists(store, requestId, aggregatorId, number);
  let number = 0;
  while (number < offersPerAggregatorMax && (await isTaken(number))) {
    number += 1;
  }
  if (number === offersPerAggregatorMax) {
    throw new RuleError('FLEX_OFFERS_TOO_MANY', { offers: number });
  }
  if (requestId === undefined) {
    unsolicited.save(store, { offerId }, offer, aggregatorId, number);
  } else {
    offersTo.save(store, { offerId }, requestId, aggregatorId, number);
  }
  flexOffers.save(store, offer, offerId);
}

/** All offers to a request. In a submit only once it takes no more. */
export async function listOffersTo(store: StoreSession, requestId: FlexRequestId): Promise<readonly FlexOffer[]> {
  const rows = await offersTo.list(store, prefixes.flexOffersTo(requestId));
  return loadOffers(store, rows);
}

/** One page of the offers to a request; for evaluates. */
export async function pageOffersTo(
  store: StoreSession,
  requestId: FlexRequestId,
  after: string | undefined,
): Promise<ListAnswer<FlexOffer>> {
  const { bookmark, rows } = await offersTo.page(store, prefixes.flexOffersTo(requestId), limits.listRowsMax, after);
  return { rows: await loadOffers(store, rows), bookmark };
}

/** One page of the offers at a place that were not requested; for evaluates. */
export async function pageUnsolicited(
  store: StoreSession,
  place: PlaceKey,
  after: string | undefined,
): Promise<ListAnswer<FlexOffer>> {
  const prefix = prefixes.unsolicitedOffers(place);
  const { bookmark, rows } = await unsolicited.page(store, prefix, limits.listRowsMax, after);
  return { rows: await loadOffers(store, rows), bookmark };
}

async function loadOffers(
  store: StoreSession,
  rows: readonly Pick<FlexOffer, 'offerId'>[],
): Promise<readonly FlexOffer[]> {
  const found = await Promise.all(rows.map(({ offerId }) => flexOffers.load(store, offerId)));
  return found.map((row) => present(row, 'A listed offer exists.'));
}

/** Writes a new order and the row by which it is found at its place. */
export function saveNewOrder(store: StoreSession, order: FlexOrder): void {
  const { orderId } = order;
  flexOrders.save(store, order, orderId);
  ordersOf.save(store, { orderId }, order, orderId);
}

/** One page of the orders at a place; for evaluates. */
export async function pageOrders(
  store: StoreSession,
  place: PlaceKey,
  after: string | undefined,
): Promise<ListAnswer<FlexOrder>> {
  const { bookmark, rows } = await ordersOf.page(store, prefixes.flexOrdersOf(place), limits.listRowsMax, after);
  const found = await Promise.all(rows.map(({ orderId }) => flexOrders.load(store, orderId)));
  return { rows: found.map((row) => present(row, 'A listed order exists.')), bookmark };
}

/** The regime of a place: GREEN where nothing was ever requested. */
export async function loadRegime(store: StoreSession, place: FlexPlace): Promise<Regime> {
  return (await knownRegime(store, place)) ?? greenRegime(place);
}

/** The regime of a place that had a request; undefined where there was none. */
export function knownRegime(store: StoreSession, place: PlaceKey): Promise<Regime | undefined> {
  return regimes.load(store, place);
}

/** Writes the regime of its place. */
export function saveRegime(store: StoreSession, regime: Regime): void {
  regimes.save(store, regime, regime);
}
