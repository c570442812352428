import { compareBigint } from '../math';
import type { Position } from './rows';

/**
 * What a participant is told to do in one interval by one session, as part of a fact: inject or consume, from which slot, for how many
 * quarter hours, at which constant power in W.
 */
export interface DeliverySignal {
  readonly participantId: string;
  readonly firstSlot: number;
  readonly slots: number;
  readonly direction: 'inject' | 'consume';
  readonly powerW: string;
}

/** Watt-hours in a quarter hour at one watt, turned round: 4 quarter hours make an hour. */
const quartersPerHour = 4n;

/**
 * The signals of positions: the power that carries what was sold less what was bought, or the other way round, rounded down to whole
 * watts. A position whose two sides are equal asks for nothing. Signals of several sessions add up.
 */
export function signalsOf(positions: readonly Position[]): readonly DeliverySignal[] {
  return positions.flatMap(({ boughtWh, firstSlot, intervalSlots = 4, participantId, soldWh }) => {
    const direction = compareBigint(soldWh, boughtWh);
    if (direction === 0) {
      return [];
    }
    const energyWh = direction > 0 ? soldWh - boughtWh : boughtWh - soldWh;
    const powerW = (energyWh * quartersPerHour) / BigInt(intervalSlots);
    const signal = direction > 0 ? ('inject' as const) : ('consume' as const);
    return [{ participantId, firstSlot, slots: intervalSlots, direction: signal, powerW: powerW.toString() }];
  });
}
