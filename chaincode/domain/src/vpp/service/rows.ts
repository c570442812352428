import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec, freeTextCodec, mspIdCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, wCodec } from '../../units';
import { powerUnitCodec, serviceDirectionCodec } from '../directions';
import { serviceIdCodec, serviceRequestIdCodec } from '../ids';
import { serviceKindCodec } from './kinds';

/** Who may ask for a service: a role of organisations, or participants that sign (suppliers and producers: the wholesale market). */
export const serviceBuyerCodec = oneOf('tso', 'dso', 'wholesale');
export type ServiceBuyer = TypeOf<typeof serviceBuyerCodec>;

/** What a service is, as whoever publishes it writes it. Powers are in W, or in var where the unit says so. */
export const serviceFields = {
  serviceId: serviceIdCodec,
  name: freeTextCodec,
  kind: serviceKindCodec,
  directions: array(serviceDirectionCodec, 5, 1),
  unit: powerUnitCodec,
  /** From the signal to the whole of the promised power. */
  fullActivationSeconds: integer(1, limits.activationSecondsMax),
  /** Quarter hours of one slice: for each a power is promised. */
  sliceSlots: integer(1, limits.eventSlotsMax),
  bidMinW: wCodec,
  bidStepW: wCodec,
  /** Quarter hours that a full activation lasts at most: for so long a storage has to keep its promise. */
  holdSlots: integer(1, limits.eventSlotsMax),
  /** In which time another asset takes over from one that drops out. */
  handoverSecondsMax: integer(1, limits.activationSecondsMax),
  /** `dispatch`: activations are signalled and recorded; `telemetry`: it follows the frequency, and committed telemetry settles it. */
  settledBy: oneOf('dispatch', 'telemetry'),
  payment: oneOf('pay-as-bid', 'pay-as-cleared'),
  /** With which probability a promise is kept at least. */
  keptPpm: ppmCodec,
  /** Assets of a coalition, at least; 1 where a single one may serve. */
  membersMin: integer(1, limits.coalitionMembersMax),
  /** True where only assets, or pools, that have passed a test activation may serve. */
  prequalification: boolean,
  buyers: array(serviceBuyerCodec, 3, 1),
};

/** A service of the catalogue. A later version takes the place of the one before, while nobody has an open request for it. */
export const serviceProductCodec = object({
  ...serviceFields,
  /** Who publishes it, and alone changes or retires it. */
  publisherMspId: mspIdCodec,
  version: integer(1, limits.amendmentVersionMax),
  state: oneOf('PUBLISHED', 'RETIRED'),
});
export type ServiceProduct = TypeOf<typeof serviceProductCodec>;

/** How many requests for a service are neither withdrawn nor served: while there are any, it does not change. */
export const serviceUseCodec = object({ openRequests: integer(0, limits.openRequestsPerServiceMax) });
export type ServiceUse = TypeOf<typeof serviceUseCodec>;

/** Who asks for a service and pays for it. */
export const buyerCodec = object({ mspId: optional(mspIdCodec), participantId: optional(participantIdCodec) });
export type Buyer = TypeOf<typeof buyerCodec>;

/** The part of a request that the buyer writes. */
export const serviceRequestFields = {
  serviceId: serviceIdCodec,
  /** Where the assets have to be; empty for anywhere. */
  gridIds: array(elementIdCodec, limits.gridsPerProgrammeMax),
  direction: serviceDirectionCodec,
  firstSlot: slotCodec,
  slices: integer(1, limits.slicesPerRequestMax),
  /** Most and least that is bought in each slice, in the unit of the service. */
  volumeMaxW: wCodec,
  bidMinW: wCodec,
  /** Price of a kW kept ready for an hour (EUR/MW/h × 1,000). */
  capacityPriceMicroPerKwh: microPerKwhCodec,
  energyPriceMicroPerKwh: microPerKwhCodec,
  /** Which share of the promised energy is likely to be called. */
  activationPpm: ppmCodec,
  /** What a kWh costs that was called and not delivered. */
  penaltyMicroPerKwh: microPerKwhCodec,
  /** The slot from whose begin on offers are not taken any more. */
  answerBySlot: slotCodec,
};

/** A request for a service. */
export const serviceRequestCodec = object({
  requestId: serviceRequestIdCodec,
  ...serviceRequestFields,
  buyer: buyerCodec,
  /** What the service was when it was asked for. */
  kind: serviceKindCodec,
  sliceSlots: integer(1, limits.eventSlotsMax),
  serviceVersion: integer(1, limits.amendmentVersionMax),
  state: oneOf('OPEN', 'CLOSED', 'WITHDRAWN', 'SERVED'),
});
export type ServiceRequest = TypeOf<typeof serviceRequestCodec>;

/** What an organisation has paid in for services: what it can still promise, and what accepted offers have locked. */
export const serviceFundCodec = object({
  mspId: mspIdCodec,
  availableMicro: microCodec,
  lockedMicro: microCodec,
});
export type ServiceFund = TypeOf<typeof serviceFundCodec>;
