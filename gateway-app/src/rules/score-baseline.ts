import {
  addSlots,
  chooseBaseline,
  dayStart,
  dayTypeOf,
  evaluateBaseline,
  freezeBaseline,
  RuleError,
  scoreBaseline,
  slotsPerDay,
  slotsPerHour,
  windowIntervals,
  type BaselineAdjustment,
  type BaselineMethod,
  type BaselineScore,
  type PlaceboInterval,
  type Slot,
} from '@flexledger/domain';
import { byHour, type MeterReadings } from './readings-file';
import type { BaselineQuestion } from './work-out-baseline';

/** The accuracy of a baseline, and the days that it was tried on. */
export interface ScoredMeter {
  readonly id: string;
  readonly days: readonly Slot[];
  /** Undefined where nothing was used on these days, or no day can be tried. */
  readonly score: BaselineScore | undefined;
}

/** Days at the begin of a file on which no method is tried, so that all are tried on the same days. */
const HISTORY_DAYS = 15;
const PARTS_PER_WH = 1_000n;

/** The days on which a baseline is tried: of the day type of the event, from the 16th day of the file on, without those of real events. */
export function placeboDays(question: BaselineQuestion, period: { readonly from: Slot; readonly to: Slot }): Slot[] {
  const { event, rule, eventDays } = question;
  const holidays = new Set(rule.holidays ?? []);
  const days: Slot[] = [];
  const lastStart = period.to - slotsPerDay;
  for (let day = dayStart(period.from); day <= lastStart; day = addSlots(day, slotsPerDay)) {
    const isAlike = dayTypeOf(day, holidays) === dayTypeOf(event.firstSlot, holidays);
    if (day >= period.from && isAlike && !holidays.has(day) && !eventDays.has(day)) days.push(day);
  }
  return days;
}

/** The first day on which a baseline is tried where the asker names none. */
export function firstPlaceboSlot(from: Slot): Slot {
  return addSlots(from, HISTORY_DAYS * slotsPerDay);
}

/** The accuracy of a baseline for one meter or portfolio, over whole hours where the event has whole hours. */
export function scoreMeter(question: BaselineQuestion, meter: MeterReadings, days: readonly Slot[]): ScoredMeter {
  const { event } = question;
  const hasHours = event.firstSlot % slotsPerHour === 0 && (event.intervals * event.intervalSlots) % slotsPerHour === 0;
  const slots = hasHours ? slotsPerHour : event.intervalSlots;
  const intervals = (event.intervals * event.intervalSlots) / slots;
  const readings = finer((hasHours ? byHour(meter, event.intervalSlots, slotsPerHour) : meter).readings);
  const tried = days.map((day) => {
    const firstSlot = addSlots(day, event.firstSlot - dayStart(event.firstSlot));
    const noticeSlot = addSlots(firstSlot, question.noticeSlot - event.firstSlot);
    const window = { firstSlot, intervals, intervalSlots: slots } as const;
    return { day, placebo: placeboOf({ ...question, event: window, noticeSlot }, readings) };
  });
  const known = tried.filter(({ placebo }) => placebo.length > 0);
  return {
    id: meter.id,
    days: known.map(({ day }) => day),
    score: scoreBaseline(known.flatMap(({ placebo }) => placebo)),
  };
}

/** The same energies in thousandths of a Wh: a method is not scored for rounding its baselines to whole Wh. */
function finer(readings: MeterReadings['readings']): MeterReadings['readings'] {
  return new Map([...readings].map(([at, reading]) => [at, { ...reading, netWh: reading.netWh * PARTS_PER_WH }]));
}

/** The middle of some scores, each of the two figures by itself; of an even number the mean of the two in the middle. */
export function medianScore(scores: readonly BaselineScore[]): { readonly biasPpm: bigint; readonly rrmsePpm: bigint } {
  const middle = (values: readonly bigint[]): bigint => {
    const ranked = [...values].sort((left, right) => (left < right ? -1 : 1));
    const upper = ranked[Math.floor(ranked.length / 2)] ?? 0n;
    const lower = ranked[Math.floor((ranked.length - 1) / 2)] ?? 0n;
    return (lower + upper) / 2n;
  };
  return {
    biasPpm: middle(scores.map(({ biasPpm }) => biasPpm)),
    rrmsePpm: middle(scores.map(({ rrmsePpm }) => rrmsePpm)),
  };
}

/** The methods and adjustments among which one is chosen for a portfolio of loads. */
const chosenAmong = {
  methods: ['high-5-of-10', 'high-4-of-5', '10-of-10', 'middle-6-of-10'],
  adjustments: ['none', 'ratio-20', 'ratio-40', 'additive', 'additive-3h'],
} as const;

/** The method and adjustment that the 20 % gate chooses for a meter or portfolio; undefined where none can be tried. */
export function chooseFor(
  question: BaselineQuestion,
  meter: MeterReadings,
  days: readonly Slot[],
): { readonly method: BaselineMethod; readonly adjustment: BaselineAdjustment } | undefined {
  const scored = chosenAmong.methods.flatMap((method) =>
    chosenAmong.adjustments.flatMap((adjustment) => {
      const rule = { ...question.rule, method, adjustment };
      const { score } = scoreMeter({ ...question, rule }, meter, days);
      return score === undefined ? [] : [{ method, adjustment, score }];
    }),
  );
  return chooseBaseline(scored);
}

/** Baseline and measurement of one placebo day; nothing where it has no baseline or not all readings. */
function placeboOf(question: BaselineQuestion, readings: MeterReadings['readings']): readonly PlaceboInterval[] {
  const { series, ...rest } = question;
  try {
    const frozen = freezeBaseline({ ...rest, readings, ...(series === undefined ? {} : { series }) });
    const evaluated = evaluateBaseline(frozen, readings);
    const actual = windowIntervals(question.event).map((at) => readings.get(at)?.netWh);
    return (evaluated?.intervals ?? []).flatMap(({ netWh }, index) => {
      const actualWh = actual[index];
      return actualWh === undefined ? [] : [{ baselineWh: netWh, actualWh }];
    });
  } catch (error) {
    if (error instanceof RuleError) return [];
    throw error;
  }
}
