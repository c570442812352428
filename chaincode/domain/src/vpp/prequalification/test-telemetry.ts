import { demand } from '../../errors';
import { greatest, least, sum } from '../../math';
import { addSlots, slotRange, type Slot } from '../../time';
import { ppmWhole, wh, type Ppm } from '../../units';
import { isLie } from '../delivery/measure';
import type { PoolMinute } from '../dispatch/rows';
import { droopPower } from '../service/droop';
import type { ServiceProduct } from '../service/rows';
import type { Prequalification, TestFlag, TestSignal, TestSlot } from './rows';
import { judgedTest, samplesOfTest, type MeteredTest, type MeterSlot, type TestOutcome } from './test-activation';

const secondsPerMinute = 60;
const minutesPerHour = 60n;
const slotsPerHour = 4n;

/** What a test that is judged by telemetry is told of, slot by slot; what is missing was not stated, or not committed and opened. */
export interface ToldTest {
  readonly signals: ReadonlyMap<Slot, TestSignal>;
  readonly minutes: ReadonlyMap<Slot, readonly PoolMinute[]>;
  /** By which share telemetry may differ from the meters. */
  readonly meterTolerancePpm: Ppm;
}

/** Between which powers a minute follows a signal, in W. */
export interface FollowedMinute {
  readonly lowW: bigint;
  readonly highW: bigint;
}

/** The slots of a test. */
export function testedSlots({ firstSlot, slots }: Pick<Prequalification, 'firstSlot' | 'slots'>): readonly Slot[] {
  return slotRange(firstSlot, slots);
}

/**
 * Refuses telemetry and signals of a test that meters judge (VPP_TEST_BY_METERS), and a slot that is not of the test (VPP_TELEMETRY_SLOT).
 */
export function demandTestByTelemetry(
  test: Prequalification,
  { settledBy }: Pick<ServiceProduct, 'settledBy'>,
  slot: Slot,
): void {
  const { firstSlot, serviceId, slots, testId } = test;
  demand(settledBy === 'telemetry', 'VPP_TEST_BY_METERS', { serviceId });
  demand(slot >= firstSlot && slot < addSlots(firstSlot, slots), 'VPP_TELEMETRY_SLOT', { testId, slot });
}

/** What is stated of a slot of a test; refuses what its kind of service does not follow, and more than is tested (VPP_TEST_SIGNAL). */
export function acceptTestSignal(
  { kind, shares, testId }: Prequalification,
  { deviationsMilliHertz, powersW, slot }: Omit<TestSignal, 'testId'>,
): TestSignal {
  const testedW = sum(shares.map(({ powerW }) => powerW));
  const isFrequency = deviationsMilliHertz !== undefined && powersW === undefined;
  const arePowers = deviationsMilliHertz === undefined && powersW?.every((powerW) => powerW <= testedW) === true;
  demand(kind === 'fcr' ? isFrequency : arePowers, 'VPP_TEST_SIGNAL', { testId, kind, slot });
  return {
    testId,
    slot,
    ...(powersW === undefined ? {} : { powersW }),
    ...(deviationsMilliHertz === undefined ? {} : { deviationsMilliHertz }),
  };
}

/**
 * Between which mean powers each minute follows a signal. What follows it rises and falls at least as fast as evenly over the whole power in the
 * time of full activation, and at most at once: so in each second the lower edge rises by the whole power over that time and falls with the signal,
 * the upper one rises with it and falls by as much. Both begin at nothing.
 *
 * @param signalW what is asked in each minute, from the begin of the test on
 * @param powerW the whole power
 */
export function followedBand(
  signalW: readonly bigint[],
  powerW: bigint,
  fullActivationSeconds: number,
): readonly FollowedMinute[] {
  // Levels are in watts times the seconds of full activation, so that what they change by in a second is whole.
  const scale = BigInt(fullActivationSeconds);
  const whole = scale * BigInt(secondsPerMinute);
  let [low, high] = [0n, 0n];
  return signalW.map((askedW) => {
    const asked = askedW * scale;
    let [lows, highs] = [0n, 0n];
    for (let second = 0; second < secondsPerMinute; second += 1) {
      low = least(low, asked);
      high = greatest(high, asked);
      lows += low;
      highs += high;
      low = least(asked, low + powerW);
      high = greatest(asked, high - powerW);
    }
    return { lowW: lows / whole, highW: (highs + whole - 1n) / whole };
  });
}

/**
 * The outcome of a test of a service that is settled by telemetry. Each minute of the committed and opened telemetry, less the mean of the hour before by
 * the meters, has to lie in the band in which the stated signal is followed in the time of full activation, give or take what the tolerance
 * leaves of the tested power. Passed where every minute does, telemetry is what the meters counted, and some minute asked for the whole power: a
 * signal that never does proves nothing. What was not stated, committed or opened fails. Refuses what is not under test.
 */
export function completeTestByTelemetry(
  test: Prequalification,
  { fullActivationSeconds }: Pick<ServiceProduct, 'fullActivationSeconds'>,
  metered: MeteredTest,
  told: ToldTest,
): TestOutcome {
  const { shares, subjectId } = test;
  demand(test.state === 'TESTING', 'VPP_TEST_UNKNOWN', { subjectId });
  const testedW = sum(shares.map((share) => share.powerW));
  const slots = testedSlots(test);
  const signalW = slots.flatMap((slot) => signalPowersW(told.signals.get(slot), testedW));
  const band = followedBand(signalW, testedW, fullActivationSeconds);
  const result = slots.map((slot, index) =>
    judgeSlot({ test, slot, testedW, metered, told, band: band.slice(index * 15, (index + 1) * 15) }),
  );
  const isProven = band.some(({ lowW }) => lowW === testedW);
  const isKept = result.every(({ flags, isMeasured, keptMinutes }) => {
    return isMeasured && flags?.length === 0 && keptMinutes === 15;
  });
  const samples = samplesOfTest(test, metered, (powerW, index) => {
    return wh(((result[index]?.askedWh ?? 0n) * powerW) / testedW);
  });
  return { prequalification: judgedTest(test, result, isProven && isKept), samples };
}

/** What a signal asks for in each minute; nothing where there is none. */
function signalPowersW(signal: TestSignal | undefined, testedW: bigint): readonly bigint[] {
  const byDroop = signal?.deviationsMilliHertz?.map((deviation) => droopPower(testedW, BigInt(deviation)).powerW);
  return byDroop ?? signal?.powersW ?? Array.from({ length: 15 }, () => 0n);
}

interface JudgedSlot {
  readonly test: Prequalification;
  readonly slot: Slot;
  readonly testedW: bigint;
  readonly metered: MeteredTest;
  readonly told: ToldTest;
  readonly band: readonly FollowedMinute[];
}

function judgeSlot({ band, metered, slot, test, testedW, told }: JudgedSlot): TestSlot {
  const minutes = told.minutes.get(slot);
  const netsW = minutes?.map(({ exportW, importW }) => exportW - importW) ?? [];
  const counted = test.shares.map(({ assetId }) => goodAt(metered.get(assetId), slot));
  const referenceW = referencePowerW(test, metered);
  const isCounted = referenceW !== undefined && counted.every((one) => one !== undefined);
  const flags = flagsOf(told, slot, isCounted && isTestLie(netsW, counted, told.meterTolerancePpm));
  const isMeasured = isCounted && minutes !== undefined && !flags.includes('TELEMETRY_LIE');
  const slackW = (testedW * (ppmWhole - test.tolerancePpm)) / ppmWhole;
  const movedW = isMeasured ? netsW.map((netW) => alongW(test, netW - referenceW)) : [];
  const kept = movedW.filter((moved, minute) => {
    const { highW, lowW } = band[minute] ?? { lowW: 0n, highW: 0n };
    return moved >= lowW - slackW && moved <= highW + slackW;
  });
  const delivered = movedW.map((moved, minute) => greatest(0n, least(moved, band[minute]?.lowW ?? 0n)));
  return {
    slot,
    askedWh: wh(sum(band.map(({ lowW }) => lowW)) / minutesPerHour),
    deliveredWh: wh(sum(delivered) / minutesPerHour),
    isMeasured,
    keptMinutes: kept.length,
    flags,
  };
}

function flagsOf({ minutes, signals }: ToldTest, slot: Slot, isLying: boolean): readonly TestFlag[] {
  const hasMinutes = minutes.has(slot);
  const flags: readonly (readonly [TestFlag, boolean])[] = [
    ['NO_SIGNAL', !signals.has(slot)],
    ['NO_TELEMETRY', !hasMinutes],
    ['TELEMETRY_LIE', hasMinutes && isLying],
  ];
  return flags.filter(([, holds]) => holds).map(([flag]) => flag);
}

function isTestLie(netsW: readonly bigint[], counted: readonly (MeterSlot | undefined)[], tolerancePpm: Ppm): boolean {
  return isLie({
    telemetryNetW: netsW,
    metersNetWh: sum(counted.map((one) => (one?.exportWh ?? 0n) - (one?.importWh ?? 0n))),
    metersGrossWh: sum(counted.map((one) => (one?.exportWh ?? 0n) + (one?.importWh ?? 0n))),
    meters: counted.length,
    tolerancePpm,
  });
}

function goodAt(metered: readonly MeterSlot[] | undefined, slot: Slot): MeterSlot | undefined {
  return metered?.find((one) => one.slot === slot && one.isGood);
}

/** What all assets gave less what they took, on average before the test, in W, rounded down; undefined where a meter does not tell. */
function referencePowerW(
  { firstSlot, referenceSlots, shares }: Prequalification,
  metered: MeteredTest,
): bigint | undefined {
  const before = slotRange(addSlots(firstSlot, -referenceSlots), referenceSlots);
  const counted = shares.flatMap(({ assetId }) => before.map((slot) => goodAt(metered.get(assetId), slot)));
  const known = counted.filter((one) => one !== undefined);
  const netWh = sum(known.map(({ exportWh, importWh }) => exportWh - importWh));
  return known.length < counted.length ? undefined : (netWh * slotsPerHour) / BigInt(referenceSlots);
}

function alongW({ direction }: Prequalification, movedW: bigint): bigint {
  return direction === 'up' ? movedW : -movedW;
}

/** Quarter hours after which telemetry of a test that was committed and not opened counts as none. */
export const testOpeningSlots = 8;

/**
 * From which slot on nothing more can come of a slot of a test: signals and commitments come within the next slot, what was committed is
 * opened within eight.
 */
export function toldBySlot(
  slot: Slot,
  known: { readonly isOpened: boolean | undefined; readonly isStated: boolean },
): Slot {
  const forSignal = known.isStated ? 1 : 2;
  const forOpening = known.isOpened === false ? testOpeningSlots : 1;
  const forMinutes = known.isOpened === undefined ? 2 : forOpening;
  return addSlots(slot, Math.max(forSignal, forMinutes));
}
