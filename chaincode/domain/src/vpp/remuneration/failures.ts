import type { AssetId } from '../../ids';
import { least, sum } from '../../math';
import { lastServedSlot, servesPool } from '../formation/coverage';
import type { CoalitionId } from '../formation/ids';
import type { Prequalification } from '../prequalification/rows';
import { deliveriesIn, type CoalitionKnown } from './known';
import type { SliceDelivered } from './payments';

/** What was asked for in slices, and what was missing of it. */
type SliceShort = Pick<SliceDelivered, 'askedWh' | 'shortfallWh'>;

/** An asset, or the pool of an aggregator under its id, with the slices of a coalition in which something was asked of it. */
export interface ServedSlices {
  readonly subjectId: AssetId;
  readonly slices: readonly SliceShort[];
}

/** How many of the last slices, one after the other, were short of what was called; slices in which nothing was called neither add nor end. */
export function failuresInRow(slices: readonly SliceShort[]): number {
  const called = slices.filter(({ askedWh }) => askedWh > 0n);
  const lastKept = called.map(({ shortfallWh }) => shortfallWh === 0n).lastIndexOf(true);
  return called.length - 1 - lastKept;
}

/** Whose prequalification a coalition puts to the proof: the pool of the aggregator, and each asset that took part. Whoever is silent is short. */
export function servedSlices(
  known: Pick<CoalitionKnown, 'coalition' | 'members' | 'deliveries'>,
  slices: readonly SliceShort[],
): readonly ServedSlices[] {
  const pool = known.coalition.aggregatorId as string as AssetId;
  const assets = known.members.filter(servesPool).map(({ assetId }) => assetId);
  const all = [
    { subjectId: pool, slices },
    ...assets.map((subjectId) => ({ subjectId, slices: slicesOfAsset(known, subjectId) })),
  ];
  return all.filter((one) => one.slices.some(({ askedWh }) => askedWh > 0n));
}

/**
 * The failures in a row of a prequalification once a coalition is paid: those that earlier coalitions ended with go on where each called slice of
 * this one was short. A later version of the same coalition counts from the same beginning; one of a coalition that others have followed says
 * nothing of what came before it.
 */
export function failuresAfter(
  before: Prequalification['failures'],
  coalitionId: CoalitionId,
  slices: readonly SliceShort[],
  isFirstVersion: boolean,
): NonNullable<Prequalification['failures']> {
  const isSame = before?.coalitionId === coalitionId;
  const latest = isFirstVersion ? (before?.inRow ?? 0) : 0;
  const carried = isSame ? before.carried : latest;
  const called = slices.filter(({ askedWh }) => askedWh > 0n).length;
  const own = failuresInRow(slices);
  return { coalitionId, carried, inRow: own === called ? carried + own : own };
}

/** What the payment of a coalition says of the prequalification of somebody who served it. */
export type FailuresCounted =
  /** It says nothing: not prequalified, tested after the last slice, or what others have followed. */
  | { readonly kind: 'none' }
  | { readonly kind: 'counted'; readonly prequalification: Prequalification }
  | { readonly kind: 'lost' };

/** Counts the failures of a prequalification over coalitions; with `failuresMax` in a row it is lost. */
export function countFailures(
  before: Prequalification | undefined,
  { coalition, previous }: Pick<CoalitionKnown, 'coalition' | 'previous'>,
  slices: readonly SliceShort[],
  failuresMax: number,
): FailuresCounted {
  if (before?.state !== 'PREQUALIFIED' || before.firstSlot > lastServedSlot(coalition)) {
    return { kind: 'none' };
  }
  const { coalitionId } = coalition;
  const isFirst = previous === undefined;
  const failures = failuresAfter(before.failures, coalitionId, slices, isFirst);
  if (failures.inRow >= failuresMax) {
    return { kind: 'lost' };
  }
  const isLatest = isFirst || before.failures?.coalitionId === coalitionId;
  return isLatest && failures.inRow !== inRowOf(before)
    ? { kind: 'counted', prequalification: { ...before, failures } }
    : { kind: 'none' };
}

function inRowOf({ failures }: Prequalification): number {
  return failures?.inRow ?? 0;
}

function slicesOfAsset(known: Pick<CoalitionKnown, 'coalition' | 'deliveries'>, assetId: AssetId) {
  return known.coalition.slices.map((_, index) => {
    const lines = deliveriesIn(known, index).flatMap(({ members }) =>
      members.filter((line) => line.assetId === assetId),
    );
    const short = lines.filter(({ flags }) => flags.includes('SHORT'));
    return {
      askedWh: sum(lines.map(({ askedWh }) => askedWh)),
      shortfallWh: sum(short.map(({ askedWh, deliveredWh }) => askedWh - least(deliveredWh, askedWh))),
    };
  });
}
