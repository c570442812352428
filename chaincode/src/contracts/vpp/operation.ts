import {
  activationIdOf,
  addSlots,
  callCoalition,
  checkSetPoints,
  contracts,
  demand,
  demandBuyer,
  demandActivationState,
  activationEndSlot,
  handOverByMerit,
  isStopInside,
  knownMember,
  leafOfAsset,
  limits,
  minuteAfter,
  periodOfMinute,
  requestDigestOf,
  resultOfActivation,
  rootOfSetPoints,
  slotOfMinute,
  slotsOfActivation,
  verifySignedCommand,
  w,
  type Acknowledgement,
  type Activation,
  type Handover,
  type JsonObject,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { activeParticipant, signingParticipant } from '../../participant-command';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { coalitionMembers } from '../../store/vpp/formation-store';
import { operationPrefixes } from '../../store/vpp/operation-keys';
import {
  acknowledgements,
  activations,
  dispatches,
  handovers,
  loadActivations,
  loadDispatches,
  loadSetPoints,
  pageActivations,
  poolDeliveries,
  saveNewActivation,
} from '../../store/vpp/operation-store';
import { buyerOf } from './buyers';
import {
  demandNotOver,
  loadActivation,
  loadDispatchAsked,
  loadDropped,
  loadOwnActivation,
  saveDispatch,
} from './dispatch-inputs';
import { FormationContract, loadCoalition } from './formation';

const specs = contracts.vpp;

/** The part of the contract `vpp` in which coalitions are called, dispatched and hand over. */
export abstract class OperationContract extends FormationContract {
  /** Calls a coalition. */
  @Transaction()
  @Returns('string')
  public async activate(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.activate, request, async (asked) => {
      const { session } = context;
      const coalition = await loadCoalition(context, asked.coalitionId);
      demandBuyer(coalition, (await buyerOf(context, 'activate', asked)).buyer);
      const signalSlot = slotOfMinute(asked.signalMinute);
      const [isHere, isOver] = await Promise.all([
        hasBegun(session, signalSlot),
        hasBegun(session, addSlots(signalSlot, 1)),
      ]);
      const others = await loadActivations(session, coalition.coalitionId);
      const activationId = activationIdOf(asked.commandId);
      const activation = callCoalition(coalition, { ...asked, activationId }, isHere && !isOver, others);
      demand(others.length < limits.activationsPerCoalitionMax, 'VPP_ACTIVATION_OVERLAP', {
        activations: others.length,
      });
      saveNewActivation(session, activation);
      const { coalitionId, direction, dueMinute, periods, powerW, signalMinute } = activation;
      context.record({
        type: 'CoalitionActivated',
        activationId,
        coalitionId,
        aggregatorId: coalition.aggregatorId,
        direction,
        powerW: powerW.toString(),
        signalMinute,
        dueMinute,
        periods,
      });
      return activation;
    });
  }

  /** Records a dispatch. */
  @Transaction()
  @Returns('string')
  public async recordDispatch(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.recordDispatch, request, async (asked, opened) => {
      const { activationId, participantId, root } = asked;
      await signingParticipant(context, 'vpp', 'recordDispatch', asked);
      const known = await loadOwnActivation(context, activationId, participantId, 'SIGNALLED', 'DISPATCHED');
      const { activation } = known;
      demand(activation.dispatches === 0, 'VPP_DISPATCH_EXISTS', { activationId });
      const isSame = rootOfSetPoints(opened.salt, opened.setPoints) === root;
      demand(isSame, 'VPP_DISPATCH_MISMATCH', { activationId, revision: 1 });
      demandNotOver(activation, await hasBegun(context.session, activationEndSlot(activation)));
      checkSetPoints(await loadDispatchAsked(context, known, new Set()), opened.setPoints);
      const record = saveDispatch(context, known, opened, activation.dueMinute);
      recordDispatched(context, activation, { revision: 1, root, assets: record.assets });
      return record;
    });
  }

  /** Acknowledges dispatches. */
  @Transaction()
  @Returns('string')
  public async acknowledgeDispatch(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.acknowledgeDispatch, request, async ({ entries }) => {
      const taken: Acknowledgement[] = [];
      const encoded = (context.request?.entries ?? []) as readonly JsonObject[];
      for (const [index, entry] of entries.entries()) {
        await demandOwnEntry(context, entry, encoded[index] ?? {});
        await demandLeaf(context, entry);
        acknowledgements.save(context.session, entry, entry.activationId, entry.revision, entry.assetId);
        taken.push(entry);
      }
      for (const { activationId, assetId, isAccepted, revision } of taken) {
        context.record({ type: 'DispatchAcknowledged', activationId, assetId, revision, isAccepted });
      }
      return { acknowledgements: taken };
    });
  }

  /** Hands over. */
  @Transaction()
  @Returns('string')
  public async handOver(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.handOver, request, async (asked) => {
      const { session } = context;
      const { activationId, fromAssetId, participantId, stopMinute } = asked;
      await signingParticipant(context, 'vpp', 'handOver', asked);
      const known = await loadOwnActivation(context, activationId, participantId, 'SIGNALLED', 'DISPATCHED');
      const { activation, coalition } = known;
      const full = activation.dispatches > 0 && activation.dispatches < limits.dispatchesMax;
      demand(full, 'VPP_DISPATCH_UNKNOWN', { activationId, dispatches: activation.dispatches });
      demandNotOver(activation, await hasBegun(session, activationEndSlot(activation)));
      knownMember(await coalitionMembers.load(session, coalition.coalitionId, fromAssetId), fromAssetId);
      await demandRecentStop(context, activation, stopMinute);
      const before = await loadSetPoints(session, { activationId, revision: activation.dispatches });
      const away = new Set([...(await loadDropped(context, activation)), ...(asked.unavailable ?? []), fromAssetId]);
      const { members } = await loadDispatchAsked(context, known, away);
      const { handoverSecondsMax } = coalition.terms;
      const period = periodOfMinute(activation, stopMinute);
      const { setPoints } = before;
      const after = handOverByMerit({ members, setPoints, fromAssetId, period, handoverSecondsMax });
      const takeoverMinute = minuteAfter(stopMinute, after.seconds);
      const opened = { ...before, setPoints: after.setPoints.map(written) };
      const dispatch = saveDispatch(context, known, opened, takeoverMinute);
      const handover: Handover = {
        activationId,
        revision: dispatch.revision,
        fromAssetId,
        stopMinute,
        takeoverMinute,
        lostW: w(after.lostW),
        missingW: w(after.missingW),
        takenOver: after.takenOver.map((one) => ({ ...one, powerW: w(one.powerW) })),
      };
      handovers.save(session, handover, activationId, dispatch.revision);
      context.record({
        type: 'HandedOver',
        activationId,
        coalitionId: coalition.coalitionId,
        fromAssetId,
        stopMinute,
        takeoverMinute,
        lostW: handover.lostW.toString(),
        missingW: handover.missingW.toString(),
        takenOver: after.takenOver.map(({ assetId }) => assetId),
      });
      return { handover, dispatch };
    });
  }

  /** Completes an activation. */
  @Transaction()
  @Returns('string')
  public async completeActivation(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.completeActivation, request, async ({ activationId }) => {
      const { session } = context;
      const { activation } = await loadActivation(context, activationId);
      demandActivationState(activation, 'SIGNALLED', 'DISPATCHED');
      const { coalitionId } = activation;
      const deliveries = await Promise.all(
        slotsOfActivation(activation).map(async (slot) => {
          const row = await poolDeliveries.load(session, coalitionId, slot);
          return found(row, 'VPP_DELIVERY_UNVERIFIED', { coalitionId, slot });
        }),
      );
      const result = resultOfActivation(deliveries);
      const completed: Activation = { ...activation, result, state: 'COMPLETED' };
      activations.save(session, completed, activationId);
      context.record({
        type: 'ActivationCompleted',
        activationId,
        coalitionId,
        askedWh: result.askedWh.toString(),
        deliveredWh: result.deliveredWh.toString(),
        shortfallWh: result.shortfallWh.toString(),
        deviations: result.deviations,
      });
      return completed;
    });
  }

  /** An activation. */
  @Transaction(false)
  @Returns('string')
  public async getActivation(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getActivation, request, async ({ activationId }) => ({
      activation: (await activations.load(context.session, activationId)) ?? null,
    }));
  }

  /** The activations of a coalition. */
  @Transaction(false)
  @Returns('string')
  public async listActivations(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listActivations, request, ({ bookmark, coalitionId }) =>
      pageActivations(context.session, coalitionId, bookmark),
    );
  }

  /** The dispatches of an activation. */
  @Transaction(false)
  @Returns('string')
  public async listDispatches(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listDispatches, request, async ({ activationId }) => {
      const activation = await activations.load(context.session, activationId);
      return activation === undefined ? { dispatches: [], handovers: [] } : loadDispatches(context.session, activation);
    });
  }

  /** The acknowledgements of an activation. */
  @Transaction(false)
  @Returns('string')
  public async listAcknowledgements(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listAcknowledgements, request, ({ activationId, bookmark }) => {
      const prefix = operationPrefixes.acknowledgements(activationId);
      return acknowledgements.page(context.session, prefix, limits.listRowsMax, bookmark);
    });
  }
}

function written({ assetId, powersW }: { assetId: Acknowledgement['assetId']; powersW: readonly bigint[] }) {
  return { assetId, powersW: powersW.map((powerW) => w(powerW)) };
}

function recordDispatched(context: GridContext, { activationId, coalitionId }: Activation, more: JsonObject): void {
  context.record({ type: 'DispatchRecorded', activationId, coalitionId, ...more });
}

/** Refuses a stop outside the activation, or of more than one slot ago: nobody could take over in time any more (VPP_HANDOVER_MINUTE). */
async function demandRecentStop({ session }: GridContext, activation: Activation, stopMinute: number): Promise<void> {
  const isInside = isStopInside(activation, stopMinute);
  const stopSlot = slotOfMinute(stopMinute);
  const hasCome = isInside && (await hasBegun(session, stopSlot));
  const isLate = isInside && (await hasBegun(session, addSlots(stopSlot, 2)));
  demand(hasCome && !isLate, 'VPP_HANDOVER_MINUTE', { stopMinute });
}

/** Refuses what the owner of the asset has not signed itself. */
async function demandOwnEntry(context: GridContext, entry: Acknowledgement, encoded: JsonObject): Promise<void> {
  const { assetId, commandId, expirySlot, participantId, signature } = entry;
  const [owner, expired] = await Promise.all([
    activeParticipant(context, participantId),
    hasBegun(context.session, expirySlot),
  ]);
  demand(!expired, 'SIGNATURE_EXPIRED', { expirySlot });
  const requestDigest = requestDigestOf(encoded);
  const { channel } = context;
  const command = {
    channel,
    commandId,
    contract: 'vpp',
    transaction: 'acknowledgeDispatch',
    expirySlot,
    requestDigest,
  };
  verifySignedCommand(command, owner.publicKey, signature);
  const { coalition } = await loadActivation(context, entry.activationId);
  const member = knownMember(await coalitionMembers.load(context.session, coalition.coalitionId, assetId), assetId);
  demand(member.participantId === participantId, 'VPP_ASSET_NOT_OWN', { assetId });
}

/** Refuses another set-point than the one that was recorded for the asset, and a second word on it. */
async function demandLeaf({ session }: GridContext, entry: Acknowledgement): Promise<void> {
  const { activationId, assetId, leaf, revision } = entry;
  found(await dispatches.load(session, activationId, revision), 'VPP_DISPATCH_UNKNOWN', { activationId, revision });
  const isKnown = await acknowledgements.exists(session, activationId, revision, assetId);
  demand(!isKnown, 'VPP_ACKNOWLEDGED', { activationId, assetId, revision });
  const opened = await loadSetPoints(session, { activationId, revision });
  demand(leafOfAsset(opened, assetId) === leaf, 'VPP_DISPATCH_MISMATCH', { activationId, revision });
}
