import type { NetQuantiles } from './forecast-quantiles';
import type { FlowBounds } from './order-ladder';

/** A battery as its owner's agent knows it. Shares in ppm, each below or at 1,000,000. */
export interface Battery {
  /** What it can hold. */
  readonly energyWh: bigint;
  /** Most energy that it takes or gives at its connection in one interval. */
  readonly powerWh: bigint;
  /** What is stored of what is taken, and what is given of what was stored. */
  readonly chargePpm: bigint;
  readonly dischargePpm: bigint;
  /** What it holds at the start, and what it has to hold at the end. */
  readonly startWh: bigint;
  readonly endWh: bigint;
  /** The schedule moves what is stored in steps of this. */
  readonly stepWh: bigint;
}

/** What a kWh is expected to cost and to bring in an interval, in micro-units; to buy costs as much or more. */
export interface ExpectedPrice {
  readonly buyMicroPerKwh: bigint;
  readonly sellMicroPerKwh: bigint;
}

/** One interval of the schedule; of charge and discharge one at least is 0. */
export interface BatteryStep {
  /** Taken at the connection. */
  readonly chargeWh: bigint;
  /** Given at the connection. */
  readonly dischargeWh: bigint;
  /** Held after the interval. */
  readonly storedWh: bigint;
}

/** What a schedule is made for. */
export interface ScheduleInput {
  readonly battery: Battery;
  /** What the participant takes without the battery, by interval. */
  readonly nets: readonly NetQuantiles[];
  readonly prices: readonly ExpectedPrice[];
  /** Most energy through the connection each way, by interval. */
  readonly bounds: readonly FlowBounds[];
}

const PPM_WHOLE = 1_000_000n;
/** Weights of the three quantiles that give a mean (Swanson's rule: 30 %, 40 %, 30 %). */
const [OUTER_WEIGHT, MIDDLE_WEIGHT] = [3, 4] as const;

/** A move of the stored energy by so many steps, and what it is at the connection: above 0 it takes. */
interface Move {
  readonly steps: number;
  readonly connectionWh: number;
}

/**
 * The schedule with the smallest expected cost, exactly on the grid of steps, by dynamic programming from the last interval to the
 * first: state is the number of steps stored, cost the mean over the three quantiles of buying at the one price and selling at the other.
 * Energy taken is rounded up and energy given down. The connection's bounds hold at the middle quantile; where they do not without
 * the battery, it may only help. Among equal costs the smaller move wins, then the one that gives: the same input, the same schedule.
 *
 * Plain numbers are exact here: a day's cost, weighted, stays below 2^53 (10 x 24 intervals x 10^7 Wh x 10^6 micro-units = 2.4 x 10^15).
 * What the battery holds beyond whole steps at the start stays in it. A state at the end that cannot be reached is missed as little as can be.
 */
export function scheduleBattery({ battery, bounds, nets, prices }: ScheduleInput): BatteryStep[] {
  const levels = Number(battery.energyWh / battery.stepWh);
  const moves = movesOf(battery, levels);
  const startLevel = Math.min(levels, Number(battery.startWh / battery.stepWh));
  const restWh = battery.startWh - BigInt(startLevel) * battery.stepWh;
  const missingWh = battery.endWh > restWh ? battery.endWh - restWh : 0n;
  const endLevel = Number((missingWh + battery.stepWh - 1n) / battery.stepWh);
  // What is missing at the end costs more than any day does: each step of it 10^15.
  let later = Array.from({ length: levels + 1 }, (_, level) => Math.max(0, endLevel - level) * 1e15);
  const choices: Move[][] = [];
  for (let interval = nets.length - 1; interval >= 0; interval -= 1) {
    const allowed = priced(moves, nets[interval], prices[interval], bounds[interval]);
    const best = later.map((_, level) => bestMove(allowed, level, levels, later));
    choices.unshift(best.map(({ move }) => move));
    later = best.map(({ cost }) => cost);
  }
  const steps: BatteryStep[] = [];
  let level = startLevel;
  for (const choice of choices) {
    const { connectionWh, steps: moved } = choice[level] ?? IDLE;
    level += moved;
    steps.push({
      chargeWh: BigInt(Math.max(0, connectionWh)),
      dischargeWh: BigInt(Math.max(0, -connectionWh)),
      storedWh: BigInt(level) * battery.stepWh + restWh,
    });
  }
  return steps;
}

const IDLE: Move = { steps: 0, connectionWh: 0 };

/** All moves within the power, the smaller ones first, of equal ones that which gives. */
function movesOf(battery: Battery, levels: number): Move[] {
  const moves: Move[] = [IDLE];
  for (let steps = 1; steps <= levels; steps += 1) {
    const storedWh = BigInt(steps) * battery.stepWh;
    const givenWh = (storedWh * battery.dischargePpm) / PPM_WHOLE;
    const takenWh = (storedWh * PPM_WHOLE + battery.chargePpm - 1n) / battery.chargePpm;
    if (givenWh <= battery.powerWh) moves.push({ steps: -steps, connectionWh: -Number(givenWh) });
    if (takenWh <= battery.powerWh) moves.push({ steps, connectionWh: Number(takenWh) });
  }
  return moves;
}

interface PricedMove {
  readonly move: Move;
  readonly cost: number;
}

/** The moves that the connection carries in an interval, with their expected cost. */
function priced(
  moves: readonly Move[],
  net: NetQuantiles | undefined,
  price: ExpectedPrice | undefined,
  bound: FlowBounds | undefined,
): PricedMove[] {
  if (net === undefined || price === undefined || bound === undefined) {
    throw new RangeError('a schedule needs forecast, price and bounds of every interval');
  }
  const [low, middle, high] = [Number(net.lowWh), Number(net.middleWh), Number(net.highWh)];
  const [buy, sell] = [Number(price.buyMicroPerKwh), Number(price.sellMicroPerKwh)];
  const cost = (flow: number): number => (flow > 0 ? flow * buy : flow * sell);
  const beyond = (flow: number): number => Math.max(0, flow - Number(bound.importWh), -flow - Number(bound.exportWh));
  return moves
    .filter(({ connectionWh }) => {
      const without = beyond(middle);
      const withMove = beyond(middle + connectionWh);
      return withMove === 0 || withMove < without || connectionWh === 0;
    })
    .map((move) => {
      const outer = cost(low + move.connectionWh) + cost(high + move.connectionWh);
      return { move, cost: OUTER_WEIGHT * outer + MIDDLE_WEIGHT * cost(middle + move.connectionWh) };
    });
}

function bestMove(allowed: readonly PricedMove[], level: number, levels: number, later: readonly number[]): PricedMove {
  let best: PricedMove = { move: IDLE, cost: Number.POSITIVE_INFINITY };
  for (const { cost, move } of allowed) {
    const next = level + move.steps;
    if (next < 0 || next > levels) continue;
    const total = cost + (later[next] ?? Number.POSITIVE_INFINITY);
    if (total < best.cost) best = { move, cost: total };
  }
  return best;
}
