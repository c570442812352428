import {
  addSlots,
  commitmentOfMinutes,
  contracts,
  demand,
  demandBuyer,
  demandOwnCoalition,
  demandState,
  knownMember,
  lastServedSlot,
  RuleError,
  type Coalition,
  type PoolTelemetry,
  type Slot,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { coalitionMembers, coalitions } from '../../store/vpp/formation-store';
import { operationPrefixes } from '../../store/vpp/operation-keys';
import {
  controlSignals,
  frequencies,
  loadActivations,
  memberSchedules,
  poolDeliveries,
  poolMinutes,
  poolTelemetries,
} from '../../store/vpp/operation-store';
import { buyerOf } from './buyers';
import { loadCoalition, recordCoalition, sliceAt } from './formation';
import { readActive, readReactive } from './measure-members';
import { OperationContract } from './operation';
import { verifyPool } from './verify-slot';

const specs = contracts.vpp;

/** Deliveries of one list answer: each names every member. */
const deliveryRowsMax = 20;

/** The part of the contract `vpp` in which delivery is measured. */
export abstract class DeliveryContract extends OperationContract {
  /** Declares schedules. */
  @Transaction()
  @Returns('string')
  public async declareSchedule(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.declareSchedule, request, async (asked) => {
      const { session } = context;
      const { coalitionId, participantId, schedules } = asked;
      await signingParticipant(context, 'vpp', 'declareSchedule', asked);
      const coalition = await loadCoalition(context, coalitionId);
      demandOwnCoalition(coalition, participantId);
      demandState(coalition, 'PROPOSED', 'CONSENTED', 'OFFERED', 'ACCEPTED');
      const { firstSlot } = coalition;
      demand(!(await hasBegun(session, firstSlot)), 'VPP_SCHEDULE_LATE', { firstSlot });
      for (const { assetId, slots } of schedules) {
        const member = knownMember(await coalitionMembers.load(session, coalitionId, assetId), assetId);
        const length = member.powersW.length * coalition.stepSlots;
        demand(slots.length === length, 'VPP_SCHEDULE_SLOTS', { assetId, slots: length });
        memberSchedules.save(session, { coalitionId, assetId, firstSlot, slots }, coalitionId, assetId);
      }
      recordCoalition(context, 'SchedulesDeclared', coalition, { count: schedules.length });
      return { count: schedules.length };
    });
  }

  /** Commits telemetry. */
  @Transaction()
  @Returns('string')
  public async commitTelemetry(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.commitTelemetry, request, async (asked) => {
      const { session } = context;
      const { coalitionId, commitment, participantId, slot } = asked;
      await signingParticipant(context, 'vpp', 'commitTelemetry', asked);
      const coalition = await loadCoalition(context, coalitionId);
      demandOwnCoalition(coalition, participantId);
      demandState(coalition, 'ACCEPTED');
      await demandJustOver(context, coalition, slot);
      const isKnown = await poolTelemetries.exists(session, coalitionId, slot);
      demand(!isKnown, 'VPP_TELEMETRY_EXISTS', { coalitionId, slot });
      const telemetry: PoolTelemetry = { coalitionId, slot, commitment, isOpened: false };
      poolTelemetries.save(session, telemetry, coalitionId, slot);
      context.record({ type: 'TelemetryCommitted', coalitionId, slot, commitment });
      return telemetry;
    });
  }

  /** Opens telemetry. */
  @Transaction()
  @Returns('string')
  public async openTelemetry(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.openTelemetry, request, async ({ coalitionId, slot }, opened) => {
      const { session } = context;
      const { publishes } = await loadCoalition(context, coalitionId);
      const row = await poolTelemetries.load(session, coalitionId, slot);
      const before = found(row, 'VPP_TELEMETRY_UNKNOWN', { coalitionId, slot });
      demand(!before.isOpened, 'VPP_TELEMETRY_EXISTS', { coalitionId, slot });
      demand(commitmentOfMinutes(opened) === before.commitment, 'VPP_TELEMETRY_MISMATCH', { coalitionId, slot });
      const telemetry: PoolTelemetry = {
        ...before,
        isOpened: true,
        ...(publishes ? { minutes: opened.minutes } : {}),
      };
      poolTelemetries.save(session, telemetry, coalitionId, slot);
      if (!publishes) {
        poolMinutes.save(session, opened, coalitionId, slot);
      }
      context.record({ type: 'TelemetryOpened', coalitionId, slot, isPublic: publishes });
      return telemetry;
    });
  }

  /** States the frequency. */
  @Transaction()
  @Returns('string')
  public async stateFrequency(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.stateFrequency, request, async (asked) => {
      const { session } = context;
      const { aboveMilliHertz, belowMilliHertz, slot } = asked;
      demand(await hasBegun(session, addSlots(slot, 1)), 'VPP_TELEMETRY_EARLY', { slot });
      demand(!(await frequencies.exists(session, slot)), 'VPP_SIGNAL_EXISTS', { slot });
      const bothWays = belowMilliHertz.findIndex((below, minute) => below > 0 && (aboveMilliHertz[minute] ?? 0) > 0);
      demand(bothWays < 0, 'VPP_SIGNAL_SHAPE', { minute: bothWays });
      const frequency = { slot, belowMilliHertz, aboveMilliHertz };
      frequencies.save(session, frequency, slot);
      context.record({ type: 'FrequencyStated', slot });
      return frequency;
    });
  }

  /** States the set-points that a buyer has sent. */
  @Transaction()
  @Returns('string')
  public async stateSignals(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.stateSignals, request, async (asked) => {
      const { session } = context;
      const { coalitionId, downW, slot, upW } = asked;
      const coalition = await loadCoalition(context, coalitionId);
      demandBuyer(coalition, (await buyerOf(context, 'stateSignals', asked)).buyer);
      demand(coalition.kind === 'afrr', 'VPP_TELEMETRY_SLOT', { coalitionId, slot });
      await demandJustOver(context, coalition, slot);
      demand(!(await controlSignals.exists(session, coalitionId, slot)), 'VPP_SIGNAL_EXISTS', { coalitionId, slot });
      const bothWays = upW.findIndex((up, minute) => up > 0n && (downW[minute] ?? 0n) > 0n);
      demand(bothWays < 0, 'VPP_SIGNAL_SHAPE', { minute: bothWays });
      const signals = { coalitionId, slot, upW, downW };
      controlSignals.save(session, signals, coalitionId, slot);
      context.record({ type: 'SignalsStated', coalitionId, slot });
      return signals;
    });
  }

  /** Verifies what was delivered in a slot. */
  @Transaction()
  @Returns('string')
  public async verifyDelivery(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.verifyDelivery, request, (asked) =>
      verifyPool(context, asked, 'active', readActive),
    );
  }

  /** Verifies what reactive energy was delivered in a slot. */
  @Transaction()
  @Returns('string')
  public async verifyReactive(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.verifyReactive, request, (asked) =>
      verifyPool(context, asked, 'reactive', readReactive),
    );
  }

  /** Ends the measuring of a coalition. */
  @Transaction()
  @Returns('string')
  public async verifyCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.verifyCoalition, request, async ({ coalitionId }) => {
      const { session } = context;
      const before = await loadCoalition(context, coalitionId);
      demandState(before, 'ACCEPTED');
      const slot = lastServedSlot(before);
      demand(await hasBegun(session, addSlots(slot, 1)), 'VPP_DELIVERY_EARLY', { coalitionId, slot });
      const all = await loadActivations(session, coalitionId);
      const open = all.find(({ state }) => state !== 'COMPLETED');
      demand(open === undefined, 'VPP_DELIVERY_UNVERIFIED', { coalitionId, activationId: open?.activationId ?? '' });
      if (before.terms.settledBy === 'telemetry') {
        await demandAllVerified(context, before);
      }
      const coalition: Coalition = { ...before, state: 'VERIFIED' };
      coalitions.save(session, coalition, coalitionId);
      recordCoalition(context, 'CoalitionVerified', coalition);
      return coalition;
    });
  }

  /** What is known of a pool in a slot. */
  @Transaction(false)
  @Returns('string')
  public async getTelemetry(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getTelemetry, request, async ({ coalitionId, slot }) => {
      const { session } = context;
      return {
        telemetry: (await poolTelemetries.load(session, coalitionId, slot)) ?? null,
        frequency: (await frequencies.load(session, slot)) ?? null,
        signals: (await controlSignals.load(session, coalitionId, slot)) ?? null,
      };
    });
  }

  /** The schedule of a member. */
  @Transaction(false)
  @Returns('string')
  public async getSchedule(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getSchedule, request, async ({ assetId, coalitionId }) => ({
      schedule: (await memberSchedules.load(context.session, coalitionId, assetId)) ?? null,
    }));
  }

  /** What a pool delivered in a slot. */
  @Transaction(false)
  @Returns('string')
  public async getDelivery(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getDelivery, request, async ({ coalitionId, slot }) => ({
      delivery: (await poolDeliveries.load(context.session, coalitionId, slot)) ?? null,
    }));
  }

  /** What a coalition delivered, slot by slot. */
  @Transaction(false)
  @Returns('string')
  public async listDeliveries(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listDeliveries, request, ({ bookmark, coalitionId }) =>
      poolDeliveries.page(context.session, operationPrefixes.deliveries(coalitionId), deliveryRowsMax, bookmark),
    );
  }
}

/**
 * Refuses a slot in which the coalition offers nothing (VPP_TELEMETRY_SLOT), that has not ended (VPP_TELEMETRY_EARLY), or after which another slot
 * has ended as well (VPP_TELEMETRY_LATE): who states later what a pool did knows what was wanted of it.
 */
async function demandJustOver({ session }: GridContext, coalition: Coalition, slot: Slot): Promise<void> {
  const { coalitionId } = coalition;
  demand(sliceAt(coalition, slot) !== undefined, 'VPP_TELEMETRY_SLOT', { coalitionId, slot });
  demand(await hasBegun(session, addSlots(slot, 1)), 'VPP_TELEMETRY_EARLY', { slot });
  demand(!(await hasBegun(session, addSlots(slot, 2))), 'VPP_TELEMETRY_LATE', { slot });
}

/** Refuses while a slot of an offered slice has not been verified (VPP_DELIVERY_UNVERIFIED). */
async function demandAllVerified({ session }: GridContext, coalition: Coalition): Promise<void> {
  const { coalitionId, sliceSlots, slices } = coalition;
  for (const { firstSlot, offeredW } of slices) {
    for (let index = 0; index < sliceSlots && offeredW > 0n; index += 1) {
      const slot = addSlots(firstSlot, index);
      if (!(await poolDeliveries.exists(session, coalitionId, slot))) {
        throw new RuleError('VPP_DELIVERY_UNVERIFIED', { coalitionId, slot });
      }
    }
  }
}
