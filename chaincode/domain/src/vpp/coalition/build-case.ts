import type { BookedCommitment } from '../../commitments/book';
import { holdSharePpm, promisedEnergyUnits } from '../../commitments/energy';
import { demand } from '../../errors';
import { limits } from '../../limits';
import { greatest, least } from '../../math';
import { addSlots, slot, type Slot } from '../../time';
import { microPerKwh, ppm, ppmWhole, w, wh, type Ppm, type W, type Wh } from '../../units';
import { mandateCovers } from '../asset/mandate';
import type { TechnicalData, VppMandate } from '../asset/rows';
import type { AssetBands, DeliverySample, FlexibilityBand } from '../band/rows';
import { bandDirectionsOf, unitOfDirection, type BandDirection } from '../directions';
import type { VppWeights } from '../rules';
import type { ServiceProduct, ServiceRequest } from '../service/rows';
import { storageUnits } from './prepare';
import { reliabilityMarginPpm, type JointSample } from './reliability';
import type { CoalitionAsset, CoalitionBand, CoalitionCase, CoalitionDemand, CoalitionGroup } from './rows';
import { weightedPrices } from './weights';

/** A request for a service with what the service was when it was made. */
export interface CoalitionRequestKnown {
  readonly request: ServiceRequest;
  readonly product: ServiceProduct;
}

/** What the ledger knows of an asset of an aggregator. */
export interface CoalitionAssetKnown {
  readonly data: TechnicalData;
  readonly bands: AssetBands;
  readonly mandates: readonly VppMandate[];
  /** What it has promised to others. */
  readonly book: readonly BookedCommitment[];
  /** What it has delivered last. */
  readonly samples: readonly DeliverySample[];
  /**
   * The requests whose service it is prequalified for, with the power that it was tested with, or that need no prequalification, without one.
   */
  readonly qualifiedFor: ReadonlyMap<string, bigint | undefined>;
}

/** Everything that a case is made from. */
export interface CoalitionCaseKnown {
  readonly aggregatorId: ServiceRequestOwner;
  readonly requests: readonly CoalitionRequestKnown[];
  readonly assets: readonly CoalitionAssetKnown[];
  readonly groups: readonly CoalitionGroup[];
  readonly weights: VppWeights;
  /** Joint samples from which on they say how large a margin is. */
  readonly samplesMin: number;
}

type ServiceRequestOwner = VppMandate['aggregatorId'];

/** The time of a case: from its first slot on, in steps. */
export interface CaseSpan {
  readonly firstSlot: Slot;
  readonly stepSlots: CoalitionCase['stepSlots'];
  readonly steps: number;
}

/** Steps, the longest first: slices begin and end with them. */
const stepLengths = [16, 4, 2, 1] as const;

/** The time that requests reach over, in the longest steps that fit their slices; refuses more steps than a case has (VPP_CASE_SPAN). */
export function caseSpan(requests: readonly ServiceRequest[]): CaseSpan {
  const firstSlot = Math.min(...requests.map((request) => request.firstSlot));
  const endSlot = Math.max(...requests.map((request) => request.firstSlot + request.slices * request.sliceSlots));
  const stepSlots =
    stepLengths.find((length) =>
      requests.every((request) => {
        return request.sliceSlots % length === 0 && (request.firstSlot - firstSlot) % length === 0;
      }),
    ) ?? 1;
  const steps = (endSlot - firstSlot) / stepSlots;
  demand(steps <= limits.coalitionStepsMax, 'VPP_CASE_SPAN', { stepsMax: limits.coalitionStepsMax });
  return { firstSlot: slot(firstSlot), stepSlots, steps };
}

/**
 * The case of an aggregator's assets and the requests that it wants to serve. An asset stands in it with what is mandated, prequalified and not
 * promised to others; weights enter its prices. The margin of a request is what the joint deliveries of its assets so far make necessary.
 */
export function coalitionCaseOf(known: CoalitionCaseKnown): CoalitionCase {
  const span = caseSpan(known.requests.map(({ request }) => request));
  const entries = known.assets.flatMap((asset) => {
    const entry = assetOf(known, asset, span);
    return entry === undefined ? [] : [{ asset, entry }];
  });
  demand(entries.length <= limits.coalitionAssetsMax, 'VPP_CASE_ASSETS', { assetsMax: limits.coalitionAssetsMax });
  const present = new Set(entries.map(({ entry }) => entry.assetId));
  const groups = known.groups.flatMap((group) => {
    const assetIds = group.assetIds.filter((assetId) => present.has(assetId));
    return assetIds.length === 0 ? [] : [{ ...group, assetIds }];
  });
  const requests = known.requests.map((request) => {
    const able = entries.filter(({ entry }) => entry.requestIds?.includes(request.request.requestId) === true);
    return demandOf(request, span, marginOf(known, request, able));
  });
  return { ...span, assets: entries.map(({ entry }) => entry), requests, groups };
}

function demandOf(
  { product, request }: CoalitionRequestKnown,
  { firstSlot, stepSlots }: CaseSpan,
  marginPpm: Ppm,
): CoalitionDemand {
  return {
    requestId: request.requestId,
    direction: request.direction,
    firstStep: (request.firstSlot - firstSlot) / stepSlots,
    sliceSteps: request.sliceSlots / stepSlots,
    slices: request.slices,
    activationSecondsMax: product.fullActivationSeconds,
    minW: w(greatest<bigint>(request.bidMinW, product.bidMinW)),
    maxW: request.volumeMaxW,
    stepW: w(greatest<bigint>(product.bidStepW, 1n)),
    capacityPriceMicroPerKwh: request.capacityPriceMicroPerKwh,
    energyPriceMicroPerKwh: request.energyPriceMicroPerKwh,
    activationPpm: request.activationPpm,
    marginPpm,
    holdPpm: holdSharePpm(product.holdSlots, request.sliceSlots),
    assetsMin: product.membersMin,
  };
}

/** What an asset can do in a case; undefined where nothing. */
function assetOf(known: CoalitionCaseKnown, asset: CoalitionAssetKnown, span: CaseSpan): CoalitionAsset | undefined {
  const { bands, data } = asset;
  const able = known.requests.filter((request) => mayServe(known, asset, request));
  if (able.length === 0) return undefined;
  return {
    assetId: data.assetId,
    participantId: data.participantId,
    ...bandsOf(known, asset, span),
    activationSeconds: Math.max(0, ...bands.bands.map((band) => band.activationSeconds)),
    ...runsOf(data, able, span),
    startCostMicro: data.startCostMicro,
    ...storageOf(asset),
    requestIds: able.map(({ request }) => request.requestId),
    ...testedOf(asset, able),
  };
}

/** What was tested of an asset, where that is less than its bands have. */
function testedOf(
  { bands, qualifiedFor }: CoalitionAssetKnown,
  able: readonly CoalitionRequestKnown[],
): Pick<CoalitionAsset, 'tested'> {
  const tested = able.flatMap(({ request: { direction, requestId } }) => {
    const maxW = qualifiedFor.get(requestId);
    const wanted = bandDirectionsOf(direction);
    const isLess = bands.bands.some((band) => wanted.includes(band.direction) && band.maxW > (maxW ?? band.maxW));
    return maxW !== undefined && isLess ? [{ requestId, maxW: w(maxW) }] : [];
  });
  return tested.length === 0 ? {} : { tested };
}

/**
 * How long an asset may be promised without a pause. Being kept ready is no dispatch: only where a service can call it for all of a slice do its longest
 * dispatch and its rest count.
 */
function runsOf(
  { dispatchSlotsMax, restSlots }: TechnicalData,
  able: readonly CoalitionRequestKnown[],
  { stepSlots, steps }: CaseSpan,
): Pick<CoalitionAsset, 'runStepsMax' | 'restSteps'> {
  const isCalledThroughout = able.some(({ product, request }) => product.holdSlots >= request.sliceSlots);
  if (!isCalledThroughout) return { runStepsMax: steps, restSteps: 0 };
  return {
    runStepsMax: Math.max(1, Math.min(Math.floor(dispatchSlotsMax / stepSlots), steps)),
    restSteps: Math.min(Math.ceil(restSlots / stepSlots), limits.coalitionStepsMax),
  };
}

function bandsOf(
  known: CoalitionCaseKnown,
  asset: CoalitionAssetKnown,
  span: CaseSpan,
): Pick<CoalitionAsset, 'up' | 'down' | 'symmetric' | 'inductive' | 'capacitive'> {
  const made = new Map<BandDirection, CoalitionBand>();
  for (const band of asset.bands.bands) made.set(band.direction, bandOf(known, asset, band, span));
  const [up, down] = [made.get('up'), made.get('down')];
  return {
    ...Object.fromEntries(made),
    ...(up === undefined || down === undefined ? {} : { symmetric: bothOf(up, down) }),
  };
}

/** The energies that run empty, of which a storage has both: what its promises in the days of the case leave of them. */
function storageOf({ bands: { bands }, book, data }: CoalitionAssetKnown): Pick<CoalitionAsset, 'storage'> {
  const leftOf = (direction: 'up' | 'down'): Wh | undefined => {
    const energyWh = bands.find((band) => band.direction === direction)?.energyWh;
    const promised = promisedEnergyUnits(book, direction, data.storage?.atSlot ?? slot(0));
    return energyWh === undefined ? undefined : wh(greatest(0n, storageUnits(energyWh) - promised) / storageUnits(1n));
  };
  const [upWh, downWh] = [leftOf('up'), leftOf('down')];
  if (upWh === undefined && downWh === undefined) return {};
  return { storage: { upWh: upWh ?? wh(0n), downWh: downWh ?? wh(0n) } };
}

/** Whether an asset is mandated for all slices of a request at its price, is where the buyer wants it, lasts for a call, and is prequalified. */
function mayServe(
  { aggregatorId }: CoalitionCaseKnown,
  asset: CoalitionAssetKnown,
  { product, request }: CoalitionRequestKnown,
): boolean {
  const { data, mandates, qualifiedFor } = asset;
  const { firstSlot, gridIds, kind, sliceSlots, slices } = request;
  const hasBands = bandDirectionsOf(request.direction).every((direction) =>
    asset.bands.bands.some((band) => band.direction === direction),
  );
  const isThere = gridIds.length === 0 || gridIds.includes(data.gridId);
  const isMandated = mandates.some((mandate) => {
    const pays = request.capacityPriceMicroPerKwh >= mandate.capacityPriceMinMicroPerKwh;
    const areCovered = Array.from({ length: slices }, (_, index) => addSlots(firstSlot, index * sliceSlots)).every(
      (first) =>
        mandateCovers(mandate, {
          assetId: data.assetId,
          aggregatorId,
          kind,
          firstSlot: first,
          lastSlot: addSlots(first, sliceSlots - 1),
        }),
    );
    return pays && areCovered;
  });
  const lasts = data.dispatchSlotsMax >= Math.min(product.holdSlots, sliceSlots);
  return hasBands && isThere && isMandated && lasts && qualifiedFor.has(request.requestId);
}

function bandOf(
  known: CoalitionCaseKnown,
  asset: CoalitionAssetKnown,
  band: FlexibilityBand,
  span: CaseSpan,
): CoalitionBand {
  const left = leftByStep(asset, band, span);
  return {
    minW: band.onLevelMinW,
    maxW: band.maxW,
    ...(left.every((powerW) => powerW === band.maxW) ? {} : { maxWByStep: left }),
    ...pricesOf(known, asset, band),
    firmPpm: band.firmPpm,
  };
}

/** What its promises to others leave of a band in each step. Active and reactive power are promised one at a time. */
function leftByStep(
  { book }: CoalitionAssetKnown,
  band: FlexibilityBand,
  { firstSlot, stepSlots, steps }: CaseSpan,
): readonly W[] {
  return Array.from({ length: steps }, (_, step) => {
    let mostW = 0n;
    for (let at = firstSlot + step * stepSlots; at < firstSlot + (step + 1) * stepSlots; at += 1) {
      const promisedW = book.reduce((total, entry) => total + promisedAt(entry, at), 0n);
      mostW = greatest<bigint>(mostW, promisedW);
    }
    const leftW = greatest<bigint>(band.maxW - mostW, 0n);
    return w(leftW < band.onLevelMinW ? 0n : leftW);
  });
}

function promisedAt({ firstSlot, intervalSlots, powersW }: BookedCommitment, at: number): bigint {
  const index = Math.floor((at - firstSlot) / intervalSlots);
  return index < 0 ? 0n : (powersW[index] ?? 0n);
}

/**
 * The prices of an asset: its own costs, and its mandate's least price of energy, with what the rule set weighs beside money. Reactive energy
 * takes no fuel and wears nothing.
 */
function pricesOf(
  { weights }: CoalitionCaseKnown,
  { data, mandates, samples }: CoalitionAssetKnown,
  band: FlexibilityBand,
): Pick<CoalitionBand, 'costMicroPerKwh' | 'keepMicroPerKwh'> {
  const leastPrice = mandates.reduce<bigint>(
    (most, { energyPriceMinMicroPerKwh }) => greatest<bigint>(most, energyPriceMinMicroPerKwh),
    0n,
  );
  const isActive = unitOfDirection(band.direction) === 'W';
  const isLocal = mandates.some(({ constraints }) => constraints.localDemandFirst);
  const { fairnessPpm: fairness, profitPpm, selfSupplyPpm: selfSupply, wearPpm: wear } = weights;
  return weightedPrices(
    {
      energyMicroPerKwh: microPerKwh(isActive ? greatest<bigint>(data.energyCostMicroPerKwh, leastPrice) : 0n),
      keepMicroPerKwh: band.keepMicroPerKwh,
      wearMicroPerKwh: isActive ? data.wearMicroPerKwh : microPerKwh(0n),
      localMicroPerKwh: microPerKwh(isActive && isLocal ? leastPrice : 0n),
      // Who has been called more often comes later: up to its own price of being kept ready.
      earlierMicroPerKwh: microPerKwh(
        (band.keepMicroPerKwh * BigInt(samples.length)) / BigInt(limits.deliverySamplesMax),
      ),
    },
    { profit: ppm(greatest<bigint>(profitPpm, 1n)), selfSupply, fairness, wear },
  );
}

/** Both directions at once: as much as the lesser one can, at the prices of both together. */
function bothOf(up: CoalitionBand, down: CoalitionBand): CoalitionBand {
  const steps = up.maxWByStep?.map((maxW, step) => w(least<bigint>(maxW, down.maxWByStep?.[step] ?? down.maxW)));
  const maxWByStep = steps ?? down.maxWByStep?.map((maxW) => w(least<bigint>(maxW, up.maxW)));
  const minW = w(greatest<bigint>(up.minW, down.minW));
  const maxW = w(least<bigint>(up.maxW, down.maxW));
  return {
    minW: w(least<bigint>(minW, maxW)),
    maxW: minW > maxW ? w(0n) : maxW,
    ...(maxWByStep === undefined ? {} : { maxWByStep }),
    costMicroPerKwh: microPerKwh(up.costMicroPerKwh + down.costMicroPerKwh),
    keepMicroPerKwh: microPerKwh(up.keepMicroPerKwh + down.keepMicroPerKwh),
    firmPpm: ppm(least<bigint>(up.firmPpm, down.firmPpm)),
  };
}

/** What the joint deliveries so far make necessary; nothing while there are too few to know. */
function marginOf(
  { samplesMin }: CoalitionCaseKnown,
  { product, request }: CoalitionRequestKnown,
  able: readonly { readonly asset: CoalitionAssetKnown; readonly entry: CoalitionAsset }[],
): Ppm {
  const [direction] = bandDirectionsOf(request.direction);
  const slots = new Set<number>();
  const shares = able.map(({ asset, entry }) => {
    const firmPpm: bigint = entry[request.direction]?.firmPpm ?? 0n;
    const bySlot = new Map<number, bigint>();
    for (const sample of asset.samples) {
      if (sample.direction !== direction || sample.askedWh === 0n) continue;
      slots.add(sample.slot);
      bySlot.set(sample.slot, least((sample.deliveredWh * ppmWhole) / sample.askedWh, ppmWhole));
    }
    return { firmPpm, bySlot, maxW: entry[request.direction]?.maxW ?? 0n };
  });
  if (slots.size < samplesMin) return ppm(0n);
  const samples = [...slots]
    .sort((left, right) => right - left)
    .slice(0, limits.coalitionSamplesMax)
    .map((at): JointSample => shares.map(({ bySlot, firmPpm }) => bySlot.get(at) ?? firmPpm));
  const powers = shares.map(({ maxW }) => maxW);
  const firm = shares.map(({ firmPpm }) => firmPpm);
  return reliabilityMarginPpm(samples, powers, firm, product.keptPpm);
}
