import {
  addSlots,
  demand,
  demandState,
  droopByMinute,
  isPayable,
  knownSlice,
  samplesOfDelivery,
  RuleError,
  signalByMinute,
  slotsOfActivation,
  verifySlot,
  vppRulesOf,
  deliveryTolerancePpm,
  type Activation,
  type AskedActivation,
  type Coalition,
  type CoalitionId,
  type DeliveryAsked,
  type PoolDelivery,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import {
  controlSignals,
  frequencies,
  loadActivations,
  loadDispatches,
  loadMinutes,
  loadSetPoints,
  poolDeliveries,
  poolTelemetries,
} from '../../store/vpp/operation-store';
import { loadCoalition, recordCoalition, sliceAt } from './formation';
import { measurePool, slotBeforeCall, type MeterReader } from './measure-members';
import { recordSamples } from './samples';

/** Quarter hours after which telemetry that was committed and not opened counts as none. */
const openingSlots = 8;

/** What decides what was asked in a slot. */
interface Call {
  readonly activations: readonly (AskedActivation & { readonly sign: 1n | -1n })[];
  readonly followW?: readonly bigint[];
  /** The last slot that had ended when the pool was called, or before its slice. */
  readonly referenceSlot: Slot;
}

/** What is looked at: a slot of a coalition, by its meters' active or reactive energy. */
export interface SlotAsked {
  readonly coalitionId: CoalitionId;
  readonly slot: Slot;
}

/** Measures a slot of a coalition and writes what came of it; where it was measured before, as a new version. */
export async function verifyPool(
  context: GridContext,
  { coalitionId, slot: at }: SlotAsked,
  kind: 'active' | 'reactive',
  read: MeterReader,
): Promise<PoolDelivery> {
  const { session } = context;
  const coalition = await loadCoalition(context, coalitionId);
  // Once what was left of the payment is given back, nothing comes of later readings.
  demandState(coalition, 'ACCEPTED', ...(isPayable(coalition) ? (['VERIFIED', 'SETTLED'] as const) : []));
  const slice = sliceAt(coalition, at);
  const fits = slice !== undefined && (kind === 'reactive') === (coalition.kind === 'reactive');
  demand(fits, 'VPP_DELIVERY_SLOT', { coalitionId, slot: at });
  await demandOver(context, coalitionId, at);
  const call = await loadCall(context, coalition, slice, at, kind);
  const members = await measurePool(context, coalition, at, call.referenceSlot, read);
  // Minutes under seal stand in a collection that members of the other one do not hold.
  const minutes =
    kind === 'reactive' ? await loadPublished(context, coalitionId, at) : await loadMinutes(session, coalitionId, at);
  const before = await poolDeliveries.load(session, coalitionId, at);
  const asked: DeliveryAsked = {
    coalition,
    slot: at,
    slice,
    members,
    ...call,
    minutes,
    tolerancePpm: vppRulesOf(context.rules.ruleSet).deliveryTolerancePpm ?? deliveryTolerancePpm,
    version: (before?.version ?? 0) + 1,
  };
  const delivery = verifySlot(asked);
  poolDeliveries.save(session, delivery, coalitionId, at);
  recordDelivery(context, coalition, delivery);
  await recordSamples(context, samplesOfDelivery(asked, delivery, kind));
  return delivery;
}

async function loadPublished({ session }: GridContext, coalitionId: CoalitionId, at: Slot) {
  return (await poolTelemetries.load(session, coalitionId, at))?.minutes;
}

/** Refuses a slot that has not ended, or whose telemetry can still be committed or opened (VPP_DELIVERY_EARLY). */
async function demandOver({ session }: GridContext, coalitionId: CoalitionId, at: Slot): Promise<void> {
  const telemetry = await poolTelemetries.load(session, coalitionId, at);
  const waits = telemetry === undefined ? 2 : openingSlots;
  const slots = telemetry?.isOpened === true ? 1 : waits;
  demand(await hasBegun(session, addSlots(at, slots)), 'VPP_DELIVERY_EARLY', { coalitionId, slot: at });
}

async function loadCall(
  context: GridContext,
  coalition: Coalition,
  slice: number,
  at: Slot,
  kind: 'active' | 'reactive',
): Promise<Call> {
  const { coalitionId, terms } = coalition;
  if (terms.settledBy === 'telemetry') {
    const { firstSlot, offeredW } = knownSlice(coalition, slice);
    const followW = await loadFollowed(context, coalition, at, offeredW);
    return { activations: [], followW, referenceSlot: slotBeforeCall(firstSlot) };
  }
  const all = await loadActivations(context.session, coalitionId);
  const called = all.filter((one) => slotsOfActivation(one).includes(at));
  const [first] = called;
  if (first === undefined) {
    throw new RuleError('VPP_DELIVERY_SLOT', { coalitionId, slot: at });
  }
  const activations = await Promise.all(called.map((one) => loadAsked(context, one, kind)));
  return { activations, referenceSlot: slotBeforeCall(first.signalSlot) };
}

/** What a pool had to follow in each minute of a slot; refuses with VPP_SIGNAL_MISSING. */
async function loadFollowed(
  { session }: GridContext,
  { coalitionId, kind }: Coalition,
  at: Slot,
  promisedW: bigint,
): Promise<readonly bigint[]> {
  if (kind === 'fcr') {
    const frequency = await frequencies.load(session, at);
    if (frequency !== undefined) {
      return droopByMinute(promisedW, frequency);
    }
  } else {
    const signals = await controlSignals.load(session, coalitionId, at);
    if (signals !== undefined) {
      return signalByMinute(promisedW, signals);
    }
  }
  throw new RuleError('VPP_SIGNAL_MISSING', { coalitionId, slot: at });
}

/**
 * An activation with its set-points. Those of reactive power stand on the channel, since the seal of set-points is another one than that of the
 * profiles; a dispatch of before they did has none, and members then share what was due in proportion to their promises.
 */
async function loadAsked(
  { session }: GridContext,
  activation: Activation,
  kind: 'active' | 'reactive',
): Promise<AskedActivation & { readonly sign: 1n | -1n }> {
  const sign = activation.direction === 'up' || activation.direction === 'capacitive' ? 1n : -1n;
  const { dispatches, handovers } = await loadDispatches(session, activation);
  if (kind === 'reactive') {
    const open = dispatches.flatMap(({ fromMinute, setPoints }) => (setPoints ? [{ fromMinute, setPoints }] : []));
    return { activation, dispatches: open.length === dispatches.length ? open : [], handovers, sign };
  }
  const opened = await Promise.all(
    dispatches.map(async (record) => {
      const { setPoints } = await loadSetPoints(session, record);
      return { fromMinute: record.fromMinute, setPoints };
    }),
  );
  return { activation, dispatches: opened, handovers, sign };
}

function recordDelivery(context: GridContext, coalition: Coalition, delivery: PoolDelivery): void {
  const { askedWh, deliveredWh, flags, members, shortfallWh, slot, version } = delivery;
  const energies = {
    askedWh: askedWh.toString(),
    deliveredWh: deliveredWh.toString(),
    shortfallWh: shortfallWh.toString(),
  };
  recordCoalition(context, 'DeliveryVerified', coalition, { slot, version, ...energies, flags });
  const { coalitionId } = coalition;
  for (const member of members.filter((one) => one.flags.length > 0)) {
    const { assetId, participantId } = member;
    context.record({
      type: 'DeliveryDeviation',
      coalitionId,
      slot,
      assetId,
      participantId,
      askedWh: member.askedWh.toString(),
      deliveredWh: member.deliveredWh.toString(),
      flags: member.flags,
    });
  }
}
