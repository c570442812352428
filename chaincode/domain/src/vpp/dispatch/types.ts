import type { AssetId } from '../../ids';
import { exactNumber, mulDivCeil } from '../../math';

/** Minutes of one quarter hour, the step in which set-points change. */
export const periodMinutes = 15;
const secondsPerMinute = 60n;

/**
 * What a member can do in an activation, period by period: quarter hours from the minute on in which the full power is due. Powers are in W,
 * those of a reactive service in var. Every number was promised or stated before: nothing here is the word of a dispatcher.
 */
export interface Dispatchable {
  readonly assetId: AssetId;
  /** What it has promised for each period; 0 where it does not serve. */
  readonly promisedW: readonly bigint[];
  /** Least power when it is on. */
  readonly onLevelMinW: bigint;
  readonly rampUpWPerMinute: bigint;
  readonly rampDownWPerMinute: bigint;
  /** From the signal until it begins to move: response and synchronisation. */
  readonly readySeconds: number;
  /** What each kWh costs: the merit order. */
  readonly costMicroPerKwh: bigint;
  /** What a storage can still give in the direction of the activation, at its connection; absent for what never runs out. */
  readonly energyWh?: bigint;
  /** Longest run without a rest, in periods. */
  readonly runPeriodsMax: number;
  /** Periods that it rests after its longest run. */
  readonly restPeriods: number;
  /** False while it is frozen, retired or has dropped out. */
  readonly isOnline: boolean;
}

/** The power of one asset in each period of an activation. */
export interface AssetSetPoint {
  readonly assetId: AssetId;
  readonly powersW: readonly bigint[];
}

/** What an asset reaches, from where it stands, so many seconds after a signal: nothing before it is ready, then along its ramp. */
export function reachW(
  { rampUpWPerMinute, readySeconds }: Pick<Dispatchable, 'rampUpWPerMinute' | 'readySeconds'>,
  seconds: number,
): bigint {
  return seconds <= readySeconds ? 0n : (rampUpWPerMinute * BigInt(seconds - readySeconds)) / secondsPerMinute;
}

/** How many seconds after a signal an asset has moved by a power, rounded up. */
export function secondsToReach(
  { rampUpWPerMinute, readySeconds }: Pick<Dispatchable, 'rampUpWPerMinute' | 'readySeconds'>,
  powerW: bigint,
): number {
  return powerW === 0n || rampUpWPerMinute === 0n
    ? readySeconds
    : readySeconds + exactNumber(mulDivCeil(powerW, secondsPerMinute, rampUpWPerMinute));
}
