import fc from 'fast-check';
import { decodeWhole } from '../../decode';
import type { ErrorCode } from '../../errors';
import { addSlots, slot, slotsPerDay, type Slot } from '../../time';
import { areDaysInflated, isWindowGamed } from './bad-faith';
import { dayTypeOf, eligibleDays } from './eligible-days';
import { evaluateBaseline } from './evaluate';
import { freezeBaseline, type BaselineAsked } from './freeze';
import { frozenBaselineCodec } from './frozen';
import { netWhOf } from './net-energy';
import type { BaselineReading } from './readings';
import { defaultBaselineMethod, type BaselineAdjustment, type BaselineMethod, type BaselineRule } from './rule';
import { chooseBaseline, scoreBaseline } from './score';

/** A Monday. */
const MONDAY = slot(20_605 * slotsPerDay);
const HOURS_PER_DAY = 24;
const day = (number: number): Slot => addSlots(MONDAY, number * slotsPerDay);
const hour = (dayNumber: number, number: number): Slot => addSlots(day(dayNumber), number * 4);

/** Hours of days from the Monday on, with the load that a function gives them. */
function readingsOf(days: number, loadWh: (day: number, hour: number) => number): Map<Slot, BaselineReading> {
  const readings = new Map<Slot, BaselineReading>();
  for (let number = 0; number < days; number += 1) {
    for (let at = 0; at < HOURS_PER_DAY; at += 1) {
      readings.set(hour(number, at), { netWh: BigInt(loadWh(number, at)), isMeasured: true });
    }
  }
  return readings;
}

const rule = (method: BaselineMethod, adjustment: BaselineAdjustment = 'none', more: Partial<BaselineRule> = {}) => ({
  method,
  adjustment,
  ...more,
});

/** The event is on the Monday of the fourth week, 17:00 to 20:00, and is known at its begin. */
function asked(more: Partial<BaselineAsked> = {}): BaselineAsked {
  return {
    rule: rule('10-of-10'),
    event: { firstSlot: hour(21, 17), intervals: 3, intervalSlots: 4 },
    noticeSlot: hour(21, 17),
    // Every day has a load of its own: 100 Wh and the number of the day.
    readings: readingsOf(22, (number) => 100 + number),
    eventDays: new Set(),
    ...more,
  };
}

function energies(question: BaselineAsked): readonly bigint[] | undefined {
  return evaluateBaseline(freezeBaseline(question), question.readings)?.intervals.map(({ netWh }) => netWh);
}

function refusal(question: BaselineAsked): ErrorCode | 'frozen' {
  try {
    freezeBaseline(question);
    return 'frozen';
  } catch (error) {
    return (error as { code: ErrorCode }).code;
  }
}

const three = (value: bigint) => [value, value, value];

describe('the days that a baseline is made from', () => {
  const daysAgo = (question: BaselineAsked) => eligibleDays(question, 10).map((found) => found.daysAgo);

  it('are the most recent of the same type: weekends are none of a working day', () => {
    expect(daysAgo(asked())).toEqual([3, 4, 5, 6, 7, 10, 11, 12, 13, 14]);
    const sunday = asked({ event: { firstSlot: hour(20, 17), intervals: 3, intervalSlots: 4 } });
    expect(daysAgo(sunday)).toEqual([1, 7, 8, 14, 15]);
  });

  it('leave out holidays, days of events, days that were estimated or lack an hour, and what is beyond the look-back', () => {
    const readings = readingsOf(22, () => 100);
    readings.set(hour(16, 18), { netWh: 100n, isMeasured: false });
    readings.delete(hour(15, 19));
    const question = asked({
      readings,
      rule: rule('10-of-10', 'none', { holidays: [day(18)], lookBackDays: 12 }),
      eventDays: new Set([day(17)]),
    });
    expect(daysAgo(question)).toEqual([7, 10, 11, 12]);
    expect(dayTypeOf(day(18), new Set([day(18)]))).toBe('rest-day');
  });

  it('have been measured before the notice', () => {
    // At noon of Friday, three days before the event, that day has not seen these hours.
    const noticeOnFridayNoon = asked({ noticeSlot: hour(18, 12) });
    expect(daysAgo(noticeOnFridayNoon)).toEqual([4, 5, 6, 7, 10, 11, 12, 13, 14, 17]);
  });
});

describe('a method', () => {
  // The working days before the event are 18 … 14 and 11 … 7, with loads of 118 … 114 and 111 … 107 Wh.
  it.each<[BaselineMethod, bigint]>([
    ['high-5-of-10', 116n],
    ['high-4-of-5', 117n],
    ['10-of-10', 113n],
    ['middle-6-of-10', 113n],
    ['last-week', 114n],
  ])('%s averages the days that it names, rounded to the nearest Wh', (method, expected) => {
    expect(energies(asked({ rule: rule(method) }))).toEqual(three(expected));
  });

  it('high-4-of-5 leaves out days whose load is below a quarter of the mean', () => {
    const readings = readingsOf(22, (number) => (number === 17 ? 10 : 100 + number));
    const frozen = freezeBaseline(asked({ readings, rule: rule('high-4-of-5') }));
    expect(frozen.days.map(({ firstSlot }) => firstSlot)).toEqual([18, 16, 15, 14].map((number) => hour(number, 17)));
  });

  it('high-4-of-5 leaves out days on which less than a quarter of the mean was given, and no others', () => {
    // PV: each day gives 100 Wh and its number, the last Friday nearly nothing.
    const readings = readingsOf(22, (number) => (number === 18 ? -10 : -100 - number));
    // 17, 16, 15, 14 and 11 days after the first Monday: the four that gave the least.
    expect(energies(asked({ rule: rule('high-4-of-5'), readings }))).toEqual(three(-114n));
  });

  it('ranks days of equal load by the quiet hours before ten, the lower first, then by the later day', () => {
    const quiet = new Map([[18, 30], [17, 20], [16, 30]]); // prettier-ignore
    const readings = readingsOf(22, (number, at) => (at === 9 ? (quiet.get(number) ?? 40) : 10));
    const frozen = freezeBaseline(asked({ readings, rule: rule('high-5-of-10') }));
    expect(frozen.days.map(({ firstSlot }) => firstSlot)).toEqual([17, 18, 16, 15, 14].map((at) => hour(at, 17)));
  });

  it('same-day reads the hours that PJM reads: 9, 10, 11 and 19, 20 for an event of the hours 13 to 17', () => {
    const event = { firstSlot: hour(21, 12), intervals: 5, intervalSlots: 4 } as const;
    const used = new Set([9, 10, 11, 19, 20].map((ending) => ending - 1));
    const readings = readingsOf(22, (_, at) => (used.has(at) ? 50 + at : 9_999));
    const question = asked({
      event,
      noticeSlot: hour(21, 6),
      readings,
      rule: rule('same-day', 'none', { laterHours: true }),
    });
    const frozen = freezeBaseline(question);
    expect([frozen.unadjusted, frozen.completeSlot]).toEqual([[], hour(21, 20)]);
    const mean = [8, 9, 10, 18, 19].reduce((total, at) => total + 50 + at, 0) / 5;
    expect(energies(question)).toEqual(Array.from({ length: 5 }, () => BigInt(Math.round(mean))));
    readings.delete(hour(21, 19));
    expect(energies(question)).toBeUndefined();
  });

  it('takes what was forecast or declared, and for storage the power of the last interval before the activation', () => {
    const series = new Map([hour(21, 17), hour(21, 18), hour(21, 19)].map((at, index) => [at, BigInt(-5 - index)]));
    expect(energies(asked({ rule: rule('forecast'), series }))).toEqual([-5n, -6n, -7n]);
    expect(energies(asked({ rule: rule('declared'), series }))).toEqual([-5n, -6n, -7n]);
    const storage = asked({
      rule: rule('last-full-interval', 'none', { laterHours: true }),
      readings: readingsOf(22, (_, at) => -at),
    });
    expect(energies(storage)).toEqual(three(-16n));
  });

  it('is chosen by the kind of the asset where the programme names none', () => {
    expect((['load', 'heat-pump', 'pv', 'wind', 'storage'] as const).map(defaultBaselineMethod)).toEqual([
      'high-5-of-10',
      'high-5-of-10',
      'forecast',
      'forecast',
      'declared',
    ]);
  });
});

describe('an adjustment', () => {
  /** Earlier days have 100 Wh in each hour; the day itself has other loads in the hours from 13:00 on. */
  const withToday = (...loads: readonly number[]) =>
    readingsOf(22, (number, at) => (number === 21 && at >= 13 ? (loads[at - 13] ?? 100) : 100));

  it.each<[BaselineAdjustment, readonly number[], bigint]>([
    ['none', [200, 200], 100n],
    ['ratio-20', [110, 110], 110n],
    ['ratio-20', [200, 200], 120n],
    ['ratio-20', [10, 10], 80n],
    ['ratio-40', [200, 200], 140n],
    ['ratio-40', [10, 10], 60n],
    ['additive', [120, 161], 141n],
    ['additive', [0, 10], 5n],
    ['additive-3h', [110, 110, 131], 117n],
  ])('%s with %j Wh measured instead of 100 gives %d', (adjustment, loads, expected) => {
    expect(energies(asked({ rule: rule('10-of-10', adjustment), readings: withToday(...loads) }))).toEqual(
      three(expected),
    );
  });

  it('never takes a baseline below zero', () => {
    const readings = readingsOf(22, (number, at) => (number === 21 ? 0 : at < 17 ? 100 : 30));
    expect(energies(asked({ rule: rule('10-of-10', 'additive'), readings }))).toEqual(three(0n));
  });

  it('needs a rule that allows later hours where its window ends after the notice', () => {
    const question = asked({ rule: rule('10-of-10', 'additive'), noticeSlot: hour(21, 14) });
    expect(refusal(question)).toBe('FLEX_BASELINE_LATER_HOURS');
    expect(refusal({ ...question, rule: { ...question.rule, laterHours: true } })).toBe('frozen');
    expect(refusal({ ...question, noticeSlot: hour(21, 15) })).toBe('frozen');
  });
});

describe('a frozen baseline', () => {
  const readings = readingsOf(22, (number) => 100 + number);
  const question = asked({ rule: rule('high-5-of-10', 'ratio-20'), readings });

  it('is written and read without a loss', () => {
    const frozen = freezeBaseline(question);
    expect(decodeWhole(frozenBaselineCodec, frozenBaselineCodec.encode(frozen))).toEqual(frozen);
  });

  it('is not moved by corrections of what it was made from, and its digest tells that there were some', () => {
    const frozen = freezeBaseline(question);
    const corrected = new Map(readings);
    corrected.set(hour(18, 17), { netWh: 5_000n, isMeasured: true });
    expect(evaluateBaseline(frozen, corrected)).toEqual(evaluateBaseline(frozen, question.readings));
    expect(freezeBaseline({ ...question, readings: corrected }).inputsDigest).not.toBe(frozen.inputsDigest);
    const elsewhere = new Map(readings);
    elsewhere.set(hour(2, 3), { netWh: 5_000n, isMeasured: true });
    expect(freezeBaseline({ ...question, readings: elsewhere }).inputsDigest).toBe(frozen.inputsDigest);
  });

  it.each<[string, ErrorCode, Partial<BaselineAsked>]>([
    [
      'an adjusted same-day baseline',
      'FLEX_BASELINE_RULE_INVALID',
      { rule: rule('same-day', 'additive', { laterHours: true }) },
    ],
    ['later hours that are not allowed', 'FLEX_BASELINE_RULE_INVALID', { rule: rule('same-day') }],
    ['too short a history', 'FLEX_BASELINE_DAYS_TOO_FEW', { rule: rule('high-5-of-10', 'none', { lookBackDays: 6 }) }],
    ['no readings a week ago', 'FLEX_BASELINE_DAYS_TOO_FEW', { rule: rule('last-week'), readings: new Map() }],
    ['no forecast', 'FLEX_BASELINE_SERIES_MISSING', { rule: rule('forecast') }],
  ])('is refused for %s: %s', (_what, code, more) => {
    expect(refusal(asked(more))).toBe(code);
  });

  it('lies between the least and the most of its days in every interval, whatever the loads', () => {
    const loads = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 22 * 3, maxLength: 22 * 3 });
    const methods = fc.constantFrom<BaselineMethod>('high-5-of-10', 'high-4-of-5', '10-of-10', 'middle-6-of-10');
    fc.assert(
      fc.property(loads, methods, (values, method) => {
        const readings = readingsOf(22, (number, at) => (at >= 17 && at < 20 ? values[number * 3 + at - 17]! : 10_000));
        const frozen = freezeBaseline(asked({ readings, rule: rule(method) }));
        frozen.unadjusted.forEach((energy, index) => {
          const used = frozen.days.map(({ firstSlot }) => readings.get(addSlots(firstSlot, index * 4))!.netWh);
          const [low, high] = [used.reduce((a, b) => (a < b ? a : b)), used.reduce((a, b) => (a > b ? a : b))];
          expect(netWhOf(energy) >= low && netWhOf(energy) <= high).toBe(true);
        });
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe('the accuracy of a baseline', () => {
  it('is its bias and its relative error, in millionths', () => {
    const score = scoreBaseline([
      { baselineWh: 110n, actualWh: 100n },
      { baselineWh: 60n, actualWh: 100n },
    ]);
    // √((10² + 40²) ÷ 2) ÷ 100
    expect(score).toEqual({ biasPpm: -150_000n, rrmsePpm: 291_548n, intervals: 2 });
    expect(scoreBaseline([])).toBeUndefined();
    expect(scoreBaseline([{ baselineWh: 1n, actualWh: 0n }])).toBeUndefined();
  });

  it('chooses the least bias among the methods within 20 %, and the least error where none is', () => {
    const scored = (method: BaselineMethod, biasPpm: bigint, rrmsePpm: bigint) => ({
      method,
      adjustment: 'none' as const,
      score: { biasPpm, rrmsePpm, intervals: 1 },
    });
    const good = [scored('10-of-10', -80_000n, 120_000n), scored('high-5-of-10', 20_000n, 190_000n)];
    const bad = [scored('last-week', 0n, 200_001n), scored('high-4-of-5', 90_000n, 200_002n)];
    expect(chooseBaseline([...bad, ...good])?.method).toBe('high-5-of-10');
    expect(chooseBaseline(bad)?.method).toBe('last-week');
    expect(chooseBaseline([])).toBeUndefined();
  });
});

describe('bad faith', () => {
  const flags = (question: BaselineAsked, direction: 'reduce' | 'increase') => {
    const frozen = freezeBaseline(question);
    const evaluated = evaluateBaseline(frozen, question.readings)!;
    return [isWindowGamed(frozen, evaluated, direction), areDaysInflated(frozen, question, direction)];
  };
  const adjusted = rule('high-5-of-10', 'additive', { laterHours: true });
  const load = (today: number, baselineDays: number) =>
    readingsOf(36, (number) => (number === 35 ? today : number >= 21 ? baselineDays : 100));
  const event = { firstSlot: hour(35, 17), intervals: 3, intervalSlots: 4 } as const;
  const later = (readings: Map<Slot, BaselineReading>) =>
    asked({ rule: adjusted, event, noticeSlot: hour(35, 12), readings });

  it('is not seen in an ordinary day', () => {
    expect(flags(later(load(120, 100)), 'reduce')).toEqual([false, false]);
    expect(flags(later(load(80, 100)), 'increase')).toEqual([false, false]);
  });

  it('is not seen in ordinary days of PV, and is in days and windows on which far more or less was given', () => {
    const given = (today: number, baselineDays: number) =>
      readingsOf(36, (number) => (number === 35 ? today : number >= 21 ? baselineDays : -100));
    expect(flags(later(given(-90, -100)), 'reduce')).toEqual([false, false]);
    expect(flags(later(given(-120, -100)), 'increase')).toEqual([false, false]);
    expect(flags(later(given(-151, -201)), 'increase')).toEqual([false, true]);
    expect(flags(later(given(-49, -49)), 'reduce')).toEqual([false, true]);
    expect(flags(later(given(-151, -100)), 'increase')).toEqual([true, false]);
    expect(flags(later(given(-49, -100)), 'reduce')).toEqual([true, false]);
  });

  it('is seen in a window with half more (or less) than the baseline had', () => {
    expect(flags(later(load(151, 100)), 'reduce')).toEqual([true, false]);
    expect(flags(later(load(49, 100)), 'increase')).toEqual([true, false]);
  });

  it('is seen in baseline days with three times the load of the weeks before', () => {
    expect(flags(later(load(300, 300)), 'reduce')).toEqual([false, true]);
    expect(flags(later(load(33, 33)), 'increase')).toEqual([false, true]);
  });
});
