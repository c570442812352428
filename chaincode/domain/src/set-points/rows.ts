import { boolean, integer, object, oneOf, optional, union, type TypeOf } from '../decode';
import { digestCodec, elementIdCodec, freeTextCodec } from '../field-codecs';
import { commandIdCodec, meterIdCodec, participantIdCodec } from '../ids';
import { limits } from '../limits';
import { curtailmentCompensationCodec } from '../rule-set/settlement';
import { slotCodec } from '../time';
import { microCodec, ppmCodec, wCodec, whCodec } from '../units';

/** Which way power flows at a connection or through an element, as seen from the grid above. */
export const flowDirectionCodec = oneOf('import', 'export');

/** The part of a rule set by which connections are limited in real time. */
export const setPointRulesCodec = object({
  /** The share of an element's limit from which on connections behind it are limited. */
  triggerPpm: ppmCodec,
  /** The share of that limit that the connections are left; absent: the whole. */
  targetPpm: optional(ppmCodec),
  /** In proportion to what flows now, or to the size of the connection. */
  sharing: oneOf('present-flow', 'connection-size'),
  /** Import that a connection with one controllable device is always left. */
  importFloorW: wCodec,
});
export type SetPointRules = TypeOf<typeof setPointRulesCodec>;

/** Where a measured flow comes from: a meter whose readings are on the ledger, or a measurement that the operator vouches for. */
export const flowSourceCodec = union({
  'feeder-meter': object({ meterId: meterIdCodec }),
  stated: object({ source: freeTextCodec }),
});

/** The declaration of orange that limits follow from: the regime of a congestion point on a local day. */
export const orangeCodec = object({ congestionPointId: elementIdCodec, periodSlot: slotCodec });

/** What limits connections: where, which way, for how long and because of which flow. */
export const limitationFields = {
  gridId: elementIdCodec,
  /** A line, the transformer or a congestion point. */
  elementId: elementIdCodec,
  direction: flowDirectionCodec,
  /** The first slot for which the limits hold; it has not begun. */
  fromSlot: slotCodec,
  slots: integer(1, limits.setPointSlotsMax),
  /** The quarter hour in which the flow was measured. */
  measuredSlot: slotCodec,
  /** Mean power through the element in the direction. */
  measuredW: wCodec,
  source: flowSourceCodec,
  /** Why connections are limited before the flow is near the limit: the congestion point is orange in these slots. */
  orange: optional(orangeCodec),
};
export const limitationAskedCodec = object(limitationFields);
export type LimitationAsked = TypeOf<typeof limitationAskedCodec>;

/** One time that connections were limited; its id is that of the command. */
export const limitationCodec = object({
  limitationId: commandIdCodec,
  ...limitationFields,
  /** The most that the element may carry in the direction. */
  elementLimitW: wCodec,
  rules: setPointRulesCodec,
  /** What energy that is held back is paid, by the rule set then in force; absent: nothing. */
  compensation: optional(curtailmentCompensationCodec),
  /** What the element would carry by D-prognoses and orders in the worst of the slots; only where the congestion point is orange. */
  expectedW: optional(wCodec),
  connections: integer(1, limits.setPointConnectionsMax),
  limitsDigest: digestCodec,
  /** By how much the element stays above its limit, because nobody is limited below the floor or flow is not metered. */
  unresolvedW: wCodec,
  /** What was set aside for all connections and slots, and what of it was not needed and is free again; absent for nothing. */
  coveredMicro: optional(microCodec),
  releasedMicro: optional(microCodec),
  /** The first slot for which the limits do not hold any more, where they were lifted. */
  liftedSlot: optional(slotCodec),
});
export type Limitation = TypeOf<typeof limitationCodec>;

/** Power that a connection had before any limit held, or would have in orange, and the first slot of the first limit. */
export const possiblePowerCodec = object({
  powerW: wCodec,
  sinceSlot: slotCodec,
  /** In orange: the flow through the element that this power belongs to. */
  expectedW: optional(wCodec),
});
export type PossiblePower = TypeOf<typeof possiblePowerCodec>;

/** The limit of one connection: a participant's meters at one bus. */
export const setPointCodec = object({
  limitationId: commandIdCodec,
  participantId: participantIdCodec,
  bus: elementIdCodec,
  direction: flowDirectionCodec,
  fromSlot: slotCodec,
  slots: integer(1, limits.setPointSlotsMax),
  /** What the connection's meters showed last, at most an hour before. */
  presentW: wCodec,
  limitW: wCodec,
  /** True where a meter of the connection had shown nothing for an hour: then only the floor is let through. */
  silent: boolean,
  /** The element whose limit decides this one. */
  decidedBy: elementIdCodec,
  /** What possible power above the limit comes to over all slots; what was really held back the meters tell at settlement. */
  heldBackWh: whCodec,
  /** What the connection had when it was first limited; absent where that is what it shows now, as no limit held then. */
  possible: optional(possiblePowerCodec),
  /** What of the system operator's fund is set aside for each slot; absent where nothing is compensated. */
  coverMicro: optional(microCodec),
});
export type SetPoint = TypeOf<typeof setPointCodec>;
