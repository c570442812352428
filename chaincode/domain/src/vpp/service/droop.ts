import { assert } from '../../assert';
import { least, mulDivHalfUp } from '../../math';

/** Where frequency containment is fully activated, in thousandths of a hertz. */
export const droopFullMilliHertz = 200n;

/** What frequency containment has to give: more (`up`: feed in more or take less) while the frequency is low. */
export interface DroopPower {
  readonly direction: 'up' | 'down';
  readonly powerW: bigint;
}

/**
 * The power of frequency containment at a deviation from the nominal frequency, below zero where the frequency is low: proportional to the
 * deviation, all of what is contracted from the full deviation on. Rounded to the nearest watt, halves up.
 */
export function droopPower(
  contractedW: bigint,
  deviationMilliHertz: bigint,
  fullMilliHertz: bigint = droopFullMilliHertz,
): DroopPower {
  assert(contractedW >= 0n && fullMilliHertz > 0n, 'A power is not negative and a full deviation positive.');
  const isLow = deviationMilliHertz < 0n;
  const deviation = least(isLow ? -deviationMilliHertz : deviationMilliHertz, fullMilliHertz);
  return { direction: isLow ? 'up' : 'down', powerW: mulDivHalfUp(contractedW, deviation, fullMilliHertz) };
}
