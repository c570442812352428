import {
  activeEnrolment,
  addSlots,
  checkSchedule,
  contracts,
  demand,
  present,
  type ScheduleSlot,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasCome, lastBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { enrolments } from '../../store/flexibility/programme-store';
import { meters, participants } from '../../store/registry/registry-store';
import { loadSchedule, scheduleSlots } from '../../store/flexibility/schedule-store';
import { ReportContract } from './reports';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` in which schedules are declared before a call. */
export abstract class ScheduleContract extends ReportContract {
  /** Declares what a meter will count without a call. */
  @Transaction()
  @Returns('string')
  public async declareSchedule(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.declareSchedule, request, async (asked) => {
      const { session } = context;
      const { firstSlot, intervals, meterId, participantId, programmeId, prosumerId } = asked;
      await signingParticipant(context, 'flexibility', 'declareSchedule', asked);
      const meter = found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
      const row = await enrolments.load(session, programmeId, prosumerId);
      const { aggregatorId } = activeEnrolment(row, programmeId, prosumerId);
      demand(participantId === prosumerId || participantId === aggregatorId, 'FLEX_NOT_PARTY', { participantId });
      const clock = asked.declaredSlot;
      const declaredSlot = found(await lastBegun(session, clock, clock), 'FLEX_NOTICE_SLOT', { noticeSlot: clock });
      demand(meter.participantId === prosumerId, 'FLEX_SCHEDULE_METER', { meterId });
      const slots = intervals.map((interval, index): ScheduleSlot => {
        return { meterId, slot: addSlots(firstSlot, index), ...interval, declaredSlot, declaredBy: participantId };
      });
      const owner = present(await participants.load(session, prosumerId), 'Who is enrolled is registered.');
      checkSchedule(slots, await hasCome(session, firstSlot), owner.connectionLimitW);
      for (const one of slots) scheduleSlots.save(session, one, meterId, one.slot);
      context.record({ type: 'ScheduleDeclared', programmeId, meterId, firstSlot, slots: slots.length });
      return { meterId, firstSlot, slots: slots.length };
    });
  }

  /** What was declared for a meter. */
  @Transaction(false)
  @Returns('string')
  public async getSchedule(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getSchedule, request, async ({ firstSlot, meterId, slots }) => {
      return { slots: await loadSchedule(context.session, meterId, firstSlot, addSlots(firstSlot, slots - 1)) };
    });
  }
}
