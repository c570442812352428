import * as fc from 'fast-check';
import type { ParticipantId } from '../../ids';
import type { Grid } from '../../registry/types';
import { contentOf, idOf, publishedOrder } from '../../testing/session-fixture';
import { gridInputs, gridSession, testGrid } from '../../testing/grid-session-fixture';
import { slot } from '../../time';
import { micro, microPerKwh, ppm, w, wh } from '../../units';
import type { ContractFlow } from '../bilateral/rows';
import type { GridLimitRow } from '../grid-clearing/types';
import type { Order, OrderSet, Session } from '../rows';
import { clearGridSession } from './clear-grid-session';
import { clearingInputsDigest, intervalMarkets, type SessionInputs } from './grid-market';
import { gridOfInterval, voltageRows } from './grid-of-interval';
import { flowsBeside, rowsBesideSessions, sessionUse, type SessionFlow } from './session-flow';

type Carried = readonly (readonly [branchId: string, forwardWh: bigint, backwardWh: bigint])[];

function flow(name: string, firstSlot: number, intervalSlots: 1 | 2 | 4, carried: Carried): SessionFlow {
  return {
    sessionId: idOf(name),
    firstSlot: slot(firstSlot),
    intervalSlots,
    branches: carried.map(([branchId, forwardWh, backwardWh]) => ({
      branchId,
      forwardWh: wh(forwardWh),
      backwardWh: wh(backwardWh),
    })),
  };
}

const hour = { firstSlot: slot(1_000), slots: 4 };

describe('what cleared sessions use of a branch', () => {
  it('is set off between sessions, and at least nothing in each direction', () => {
    const flows = [flow('day', 1_000, 4, [['a', 0n, 4_000n]]), flow('back', 1_000, 4, [['a', 1_000n, 0n]])];
    expect(sessionUse(flows, hour)).toEqual(new Map([['a', { forwardWh: 0n, backwardWh: 3_000n }]]));
  });

  it('is that of the fullest quarter hour in each direction', () => {
    // 1,000 Wh out in the hour, and 600 Wh in during its last quarter hour: 250 out three times, 350 in once.
    const flows = [flow('day', 1_000, 4, [['a', 0n, 1_000n]]), flow('late', 1_003, 1, [['a', 600n, 0n]])];
    expect(sessionUse(flows, hour)).toEqual(new Map([['a', { forwardWh: 1_400n, backwardWh: 1_000n }]]));
    const lastQuarter = { firstSlot: slot(1_003), slots: 1 };
    expect(sessionUse(flows, lastQuarter)).toEqual(new Map([['a', { forwardWh: 350n, backwardWh: 0n }]]));
  });

  it('is exact in parts of a Wh, and rounded up once', () => {
    const thirds = ['x', 'y', 'z'].map((name) => flow(name, 1_000, 4, [['a', 1n, 0n]]));
    expect(sessionUse(thirds, { firstSlot: slot(1_001), slots: 1 }).get('a')?.forwardWh).toBe(1n);
    expect(sessionUse(thirds, { firstSlot: slot(1_000), slots: 2 }).get('a')?.forwardWh).toBe(2n);
    expect(sessionUse(thirds, hour).get('a')?.forwardWh).toBe(3n);
  });

  it('counts other sessions alone, in the quarter hours that the session trades', () => {
    const { firstSlot, sessionId } = gridSession;
    const beside = [
      flow('before', firstSlot - 4, 4, [['a', 1n, 0n]]),
      flow('into it', firstSlot - 2, 4, [['a', 2n, 0n]]),
      flow('last', firstSlot + 7, 1, [['a', 3n, 0n]]),
      flow('after', firstSlot + 8, 1, [['a', 4n, 0n]]),
      { ...flow('own', firstSlot, 4, [['a', 5n, 0n]]), sessionId },
    ];
    expect(flowsBeside(gridSession, beside)).toEqual(beside.slice(1, 3));
  });

  it('comes on top of what contracts use, which nothing sets off', () => {
    const contract: ContractFlow = {
      contractId: idOf('contract'),
      sellerBus: 'house-2',
      buyerBus: 'above',
      hour: slot(1_000),
      quartersWh: [100n, 100n, 100n, 100n].map(wh),
    };
    // The station lets 4,000 Wh out: 400 are the contract's, and what a session brings in frees nothing of that.
    const limitsBeside = (clearedFlows: readonly SessionFlow[]) => {
      const [market] = intervalMarkets({ ...gridInputs([], undefined, [contract]), clearedFlows });
      return market?.grid.branches.find(({ id }) => id === 'transformer');
    };
    const out = flow('out', 1_000, 4, [['transformer', 0n, 1_500n]]);
    expect(limitsBeside([out])).toMatchObject({ forwardLimitWh: 6_000n, backwardLimitWh: 2_100n });
    const inward = flow('in', 1_000, 4, [['transformer', 1_500n, 0n]]);
    expect(limitsBeside([inward])).toMatchObject({ forwardLimitWh: 4_500n, backwardLimitWh: 3_600n });
    expect(limitsBeside([out, inward])).toMatchObject({ forwardLimitWh: 6_000n, backwardLimitWh: 3_600n });
  });

  it('is part of what a request freezes, but not what the session itself will carry', () => {
    const inputs = gridInputs([]);
    const digestWith = (clearedFlows: readonly SessionFlow[]) => clearingInputsDigest({ ...inputs, clearedFlows });
    const [one, two] = [flow('one', 1_000, 4, [['a', 1n, 0n]]), flow('two', 1_004, 4, [['a', 1n, 0n]])];
    expect(digestWith([one, two])).toBe(digestWith([two, one]));
    expect(new Set([[], [one], [one, two], [two]].map(digestWith)).size).toBe(4);
    expect(digestWith([{ ...one, sessionId: inputs.session.sessionId }])).toBe(digestWith([]));
  });
});

describe('general rows beside cleared sessions', () => {
  const tree = gridOfInterval(testGrid, undefined, hour);
  const row: GridLimitRow = {
    id: 'high',
    coefficients: new Map([
      ['house-1', 3n],
      ['house-2', 1n],
    ]),
    bound: 5_000n,
  };
  const bounds = (flows: readonly SessionFlow[], bound = 5_000n) =>
    rowsBesideSessions([{ ...row, bound }], tree, flows, hour).map((left) => left.bound);

  it('lose what sessions bring nearer to their bounds, from what flows over the branches of each bus', () => {
    // House 1 gives 700 Wh over street 1 (busbar to house 1), house 2 takes 200 Wh over street 2 (house 2 to busbar).
    const flows = [
      flow('day', 1_000, 4, [
        ['street-1', 0n, 700n],
        ['street-2', 0n, 200n],
        ['transformer', 0n, 500n],
      ]),
    ];
    expect(bounds(flows)).toEqual([5_000n - 3n * 700n + 200n]);
  });

  it('gain nothing where sessions lead away from the bound, and are not left below zero where they were not', () => {
    expect(bounds([flow('in', 1_000, 4, [['street-1', 700n, 0n]])])).toEqual([5_000n]);
    expect(bounds([flow('much', 1_000, 4, [['street-1', 0n, 9_000n]])])).toEqual([0n]);
    expect(bounds([flow('much', 1_000, 4, [['street-1', 0n, 9_000n]])], -7n)).toEqual([-7n]);
  });
});

/** A random tree of buses below a transformer, one limit for both directions of each branch in W. */
interface Tree {
  readonly parents: readonly number[];
  readonly limitsW: readonly bigint[];
  readonly withVoltages: boolean;
}

/** A session with its orders: who stands at which bus (0: the supplier), side, interval, energy and price. */
interface Played {
  readonly offset: number;
  readonly intervalSlots: 1 | 2 | 4;
  readonly intervals: number;
  readonly orders: readonly (readonly [
    bus: number,
    isSell: boolean,
    interval: number,
    energyWh: number,
    price: number,
  ])[];
}

const firstSlot = 2_000;
const slots = 16;
const busOf = (index: number): string => (index === 0 ? 'above' : `bus-${index}`);

function gridOf({ limitsW, parents, withVoltages }: Tree): Grid {
  const branch = (index: number) => ({
    id: `branch-${index}`,
    fromBus: busOf(parents[index] ?? 0),
    toBus: busOf(index + 1),
    limitW: w(limitsW[index] ?? 0n),
    resistanceMicroOhm: 400_000,
    reactanceMicroOhm: 100_000,
  });
  const buses = Array.from({ length: parents.length + 1 }, (_, index) => busOf(index));
  const [transformer, ...lines] = parents.map((_, index) => branch(index));
  if (transformer === undefined) throw new Error('a tree has a transformer');
  const band = { minimumMillivolt: 399_000, maximumMillivolt: 401_000 };
  return {
    gridId: 'grid-1',
    buses: buses.map((id) => ({ id, name: id, voltageV: 400 })),
    lines,
    transformer,
    congestionPoints: [],
    ...(withVoltages
      ? { voltages: { slackMillivolt: 400_000, buses: buses.slice(1).map((busId) => ({ busId, ...band })) } }
      : {}),
  };
}

function inputsOf(tree: Tree, played: Played, number: number, clearedFlows: readonly SessionFlow[]): SessionInputs {
  const { intervalSlots, intervals, offset } = played;
  const session: Session = {
    ...gridSession,
    sessionId: idOf(`session ${number}`),
    ruleSet: { ...gridSession.ruleSet, gridLimits: tree.withVoltages ? 'tree-and-voltage' : 'tree' },
    firstSlot: slot(firstSlot + offset),
    intervalSlots,
    intervals,
  };
  const nameOf = (bus: number): ParticipantId => idOf(bus === 0 ? 'supplier' : `house ${bus}`);
  const orders = played.orders
    .filter(([bus, , interval]) => bus <= tree.parents.length && interval < intervals)
    .map(([bus, isSell, interval, energyWh, price], index): readonly [number, Order] => {
      const content = contentOf(
        `order ${number} ${index}`,
        isSell ? 'sell' : 'buy',
        interval,
        BigInt(energyWh),
        BigInt(price),
      );
      return [bus, publishedOrder(session, nameOf(bus), content)];
    });
  const orderSets = [...new Set(orders.map(([bus]) => bus))].map((bus): OrderSet => {
    return {
      sessionId: session.sessionId,
      participantId: nameOf(bus),
      orderIds: orders.filter(([at]) => at === bus).map(([, { orderId }]) => orderId),
      connectionLimitW: w(100_000n),
      ...(bus === 0 ? {} : { busId: busOf(bus) }),
      collateralMicro: micro(0n),
      reserveMicroPerSlot: micro(0n),
    };
  });
  const rows = orders.map(([, order]) => order);
  return { session, grid: gridOf(tree), terms: undefined, orders: rows, orderSets, contractFlows: [], clearedFlows };
}

/** What every bus exports in each quarter hour by the fills of a session, in quarters of a Wh. */
function addExports(
  exports: Map<string, bigint>[],
  { session, orderSets }: SessionInputs,
  result: ReturnType<typeof clearGridSession>,
): void {
  const places = new Map(orderSets.map(({ busId, participantId }) => [participantId, busId ?? 'above']));
  for (const { fills, participantId } of result.chunks.flatMap(({ participants }) => participants)) {
    for (const { energyWh, interval, side } of fills) {
      for (let quarter = 0; quarter < session.intervalSlots; quarter += 1) {
        const at = exports[session.firstSlot - firstSlot + interval * session.intervalSlots + quarter];
        const bus = places.get(participantId) ?? '';
        const parts = (4n * energyWh) / BigInt(session.intervalSlots);
        at?.set(bus, (at.get(bus) ?? 0n) + (side === 'sell' ? parts : -parts));
      }
    }
  }
}

/** Plays the sessions one after the other and answers what all of them together plan, quarter hour by quarter hour. */
function play(tree: Tree, sessions: readonly Played[], areKnown: boolean): readonly ReadonlyMap<string, bigint>[] {
  const exports = Array.from({ length: slots }, () => new Map<string, bigint>());
  const cleared: SessionFlow[] = [];
  for (const [number, played] of sessions.entries()) {
    const inputs = inputsOf(tree, played, number, areKnown ? cleared : []);
    const result = clearGridSession(inputs, true, undefined);
    addExports(exports, inputs, result);
    cleared.push(...result.flows);
  }
  return exports;
}

/** How often a branch carries more than its limit: what flows over it is what everything behind it exports. */
function overloads({ limitsW, parents }: Tree, planned: readonly ReadonlyMap<string, bigint>[]): number {
  const isBehind = (bus: number, branch: number): boolean =>
    bus === branch + 1 || (bus > 0 && isBehind(parents[bus - 1] ?? 0, branch));
  let count = 0;
  for (const exports of planned) {
    for (const [branch, limitW] of limitsW.entries()) {
      const behind = parents.map((_, index) => index + 1).filter((bus) => isBehind(bus, branch));
      const parts = behind.reduce((total, bus) => total + (exports.get(busOf(bus)) ?? 0n), 0n);
      // A quarter hour of so many W has as many quarters of a Wh.
      if (parts > limitW || -parts > limitW) count += 1;
    }
  }
  return count;
}

/** How often a voltage is beyond its band by more than rounding to whole Wh explains, which each session does once. */
function voltagesBeyond(tree: Tree, sessions: number, planned: readonly ReadonlyMap<string, bigint>[]): number {
  const grid = gridOf(tree);
  const quarter = gridOfInterval(grid, undefined, { firstSlot: slot(firstSlot), slots: 1 });
  const rows = voltageRows(grid, quarter, 1);
  return planned.reduce((count, exports) => {
    const beyond = rows.filter(({ bound, coefficients }) => {
      const all = [...coefficients];
      const parts = all.reduce((total, [bus, coefficient]) => total + coefficient * (exports.get(bus) ?? 0n), 0n);
      const wide = all.reduce((total, [, coefficient]) => total + (coefficient < 0n ? -coefficient : coefficient), 0n);
      return parts > 4n * bound + 4n * wide * BigInt(sessions);
    });
    return count + beyond.length;
  }, 0);
}

const playedSession: fc.Arbitrary<Played> = fc
  .record({
    intervalSlots: fc.constantFrom(1 as const, 2 as const, 4 as const),
    intervals: fc.integer({ min: 1, max: 4 }),
    offset: fc.integer({ min: 0, max: 4 }),
    orders: fc.array(
      fc.tuple(
        fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 6),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 4_000 }),
        fc.integer({ min: 1, max: 12 }).map((price) => price * 30_000),
      ),
      { minLength: 4, maxLength: 24 },
    ),
  })
  .map((played) => ({
    ...played,
    offset: Math.min(played.offset, Math.max(0, slots - played.intervals * played.intervalSlots)),
  }));

function randomTree(withVoltages: boolean): fc.Arbitrary<Tree> {
  return fc
    .array(fc.tuple(fc.nat(), fc.bigInt({ min: 0n, max: withVoltages ? 40_000n : 3_000n })), {
      minLength: 2,
      maxLength: 6,
    })
    .map((branches) => ({
      parents: branches.map(([random], index) => (index === 0 ? 0 : 1 + (random % index))),
      limitsW: branches.map(([, limitW]) => limitW),
      withVoltages,
    }));
}

const sequences = (withVoltages: boolean) =>
  fc.tuple(randomTree(withVoltages), fc.array(playedSession, { minLength: 2, maxLength: 6 }));

describe('a price below zero, where taking energy lets others give', () => {
  // Bus 2 stands behind bus 1, and its voltage alone is watched: what it takes makes room for twice as much of bus 1.
  const tree: Tree = { parents: [0, 1], limitsW: [40_000n, 40_000n], withVoltages: true };
  const orders = [
    [0, false, 0, 9_000, 300_000],
    [1, true, 0, 9_000, 30_000],
    [2, false, 0, 200, 60_000],
  ] as const;
  const made = inputsOf(tree, { offset: 0, intervalSlots: 4, intervals: 1, orders }, 0, []);
  const voltages = {
    slackMillivolt: 400_000,
    buses: [{ busId: 'bus-2', minimumMillivolt: 0, maximumMillivolt: 401_000 }],
  };
  const inputs = { ...made, grid: { ...made.grid, voltages } };

  it('is paid to nobody: who takes pays nothing, and what it would have been paid is rent', () => {
    const { chunks, clearing, gridOutcomes } = clearGridSession(inputs, true, undefined);
    const taken = chunks
      .flatMap(({ participants }) => participants)
      .find(({ participantId }) => participantId === idOf('house 2'));
    expect(taken?.fills).toMatchObject([{ energyWh: 200n, price: { dueMicroPerKwh: 0n } }]);
    expect(gridOutcomes[0]?.zones.map(({ price }) => price?.clearingMicroPerKwh)).toEqual([300_000n, 30_000n, 0n]);
    const { buyMicro, dustMicro, rentMicro = 0n, sellMicro } = clearing;
    expect(buyMicro).toBe(sellMicro + rentMicro + dustMicro);
    // 0.3 from the supplier less 0.03 to bus 1 for all that bus 1 sells, and nothing from or to bus 2.
    const soldWh = clearing.intervals[0]?.tradedWh ?? 0n;
    expect(rentMicro).toBe(((soldWh - 200n) * 300n - soldWh * 30n) as typeof rentMicro);
  });

  it('lets nobody trade whose limit does not even cover the fee of its bus', () => {
    const fee = { busId: 'bus-2', buyFeeMicroPerKwh: microPerKwh(70_000n), sellFeeMicroPerKwh: microPerKwh(0n) };
    const terms = { gridId: 'grid-1', number: 1, charges: [{ ...fee, lossPpm: ppm(0n) }], limits: [] };
    const withFee = { ...inputs, session: { ...inputs.session, gridTerms: 1 }, terms };
    const [market] = intervalMarkets(withFee);
    expect(market?.orders).toHaveLength(2);
    const { chunks } = clearGridSession(withFee, true, undefined);
    const fills = chunks.flatMap(({ participants }) => participants).flatMap((participant) => participant.fills);
    expect(fills.map(({ side }) => side).sort()).toEqual(['buy', 'sell']);
  });
});

describe('sessions one after the other on one tree', () => {
  it('together never plan more than a limit in any quarter hour, which they would if they did not know each other', () => {
    let blind = 0;
    fc.assert(
      fc.property(sequences(false), ([tree, sessions]) => {
        expect(overloads(tree, play(tree, sessions, true))).toBe(0);
        blind += overloads(tree, play(tree, sessions, false)) > 0 ? 1 : 0;
      }),
      { seed: 20_260_520, numRuns: 300, endOnFailure: true, unbiased: true },
    );
    expect(blind).toBeGreaterThan(50);
  });

  it('together keep voltages too, but for what rounding to whole Wh leaves', () => {
    let blind = 0;
    fc.assert(
      fc.property(sequences(true), ([tree, sessions]) => {
        const planned = play(tree, sessions, true);
        expect(overloads(tree, planned)).toBe(0);
        expect(voltagesBeyond(tree, sessions.length, planned)).toBe(0);
        blind += voltagesBeyond(tree, sessions.length, play(tree, sessions, false)) > 0 ? 1 : 0;
      }),
      { seed: 20_260_521, numRuns: 40, endOnFailure: true, unbiased: true },
    );
    expect(blind).toBeGreaterThan(5);
  });
});
