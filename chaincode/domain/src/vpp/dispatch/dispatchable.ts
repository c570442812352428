import { addSlots, type Slot } from '../../time';
import { least } from '../../math';
import type { TechnicalData } from '../asset/rows';
import type { FlexibilityBand } from '../band/rows';
import { unitOfDirection } from '../directions';
import { memberPowerW, servesPool } from '../formation/coverage';
import type { Coalition, CoalitionMember } from '../formation/rows';
import { slotOfMinute } from './activation';
import type { Activation } from './rows';
import { periodMinutes, type Dispatchable, type AssetSetPoint } from './types';

const secondsPerMinute = 60n;

/** What the ledger knows of a member that is to be dispatched. */
export interface MemberState {
  readonly member: CoalitionMember;
  /** What its owner has stated last, and the band that follows from it; absent where it has taken them back. */
  readonly technicalData: TechnicalData | undefined;
  readonly band: FlexibilityBand | undefined;
  /** True while the registry has it in service. */
  readonly isCommissioned: boolean;
  /** True once it has dropped out of the activation. */
  readonly hasDroppedOut: boolean;
}

/** Set-points that an asset had in an earlier activation of the coalition. */
export interface EarlierRun {
  readonly activation: Pick<Activation, 'dueMinute' | 'periods'>;
  readonly setPoints: readonly AssetSetPoint[];
}

/** What a member can do in an activation: its promise, within what its owner states and its rest after what it was called for before. */
export function dispatchableOf(
  coalition: Pick<Coalition, 'firstSlot' | 'stepSlots'>,
  activation: Pick<Activation, 'direction' | 'dueMinute' | 'periods'>,
  state: MemberState,
  earlier: readonly EarlierRun[],
): Dispatchable {
  const { band, member, technicalData } = state;
  const { assetId } = member;
  if (band === undefined || technicalData === undefined) {
    return { ...nothing, assetId };
  }
  const restUntil = restUntilMinute(member, technicalData, earlier);
  const promisedW = Array.from({ length: activation.periods }, (_, period) => {
    const from = activation.dueMinute + period * periodMinutes;
    const [first, last] = [slotOfMinute(from), slotOfMinute(from + periodMinutes - 1)];
    const powerW = least(memberPowerW(coalition, member, first), memberPowerW(coalition, member, last));
    return from < restUntil || !servesPool(member) ? 0n : powerW;
  });
  const { energyWh } = band;
  return {
    assetId,
    promisedW,
    onLevelMinW: band.onLevelMinW,
    ...rampsOf(technicalData, activation.direction, band.maxW),
    readySeconds: technicalData.responseSeconds + technicalData.syncSeconds,
    costMicroPerKwh: band.priceMicroPerKwh,
    ...(energyWh === undefined ? {} : { energyWh }),
    runPeriodsMax: technicalData.dispatchSlotsMax,
    restPeriods: technicalData.restSlots,
    isOnline: state.isCommissioned && !state.hasDroppedOut,
  };
}

/** What an asset can do whose owner has taken back what it stated. */
const nothing: Omit<Dispatchable, 'assetId'> = {
  promisedW: [],
  onLevelMinW: 0n,
  rampUpWPerMinute: 0n,
  rampDownWPerMinute: 0n,
  readySeconds: 0,
  costMicroPerKwh: 0n,
  runPeriodsMax: 1,
  restPeriods: 0,
  isOnline: false,
};

/**
 * How fast a set-point rises and falls: for one that moves down, giving more of it is ramping down. An inverter sets its reactive power within a
 * second.
 */
function rampsOf(
  { rampDownWPerMinute, rampUpWPerMinute }: TechnicalData,
  direction: Activation['direction'],
  maxW: bigint,
): Pick<Dispatchable, 'rampUpWPerMinute' | 'rampDownWPerMinute'> {
  if (unitOfDirection(direction) === 'var') {
    return { rampUpWPerMinute: maxW * secondsPerMinute, rampDownWPerMinute: maxW * secondsPerMinute };
  }
  return direction === 'up'
    ? { rampUpWPerMinute, rampDownWPerMinute }
    : { rampUpWPerMinute: rampDownWPerMinute, rampDownWPerMinute: rampUpWPerMinute };
}

/** The minute up to which a member rests after its last run in earlier activations of the coalition. */
function restUntilMinute(
  { assetId }: CoalitionMember,
  { restSlots }: TechnicalData,
  earlier: readonly EarlierRun[],
): number {
  const ends = earlier.flatMap(({ activation, setPoints }) => {
    const powersW = setPoints.find((one) => one.assetId === assetId)?.powersW ?? [];
    const last = powersW.findLastIndex((powerW) => powerW > 0n);
    return last < 0 ? [] : [activation.dueMinute + (last + 1) * periodMinutes];
  });
  return Math.max(0, ...ends.map((end) => end + restSlots * periodMinutes));
}

/** The period of an activation in which a minute lies, and its first slot; for hand-overs. */
export function periodOfMinute({ dueMinute }: Pick<Activation, 'dueMinute'>, minute: number): number {
  return Math.max(0, Math.floor((minute - dueMinute) / periodMinutes));
}

/** The slot after the last one of an activation. */
export function activationEndSlot({ dueMinute, periods }: Pick<Activation, 'dueMinute' | 'periods'>): Slot {
  return addSlots(slotOfMinute(dueMinute + periods * periodMinutes - 1), 1);
}
