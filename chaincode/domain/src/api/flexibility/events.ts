import { array, integer, nullable, object, oneOf, optional } from '../../decode';
import { eventPlaceCodec, flexEventCodec, signalKindCodec } from '../../flexibility/event/rows';
import { flexOrderIdCodec } from '../../flexibility/ids';
import { performanceCodec, portfolioPerformanceCodec } from '../../flexibility/tracking/rows';
import { participantIdCodec, programmeIdCodec, requestIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleCommandId, exampleParticipantId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';

const contract = 'flexibility';
const prosumerRoles = ['community', 'aggregator'] as const;

const orderFields = { orderId: flexOrderIdCodec };
const chunkFields = { ...orderFields, participantIds: array(participantIdCodec, limits.eventsPerCallMax, 1) };
const eventsAnswer = object({ events: array(flexEventCodec, limits.eventsPerCallMax) });
const exampleOrderId = '01f1ex0rder000000000000000';
const exampleProgrammeId = '01pr0gramme000000000000000';
const answerErrors = [...signatureErrors, 'FLEX_EVENT_UNKNOWN', 'FLEX_EVENT_CLOSED'] as const;

/** The transactions of the contract `flexibility` about the events of prosumers: signals, answers, tracking. */
export const eventTransactions = {
  signalEvents: submitSpec(contract, 'signalEvents', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      ...orderFields,
      revision: integer(1, 1_000),
      programmeId: programmeIdCodec,
      signalKind: signalKindCodec,
      /** A slot that has begun; the notice is given in the last one that has. */
      noticeSlot: slotCodec,
      participantIds: array(participantIdCodec, limits.eventsPerCallMax, 1),
      /** The request of the forecast that baselines by the method `forecast` are made from; its time for answers ended before. */
      forecastId: optional(requestIdCodec),
    }),
    response: eventsAnswer,
    collection: 'orders',
    errors: [
      ...signatureErrors,
      'FLEX_PROGRAMME_UNKNOWN',
      'FLEX_NOT_OWN_PROGRAMME',
      'FLEX_PROGRAMME_CLOSED',
      'FLEX_NOT_ENROLLED',
      'FLEX_REFERENCE_UNKNOWN',
      'FLEX_NOT_OWN_ORDER',
      'FLEX_EVENT_EMPTY',
      'FLEX_NOTICE_SLOT',
      'FLEX_NOTICE_TOO_SHORT',
      'FLEX_EVENT_OUTSIDE_PROGRAMME',
      'FLEX_EVENT_DIRECTION',
      'FLEX_EVENT_NOT_NEUTRAL',
      'FLEX_EVENT_ABOVE_BAND',
      'FLEX_EVENT_EXISTS',
      'FLEX_EVENT_ACCEPTED',
      'FLEX_EVENT_CLOSED',
      'FLEX_FORECAST_LATE',
      'FLEX_SIGNAL_WITHOUT_BASELINE',
      'ORACLE_REQUEST_UNKNOWN',
    ],
    facts: ['FlexEventSignalled'],
    summary: "Calls prosumers as a proven plan asks: each event's baseline is frozen, its promise booked.",
    example: {
      ...signedExample,
      orderId: exampleOrderId,
      revision: 1,
      programmeId: exampleProgrammeId,
      signalKind: 'DISPATCH_SETPOINT',
      noticeSlot: 1_626_010,
      participantIds: [exampleParticipantId],
    },
  }),
  cancelEvents: submitSpec(contract, 'cancelEvents', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...chunkFields, reason: oneOf('REPLANNED', 'ORDER_ENDED') }),
    response: eventsAnswer,
    errors: [...signatureErrors, 'FLEX_NOT_OWN_ORDER', 'FLEX_EVENT_UNKNOWN', 'FLEX_EVENT_CLOSED', 'FLEX_EVENT_BEGUN'],
    facts: ['FlexEventCancelled'],
    summary: 'Cancels events that have not begun and releases what their prosumers have promised.',
    example: {
      ...signedExample,
      orderId: exampleOrderId,
      participantIds: [exampleParticipantId],
      reason: 'REPLANNED',
    },
  }),
  acknowledgeEvent: submitSpec(contract, 'acknowledgeEvent', {
    roles: prosumerRoles,
    request: object({ ...signedFields, ...orderFields }),
    response: flexEventCodec,
    errors: answerErrors,
    facts: ['FlexEventAnswered'],
    summary: 'Says that a prosumer has received its event.',
    example: { ...signedExample, orderId: exampleOrderId },
  }),
  optIn: submitSpec(contract, 'optIn', {
    roles: prosumerRoles,
    request: object({ ...signedFields, ...orderFields }),
    response: flexEventCodec,
    errors: [...answerErrors, 'FLEX_EVENT_BEGUN'],
    facts: ['FlexEventAnswered'],
    summary: "Takes part in an event, bound by the programme's penalty.",
    example: { ...signedExample, orderId: exampleOrderId },
  }),
  optOut: submitSpec(contract, 'optOut', {
    roles: prosumerRoles,
    request: object({ ...signedFields, ...orderFields, reason: oneOf('DECLINED', 'DEVICE_FAILED') }),
    response: flexEventCodec,
    errors: [...answerErrors, 'FLEX_EVENT_BEGUN'],
    facts: ['FlexEventAnswered'],
    summary: 'Declines an event before it begins, or tells at any time that a device has failed.',
    example: { ...signedExample, orderId: exampleOrderId, reason: 'DECLINED' },
  }),
  trackEvents: submitSpec(contract, 'trackEvents', {
    roles: ['aggregator', 'dso', 'market', 'community'],
    request: object({ ...commandFields, ...chunkFields, slot: slotCodec }),
    response: object({ lines: array(performanceCodec, limits.eventsPerCallMax) }),
    errors: ['FLEX_EVENT_UNKNOWN', 'FLEX_EVENT_CLOSED', 'FLEX_EVENT_NOT_OVER', 'FLEX_EVENT_SLOT', 'FLEX_BASELINE_OPEN'],
    facts: ['FlexTracked', 'FlexDeviation'],
    summary: 'Measures events in a slot that has ended against baseline and order, and tells who deviates.',
    example: {
      commandId: exampleCommandId,
      orderId: exampleOrderId,
      participantIds: [exampleParticipantId],
      slot: 1_626_050,
    },
  }),
  completeEvents: submitSpec(contract, 'completeEvents', {
    roles: ['aggregator', 'dso', 'market', 'community'],
    request: object({ ...commandFields, ...chunkFields }),
    response: eventsAnswer,
    errors: ['FLEX_EVENT_UNKNOWN', 'FLEX_EVENT_CLOSED', 'FLEX_EVENT_NOT_OVER', 'FLEX_BASELINE_OPEN'],
    facts: ['FlexEventCompleted'],
    summary: 'Measures whole events, their rebound and what spoils them; again where readings came late.',
    example: { commandId: exampleCommandId, orderId: exampleOrderId, participantIds: [exampleParticipantId] },
  }),
  getFlexEvent: evaluateSpec(contract, 'getFlexEvent', {
    roles: 'anyone',
    request: object({ ...orderFields, participantId: participantIdCodec }),
    response: object({ event: nullable(flexEventCodec) }),
    errors: [],
    summary: "Answers a prosumer's event under an order, or null.",
    example: { orderId: exampleOrderId, participantId: exampleParticipantId },
  }),
  listFlexEvents: evaluateSpec(contract, 'listFlexEvents', {
    roles: 'anyone',
    request: object({ ...orderFields, ...pageFields }),
    response: listAnswer(flexEventCodec),
    errors: [],
    summary: 'Lists the events of an order in whatever state, in the order of the prosumers.',
    example: { orderId: exampleOrderId },
  }),
  listEventsOf: evaluateSpec(contract, 'listEventsOf', {
    roles: 'anyone',
    request: object({ participantId: participantIdCodec, fromSlot: slotCodec, toSlot: slotCodec }),
    response: object({ rows: array(eventPlaceCodec, limits.listRowsMax) }),
    errors: [],
    summary:
      'Lists under which orders a prosumer has events that begin from one slot to another, at most 100, in order of time.',
    example: { participantId: exampleParticipantId, fromSlot: 1_626_000, toSlot: 1_626_096 },
  }),
  getPortfolioPerformance: evaluateSpec(contract, 'getPortfolioPerformance', {
    roles: 'anyone',
    request: object({ ...orderFields, slot: slotCodec }),
    response: object({ portfolio: portfolioPerformanceCodec, lines: array(performanceCodec, 10_000) }),
    errors: ['FLEX_REFERENCE_UNKNOWN', 'FLEX_EVENT_SLOT'],
    summary: 'Answers what the tracked prosumers of an order did in a slot, each and together.',
    example: { orderId: exampleOrderId, slot: 1_626_050 },
  }),
} as const;
