import { array, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { assetIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { whCodec } from '../../units';
import { coalitionIdCodec } from '../formation/ids';

/** What a member is expected to take and give in a quarter hour if nobody calls it; in Wh, or varh taken and given. */
export const scheduledEnergyCodec = object({ importWh: whCodec, exportWh: whCodec });
export type ScheduledEnergy = TypeOf<typeof scheduledEnergyCodec>;

/** The schedule of a member in a coalition, declared before the first slice begins: its baseline. */
export const memberScheduleCodec = object({
  coalitionId: coalitionIdCodec,
  assetId: assetIdCodec,
  firstSlot: slotCodec,
  slots: array(scheduledEnergyCodec, limits.eventSlotsMax, 1),
});
export type MemberSchedule = TypeOf<typeof memberScheduleCodec>;

/**
 * What spoils the delivery of a member:
 * - `SILENT_METER`: its meter had no reading of the slot, or of its baseline; `FLAGGED_READING`: one does not count;
 * - `SHORT`: less than asked, beyond the tolerance; `DROPPED_OUT`: it was replaced in the activation.
 */
export const memberFlagCodec = oneOf('SILENT_METER', 'FLAGGED_READING', 'SHORT', 'DROPPED_OUT');
export type MemberFlag = TypeOf<typeof memberFlagCodec>;

/** What came of a member in a quarter hour; what is not measured, or flagged as estimated, is not delivered. */
export const memberDeliveryCodec = object({
  assetId: assetIdCodec,
  participantId: participantIdCodec,
  askedWh: whCodec,
  deliveredWh: whCodec,
  flags: array(memberFlagCodec, 4),
});
export type MemberDelivery = TypeOf<typeof memberDeliveryCodec>;

/**
 * What spoils the delivery of a pool:
 * - `NO_TELEMETRY`: none was committed in time, or it was not opened; `TELEMETRY_LIE`: it differs from the meters beyond the tolerance;
 * - `SHORT`: less than asked, beyond the tolerance; `SLOW`: minutes below what was due although the quarter hour as a whole is kept;
 * - `UNMEASURED`: the meter of a member was silent.
 */
export const poolFlagCodec = oneOf('NO_TELEMETRY', 'TELEMETRY_LIE', 'SHORT', 'SLOW', 'UNMEASURED');
export type PoolFlag = TypeOf<typeof poolFlagCodec>;

/**
 * What a coalition delivered in a quarter hour against what was asked: by the meters where it is settled by dispatch, by the minutes where it is
 * settled by telemetry. Energies are in Wh, those of a reactive service in varh.
 */
export const poolDeliveryCodec = object({
  coalitionId: coalitionIdCodec,
  slot: slotCodec,
  slice: integer(0, limits.slicesPerRequestMax - 1),
  /** Which way more was due of a symmetric service; absent elsewhere, and where it was as much both ways. */
  direction: optional(oneOf('up', 'down')),
  askedWh: whCodec,
  deliveredWh: whCodec,
  shortfallWh: whCodec,
  /** Minutes in which something was due, and those in which it was there within the tolerance; absent without telemetry. */
  minutes: optional(object({ due: integer(0, 15), kept: integer(0, 15) })),
  flags: array(poolFlagCodec, 5),
  members: array(memberDeliveryCodec, limits.coalitionMembersMax),
  /** How often it was worked out; again where readings came late. */
  version: integer(1, limits.amendmentVersionMax),
});
export type PoolDelivery = TypeOf<typeof poolDeliveryCodec>;
