import { array, object, type TypeOf } from '../decode';
import { elementIdCodec } from '../field-codecs';
import { commandIdCodec, meterIdCodec } from '../ids';
import { limits } from '../limits';
import { flowDirectionCodec } from '../set-points/rows';
import { microCodec, microPerKwhCodec, whCodec } from '../units';

/** A limit of one of a participant's connections that held in a quarter hour, as settlement found it. */
export const curtailmentInputFields = {
  limitationId: commandIdCodec,
  bus: elementIdCodec,
  direction: flowDirectionCodec,
  /** The meters that the connection is made of. */
  meterIds: array(meterIdCodec, limits.metersPerParticipantMax),
  /** What would have flowed without the limit, rounded down, and what the limit let through, rounded up. */
  possibleWh: whCodec,
  limitWh: whCodec,
  /** What a kWh is paid that was held back. */
  priceMicroPerKwh: microPerKwhCodec,
  /** What the system operator has set aside for it. */
  coverMicro: microCodec,
};
export const curtailmentInputCodec = object(curtailmentInputFields);
export type CurtailmentInput = TypeOf<typeof curtailmentInputCodec>;

/** A limit and what it comes to: the energy that it held back, counted once, and the money. */
export const lineCurtailmentCodec = object({
  ...curtailmentInputFields,
  heldBackWh: whCodec,
  /** The part by which the holder's position is corrected: sold and not given, or bought and not taken. */
  correctedWh: whCodec,
  /** The part that the holder is paid for: what it had not sold, or what it had bought. */
  compensatedWh: whCodec,
  /** What the holder gets. */
  compensationMicro: microCodec,
  /** What the system operator pays or gets at the imbalance price for the energy of the correction. */
  takeoverCostMicro: microCodec,
  takeoverGainMicro: microCodec,
  /** What the rule asks for beyond what was set aside: not posted. */
  uncoveredMicro: microCodec,
});
export type LineCurtailment = TypeOf<typeof lineCurtailmentCodec>;
