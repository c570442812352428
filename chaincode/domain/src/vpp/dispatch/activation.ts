import { demand, RuleError } from '../../errors';
import { least } from '../../math';
import { addSlots, type Slot } from '../../time';
import type { W } from '../../units';
import { bandDirectionsOf, unitOfDirection, type BandDirection } from '../directions';
import { demandState, knownSlice } from '../formation/formation';
import type { ActivationId } from '../formation/ids';
import type { Coalition } from '../formation/rows';
import { compensationMilliVar } from '../service/power-factor';
import type { Buyer } from '../service/rows';
import type { Activation, PowerFactorCall } from './rows';
import { periodMinutes } from './types';

const minutesPerSlot = 15;
const secondsPerMinute = 60;

/** The activation of an id; refuses with VPP_ACTIVATION_UNKNOWN. */
export function knownActivation(activation: Activation | undefined, activationId: string): Activation {
  if (activation === undefined) {
    throw new RuleError('VPP_ACTIVATION_UNKNOWN', { activationId });
  }
  return activation;
}

/** Refuses an activation in another state than one of these (VPP_ACTIVATION_STATE). */
export function demandActivationState(
  { activationId, state }: Activation,
  ...states: readonly Activation['state'][]
): void {
  demand(states.includes(state), 'VPP_ACTIVATION_STATE', { activationId, state });
}

/** Refuses who is not the buyer of a coalition (VPP_NOT_BUYER): its organisation, or the participant that has signed. */
export function demandBuyer({ buyer, coalitionId }: Coalition, sender: Buyer): void {
  const isBuyer = buyer.mspId === sender.mspId && buyer.participantId === sender.participantId;
  demand(isBuyer, 'VPP_NOT_BUYER', { coalitionId });
}

/** What a buyer calls. */
export interface ActivationAsked {
  readonly activationId: ActivationId;
  readonly slice: number;
  readonly direction: BandDirection;
  readonly powerW: W;
  readonly signalMinute: number;
  readonly periods: number;
  /** The power factor for which reactive power is called, where that is why. */
  readonly powerFactor?: PowerFactorCall;
}

/** The slot in which a minute lies. */
export function slotOfMinute(minute: number): Slot {
  return addSlots(0 as Slot, Math.floor(minute / minutesPerSlot));
}

/** True where an asset that stops in a minute leaves an activation: from its signal to its end. */
export function isStopInside({ dueMinute, periods, signalMinute }: Activation, stopMinute: number): boolean {
  return stopMinute >= signalMinute && stopMinute < dueMinute + periods * periodMinutes;
}

/** The minute from which a power that takes so many seconds is there, counted from another minute. */
export function minuteAfter(minute: number, seconds: number): number {
  return minute + Math.ceil(seconds / secondsPerMinute);
}

/** The slots in which an activation is carried out, from the one in which its power is due to the one in which it ends. */
export function slotsOfActivation({ dueMinute, periods }: Pick<Activation, 'dueMinute' | 'periods'>): readonly Slot[] {
  const first = slotOfMinute(dueMinute);
  const last = slotOfMinute(dueMinute + periods * periodMinutes - 1);
  return Array.from({ length: last - first + 1 }, (_, index) => addSlots(first, index));
}

/**
 * The activation that a buyer calls inside its contract. Refuses a coalition that is not accepted (VPP_COALITION_STATE), a service that follows
 * the frequency or set-points (VPP_ACTIVATION_BY_TELEMETRY), a power of nothing or above what the slice has (VPP_ACTIVATION_POWER), another
 * direction (VPP_ACTIVATION_DIRECTION), another power than the power factor asks for (VPP_ACTIVATION_POWER_FACTOR), a minute of the signal outside the slot that has begun last (VPP_ACTIVATION_SIGNAL), a time that does not
 * lie in the slice (VPP_ACTIVATION_OUTSIDE) or is longer than the service is called for (VPP_ACTIVATION_TOO_LONG), and one that another one is not
 * over by (VPP_ACTIVATION_OVERLAP).
 */
export function callCoalition(
  coalition: Coalition,
  asked: ActivationAsked,
  signalIsNow: boolean,
  others: readonly Pick<Activation, 'activationId' | 'dueMinute' | 'periods'>[],
): Activation {
  const { coalitionId, direction: sold, terms } = coalition;
  const { activationId, direction, periods, powerW, signalMinute, slice: index } = asked;
  demandState(coalition, 'ACCEPTED');
  const slice = knownSlice(coalition, index);
  demand(terms.settledBy === 'dispatch', 'VPP_ACTIVATION_BY_TELEMETRY', { coalitionId });
  const within = powerW > 0n && powerW <= slice.offeredW;
  demand(within, 'VPP_ACTIVATION_POWER', { powerW: powerW.toString(), offeredW: slice.offeredW.toString() });
  demand(bandDirectionsOf(sold).includes(direction), 'VPP_ACTIVATION_DIRECTION', { direction, sold });
  demandPowerFactor(asked, slice.offeredW);
  demand(signalIsNow, 'VPP_ACTIVATION_SIGNAL', { signalMinute });
  const dueMinute = minuteAfter(signalMinute, terms.fullActivationSeconds);
  const endMinute = dueMinute + periods * periodMinutes;
  const fits = dueMinute >= slice.firstSlot * minutesPerSlot && endMinute <= slice.endSlot * minutesPerSlot;
  demand(fits, 'VPP_ACTIVATION_OUTSIDE', { dueMinute, endMinute, firstSlot: slice.firstSlot, endSlot: slice.endSlot });
  demand(periods <= terms.holdSlots, 'VPP_ACTIVATION_TOO_LONG', { periods, holdSlots: terms.holdSlots });
  const other = others.find((one) => one.dueMinute + one.periods * periodMinutes > dueMinute);
  demand(other === undefined, 'VPP_ACTIVATION_OVERLAP', { activationId: other?.activationId ?? '' });
  return {
    activationId,
    coalitionId,
    slice: index,
    direction,
    powerW,
    ...(asked.powerFactor === undefined ? {} : { powerFactor: asked.powerFactor }),
    signalSlot: slotOfMinute(signalMinute),
    signalMinute,
    dueMinute,
    periods,
    dispatches: 0,
    state: 'SIGNALLED',
  };
}

/**
 * The reactive power that has to be called so that a connection point reaches a power factor: what has to be compensated there, rounded up to a
 * whole var, at most what is offered.
 */
export function calledVar({ activeW, powerFactorPpm, reactiveVar }: PowerFactorCall, offeredVar: bigint): bigint {
  return least((compensationMilliVar(activeW, reactiveVar, powerFactorPpm) + 999n) / 1_000n, offeredVar);
}

/** Refuses a power factor for active power, and another power than it asks for (VPP_ACTIVATION_POWER_FACTOR). */
function demandPowerFactor({ direction, powerFactor, powerW }: ActivationAsked, offeredW: bigint): void {
  if (powerFactor !== undefined) {
    const isAsked = unitOfDirection(direction) === 'var' && powerFactor.powerFactorPpm > 0n;
    const neededVar = isAsked ? calledVar(powerFactor, offeredW) : 0n;
    demand(powerW === neededVar, 'VPP_ACTIVATION_POWER_FACTOR', { neededVar: neededVar.toString() });
  }
}
