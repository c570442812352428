import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { digestCodec, saltCodec, signatureCodec } from '../../field-codecs';
import { assetIdCodec, commandIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { ppmCodec, wCodec, whCodec } from '../../units';
import { bandDirectionCodec } from '../directions';
import { activationIdCodec, coalitionIdCodec } from '../formation/ids';

/** A minute: the number of whole minutes since 1970 UTC. It stands in what somebody states, never in what the ledger knows. */
export const minuteCodec = integer(0, 1_499_850_000);

/**
 * Why reactive power is called: what the buyer measured at its connection point, and the power factor that it wants there. What has to be
 * compensated follows from it.
 */
export const powerFactorCallCodec = object({
  activeW: wCodec,
  reactiveVar: wCodec,
  powerFactorPpm: ppmCodec,
});
export type PowerFactorCall = TypeOf<typeof powerFactorCallCodec>;

export const activationStateCodec = oneOf('SIGNALLED', 'DISPATCHED', 'COMPLETED');

/**
 * A buyer's call on an accepted coalition: a power in one direction for some quarter hours, counted from the minute in which it is due. The
 * minute of the signal is the buyer's word, within the quarter hour of the ledger clock in which it is recorded.
 */
export const activationCodec = object({
  activationId: activationIdCodec,
  coalitionId: coalitionIdCodec,
  /** The slice, counted from 0. */
  slice: integer(0, limits.slicesPerRequestMax - 1),
  direction: bandDirectionCodec,
  powerW: wCodec,
  /** Present where reactive power was called for a power factor. */
  powerFactor: optional(powerFactorCallCodec),
  signalSlot: slotCodec,
  signalMinute: minuteCodec,
  /** From this minute on the whole power is due, for so many quarter hours. */
  dueMinute: minuteCodec,
  periods: integer(1, limits.eventSlotsMax),
  /** How many dispatches there were: one, and one for each hand-over. */
  dispatches: integer(0, limits.dispatchesMax),
  state: activationStateCodec,
  /** What came of it; absent before it is completed. */
  result: optional(
    object({ askedWh: whCodec, deliveredWh: whCodec, shortfallWh: whCodec, deviations: integer(0, 1_000) }),
  ),
});
export type Activation = TypeOf<typeof activationCodec>;

/** By which the activations of a coalition are found, in order of time. */
export const activationPlaceCodec = object({ activationId: activationIdCodec });

/** The set-point of one asset: its power in each period of the activation. It travels off the channel. */
export const assetSetPointCodec = object({
  assetId: assetIdCodec,
  powersW: array(wCodec, limits.eventSlotsMax, 1),
});

/** Set-points as they are opened to the contract: with the salt that hides them in the digest. */
export const openedSetPointsCodec = object({
  salt: saltCodec,
  setPoints: array(assetSetPointCodec, limits.coalitionMembersMax),
});
export type OpenedSetPoints = TypeOf<typeof openedSetPointsCodec>;

/**
 * What the channel keeps of a dispatch: the root over the set-points of its assets, one salted leaf for each, and totals. A later one, after a
 * hand-over, takes the place of the one before from its first minute on.
 */
export const dispatchRecordCodec = object({
  activationId: activationIdCodec,
  revision: integer(1, limits.dispatchesMax),
  fromMinute: minuteCodec,
  root: digestCodec,
  assets: integer(0, limits.coalitionMembersMax),
  /** The sum in each period, and by how much it stays below what is asked for, at most. */
  totalsW: array(wCodec, limits.eventSlotsMax, 1),
  shortW: wCodec,
  /**
   * The set-points themselves, of a reactive service alone: its meters' profiles stand in another collection, which no peer has together with sealed
   * set-points, so that nobody could compare the two. They tell nothing of what a household takes, and what each asset promised is public as well.
   */
  setPoints: optional(array(assetSetPointCodec, limits.coalitionMembersMax)),
});
export type DispatchRecord = TypeOf<typeof dispatchRecordCodec>;

/** A member's agent has received the set-point of its asset in a dispatch. */
export const acknowledgementCodec = object({
  activationId: activationIdCodec,
  assetId: assetIdCodec,
  participantId: participantIdCodec,
  revision: integer(1, limits.dispatchesMax),
  /** The hash of the leaf that the agent was sent, which the root proves. */
  leaf: digestCodec,
  /** False where the asset cannot carry it out. */
  isAccepted: boolean,
  commandId: commandIdCodec,
  expirySlot: slotCodec,
  signature: signatureCodec,
});
export type Acknowledgement = TypeOf<typeof acknowledgementCodec>;

/** What others have taken over from an asset that dropped out, in merit order. */
export const handoverCodec = object({
  activationId: activationIdCodec,
  /** The dispatch that it made. */
  revision: integer(2, limits.dispatchesMax),
  fromAssetId: assetIdCodec,
  stopMinute: minuteCodec,
  /** When the slowest of them has taken over. */
  takeoverMinute: minuteCodec,
  /** What the asset should have given, at most in a period, and what of it nobody takes over in time. */
  lostW: wCodec,
  missingW: wCodec,
  takenOver: array(
    object({ assetId: assetIdCodec, powerW: wCodec, seconds: integer(0, limits.activationSecondsMax) }),
    limits.coalitionMembersMax,
  ),
});
export type Handover = TypeOf<typeof handoverCodec>;

/** What a pool gave and took in one minute. Reactive pools state what they gave (capacitive) and took (inductive) in var. */
export const poolMinuteCodec = object({ importW: wCodec, exportW: wCodec });
export type PoolMinute = TypeOf<typeof poolMinuteCodec>;

/** The minutes of a pool in a quarter hour as they are opened, with the salt that hides them in the commitment. */
export const openedMinutesCodec = object({ salt: saltCodec, minutes: array(poolMinuteCodec, 15, 15) });
export type OpenedMinutes = TypeOf<typeof openedMinutesCodec>;

/**
 * The telemetry of a pool in a quarter hour: committed within one quarter hour, opened later. The minutes stand here where every owner lets them
 * be published, and in the collection otherwise.
 */
export const poolTelemetryCodec = object({
  coalitionId: coalitionIdCodec,
  slot: slotCodec,
  commitment: digestCodec,
  isOpened: boolean,
  minutes: optional(array(poolMinuteCodec, 15, 15)),
});
export type PoolTelemetry = TypeOf<typeof poolTelemetryCodec>;

/** What a system operator states of a quarter hour for services that follow it: deviations of the frequency by minute, in millihertz. */
export const frequencyCodec = object({
  slot: slotCodec,
  /** Below the nominal frequency, and above it; one of the two is 0 in each minute. */
  belowMilliHertz: array(integer(0, 5_000), 15, 15),
  aboveMilliHertz: array(integer(0, 5_000), 15, 15),
});
export type FrequencyRecord = TypeOf<typeof frequencyCodec>;

/** The set-points that a buyer has sent a pool by minute (aFRR): up or down, one of the two 0. */
export const controlSignalCodec = object({
  coalitionId: coalitionIdCodec,
  slot: slotCodec,
  upW: array(wCodec, 15, 15),
  downW: array(wCodec, 15, 15),
});
export type ControlSignal = TypeOf<typeof controlSignalCodec>;
