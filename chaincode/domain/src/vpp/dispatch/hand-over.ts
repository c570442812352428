import { demand } from '../../errors';
import type { AssetId } from '../../ids';
import { least, sum } from '../../math';
import { fillByMerit } from './fill';
import { inMeritOrder, runsAreAllowed } from './merit-order';
import { reachW, secondsToReach, type Dispatchable, type AssetSetPoint } from './types';

const periodsPerHour = 4n;

/** What has to be handed over: from a period of an activation on, what one asset had to give. */
export interface HandOverAsked {
  readonly members: readonly Dispatchable[];
  readonly setPoints: readonly AssetSetPoint[];
  readonly fromAssetId: AssetId;
  /** The period in which it has stopped. */
  readonly period: number;
  /** Seconds in which another asset has to have taken over: what the product allows. */
  readonly handoverSecondsMax: number;
}

/** What one asset takes over. */
export interface TakenOver {
  readonly assetId: AssetId;
  /** The most that it takes over in a period. */
  readonly powerW: bigint;
  /** From the stop until it has taken over. */
  readonly seconds: number;
}

/** How a dispatch goes on after an asset has dropped out. */
export interface HandedOver {
  /** All set-points from then on, the dropped one without power from the period of its stop on. */
  readonly setPoints: readonly AssetSetPoint[];
  /** Who takes over, in merit order. */
  readonly takenOver: readonly TakenOver[];
  /** What the dropped asset should have given, at most in a period, and what of it nobody takes over in time. */
  readonly lostW: bigint;
  readonly missingW: bigint;
  /** Until the slowest of them has taken over. */
  readonly seconds: number;
}

/** One asset while it is handed over: what it gave, what it gives now, and what its storage has left. */
interface Successor {
  readonly member: Dispatchable;
  readonly before: readonly bigint[];
  readonly after: bigint[];
  /** In W × periods; undefined for what never runs out. */
  energyLeft: bigint | undefined;
}

/**
 * Hands over what a dropped asset had to give to the next ones by merit that are ready, and can ramp up, within the product's time, above what
 * they give already. What nobody can take over is missing and said so. Refuses an asset that has no set-point left to hand over
 * (VPP_HANDOVER_NOTHING).
 */
export function handOverByMerit(asked: HandOverAsked): HandedOver {
  const { fromAssetId, members, period, setPoints } = asked;
  const lost = setPoints.find(({ assetId }) => assetId === fromAssetId)?.powersW ?? [];
  const lostW = greatestOf(lost.slice(period));
  demand(lostW > 0n, 'VPP_HANDOVER_NOTHING', { assetId: fromAssetId });
  const order = inMeritOrder(members.filter(({ assetId, isOnline }) => isOnline && assetId !== fromAssetId));
  const successors = order.map((member) => successorOf(member, setPoints, lost.length));
  const missing = lost.slice(period).map((powerW, index) => fillPeriod(successors, period + index, powerW, asked));
  const takenOver = successors.flatMap(({ after, before, member }) => {
    const powerW = greatestOf(after.map((now, at) => now - (before[at] ?? 0n)));
    return powerW > 0n ? [{ assetId: member.assetId, powerW, seconds: secondsToReach(member, powerW) }] : [];
  });
  const succeeding = new Set(order.map(({ assetId }) => assetId));
  const kept = setPoints.filter(({ assetId }) => assetId !== fromAssetId && !succeeding.has(assetId));
  const cut = lost.map((powerW, at) => (at < period ? powerW : 0n));
  return {
    setPoints: [
      ...successors.flatMap(({ after, member }) => withPower(member.assetId, after)),
      ...withPower(fromAssetId, cut),
      ...kept,
    ],
    takenOver,
    lostW,
    missingW: greatestOf(missing),
    seconds: Math.max(0, ...takenOver.map(({ seconds }) => seconds)),
  };
}

function successorOf(member: Dispatchable, setPoints: readonly AssetSetPoint[], periods: number): Successor {
  const known = setPoints.find(({ assetId }) => assetId === member.assetId)?.powersW ?? [];
  const before = Array.from({ length: periods }, (_, at) => known[at] ?? 0n);
  const { energyWh } = member;
  const energyLeft = energyWh === undefined ? undefined : energyWh * periodsPerHour - sum(before);
  return { member, before, after: [...before], energyLeft };
}

/** Has the successors take over a power in one period; answers what of it is missing. */
function fillPeriod(
  successors: readonly Successor[],
  at: number,
  lostW: bigint,
  { handoverSecondsMax }: HandOverAsked,
): bigint {
  const entries = successors.map((successor) => {
    const fromW = successor.after[at] ?? 0n;
    const { onLevelMinW } = successor.member;
    return { fromW, onLevelMinW, maxW: fromW + spareW(successor, at, handoverSecondsMax) };
  });
  const targetW = sum(entries.map(({ fromW }) => fromW)) + lostW;
  const filled = fillByMerit(entries, targetW);
  for (const [index, powerW] of filled.entries()) {
    const successor = successors[index];
    if (successor !== undefined) {
      const moreW = powerW - (successor.after[at] ?? 0n);
      successor.after[at] = powerW;
      successor.energyLeft = successor.energyLeft === undefined ? undefined : successor.energyLeft - moreW;
    }
  }
  return targetW - sum(filled);
}

/** What a member can give in a period beyond what it gives already, within the seconds of a hand-over. */
function spareW({ after, energyLeft, member }: Successor, at: number, seconds: number): bigint {
  const isOn = after.map((powerW, period) => period === at || powerW > 0n);
  if (!runsAreAllowed(member, isOn)) {
    return 0n;
  }
  const promisedW = (member.promisedW[at] ?? 0n) - (after[at] ?? 0n);
  const rampedW = least(promisedW, reachW(member, seconds));
  return energyLeft === undefined ? rampedW : least(rampedW, energyLeft > 0n ? energyLeft : 0n);
}

function withPower(assetId: AssetId, powersW: readonly bigint[]): readonly AssetSetPoint[] {
  return powersW.some((powerW) => powerW > 0n) ? [{ assetId, powersW }] : [];
}

function greatestOf(values: readonly bigint[]): bigint {
  return values.reduce((greatest, one) => (one > greatest ? one : greatest), 0n);
}
