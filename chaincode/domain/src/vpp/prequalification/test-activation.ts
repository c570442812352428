import { demand, RuleError } from '../../errors';
import type { AssetId, ParticipantId } from '../../ids';
import { limits } from '../../limits';
import { floorQuotient, greatest, least, mulDivFloor, sum } from '../../math';
import type { Participant } from '../../registry/types';
import { addSlots, slotRange, type Slot } from '../../time';
import { ppmWhole, w, wh, type Ppm, type W, type Wh } from '../../units';
import type { TechnicalData, VppMandate } from '../asset/rows';
import { mandateCovers } from '../asset/mandate';
import { knownTechnicalData } from '../asset/technical-data';
import type { AssetBands, DeliverySample, FlexibilityBand } from '../band/rows';
import type { BandDirection } from '../directions';
import { bandsOfService, publishedService } from '../service/product';
import { demandBid } from '../service/request';
import type { ServiceProduct } from '../service/rows';
import { askedEnergyWh } from './activation-profile';
import type { Prequalification, TestSlot } from './rows';

/** What an aggregator signs of a test. */
export type TestAsked = Pick<
  Prequalification,
  'subjectKind' | 'serviceId' | 'direction' | 'firstSlot' | 'slots' | 'shares' | 'testId'
>;

/** What the ledger knows of an asset that is to be tested. */
export interface KnownForTest {
  readonly data: ReadonlyMap<AssetId, TechnicalData>;
  readonly mandates: ReadonlyMap<AssetId, VppMandate>;
  readonly bands: ReadonlyMap<AssetId, AssetBands>;
  readonly aggregator: Participant;
  readonly product: ServiceProduct | undefined;
  readonly before: Prequalification | undefined;
  readonly tolerancePpm: Ppm;
  readonly firstHasBegun: boolean;
}

/** Quarter hours before a test whose mean it is measured against: an hour. */
const referenceSlots = 4;

/** Of whom a prequalification is: the asset, or the aggregator whose pool it is. */
export function subjectIdOf({ shares, subjectKind }: TestAsked, aggregatorId: ParticipantId): AssetId {
  const [first] = shares;
  return subjectKind === 'asset' && first !== undefined ? first.assetId : (aggregatorId as string as AssetId);
}

/**
 * A test activation of an asset, or of assets of the pool of an aggregator, for a service. Refuses assets without a mandate for that time or
 * without a meter of their own, and a test that asks for more than their bands, or for assets that are slower than the service.
 */
export function startTest(asked: TestAsked, known: KnownForTest): Prequalification {
  const { direction, serviceId, shares, subjectKind } = asked;
  demand(new Set(shares.map(({ assetId }) => assetId)).size === shares.length, 'VPP_NAMED_TWICE');
  demand(!known.firstHasBegun, 'VPP_PERIOD_BEGUN', { slot: asked.firstSlot });
  for (const { assetId } of shares) {
    knownTechnicalData(known.data.get(assetId), assetId);
  }
  const { kind: participantKind, participantId: aggregatorId } = known.aggregator;
  demand(participantKind === 'aggregator', 'VPP_NOT_AGGREGATOR', { participantId: aggregatorId });
  demandMandates(asked, aggregatorId, known);
  const product = publishedService(known.product, serviceId);
  demand(bandsOfService(product).includes(direction), 'VPP_SERVICE_DIRECTION', { serviceId, direction });
  if (subjectKind === 'pool') {
    demandBid(product, sum(shares.map(({ powerW }) => powerW)));
  }
  const subjectId = subjectIdOf(asked, aggregatorId);
  demand(known.before?.state !== 'TESTING', 'VPP_TEST_OPEN', { subjectId });
  const isOfSubject = subjectKind === 'pool' || shares.length === 1;
  demand(isOfSubject && shares.every(({ powerW }) => powerW > 0n), 'VPP_TEST_SHARES');
  demandMeasurable(direction, [...known.data.values()]);
  demandBandsReach(asked, product, known.bands);
  const { kind, version: serviceVersion } = product;
  const { tolerancePpm } = known;
  const tested = { ...asked, subjectId, kind, serviceVersion, aggregatorId, referenceSlots, tolerancePpm };
  return { ...tested, state: 'TESTING', powerMaxW: w(0n) };
}

function demandMandates(asked: TestAsked, aggregatorId: ParticipantId, { mandates, product }: KnownForTest): void {
  const { firstSlot, serviceId, shares, slots } = asked;
  const { kind } = publishedService(product, serviceId);
  const lastSlot = addSlots(firstSlot, slots - 1);
  for (const { assetId } of shares) {
    const covers = mandateCovers(mandates.get(assetId), { assetId, aggregatorId, kind, firstSlot, lastSlot });
    demand(covers, 'VPP_MANDATE_MISSING', { assetId });
  }
}

/** Meters count active energy: reactive power is not what they can show. */
function demandMeasurable(direction: BandDirection, data: readonly TechnicalData[]): void {
  const unmeasured = data.find(({ meterId }) => meterId === undefined);
  const isActive = direction === 'up' || direction === 'down';
  demand(isActive && unmeasured === undefined, 'VPP_TEST_UNMEASURABLE', { assetId: unmeasured?.assetId ?? '' });
}

function demandBandsReach(
  { direction, shares, slots }: TestAsked,
  { fullActivationSeconds }: ServiceProduct,
  bands: ReadonlyMap<AssetId, AssetBands>,
): void {
  for (const { assetId, powerW } of shares) {
    const band = bandIn(bands.get(assetId), direction, assetId);
    const isInside = powerW >= band.onLevelMinW && powerW <= band.maxW && slots <= band.dispatchSlotsMax;
    demand(isInside, 'VPP_TEST_ABOVE_BAND', { assetId });
    demand(band.activationSeconds <= fullActivationSeconds, 'VPP_ASSET_TOO_SLOW', { assetId, fullActivationSeconds });
  }
}

/** The band of an asset in a direction; refuses with VPP_BANDS_UNKNOWN. */
export function bandIn(bands: AssetBands | undefined, direction: BandDirection, assetId: AssetId): FlexibilityBand {
  const band = bands?.bands.find((one) => one.direction === direction);
  if (band === undefined) {
    throw new RuleError('VPP_BANDS_UNKNOWN', { assetId, direction });
  }
  return band;
}

/** What one meter told of a quarter hour. */
export interface MeterSlot {
  readonly slot: Slot;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  /** False where it is missing or flagged. */
  readonly isGood: boolean;
}

/** The meters of the assets under test, from the first slot of the reference to the last of the test. */
export type MeteredTest = ReadonlyMap<AssetId, readonly MeterSlot[]>;

/** A measured test, and what each asset has shown in it. */
export interface TestOutcome {
  readonly prequalification: Prequalification;
  readonly samples: ReadonlyMap<AssetId, readonly DeliverySample[]>;
}

/** The first and the last slot that a test is measured by. */
export function measuredSpan({ firstSlot, referenceSlots: before, slots }: Prequalification): readonly [Slot, Slot] {
  return [addSlots(firstSlot, -before), addSlots(firstSlot, slots - 1)];
}

/** Quarter hours after a test in which its readings may still come; then it is judged by those that there are. */
export const testWaitSlots = limits.imbalancePriceWaitSlots;

/**
 * The outcome of a test: in each quarter hour, what all assets moved from the mean of the hour before it, against what the service asks for
 * while it rises to full power. Passed where each of them was measured and brought its share. Refuses what is not under test.
 */
export function completeTest(
  test: Prequalification,
  { fullActivationSeconds }: Pick<ServiceProduct, 'fullActivationSeconds'>,
  metered: MeteredTest,
): TestOutcome {
  const { firstSlot, shares, slots, subjectId } = test;
  demand(test.state === 'TESTING', 'VPP_TEST_UNKNOWN', { subjectId });
  const movements = shares.map((share) => movementOf(metered.get(share.assetId) ?? [], test));
  const powerW = sum(shares.map((share) => share.powerW));
  const result = slotRange(firstSlot, slots).map((slot, index): TestSlot => {
    const moved = movements.map((movement) => movement[index]);
    const isMeasured = moved.every((one) => one !== undefined);
    const askedWh = askedEnergyWh(powerW, fullActivationSeconds, index);
    const deliveredWh = isMeasured ? greatest(0n, sum(moved.map((one) => one ?? 0n))) : 0n;
    return { slot, askedWh, deliveredWh: wh(deliveredWh), isMeasured };
  });
  const isPassed = result.every((line) => isBrought(line, test.tolerancePpm));
  const samples = samplesOfTest(test, metered, (shareW, index) => askedEnergyWh(shareW, fullActivationSeconds, index));
  return { prequalification: judgedTest(test, result, isPassed), samples };
}

/** A test after it has been judged. */
export function judgedTest(test: Prequalification, result: readonly TestSlot[], isPassed: boolean): Prequalification {
  const powerW = isPassed ? sum(test.shares.map((share) => share.powerW)) : 0n;
  return { ...test, state: isPassed ? 'PREQUALIFIED' : 'FAILED', result, powerMaxW: w(powerW) };
}

/** What the meter of each asset has shown in a test, where anything was asked of it. */
export function samplesOfTest(
  test: Prequalification,
  metered: MeteredTest,
  askedOf: (powerW: W, index: number) => Wh,
): TestOutcome['samples'] {
  const { direction, firstSlot, shares, slots } = test;
  const samples = shares.map(({ assetId, powerW }) => {
    const shown = movementOf(metered.get(assetId) ?? [], test);
    const lines = slotRange(firstSlot, slots).flatMap((slot, index): DeliverySample[] => {
      const askedWh = askedOf(powerW, index);
      const movedWh = shown[index];
      const isSample = movedWh !== undefined && askedWh > 0n;
      return isSample ? [{ slot, direction, askedWh, deliveredWh: wh(greatest(0n, least(movedWh, askedWh))) }] : [];
    });
    return [assetId, lines] as const;
  });
  return new Map(samples);
}

function isBrought({ askedWh, deliveredWh, isMeasured }: TestSlot, tolerancePpm: Ppm): boolean {
  return isMeasured && deliveredWh >= mulDivFloor(askedWh, tolerancePpm, ppmWhole);
}

/** What an asset moved in each slot of the test, in Wh in the direction of the test; undefined where its meter does not tell. */
function movementOf(
  metered: readonly MeterSlot[],
  { direction, firstSlot, referenceSlots: before, slots }: Prequalification,
): readonly (bigint | undefined)[] {
  const bySlot = new Map(metered.filter(({ isGood }) => isGood).map((one) => [one.slot, one.importWh - one.exportWh]));
  const reference = slotRange(addSlots(firstSlot, -before), before).map((slot) => bySlot.get(slot));
  const known = reference.filter((netWh) => netWh !== undefined);
  if (known.length < before) {
    return slotRange(firstSlot, slots).map(() => undefined);
  }
  const meanWh = floorQuotient(sum(known), BigInt(before));
  return slotRange(firstSlot, slots).map((slot) => {
    const netWh = bySlot.get(slot);
    if (netWh === undefined) {
      return undefined;
    }
    return direction === 'up' ? meanWh - netWh : netWh - meanWh;
  });
}

/** What was prequalified and is not any more, for a reason that stands in its row; refuses what is not prequalified. */
export function loseQualification(known: Prequalification | undefined, reason: string): Prequalification {
  if (known?.state !== 'PREQUALIFIED') {
    throw new RuleError('VPP_NOT_PREQUALIFIED', { subjectId: known?.subjectId ?? '' });
  }
  return { ...known, state: 'LOST', powerMaxW: w(0n), lostReason: reason };
}

/**
 * How much an asset may promise to a kind of service in a direction: what it was tested with alone, or as one of those of a pool that have passed
 * together, whichever is more; undefined where it has passed neither.
 */
export function testedPowerW(
  assetId: AssetId,
  own: Prequalification | undefined,
  pool: Prequalification | undefined,
): W | undefined {
  const ownW = own?.state === 'PREQUALIFIED' ? own.powerMaxW : undefined;
  const shares = pool?.state === 'PREQUALIFIED' ? pool.shares : [];
  const poolW = shares.find((share) => share.assetId === assetId)?.powerW;
  return ownW === undefined || poolW === undefined ? (ownW ?? poolW) : greatest(ownW, poolW);
}
