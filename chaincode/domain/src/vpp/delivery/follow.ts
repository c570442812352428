import { least } from '../../math';
import type { ControlSignal, FrequencyRecord } from '../dispatch/rows';
import { droopPower } from '../service/droop';

/** What a pool has to give in each minute of a quarter hour by the frequency: up (above zero) below the nominal one, down above it. */
export function droopByMinute(promisedW: bigint, frequency: FrequencyRecord): readonly bigint[] {
  return frequency.belowMilliHertz.map((below, index) => {
    const deviation = BigInt(frequency.aboveMilliHertz[index] ?? 0) - BigInt(below);
    const { direction, powerW } = droopPower(promisedW, deviation);
    return direction === 'up' ? powerW : -powerW;
  });
}

/** What a pool has to give in each minute of a quarter hour by the set-points that it was sent, at most what it promised. */
export function signalByMinute(promisedW: bigint, { downW, upW }: ControlSignal): readonly bigint[] {
  return upW.map((up, index) => (up > 0n ? least(up, promisedW) : -least(downW[index] ?? 0n, promisedW)));
}
