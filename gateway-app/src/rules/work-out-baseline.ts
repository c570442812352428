import {
  evaluateBaseline,
  freezeBaseline,
  RuleError,
  sameDayHours,
  type BaselineRule,
  type BaselineWindow,
  type EvaluatedBaseline,
  type FrozenBaseline,
  type Slot,
} from '@flexledger/domain';
import { CliError } from '../cli-errors';
import type { MeterReadings } from './readings-file';

/** What a baseline is worked out for. */
export interface BaselineQuestion {
  readonly rule: BaselineRule;
  readonly event: BaselineWindow;
  readonly noticeSlot: Slot;
  readonly eventDays: ReadonlySet<Slot>;
  /** What was forecast or declared, for the methods that take it. */
  readonly series: ReadonlyMap<Slot, bigint> | undefined;
}

/** The baseline of a meter or portfolio. */
export interface WorkedOutBaseline {
  readonly id: string;
  readonly frozen: FrozenBaseline;
  readonly evaluated: EvaluatedBaseline;
  /** The hours of the day itself that it is made from. */
  readonly hours: readonly BaselineWindow[];
}

/**
 * The baseline of one meter or portfolio by the rules of the contracts.
 *
 * @throws CliError RULES_NO_BASELINE where these find none, RULES_READINGS_MISSING where an hour of the day itself is not in the file
 */
export function workOutBaseline(question: BaselineQuestion, { id, readings }: MeterReadings): WorkedOutBaseline {
  const { series, ...rest } = question;
  const frozen = refusedAs(id, () =>
    freezeBaseline({ ...rest, readings, ...(series === undefined ? {} : { series }) }),
  );
  const evaluated = evaluateBaseline(frozen, readings);
  if (evaluated !== undefined) {
    return { id, frozen, evaluated, hours: sameDayHours(question.rule.method, question.event) };
  }
  throw new CliError(
    'RULES_READINGS_MISSING',
    `${id} has no readings of all hours that adjust the baseline or make it`,
  );
}

function refusedAs<T>(id: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new CliError('RULES_NO_BASELINE', `${id} has no baseline (${error.message})`, { cause: error });
  }
}
