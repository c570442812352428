import { canonicalJson } from '../canonical';
import { demand, RuleError } from '../errors';
import type { MeterId } from '../ids';
import { limits } from '../limits';
import { exactNumber, exactSignedNumber, greatest, least, mulDivCeil, mulDivFloor, mulDivHalfUp, sum } from '../math';
import type { IntervalTotal, QualifiedTotal } from '../meter/types';
import { addSlots, slot, slotRange, slotsPerDay, type Slot } from '../time';
import { deciWh, ppmWhole, wh } from '../units';
import type { AnswerHead, Computation, Quantiles, Series } from './rows';
import { sumOfTotals } from './total';
import { scoreCodec, type MeasuredDirections, type Measures, type Score, type ScoreLine } from './score-rows';

/** The totals in force of a meter's quarter hours, from the first to the last one of `readSpan`. */
export type ScoredReadings = ReadonlyMap<MeterId, readonly QualifiedTotal[]>;

/** An answer with all its series, and the request that it answers. */
export interface AnswerToScore {
  readonly request: Computation;
  readonly head: AnswerHead;
  readonly series: readonly Series[];
}

/** The slot in which a forecast has ended. */
export function forecastEnd({ firstSlot, intervalSlots, intervals }: Computation): Slot {
  return addSlots(firstSlot, intervals * intervalSlots);
}

/** The quarter hours whose readings a score needs: those of the forecast, and the same ones of the day before. */
export function readSpan(request: Computation): { readonly fromSlot: Slot; readonly toSlot: Slot } {
  const { firstSlot } = request;
  return { fromSlot: slot(Math.max(0, firstSlot - slotsPerDay)), toSlot: addSlots(forecastEnd(request), -1) };
}

/** The request and the answer that are to be scored; refuses with the first code in precedence order. */
export function scorable(
  request: Computation | undefined,
  head: AnswerHead | undefined,
  hasEnded: boolean,
): { readonly request: Computation; readonly head: AnswerHead } {
  if (request === undefined) {
    throw new RuleError('ORACLE_REQUEST_UNKNOWN');
  }
  if (head?.complete !== true) {
    throw new RuleError('ORACLE_NOT_ANSWERED', { requestId: request.requestId });
  }
  demand(hasEnded, 'ORACLE_FORECAST_NOT_ENDED', { endSlot: forecastEnd(request) });
  return { request, head };
}

/**
 * Scores an answer that was given before its first slot against the readings in force, in integers: per meter and direction, added up, and
 * for the meters together. Quantiles of the meters together are sums of quantiles, which are further apart than quantiles of a sum.
 *
 * @param version the number of this version: one more than the last one
 */
export function scoreAnswer(
  { head, request, series }: AnswerToScore,
  readings: ScoredReadings,
  version: number,
): Score {
  const usableOf = (meterId: MeterId): readonly IntervalTotal[] => usableTotals(readings.get(meterId) ?? []);
  const meters = series.map((entry) => {
    const usable = request.total === true ? sumOfTotals(request.meterIds.map(usableOf)) : usableOf(entry.meterId);
    return {
      meterId: entry.meterId,
      imported: pointsOf(request, entry.importWh, new Map(usable.map((total) => [total.slot, total.importWh]))),
      exported: pointsOf(request, entry.exportWh, new Map(usable.map((total) => [total.slot, total.exportWh]))),
    };
  });
  const measured = meters.map(({ exported, imported, meterId }) => ({
    meterId,
    imported: measure(imported),
    exported: measure(exported),
  }));
  return {
    requestId: request.requestId,
    answerDigest: head.answerDigest,
    version,
    mspId: head.mspId,
    model: head.model,
    service: head.service,
    serviceVersion: head.version,
    firstSlot: request.firstSlot,
    intervals: request.intervals,
    intervalSlots: request.intervalSlots,
    meters: measured,
    single: measured.reduce<MeasuredDirections>(addDirections, noMeasures),
    total: {
      imported: measure(together(meters.map(({ imported }) => imported))),
      exported: measure(together(meters.map(({ exported }) => exported))),
    },
  };
}

/** Whether two versions of a score say the same of everything but their number. */
export function isSameScore(previous: Score, next: Score): boolean {
  const alike = { ...next, version: previous.version };
  return canonicalJson(scoreCodec.encode(previous)) === canonicalJson(scoreCodec.encode(alike));
}

/** A score in short. */
export function scoreLineOf({ intervalSlots: _slots, intervals: _count, meters: _meters, ...line }: Score): ScoreLine {
  return line;
}

/** What an interval of a forecast turned out to be; undefined for one that does not count. */
interface Point {
  readonly actualWh: bigint;
  readonly p10: bigint;
  readonly p50: bigint;
  readonly p90: bigint;
  /** The same of those meters that have a usable reading of the day before too, and what that was. */
  readonly compared: { readonly actualWh: bigint; readonly p50: bigint; readonly yesterdayWh: bigint } | undefined;
}

function usableTotals(totals: readonly QualifiedTotal[]): readonly QualifiedTotal[] {
  return totals.filter(({ quality }) => quality === 'OK' || quality === 'ESTIMATED');
}

function pointsOf(
  { firstSlot, intervalSlots, intervals }: Computation,
  { p10, p50, p90 }: Quantiles,
  bySlot: ReadonlyMap<number, bigint>,
): readonly (Point | undefined)[] {
  return slotRange(firstSlot, intervals * intervalSlots)
    .filter((_, index) => index % intervalSlots === 0)
    .map((start, index) => {
      const actualWh = energyWh(bySlot, start, intervalSlots);
      if (actualWh === undefined) {
        return undefined;
      }
      const yesterdayWh = energyWh(bySlot, start - slotsPerDay, intervalSlots);
      const middle = p50[index] ?? 0n;
      const compared = yesterdayWh === undefined ? undefined : { actualWh, p50: middle, yesterdayWh };
      return { actualWh, p10: p10[index] ?? 0n, p50: middle, p90: p90[index] ?? 0n, compared };
    });
}

/** The energy of an interval; undefined where a quarter hour of it has no usable reading. */
function energyWh(bySlot: ReadonlyMap<number, bigint>, start: number, slots: number): bigint | undefined {
  let totalWh = 0n;
  for (let index = 0; index < slots; index += 1) {
    const value = bySlot.get(start + index);
    if (value === undefined) {
      return undefined;
    }
    totalWh += value;
  }
  return totalWh;
}

/** The points of some meters together: an interval counts where one of them does. */
function together(meters: readonly (readonly (Point | undefined)[])[]): readonly (Point | undefined)[] {
  return (meters[0] ?? []).map((_, interval) =>
    meters
      .map((points) => points[interval])
      .reduce((all, point) => (all === undefined ? point : joined(all, point)), undefined),
  );
}

function joined(left: Point, right: Point | undefined): Point {
  if (right === undefined) {
    return left;
  }
  const both = left.compared !== undefined && right.compared !== undefined;
  return {
    actualWh: left.actualWh + right.actualWh,
    p10: left.p10 + right.p10,
    p50: left.p50 + right.p50,
    p90: left.p90 + right.p90,
    compared: both
      ? {
          actualWh: left.compared.actualWh + right.compared.actualWh,
          p50: left.compared.p50 + right.compared.p50,
          yesterdayWh: left.compared.yesterdayWh + right.compared.yesterdayWh,
        }
      : (left.compared ?? right.compared),
  };
}

function measure(points: readonly (Point | undefined)[]): Measures {
  const counted = points.filter((point) => point !== undefined);
  const compared = counted.map((point) => point.compared).filter((point) => point !== undefined);
  return withRates({
    intervals: counted.length,
    missing: points.length - counted.length,
    actualWh: wh(sum(counted.map(({ actualWh }) => actualWh))),
    absoluteErrorWh: wh(sum(counted.map(({ actualWh, p50 }) => distance(actualWh, p50)))),
    pinballDeciWh: deciWh(sum(counted.map(pinballOf))),
    covered: counted.filter(({ actualWh, p10, p90 }) => p10 <= actualWh && actualWh <= p90).length,
    compared: compared.length,
    comparedErrorWh: wh(sum(compared.map(({ actualWh, p50 }) => distance(actualWh, p50)))),
    yesterdayErrorWh: wh(sum(compared.map(({ actualWh, yesterdayWh }) => distance(actualWh, yesterdayWh)))),
  });
}

function distance(left: bigint, right: bigint): bigint {
  return left < right ? right - left : left - right;
}

/** The pinball losses of three quantiles together, in tenths: q times what was above, 1 - q times what was below (Koenker and Bassett 1978). */
function pinballOf({ actualWh, p10, p50, p90 }: Point): bigint {
  const loss = (quantile: bigint, tenths: bigint): bigint =>
    actualWh >= quantile ? tenths * (actualWh - quantile) : (10n - tenths) * (quantile - actualWh);
  return loss(p10, 1n) + loss(p50, 5n) + loss(p90, 9n);
}

type Sums = Omit<Measures, 'nmaePpm' | 'coveragePpm' | 'skillPpm'>;

const rateMax = BigInt(limits.scoreRateMax);

function withRates(sums: Sums): Measures {
  const { absoluteErrorWh, actualWh, comparedErrorWh, covered, intervals, yesterdayErrorWh } = sums;
  const nmae = actualWh === 0n ? undefined : mulDivHalfUp(absoluteErrorWh, ppmWhole, actualWh);
  const coverage = intervals === 0 ? undefined : mulDivFloor(BigInt(covered), ppmWhole, BigInt(intervals));
  const skill =
    yesterdayErrorWh === 0n ? undefined : ppmWhole - mulDivCeil(comparedErrorWh, ppmWhole, yesterdayErrorWh);
  return {
    ...sums,
    ...(nmae === undefined ? {} : { nmaePpm: exactNumber(least(nmae, rateMax)) }),
    ...(coverage === undefined ? {} : { coveragePpm: exactNumber(coverage) }),
    ...(skill === undefined ? {} : { skillPpm: exactSignedNumber(greatest(skill, -rateMax)) }),
  };
}

const nothing = withRates({
  intervals: 0,
  missing: 0,
  actualWh: wh(0n),
  absoluteErrorWh: wh(0n),
  pinballDeciWh: deciWh(0n),
  covered: 0,
  compared: 0,
  comparedErrorWh: wh(0n),
  yesterdayErrorWh: wh(0n),
});

/** The measures of no interval. */
export const noMeasures: MeasuredDirections = { imported: nothing, exported: nothing };

/** The measures of the intervals of both, with the rates of these. */
export function addMeasures(left: Measures, right: Measures): Measures {
  return withRates({
    intervals: left.intervals + right.intervals,
    missing: left.missing + right.missing,
    actualWh: wh(left.actualWh + right.actualWh),
    absoluteErrorWh: wh(left.absoluteErrorWh + right.absoluteErrorWh),
    pinballDeciWh: deciWh(left.pinballDeciWh + right.pinballDeciWh),
    covered: left.covered + right.covered,
    compared: left.compared + right.compared,
    comparedErrorWh: wh(left.comparedErrorWh + right.comparedErrorWh),
    yesterdayErrorWh: wh(left.yesterdayErrorWh + right.yesterdayErrorWh),
  });
}

/** The same, direction by direction. */
export function addDirections(left: MeasuredDirections, right: MeasuredDirections): MeasuredDirections {
  return {
    imported: addMeasures(left.imported, right.imported),
    exported: addMeasures(left.exported, right.exported),
  };
}
