import type { AssetId } from '../../ids';
import { sum } from '../../math';
import type { Slot } from '../../time';
import type { Activation, Handover } from '../dispatch/rows';
import { periodMinutes, type AssetSetPoint } from '../dispatch/types';

const minutesPerSlot = 15;

/** A dispatch as it was opened, and from when on it is in force. */
export interface DispatchInForce {
  readonly fromMinute: number;
  readonly setPoints: readonly AssetSetPoint[];
}

/** An activation with everything that says who should have given what in which minute. */
export interface AskedActivation {
  readonly activation: Pick<Activation, 'powerW' | 'dueMinute' | 'periods'>;
  readonly dispatches: readonly DispatchInForce[];
  readonly handovers: readonly Pick<Handover, 'fromAssetId' | 'stopMinute' | 'takeoverMinute'>[];
}

/** The minutes of a slot. */
export function minutesOfSlot(at: Slot): readonly number[] {
  return Array.from({ length: minutesPerSlot }, (_, index) => at * minutesPerSlot + index);
}

/** The period of an activation in which a minute lies; undefined outside. */
export function periodAt({ dueMinute, periods }: AskedActivation['activation'], minute: number): number | undefined {
  const period = Math.floor((minute - dueMinute) / periodMinutes);
  return minute < dueMinute || period >= periods ? undefined : period;
}

/** What an asset should give in a minute: its set-point in the dispatch in force, nothing from the minute on in which it dropped out. */
export function askedOfAssetW(asked: AskedActivation, assetId: AssetId, minute: number): bigint {
  const period = periodAt(asked.activation, minute);
  const stop = asked.handovers.find(({ fromAssetId }) => fromAssetId === assetId);
  if (period === undefined || (stop !== undefined && minute >= stop.stopMinute)) {
    return 0n;
  }
  const inForce = asked.dispatches.findLast(({ fromMinute }) => fromMinute <= minute);
  return inForce?.setPoints.find((setPoint) => setPoint.assetId === assetId)?.powersW[period] ?? 0n;
}

/**
 * What the pool should give in a minute: what the buyer called, without what an asset that dropped out should have given until the others had
 * taken over. That time is what the product allows, so it is no deviation.
 */
export function askedOfPoolW(asked: AskedActivation, minute: number): bigint {
  const period = periodAt(asked.activation, minute);
  if (period === undefined) {
    return 0n;
  }
  const lost = asked.handovers.filter(
    ({ stopMinute, takeoverMinute }) => stopMinute <= minute && minute < takeoverMinute,
  );
  const excusedW = sum(lost.map(({ fromAssetId, stopMinute }) => powerBefore(asked, fromAssetId, stopMinute, period)));
  const { powerW } = asked.activation;
  return excusedW > powerW ? 0n : powerW - excusedW;
}

/** What an asset had to give in a period by the dispatch that was in force when it stopped. */
function powerBefore({ dispatches }: AskedActivation, assetId: AssetId, stopMinute: number, period: number): bigint {
  const first = dispatches.slice(0, 1);
  const before = dispatches.findLast(({ fromMinute }) => fromMinute <= stopMinute) ?? first[0];
  return before?.setPoints.find((setPoint) => setPoint.assetId === assetId)?.powersW[period] ?? 0n;
}

/** The energy of powers by minute, in Wh, rounded down. */
export function energyOfMinutesWh(powersW: readonly bigint[]): bigint {
  return sum(powersW) / 60n;
}
