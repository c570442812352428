import { assetIdCodec, meterIdCodec, participantIdCodec } from '../ids';
import { addSlots, slot } from '../time';
import { micro, microPerKwh, ppm, w } from '../units';
import { coalitionPlanIdCodec } from '../vpp/coalition';
import { coalitionIdCodec } from '../vpp/formation/ids';
import type { Coalition, CoalitionMember } from '../vpp/formation/rows';
import { mandateIdCodec, serviceIdCodec, serviceRequestIdCodec } from '../vpp/ids';

const id = (number: number): string => String(number).padStart(26, '0');

/** The participant of a number. */
export const numberedParticipant = (number: number) => participantIdCodec.decode(id(number), 'id');
const coalitionId = coalitionIdCodec.decode(id(99), 'id');
/** The slot in which the coalition begins. */
export const coalitionSlot = slot(1_000_000);

/** Two slices of an hour: 1 MW kept ready in the first one, nothing in the second. */
export const testCoalition: Coalition = {
  coalitionId,
  planId: coalitionPlanIdCodec.decode(id(98), 'id'),
  requestId: serviceRequestIdCodec.decode(id(97), 'id'),
  serviceId: serviceIdCodec.decode('mfrr', 'id'),
  kind: 'mfrr',
  direction: 'up',
  aggregatorId: numberedParticipant(1),
  buyer: {},
  terms: {
    fullActivationSeconds: 750,
    holdSlots: 4,
    handoverSecondsMax: 750,
    settledBy: 'dispatch',
    bidMinW: w(1_000_000n),
    bidStepW: w(1_000_000n),
    membersMin: 1,
    marginPpm: ppm(0n),
    penaltyMicroPerKwh: microPerKwh(100_000n),
  },
  firstSlot: coalitionSlot,
  stepSlots: 4,
  sliceSlots: 4,
  slices: [
    { firstSlot: coalitionSlot, offeredW: w(1_000_000n) },
    { firstSlot: addSlots(coalitionSlot, 4), offeredW: w(0n) },
  ],
  memberCount: 3,
  keptPpm: ppm(950_000n),
  publishes: false,
  consentBySlot: addSlots(coalitionSlot, -8),
  acceptBySlot: addSlots(coalitionSlot, -4),
  offer: { capacityPriceMicroPerKwh: microPerKwh(15_000n), energyPriceMicroPerKwh: microPerKwh(70_000n) },
  lockedMicro: micro(85_000_000n),
  state: 'VERIFIED',
};

/** An asset with the number of its owner that promises a power in the first slice. */
export function testMember(
  owner: number,
  asset: string,
  powerW: bigint,
  other: Partial<CoalitionMember> = {},
): CoalitionMember {
  return {
    coalitionId,
    assetId: assetIdCodec.decode(asset, 'id'),
    participantId: numberedParticipant(owner),
    meterId: meterIdCodec.decode(id(owner), 'id'),
    mandateId: mandateIdCodec.decode(id(owner), 'id'),
    powersW: [w(powerW), w(0n)],
    firmPpm: ppm(1_000_000n),
    consent: 'signed',
    publishes: false,
    ...other,
  };
}
