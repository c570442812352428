import { assert } from '../../assert';
import { demand, RuleError } from '../../errors';
import { greatest, least, mulDivFloor, sum } from '../../math';
import type { Profile } from '../../meter/types';
import { addSlots, type Slot } from '../../time';
import { decivolt, micro, varh } from '../../units';
import type { EnrolledAsset } from '../enrolment/rows';
import type { Programme } from '../programme/rows';
import { checkCurve, quarterHourVarh, reactivePowerAt } from './curve';
import type { VoltageControl, VoltagePerformance, VoltageSupport } from './rows';

const varhPerKvarh = 1_000n;
const minutesPerSlot = 15;

/**
 * Refuses a control that an enrolled asset cannot carry out: only a volt-var curve (FLEX_VOLTAGE_CONTROL), of no more than its inverter has
 * (FLEX_VOLTAGE_CURVE), in a programme of voltage support (FLEX_EVENT_DIRECTION).
 */
export function checkAssetControl(
  control: VoltageControl,
  { programmeId, terms }: Programme,
  asset: EnrolledAsset,
): void {
  demand(terms.direction === 'voltage', 'FLEX_EVENT_DIRECTION', { programmeId });
  demand(control.kind === 'CURVE', 'FLEX_VOLTAGE_CONTROL', { kind: control.kind });
  checkCurve(control.points, asset.reactiveMaxVar ?? 0n);
}

/** Refuses a control that is none of the system operator's equipment (FLEX_VOLTAGE_CONTROL). */
export function checkEquipmentControl(control: VoltageControl): void {
  demand(control.kind !== 'CURVE', 'FLEX_VOLTAGE_CONTROL', { kind: control.kind });
}

/** Refuses where a device is set already in one of the slots (FLEX_VOLTAGE_OVERLAP). */
export function demandNoOverlap(
  { firstSlot, slots }: Pick<VoltageSupport, 'firstSlot' | 'slots'>,
  others: readonly VoltageSupport[],
): void {
  const other = others.find((one) => one.firstSlot < firstSlot + slots && firstSlot < one.firstSlot + one.slots);
  demand(other === undefined, 'FLEX_VOLTAGE_OVERLAP', { supportId: other?.supportId ?? '' });
}

/**
 * What voltage support came to in a slot, from the values of the block that has it: the mean of its voltages, rounded down, and of the reactive
 * energy that the control asks for at that voltage what the meter counted in that direction. Refuses a slot outside the support
 * (FLEX_EVENT_SLOT) and a block that has not measured both (FLEX_VOLTAGE_UNMEASURED).
 */
export function trackSupport(
  support: VoltageSupport,
  slot: Slot,
  profile: Profile | undefined,
  rewardMicroPerKvarh: bigint,
): VoltagePerformance {
  const { control, firstSlot, slots, supportId } = support;
  demand(slot >= firstSlot && slot < addSlots(firstSlot, slots), 'FLEX_EVENT_SLOT', { supportId, slot });
  const { exportVarh, importVarh, voltageDecivolt } = measuredIn(profile, slot, supportId);
  const { direction, powerVar } = reactivePowerAt(control, voltageDecivolt);
  const askedVarh = quarterHourVarh(powerVar);
  const netVarh = direction === 'inject' ? exportVarh - importVarh : importVarh - exportVarh;
  const deliveredVarh = varh(greatest(0n, least(askedVarh, netVarh)));
  return {
    supportId,
    slot,
    voltageDecivolt: decivolt(voltageDecivolt),
    direction,
    askedVarh,
    deliveredVarh,
    deficiencyVarh: varh(askedVarh - deliveredVarh),
    rewardMicro: micro(mulDivFloor(deliveredVarh, rewardMicroPerKvarh, varhPerKvarh)),
  };
}

function measuredIn(profile: Profile | undefined, slot: Slot, supportId: string) {
  const { reactiveExportVarh, reactiveImportVarh, voltageDecivolt } = profile ?? {};
  if (profile === undefined || voltageDecivolt === undefined) {
    throw new RuleError('FLEX_VOLTAGE_UNMEASURED', { supportId, slot });
  }
  assert(profile.resolutionMinutes <= minutesPerSlot, 'Only meters that resolve a quarter hour measure support.');
  const valuesPerSlot = minutesPerSlot / profile.resolutionMinutes;
  const start = (slot - profile.startSlot) * valuesPerSlot;
  const within = (values: readonly bigint[] | undefined) => (values ?? []).slice(start, start + valuesPerSlot);
  const voltages = within(voltageDecivolt);
  demand(voltages.length === valuesPerSlot, 'FLEX_VOLTAGE_UNMEASURED', { supportId, slot });
  return {
    voltageDecivolt: sum(voltages) / BigInt(voltages.length),
    importVarh: sum(within(reactiveImportVarh)),
    exportVarh: sum(within(reactiveExportVarh)),
  };
}
