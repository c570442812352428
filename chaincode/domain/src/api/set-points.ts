import { array, object } from '../decode';
import { digestCodec, elementIdCodec, freeTextCodec } from '../field-codecs';
import { commandIdCodec, participantIdCodec } from '../ids';
import { limits } from '../limits';
import { limitationAskedCodec, limitationCodec, limitationFields, setPointCodec } from '../set-points/rows';
import { slotCodec } from '../time';
import { wCodec } from '../units';
import { commandFields } from './common';
import { exampleCommandId, exampleDigest, exampleMeterId, exampleParticipantId } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'market';

const exampleAsked = {
  gridId: 'rural-1',
  elementId: 'transformer',
  direction: 'export',
  fromSlot: 1_626_050,
  slots: 2,
  measuredSlot: 1_626_048,
  measuredW: '155000',
  source: { kind: 'feeder-meter', meterId: exampleMeterId },
} as const;

const computeErrors = [
  'GRID_UNKNOWN',
  'METER_UNKNOWN',
  'METER_NOT_A_FEEDER',
  'MARKET_SET_POINTS_OFF',
  'MARKET_ELEMENT_UNKNOWN',
  'MARKET_LIMIT_SLOT_BEGUN',
  'MARKET_MEASUREMENT_STALE',
  'MARKET_MEASUREMENT_DIFFERS',
  'MARKET_NOT_ORANGE',
  'MARKET_LIMIT_NOT_NEEDED',
  'MARKET_CONNECTIONS_TOO_MANY',
] as const;

/** The transactions of the contract `market` that limit connections in real time. */
export const setPointTransactions = {
  limitConnections: submitSpec(contract, 'limitConnections', {
    roles: ['dso'],
    request: object({ ...commandFields, ...limitationFields, limitsDigest: digestCodec }),
    response: limitationCodec,
    errors: [...computeErrors, 'MARKET_LIMITS_DIFFER'],
    facts: ['ConnectionsLimited'],
    summary:
      'Limits the connections behind an element, for the next slots: its flow has come near its limit, or its congestion point is orange.',
    example: { commandId: exampleCommandId, ...exampleAsked, limitsDigest: exampleDigest },
  }),
  liftLimits: submitSpec(contract, 'liftLimits', {
    roles: ['dso'],
    request: object({ ...commandFields, limitationId: commandIdCodec, fromSlot: slotCodec }),
    response: limitationCodec,
    errors: ['MARKET_LIMIT_SLOT_BEGUN', 'MARKET_LIMITATION_UNKNOWN', 'MARKET_LIMITATION_LIFTED'],
    facts: ['LimitsLifted'],
    summary: 'Lifts limits of connections from a slot on that has not begun.',
    example: { commandId: exampleCommandId, limitationId: exampleCommandId, fromSlot: 1_626_051 },
  }),
  computeLimits: evaluateSpec(contract, 'computeLimits', {
    roles: 'anyone',
    request: limitationAskedCodec,
    response: object({
      limitsDigest: digestCodec,
      /** By how much the element would stay above its limit. */
      unresolvedW: wCodec,
      limits: array(
        object({ participantId: participantIdCodec, bus: elementIdCodec, presentW: wCodec, limitW: wCodec }),
        limits.setPointConnectionsMax,
      ),
    }),
    errors: computeErrors,
    summary: 'Answers the limits that limitConnections would give, and their digest, which it wants to be told.',
    example: exampleAsked,
  }),
  getSetPoints: evaluateSpec(contract, 'getSetPoints', {
    roles: 'anyone',
    request: object({ participantId: participantIdCodec, slot: slotCodec }),
    response: object({
      /** For each bus and direction the lowest limit in force. */
      setPoints: array(
        object({ setPoint: setPointCodec, explanation: array(freeTextCodec, 8) }),
        2 * limits.metersPerParticipantMax,
      ),
    }),
    errors: [],
    summary: 'Answers the limits of the connections of a participant in a slot, each with its explanation.',
    example: { participantId: exampleParticipantId, slot: 1_626_050 },
  }),
} as const;
