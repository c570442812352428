import type { StepArguments, StepValue } from '../roles/protocol';
import type { RoleName } from '../roles/role-names';
import { localTimeOfSlot } from '../grid/simbench';
import type { Conductor, Part } from './conductor';
import { intradaySession } from './intraday';
import { HOURS_PER_DAY, SLOTS_PER_DAY, SLOTS_PER_HOUR, type DayPlan } from './plan';

/** What playing the day needs. */
export interface PlayOptions {
  readonly plan: DayPlan;
  readonly conductor: Conductor;
  readonly say: (line: string) => void;
  /** Called before each hour of delivery, for tests that break something then. */
  readonly beforeHour?: (hour: number) => Promise<void>;
  /** Called when all orders are published, for tests that break something then. */
  readonly beforeClearing?: () => Promise<void>;
  /** Called on the eve when the day-ahead session is cleared. */
  readonly afterClearing?: () => Promise<void>;
  /** Called when an hour's readings are recorded, before the hour is settled. */
  readonly beforeSettlement?: (hour: number) => Promise<void>;
  /** How long an oracle's answer is waited for, in milliseconds; default a minute. */
  readonly answerWaitMs?: number;
}

/** What the roles answered on the way that the report needs. */
export interface PlayedDay {
  /** What became of the forbidden call. */
  readonly refusedCall: StepValue;
  /** Outcome of the disturbances, as the community's gateway saw them. */
  readonly readings: readonly StepValue[];
  /** The statements as the ledger issued them. */
  readonly statements: StepValue;
  /** What of the rent of grid limits went back to the members; null on a day without such limits. */
  readonly rent: StepValue;
}

/** Plays the day from the founding of the consortium to the statements. */
export async function playDay(options: PlayOptions): Promise<PlayedDay> {
  const { conductor, plan, say } = options;
  const clock = new Clock(conductor, plan.historySlot);
  await found(conductor, say);
  await register(options, clock);
  await recordHistory(options, clock);
  await trade(options, clock);
  const readings = await deliver(options, clock);
  const refusedCall = await conductor.alone('aggregator', 'forbiddenCall');
  const statements = await conductor.alone('market', 'statements');
  say('statements are on the ledger');
  const rent = plan.gridLimits ? await conductor.alone('market', 'shareRent') : null;
  return { refusedCall, readings, statements, rent };
}

/** The ledger clock as the conductor moves it: at most a day of slots in one transaction. */
class Clock {
  private next: number;

  constructor(
    private readonly conductor: Conductor,
    firstSlot: number,
  ) {
    this.next = firstSlot;
  }

  /** The part that begins all slots up to and including `slot`, which is at most a day away. */
  part(role: RoleName, slot: number): Part {
    const fromSlot = this.next;
    if (slot < fromSlot || slot - fromSlot >= SLOTS_PER_DAY) throw new RangeError(`one tick cannot reach slot ${slot}`);
    this.next = slot + 1;
    return [role, 'tick', { fromSlot, toSlot: slot }];
  }

  /** Begins all slots up to and including `slot`. */
  async moveTo(role: RoleName, slot: number): Promise<void> {
    while (this.next <= slot) {
      await this.conductor.together(this.part(role, Math.min(slot, this.next + SLOTS_PER_DAY - 1)));
    }
  }
}

async function found(conductor: Conductor, say: (line: string) => void): Promise<void> {
  const proposal = await conductor.alone('regulator', 'bootstrap');
  const proposalId = textOf(proposal, 'proposalId');
  await conductor.alone('tso', 'approve', { proposalId });
  await conductor.alone('community', 'approve', { proposalId });
  say('the consortium is founded: two authorities and one member have approved its rules');
}

async function register({ conductor, plan, say }: PlayOptions, clock: Clock): Promise<void> {
  const { historySlot } = plan;
  await conductor.together(
    ['dso', 'registerGrid'],
    ['community', 'registerProsumers'],
    ['market', 'registerSupplier'],
    clock.part('tso', historySlot + SLOTS_PER_DAY - 1),
  );
  const [, proposal = null] = await conductor.together(
    ['dso', 'registerMeters'],
    ['regulator', 'proposeBalancingParty'],
    ['aggregator', 'registerAssets'],
    ['market', 'fund'],
  );
  if (plan.setPoints) await conductor.alone('market', 'fundCurtailment');
  const proposalId = textOf(proposal, 'proposalId');
  await conductor.together(['dso', 'approve', { proposalId }], ['dso', 'commissionDevices']);
  await conductor.together(['community', 'approve', { proposalId }]);
  say(
    `registered ${plan.participants.length} participants, ${plan.meters.length} meters and one at the transformer, ${plan.grid.buses.length} buses, ` +
      `${plan.storages.length} storages, and commissioned them; the supplier balances deviations`,
  );
}

async function recordHistory({ conductor, plan, say }: PlayOptions, clock: Clock): Promise<void> {
  const { historySlot, eveSlot, forecastSlot } = plan;
  await clock.moveTo('tso', forecastSlot);
  await conductor.alone('community', 'recordDays', { fromSlot: historySlot, toSlot: eveSlot });
  await conductor.alone('community', 'recordSpan', { fromSlot: eveSlot, toSlot: forecastSlot });
  say(`recorded ${(eveSlot - historySlot) / SLOTS_PER_DAY} days of history and the morning of the eve`);
}

async function trade(options: PlayOptions, clock: Clock): Promise<void> {
  const { conductor, plan, say } = options;
  await conductor.together(['aggregator', 'requestForecast'], ['market', 'openSession']);
  const forecast = await conductor.alone('aggregator', 'awaitForecast');
  say(`the oracle has answered: ${textOf(forecast, 'summary')}`);
  await conductor.together(['community', 'placeOrders'], ['market', 'placeSupplierOrders']);
  await clock.moveTo('regulator', plan.gateCloseSlot);
  say(`the gate has closed at ${localTimeOfSlot(plan.gateCloseSlot)} on the eve`);
  await conductor.alone('market', 'closeSession');
  await conductor.alone('market', 'publishOrders');
  await options.beforeClearing?.();
  const asked = await askForClearing(options, clock, plan.answerDeadlineSlot);
  if (asked === 'answered') say('the oracle has named the limits of the grid that bind, and has proven it');
  await conductor.alone('market', 'clear');
  await conductor.alone('market', 'applyClearing');
  say('the day-ahead session is cleared, its trades are on the ledger');
  await options.afterClearing?.();
  await clock.moveTo('regulator', plan.deliverySlot);
  await conductor.alone('community', 'recordSpan', { fromSlot: plan.forecastSlot, toSlot: plan.deliverySlot });
}

/**
 * Asks which limits of the grid bind in a session, where there are any; when nobody answers until the deadline the market clears by itself.
 */
async function askForClearing(
  { answerWaitMs, conductor, say }: PlayOptions,
  clock: Clock,
  deadlineSlot: number,
  session: StepArguments = {},
): Promise<'answered' | 'silent' | 'without limits'> {
  const wait = answerWaitMs === undefined ? {} : { waitMs: answerWaitMs };
  const asked = await conductor.alone('market', 'requestClearing', { ...session, ...wait });
  if (asked === null) return 'without limits';
  if ((asked as StepObject)['answered'] === true) return 'answered';
  await clock.moveTo('regulator', deadlineSlot);
  say(`no oracle has answered by ${localTimeOfSlot(deadlineSlot)}: the market looks for the limits by itself`);
  return 'silent';
}

/** Hour by hour: the clock moves on, meters send what they measured, the hour is settled while the next one passes. */
async function deliver(options: PlayOptions, clock: Clock): Promise<StepValue[]> {
  const { conductor, plan, say } = options;
  const hourSlot = (hour: number): number => plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const readings: StepValue[] = [];
  const limitations: string[] = [];
  if (plan.intraday) await tradeAgain(options, clock, 0);
  await clock.moveTo('regulator', hourSlot(1));
  for (let hour = 0; hour < HOURS_PER_DAY; hour += 1) {
    await options.beforeHour?.(hour);
    readings.push(await conductor.alone('community', 'recordHour', { hour }));
    await options.beforeSettlement?.(hour);
    const isLast = hour === HOURS_PER_DAY - 1;
    if (!isLast) limitations.push(...(await lookAhead(options, clock, hour)));
    const settle: Part = ['market', 'settleHour', { hour }];
    await conductor.together(settle, ...(isLast ? [] : [clock.part('regulator', hourSlot(hour + 2))]));
    await recordGaps(options, hour);
    if (hour % 4 === 3) say(`${localTimeOfSlot(hourSlot(hour + 1))}: measured and settled`);
  }
  for (const limitationId of limitations) await conductor.alone('dso', 'releaseLimits', { limitationId });
  return readings;
}

/** What nobody has measured in an hour has a gap on the ledger: of the meter that is silent, and of one whose readings come late. */
async function recordGaps({ conductor, plan }: PlayOptions, hour: number): Promise<void> {
  const { late, silent } = plan.disturbances;
  if (silent.hour === hour) await conductor.alone('dso', 'recordGap', { hour });
  if (late?.hour === hour) await conductor.alone('dso', 'recordGap', { hour, meterId: late.meterId });
}

/**
 * What the readings of an hour lead to on the days that have it: limits of connections, and an intraday session. Answers the ids of limits.
 */
async function lookAhead(options: PlayOptions, clock: Clock, hour: number): Promise<string[]> {
  const { intraday, setPoints } = options.plan;
  const limitationId = setPoints ? await limit(options, hour) : '';
  if (intraday) await tradeAgain(options, clock, hour + 1);
  return limitationId === '' ? [] : [limitationId];
}

/** The intraday session after so many hours: agents trade what they expect to deviate by, and the gate closes a quarter of an hour later. */
async function tradeAgain(options: PlayOptions, clock: Clock, hour: number): Promise<void> {
  const { conductor, plan, say } = options;
  const { firstSlot, gateCloseSlot, intervals, nowSlot } = intradaySession(plan, hour);
  await conductor.alone('market', 'openIntraday', { hour });
  const [placed = null] = await conductor.together(
    ['community', 'placeIntradayOrders', { hour }],
    ['market', 'placeSupplierOrders', { hour }],
  );
  await clock.moveTo('regulator', gateCloseSlot);
  await conductor.alone('market', 'closeSession', { hour });
  await conductor.alone('market', 'publishOrders', { hour });
  await askForClearing(options, clock, firstSlot, { hour });
  await conductor.alone('market', 'clear', { hour });
  await conductor.alone('market', 'applyClearing', { hour });
  const halfHours = intervals === 1 ? 'the half hour' : `${intervals} half hours`;
  say(
    `${localTimeOfSlot(nowSlot)}: traded again for ${halfHours} from ${localTimeOfSlot(firstSlot)}, ${textOf(placed, 'placed')}`,
  );
}

/** The system operator looks at what flows and limits connections where that is too much; answers the id of the limits, if any. */
async function limit({ conductor, plan, say }: PlayOptions, hour: number): Promise<string> {
  const answer = await conductor.alone('dso', 'limitConnections', { hour });
  const limited = textOf(answer, 'limited');
  const at = localTimeOfSlot(plan.deliverySlot + (hour + 1) * SLOTS_PER_HOUR);
  if (limited !== '') say(`${at}: ${limited}`);
  return textOf(answer, 'limitationId');
}

function textOf(value: StepValue, key: string): string {
  const field =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as StepObject)[key] : undefined;
  if (typeof field !== 'string') throw new TypeError(`a step answered without ${key}`);
  return field;
}

type StepObject = Readonly<Record<string, StepValue>>;
