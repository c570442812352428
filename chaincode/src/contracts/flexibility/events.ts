import {
  acknowledge,
  addSlots,
  cancel,
  contracts,
  demand,
  demandOpenProgramme,
  demandOwnProgramme,
  knownEvent,
  knownProgramme,
  limits,
  optIn,
  optOut,
  slot,
  type EventAnswer,
  type FactType,
  type FlexEvent,
  type FlexOrderId,
  type ParticipantId,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { releaseEvent } from './event-promises';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { signalEvent } from './signal-events';
import { hasBegun, lastBegun } from '../../store/clock-store';
import { splitPlans } from '../../store/flexibility/disaggregation-store';
import { flexEvents, loadEventPlaces, saveEvent } from '../../store/flexibility/event-store';
import { flexOrders } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { enrolments, programmes } from '../../store/flexibility/programme-store';
import { DisaggregationContract } from './disaggregation';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` in which prosumers are called and answer. */
export abstract class EventContract extends DisaggregationContract {
  /** Signals events. */
  @Transaction()
  @Returns('string')
  public async signalEvents(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.signalEvents, request, async (asked) => {
      const { session } = context;
      const { forecastId, noticeSlot, orderId, participantId: aggregatorId } = asked;
      const { participantIds, programmeId, revision } = asked;
      await signingParticipant(context, 'flexibility', 'signalEvents', asked);
      const programme = knownProgramme(await programmes.load(session, programmeId), programmeId);
      demandOwnProgramme(programme, aggregatorId);
      demandOpenProgramme(programme);
      const order = found(await flexOrders.load(session, orderId), 'FLEX_REFERENCE_UNKNOWN', { orderId });
      demand(order.aggregatorId === aggregatorId, 'FLEX_NOT_OWN_ORDER', { orderId });
      const plan = await splitPlans.load(session, orderId, revision);
      const plans = found(plan, 'FLEX_EVENT_EMPTY', { orderId, revision }).plans;
      const begun = found(await lastBegun(session, noticeSlot, noticeSlot), 'FLEX_NOTICE_SLOT', { noticeSlot });
      const scope = { order, programme, plans, revision, kind: asked.signalKind, noticeSlot: begun, forecastId };
      const events: FlexEvent[] = [];
      for (const participantId of new Set(participantIds)) {
        const event = await signalEvent(context, scope, participantId);
        saveEvent(session, event);
        recordEvent(context, 'FlexEventSignalled', event, { signal: event.signal?.kind ?? '', programmeId, revision });
        events.push(event);
      }
      return { events };
    });
  }

  /** Cancels events. */
  @Transaction()
  @Returns('string')
  public async cancelEvents(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.cancelEvents, request, async (asked) => {
      const { orderId, participantId: aggregatorId, participantIds, reason } = asked;
      await signingParticipant(context, 'flexibility', 'cancelEvents', asked);
      const events: FlexEvent[] = [];
      for (const participantId of new Set(participantIds)) {
        const event = await loadEvent(context, orderId, participantId);
        demand(event.aggregatorId === aggregatorId, 'FLEX_NOT_OWN_ORDER', { orderId });
        const cancelled = cancel(event, reason, await hasBegun(context.session, event.firstSlot));
        await release(context, event);
        saveEvent(context.session, cancelled);
        recordEvent(context, 'FlexEventCancelled', cancelled);
        events.push(cancelled);
      }
      return { events };
    });
  }

  /** Acknowledges an event. */
  @Transaction()
  @Returns('string')
  public async acknowledgeEvent(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.acknowledgeEvent, request, async (asked) => {
      await signingParticipant(context, 'flexibility', 'acknowledgeEvent', asked);
      const event = await loadEvent(context, asked.orderId, asked.participantId);
      return answered(context, acknowledge(event, { transaction: 'acknowledgeEvent', ...signedPart(asked) }));
    });
  }

  /** Takes part in an event. */
  @Transaction()
  @Returns('string')
  public async optIn(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.optIn, request, async (asked) => {
      await signingParticipant(context, 'flexibility', 'optIn', asked);
      const event = await loadEvent(context, asked.orderId, asked.participantId);
      const begun = await hasBegun(context.session, event.firstSlot);
      return answered(context, optIn(event, { transaction: 'optIn', ...signedPart(asked) }, begun));
    });
  }

  /** Does not take part in an event, or cannot. */
  @Transaction()
  @Returns('string')
  public async optOut(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.optOut, request, async (asked) => {
      const { session } = context;
      const { orderId, participantId, reason } = asked;
      await signingParticipant(context, 'flexibility', 'optOut', asked);
      const event = await loadEvent(context, orderId, participantId);
      const programme = knownProgramme(await programmes.load(session, event.programmeId), event.programmeId);
      const { noticeSlots } = programme.terms;
      const [begun, isTooLate] = await Promise.all([
        hasBegun(session, event.firstSlot),
        hasBegun(session, slot(Math.max(0, addSlots(event.firstSlot, 1) - noticeSlots))),
      ]);
      const answer = { transaction: 'optOut', ...signedPart(asked) } as const;
      const declined = optOut(event, answer, reason, { hasBegun: begun, isTooLate });
      await release(context, event);
      return answered(context, declined);
    });
  }

  /** An event, or null. */
  @Transaction(false)
  @Returns('string')
  public async getFlexEvent(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFlexEvent, request, async ({ orderId, participantId }) => {
      return { event: (await flexEvents.load(context.session, orderId, participantId)) ?? null };
    });
  }

  /** The events of an order. */
  @Transaction(false)
  @Returns('string')
  public async listFlexEvents(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listFlexEvents, request, ({ bookmark, orderId }) =>
      flexEvents.page(context.session, prefixes.flexEvents(orderId), limits.listRowsMax, bookmark),
    );
  }

  /** Under which orders a prosumer has events. */
  @Transaction(false)
  @Returns('string')
  public async listEventsOf(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listEventsOf, request, async ({ fromSlot, participantId, toSlot }) => {
      const places = await loadEventPlaces(context.session, participantId, fromSlot, toSlot);
      return { rows: places.slice(0, limits.listRowsMax) };
    });
  }
}

/** The event of an order and a prosumer; refuses with FLEX_EVENT_UNKNOWN. */
export async function loadEvent(
  { session }: GridContext,
  orderId: FlexOrderId,
  participantId: ParticipantId,
): Promise<FlexEvent> {
  return knownEvent(await flexEvents.load(session, orderId, participantId), orderId, participantId);
}

async function release(context: GridContext, event: FlexEvent): Promise<void> {
  const { participantId, programmeId } = event;
  const enrolment = await enrolments.load(context.session, programmeId, participantId);
  await releaseEvent(context, event, found(enrolment, 'FLEX_NOT_ENROLLED', { programmeId, participantId }).assets);
}

type SignedAnswer = Omit<EventAnswer, 'transaction'>;

function signedPart({ commandId, expirySlot, signature }: SignedAnswer): SignedAnswer {
  return { commandId, expirySlot, signature };
}

function answered(context: GridContext, event: FlexEvent): FlexEvent {
  saveEvent(context.session, event);
  recordEvent(context, 'FlexEventAnswered', event);
  return event;
}

function recordEvent(
  context: GridContext,
  type: FactType,
  event: FlexEvent,
  more: Readonly<Record<string, string | number>> = {},
): void {
  const { eventId, orderId, participantId, reason, state } = event;
  const why = reason === undefined ? {} : { reason };
  context.record({ type, orderId, eventId, participantId, state, ...why, ...more });
}
