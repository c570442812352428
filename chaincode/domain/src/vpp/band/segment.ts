import { canonicalJson } from '../../canonical';
import type { AssetCapacity } from '../../commitments/capacity';
import { digestOf } from '../../digest';
import { demand } from '../../errors';
import { limits } from '../../limits';
import { compareBigint, exactNumber, greatest, least, mulDivCeil, mulDivFloor } from '../../math';
import { microPerKwh, ppm, ppmWhole, w, wh, type Ppm, type Wh } from '../../units';
import type { TechnicalData } from '../asset/rows';
import { isConsumer, isWeatherDriven } from '../asset/technical-data';
import type { BandDirection } from '../directions';
import type { VppRules } from '../rules';
import { inverterReactiveVar } from '../service/power-factor';
import { assetBandsCodec, deliverySamplesCodec } from './rows';
import type { AssetBands, DeliverySample, DeliverySamples, FlexibilityBand } from './rows';

/** The part of the rules by which assets are segmented. */
export type SegmentRules = Pick<VppRules, 'firmDefaults' | 'firmPpm' | 'samplesMin'>;

const secondsPerMinute = 60n;
const directions: readonly BandDirection[] = ['up', 'down', 'inductive', 'capacitive'];

/**
 * The bands of an asset: what follows from its technical data and from what it has delivered, one for each direction in which it can move
 * at all, in time for any service. PV and wind go down, and up only by what they hold back; a back-up generator, which rests until it is called,
 * goes up. Deterministic and in whole numbers, so that the oracle and the contract come to the same.
 */
export function segment(
  data: TechnicalData,
  samples: readonly DeliverySample[],
  rules: SegmentRules,
): readonly FlexibilityBand[] {
  return directions.flatMap((direction) => bandOf(data, samples, rules, direction) ?? []);
}

function bandOf(
  data: TechnicalData,
  samples: readonly DeliverySample[],
  rules: SegmentRules,
  direction: BandDirection,
): FlexibilityBand | undefined {
  const maxW = mostOf(data, direction);
  const onLevelMinW = isReactive(direction) ? 0n : data.onLevelMinW;
  const activationSeconds = activationSecondsOf(data, direction, maxW);
  if (maxW === 0n || onLevelMinW > maxW || activationSeconds > limits.activationSecondsMax) {
    return undefined;
  }
  const energyWh = isReactive(direction) ? undefined : storedEnergyWh(data, direction);
  return {
    assetId: data.assetId,
    direction,
    maxW: w(maxW),
    onLevelMinW: w(onLevelMinW),
    activationSeconds,
    dispatchSlotsMax: data.dispatchSlotsMax,
    restSlots: data.restSlots,
    ...(energyWh === undefined ? {} : { energyWh }),
    firmPpm: firmShare(data, samples, rules, direction),
    priceMicroPerKwh: microPerKwh(data.energyCostMicroPerKwh + data.wearMicroPerKwh),
    keepMicroPerKwh: data.reservePriceMicroPerKwh,
    startCostMicro: data.startCostMicro,
  };
}

function isReactive(direction: BandDirection): boolean {
  return direction === 'inductive' || direction === 'capacitive';
}

/** Most that an asset moves in a direction, in W or var, wherever its position lets it. */
function mostOf(data: TechnicalData, direction: BandDirection): bigint {
  switch (direction) {
    case 'up':
      return mostUpW(data);
    case 'down':
      return mostDownW(data);
    case 'inductive':
    case 'capacitive':
      // Whatever active power it has: |Q| <= √(S² − P²), rounded down.
      return inverterReactiveVar(data.apparentVa ?? 0n, greatest<bigint>(data.exportMaxW, data.importMaxW));
  }
}

function mostUpW({ exportMaxW, heldBackW, importMaxW, kind }: TechnicalData): bigint {
  if (isWeatherDriven(kind)) {
    return heldBackW ?? 0n;
  }
  return isConsumer(kind) ? greatest<bigint>(importMaxW, exportMaxW) : exportMaxW;
}

function mostDownW({ exportMaxW, importMaxW, kind }: TechnicalData): bigint {
  if (kind === 'generator') {
    return 0n;
  }
  return isConsumer(kind) || kind === 'storage' ? importMaxW : exportMaxW;
}

/** Response, synchronisation and the ramp to full power, in seconds, rounded up; an inverter sets its reactive power at once. */
function activationSecondsOf(data: TechnicalData, direction: BandDirection, maxW: bigint): number {
  const { rampDownWPerMinute, rampUpWPerMinute, responseSeconds, syncSeconds } = data;
  const first = responseSeconds + syncSeconds;
  if (isReactive(direction) || maxW === 0n) {
    return first;
  }
  const rampW = direction === 'up' ? rampUpWPerMinute : rampDownWPerMinute;
  return (
    first + exactNumber(least(mulDivCeil(maxW, secondsPerMinute, rampW), BigInt(limits.activationSecondsMax) + 1n))
  );
}

/** What a storage gives at its connection from what it held above its reserve, or takes until it is full; rounded down. */
function storedEnergyWh({ storage }: TechnicalData, direction: BandDirection): Wh | undefined {
  if (storage === undefined) {
    return undefined;
  }
  const { capacityWh, chargePpm, dischargePpm, reserveWh, storedWh } = storage;
  return direction === 'up'
    ? wh(mulDivFloor(greatest(storedWh - reserveWh, 0n), dischargePpm, ppmWhole))
    : wh(mulDivFloor(capacityWh - storedWh, ppmWhole, chargePpm));
}

/**
 * The share of what is asked that the asset reaches with the rule set's probability: of n shares in rising order the one behind
 * ⌊n·(1 − probability)⌋ others, so that at least that part of them is not below. The default of its kind while there are too few; 0 without one.
 */
function firmShare(
  { kind }: TechnicalData,
  samples: readonly DeliverySample[],
  { firmDefaults, firmPpm, samplesMin }: SegmentRules,
  direction: BandDirection,
): Ppm {
  const shares = samples
    .filter((sample) => sample.direction === direction && sample.askedWh > 0n)
    .map(({ askedWh, deliveredWh }) => mulDivFloor(least(deliveredWh, askedWh), ppmWhole, askedWh))
    .sort(compareBigint);
  if (shares.length < samplesMin) {
    return firmDefaults.find((entry) => entry.kind === kind)?.firmPpm ?? ppm(0n);
  }
  const below = exactNumber(mulDivFloor(BigInt(shares.length), ppmWhole - firmPpm, ppmWhole));
  return ppm(shares[Math.min(below, shares.length - 1)] ?? 0n);
}

/** The digest of what an asset has delivered, by which bands name what they are made of. */
export function samplesDigestOf(known: DeliverySamples): string {
  return digestOf(deliverySamplesCodec.encode(known));
}

/** The bands of an asset as they are filed. */
export function bandsOf(data: TechnicalData, known: DeliverySamples, rules: SegmentRules): AssetBands {
  const { assetId, participantId, version } = data;
  const bands = segment(data, known.samples, rules);
  return { assetId, participantId, dataVersion: version, samplesDigest: samplesDigestOf(known), bands };
}

/**
 * Refuses bands of other technical data or samples than those in force (VPP_BANDS_OUTDATED), and any that are not what the rule makes of
 * them (VPP_BAND_MISMATCH).
 */
export function demandBands(filed: AssetBands, expected: AssetBands): void {
  const { assetId, dataVersion, samplesDigest } = expected;
  const isCurrent = filed.dataVersion === dataVersion && filed.samplesDigest === samplesDigest;
  demand(isCurrent, 'VPP_BANDS_OUTDATED', { assetId, dataVersion });
  const isSame = canonicalJson(assetBandsCodec.encode(filed)) === canonicalJson(assetBandsCodec.encode(expected));
  demand(isSame, 'VPP_BAND_MISMATCH', { assetId });
}

/**
 * What an asset has delivered with new samples behind the others; the oldest leave once there are too many. One of the same slot and direction, as
 * late readings bring it, takes the place of the one before.
 */
export function withSamples(known: DeliverySamples | undefined, added: readonly DeliverySample[]): DeliverySamples {
  const isReplaced = ({ direction, slot }: DeliverySample) =>
    added.some((one) => one.slot === slot && one.direction === direction);
  const kept = (known?.samples ?? []).filter((sample) => !isReplaced(sample));
  return { samples: [...kept, ...added].slice(-limits.deliverySamplesMax) };
}

/**
 * What an asset can keep of promises that may be called: its bands in both directions and, where it is a storage, what it held above its
 * reserve and still has room for.
 */
export function bandsCapacity(
  { bands }: Pick<AssetBands, 'bands'>,
  { storage }: Pick<TechnicalData, 'storage'>,
): AssetCapacity {
  const widest = (direction: BandDirection) => bands.find((band) => band.direction === direction)?.maxW ?? w(0n);
  const powers = { importMaxW: widest('down'), exportMaxW: widest('up') };
  if (storage === undefined) {
    return powers;
  }
  const { capacityWh, chargePpm, dischargePpm, reserveWh, storedWh } = storage;
  const usable = {
    capacityWh: wh(capacityWh - reserveWh),
    storedWh: wh(greatest(storedWh - reserveWh, 0n)),
  };
  return { ...powers, storage: { ...usable, chargePpm, dischargePpm } };
}
