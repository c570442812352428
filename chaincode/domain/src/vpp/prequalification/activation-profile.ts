import { slotSeconds } from '../../time';
import { wh, type Wh } from '../../units';

const secondsPerHour = 3_600n;

/**
 * What an activation asks for in a quarter hour of it, in Wh (or varh), rounded down: the power rises evenly from nothing to the whole in the
 * time of full activation and stays there.
 *
 * @param index the quarter hour, from 0
 */
export function askedEnergyWh(powerW: bigint, fullActivationSeconds: number, index: number): Wh {
  const rampSeconds = BigInt(fullActivationSeconds);
  const begin = BigInt(index * slotSeconds);
  const doubled = doubledArea(begin + BigInt(slotSeconds), rampSeconds) - doubledArea(begin, rampSeconds);
  return wh((powerW * doubled) / (2n * rampSeconds * secondsPerHour));
}

/** Twice the time of full activation times the seconds at full power that the time up to `seconds` comes to. */
function doubledArea(seconds: bigint, rampSeconds: bigint): bigint {
  return seconds <= rampSeconds ? seconds ** 2n : 2n * rampSeconds * seconds - rampSeconds ** 2n;
}
