import { array, integer, object, oneOf, optional, union, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { assetIdCodec, commandIdCodec, meterIdCodec, participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { decivoltCodec, microCodec, ppmCodec, varCodec, varhCodec } from '../../units';

/** Injecting reactive power raises the voltage, absorbing it lowers the voltage. */
export const reactiveDirectionCodec = oneOf('inject', 'absorb');
export type ReactiveDirection = TypeOf<typeof reactiveDirectionCodec>;

/** A point of a volt-var curve: the reactive power at a voltage. */
export const voltVarPointCodec = object({
  voltageDecivolt: decivoltCodec,
  direction: reactiveDirectionCodec,
  powerVar: varCodec,
});
export type VoltVarPoint = TypeOf<typeof voltVarPointCodec>;

/**
 * What is set at a bus: the volt-var curve of an inverter (OpenADR 3.1: CURVE), so many steps of a compensator, or the position of a tap
 * changer, counted from its lowest one.
 */
export const voltageControlCodec = union({
  CURVE: object({ points: array(voltVarPointCodec, limits.voltVarPointsMax, 2) }),
  COMPENSATOR: object({
    steps: integer(0, limits.compensatorStepsMax),
    stepVar: varCodec,
    direction: reactiveDirectionCodec,
  }),
  TAP: object({
    position: integer(0, limits.tapPositionsMax),
    neutralPosition: integer(0, limits.tapPositionsMax),
    /** By how much a position above the neutral one lowers the voltage behind the transformer. */
    stepPpm: ppmCodec,
  }),
});
export type VoltageControl = TypeOf<typeof voltageControlCodec>;

/** Whose device is set: that of an enrolled prosumer, or the system operator's own at a bus or transformer. */
export const voltageTargetCodec = union({
  asset: object({ programmeId: programmeIdCodec, participantId: participantIdCodec, assetId: assetIdCodec }),
  equipment: object({ elementId: elementIdCodec }),
});
export type VoltageTarget = TypeOf<typeof voltageTargetCodec>;

/** A set-point of voltage support at a bus, for some slots. */
export const voltageSupportCodec = object({
  supportId: commandIdCodec,
  gridId: elementIdCodec,
  bus: elementIdCodec,
  target: voltageTargetCodec,
  /** What measures reactive energy and voltage there. */
  meterId: optional(meterIdCodec),
  firstSlot: slotCodec,
  slots: integer(1, limits.eventSlotsMax),
  control: voltageControlCodec,
});
export type VoltageSupport = TypeOf<typeof voltageSupportCodec>;

/** What voltage support came to in a slot: the mean voltage, and the reactive energy that was asked for there and measured. */
export const voltagePerformanceCodec = object({
  supportId: commandIdCodec,
  slot: slotCodec,
  voltageDecivolt: decivoltCodec,
  direction: reactiveDirectionCodec,
  askedVarh: varhCodec,
  deliveredVarh: varhCodec,
  deficiencyVarh: varhCodec,
  /** What the programme pays for it; zero for the system operator's own equipment. */
  rewardMicro: microCodec,
});
export type VoltagePerformance = TypeOf<typeof voltagePerformanceCodec>;
