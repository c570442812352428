import {
  demand,
  demandActivationState,
  demandOwnCoalition,
  dispatchableOf,
  knownActivation,
  rootOfSetPoints,
  totalsOfSetPoints,
  w,
  type Activation,
  type ActivationId,
  type AssetId,
  type Coalition,
  type DispatchAsked,
  type DispatchRecord,
  type EarlierRun,
  type OpenedSetPoints,
  type ParticipantId,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadMembers } from '../../store/vpp/formation-store';
import { activations, dispatches, dispatchSetPoints } from '../../store/vpp/operation-store';
import { loadActivations, loadDispatches, loadSetPoints } from '../../store/vpp/operation-store';
import { loadMemberState } from './coalition-inputs';
import { loadCoalition } from './formation';

/** An activation with its coalition. */
export interface KnownActivation {
  readonly activation: Activation;
  readonly coalition: Coalition;
}

/** The activation of an id with its coalition; refuses with VPP_ACTIVATION_UNKNOWN. */
export async function loadActivation(context: GridContext, activationId: ActivationId): Promise<KnownActivation> {
  const activation = knownActivation(await activations.load(context.session, activationId), activationId);
  return { activation, coalition: await loadCoalition(context, activation.coalitionId) };
}

/** The same for the aggregator of the coalition (VPP_NOT_OWN_COALITION), in one of some states (VPP_ACTIVATION_STATE). */
export async function loadOwnActivation(
  context: GridContext,
  activationId: ActivationId,
  participantId: ParticipantId,
  ...states: readonly Activation['state'][]
): Promise<KnownActivation> {
  const known = await loadActivation(context, activationId);
  demandOwnCoalition(known.coalition, participantId);
  demandActivationState(known.activation, ...states);
  return known;
}

/** What the members of a coalition can do in an activation, those apart that have dropped out of it or are not available. */
export async function loadDispatchAsked(
  context: GridContext,
  { activation, coalition }: KnownActivation,
  away: ReadonlySet<AssetId>,
): Promise<DispatchAsked> {
  const { session } = context;
  const members = await loadMembers(session, coalition.coalitionId);
  const earlier = await loadEarlierRuns(context, activation);
  const states = await Promise.all(
    members.map((member) => loadMemberState(context, activation.direction, member, away.has(member.assetId))),
  );
  return {
    members: states.map((state) => dispatchableOf(coalition, activation, state, earlier)),
    targetsW: Array.from({ length: activation.periods }, () => activation.powerW),
    fullActivationSeconds: coalition.terms.fullActivationSeconds,
  };
}

/** What assets had to give in the activations of the coalition before this one: they may have to rest. */
async function loadEarlierRuns({ session }: GridContext, activation: Activation): Promise<readonly EarlierRun[]> {
  const all = await loadActivations(session, activation.coalitionId);
  const before = all.filter(({ dispatches: count, dueMinute }) => count > 0 && dueMinute < activation.dueMinute);
  return Promise.all(
    before.map(async (one) => {
      const { setPoints } = await loadSetPoints(session, { activationId: one.activationId, revision: one.dispatches });
      return { activation: one, setPoints };
    }),
  );
}

/** Which assets have dropped out of an activation. */
export async function loadDropped({ session }: GridContext, activation: Activation): Promise<readonly AssetId[]> {
  const { handovers } = await loadDispatches(session, activation);
  return handovers.map(({ fromAssetId }) => fromAssetId);
}

/** Writes a dispatch: digest and totals on the channel, the set-points under seal, those of a reactive service openly as well; and tells where it stays below what is called. */
export function saveDispatch(
  context: GridContext,
  { activation, coalition }: KnownActivation,
  opened: OpenedSetPoints,
  fromMinute: number,
): DispatchRecord {
  const { session } = context;
  const { activationId, periods, powerW } = activation;
  const revision = activation.dispatches + 1;
  const totals = totalsOfSetPoints(opened.setPoints, periods);
  const firstPeriod = Math.max(0, Math.floor((fromMinute - activation.dueMinute) / 15));
  const short = totals.slice(firstPeriod).reduce((most, total) => (powerW - total > most ? powerW - total : most), 0n);
  const record: DispatchRecord = {
    activationId,
    revision,
    fromMinute,
    root: rootOfSetPoints(opened.salt, opened.setPoints),
    assets: opened.setPoints.length,
    totalsW: totals.map(w),
    shortW: w(short),
    ...(coalition.kind === 'reactive' ? { setPoints: opened.setPoints } : {}),
  };
  dispatches.save(session, record, activationId, revision);
  dispatchSetPoints.save(session, opened, activationId, revision);
  activations.save(session, { ...activation, dispatches: revision, state: 'DISPATCHED' }, activationId);
  if (short > 0n) {
    const { coalitionId } = coalition;
    context.record({ type: 'DispatchShort', activationId, coalitionId, revision, shortW: short.toString() });
  }
  return record;
}

/** Refuses a dispatch of an activation that has ended (VPP_DISPATCH_LATE). */
export function demandNotOver({ activationId }: Activation, isOver: boolean): void {
  demand(!isOver, 'VPP_DISPATCH_LATE', { activationId });
}
