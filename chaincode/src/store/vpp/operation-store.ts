import {
  acknowledgementCodec,
  activationCodec,
  activationPlaceCodec,
  controlSignalCodec,
  poolDeliveryCodec,
  dispatchRecordCodec,
  frequencyCodec,
  handoverCodec,
  limits,
  memberScheduleCodec,
  openedMinutesCodec,
  openedSetPointsCodec,
  poolTelemetryCodec,
  present,
  rowCodec,
  type Activation,
  type CoalitionId,
  type DispatchRecord,
  type Handover,
  type ListAnswer,
  type OpenedSetPoints,
  type PoolMinute,
  type Slot,
} from '@flexledger/domain';
import { PrivateRowKeeper, RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';
import { operationKeys, operationPrefixes } from './operation-keys';

/** Calls of buyers. */
export const activations = new RowKeeper(rowCodec(activationCodec), operationKeys.activation);
const activationPlaces = new RowKeeper(rowCodec(activationPlaceCodec), operationKeys.activationPlace);
/** Digests and totals of dispatches, and hand-overs: written once. */
export const dispatches = new RowKeeper(rowCodec(dispatchRecordCodec), operationKeys.dispatch);
export const handovers = new RowKeeper(rowCodec(handoverCodec), operationKeys.handover);
/** Confidential: the set-points of dispatches. */
export const dispatchSetPoints = new PrivateRowKeeper(
  'orders',
  rowCodec(openedSetPointsCodec),
  operationKeys.setPoints,
);
export const acknowledgements = new RowKeeper(rowCodec(acknowledgementCodec), operationKeys.acknowledgement);
/** Declared baselines of members. */
export const memberSchedules = new RowKeeper(rowCodec(memberScheduleCodec), operationKeys.memberSchedule);
export const poolTelemetries = new RowKeeper(rowCodec(poolTelemetryCodec), operationKeys.poolTelemetry);
/** Confidential: minutes of pools that not every owner lets be published. */
export const poolMinutes = new PrivateRowKeeper('orders', rowCodec(openedMinutesCodec), operationKeys.poolMinutes);
/** What services follow: written once. */
export const frequencies = new RowKeeper(rowCodec(frequencyCodec), operationKeys.frequency);
export const controlSignals = new RowKeeper(rowCodec(controlSignalCodec), operationKeys.controlSignal);
/** What coalitions delivered; written again where readings came late. */
export const poolDeliveries = new RowKeeper(rowCodec(poolDeliveryCodec), operationKeys.poolDelivery);

/** Writes a new activation, and the row by which it is found. */
export function saveNewActivation(store: StoreSession, activation: Activation): void {
  const { activationId, coalitionId, dueMinute } = activation;
  activations.save(store, activation, activationId);
  activationPlaces.save(store, { activationId }, coalitionId, dueMinute, activationId);
}

/** The activations of a coalition in order of time; a submit conflicts with another one that commits first. */
export async function loadActivations(store: StoreSession, coalitionId: CoalitionId): Promise<readonly Activation[]> {
  const places = await activationPlaces.list(store, operationPrefixes.activations(coalitionId));
  const rows = await Promise.all(places.map(({ activationId }) => activations.load(store, activationId)));
  return rows.map((row) => present(row, 'A listed activation exists.'));
}

/** One page of the activations of a coalition; for evaluates. */
export async function pageActivations(
  store: StoreSession,
  coalitionId: CoalitionId,
  after: string | undefined,
): Promise<ListAnswer<Activation>> {
  const prefix = operationPrefixes.activations(coalitionId);
  const { bookmark, rows } = await activationPlaces.page(store, prefix, limits.listRowsMax, after);
  const found = await Promise.all(rows.map(({ activationId }) => activations.load(store, activationId)));
  return { rows: found.map((row) => present(row, 'A listed activation exists.')), bookmark };
}

/** The dispatches of an activation and its hand-overs, in order. */
export async function loadDispatches(
  store: StoreSession,
  { activationId, dispatches: count }: Pick<Activation, 'activationId' | 'dispatches'>,
): Promise<{ readonly dispatches: readonly DispatchRecord[]; readonly handovers: readonly Handover[] }> {
  const revisions = Array.from({ length: count }, (_, index) => index + 1);
  const [records, changes] = await Promise.all([
    Promise.all(revisions.map((revision) => dispatches.load(store, activationId, revision))),
    Promise.all(revisions.slice(1).map((revision) => handovers.load(store, activationId, revision))),
  ]);
  return {
    dispatches: records.map((row) => present(row, 'A dispatch that was counted exists.')),
    handovers: changes.map((row) => present(row, 'Every later dispatch is a hand-over.')),
  };
}

/** The set-points of a dispatch, which stand under seal. */
export async function loadSetPoints(
  store: StoreSession,
  { activationId, revision }: Pick<DispatchRecord, 'activationId' | 'revision'>,
): Promise<OpenedSetPoints> {
  const row = await dispatchSetPoints.load(store, activationId, revision);
  return present(row, 'The set-points of a dispatch stand under seal.');
}

/** The opened minutes of a pool in a slot, wherever they stand; undefined where none are. */
export async function loadMinutes(
  store: StoreSession,
  coalitionId: CoalitionId,
  slot: Slot,
): Promise<readonly PoolMinute[] | undefined> {
  const telemetry = await poolTelemetries.load(store, coalitionId, slot);
  if (telemetry?.isOpened !== true) {
    return undefined;
  }
  return telemetry.minutes ?? (await poolMinutes.load(store, coalitionId, slot))?.minutes;
}
