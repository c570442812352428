import fc from 'fast-check';
import { RuleError } from '../errors';
import type { AssetId, ParticipantId, PromiseId } from '../ids';
import { idOf } from '../testing/session-fixture';
import { slot } from '../time';
import { microPerKwh, ppm, w, wh } from '../units';
import {
  commitmentParts,
  connectionAssetId,
  daysOf,
  displace,
  fits,
  release,
  reserve,
  type BookedCommitment,
  type PromiseAsked,
} from './book';
import type { AssetCapacity } from './capacity';
import { preemptionCompensationMicro, priorityClassOf } from './priority';

const buyer = idOf<ParticipantId>('buyer');
const pv: AssetCapacity = { importMaxW: w(0n), exportMaxW: w(5_000n) };

function asked(name: string, changes: Partial<PromiseAsked> = {}): PromiseAsked {
  return {
    promiseId: idOf<PromiseId>(name),
    purpose: 'bilateral',
    priorityClass: 'standard',
    rank: 0,
    direction: 'up',
    counterpartyId: buyer,
    priceMicroPerKwh: microPerKwh(100_000n),
    firstSlot: slot(960),
    intervalSlots: 4,
    powersW: [w(5_000n)],
    ...changes,
  };
}

function codeOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'nothing';
  } catch (error) {
    return error instanceof RuleError ? error.code : 'another error';
  }
}

const booked = (...promises: readonly PromiseAsked[]): readonly BookedCommitment[] =>
  promises.flatMap((promise) => commitmentParts(promise));

describe('one kilowatt in one interval is promised once', () => {
  it('is sold once, however it is sold (B33)', () => {
    const sold = booked(asked('contract'));
    for (const purpose of ['market', 'bilateral', 'flexibility', 'vpp'] as const) {
      const again = booked(asked('again', { purpose, powersW: [w(1n)] }));
      expect(codeOf(() => reserve(sold, again, pv))).toBe('COMMITMENTS_CAPACITY');
    }
    const later = booked(asked('later', { firstSlot: slot(964) }));
    expect(reserve(sold, later, pv)).toHaveLength(2);
  });

  it('can be sold and offered for curtailment, and not curtailed twice', () => {
    const sold = booked(asked('contract'));
    const curtailed = { purpose: 'flexibility', direction: 'down' } as const;
    expect(codeOf(() => reserve([], booked(asked('early', curtailed)), pv))).toBe('COMMITMENTS_CAPACITY');
    const both = reserve(sold, booked(asked('curtail', curtailed)), pv);
    expect(both).toHaveLength(2);
    const twice = booked(asked('twice', { ...curtailed, powersW: [w(1n)] }));
    expect(codeOf(() => reserve(both, twice, pv))).toBe('COMMITMENTS_CAPACITY');
    expect(codeOf(() => release(both, asked('contract').promiseId, pv))).toBe('COMMITMENTS_CAPACITY');
  });

  it('counts what a schedule takes or gives beside it', () => {
    const scheduled = new Map([[slot(962), { importW: w(0n), exportW: w(2_000n) }]]);
    expect(codeOf(() => reserve([], booked(asked('contract')), { ...pv, scheduled }))).toBe('COMMITMENTS_CAPACITY');
    const rest = booked(asked('rest', { powersW: [w(3_000n)] }));
    expect(fits(reserve([], rest, { ...pv, scheduled }), { ...pv, scheduled })).toBe(true);
    // What is taken can be taken less: import that is avoided is room for a call upwards.
    const imports = { importMaxW: w(4_000n), exportMaxW: w(0n), scheduled: flipped(scheduled) };
    const avoid = asked('avoid', {
      purpose: 'flexibility',
      powersW: [w(2_000n)],
      firstSlot: slot(962),
      intervalSlots: 1,
    });
    expect(fits(booked(avoid), imports)).toBe(true);
    expect(fits(booked({ ...avoid, powersW: [w(2_001n)] }), imports)).toBe(false);
  });

  it('takes what is under seal as sold, and as room for nothing', () => {
    const sealed = booked(asked('session', { purpose: 'market' })).map((entry) => ({ ...entry, sealed: true }));
    expect(codeOf(() => reserve(sealed, booked(asked('contract', { powersW: [w(1n)] })), pv))).toBe(
      'COMMITMENTS_CAPACITY',
    );
    const curtail = booked(asked('curtail', { purpose: 'flexibility', direction: 'down', powersW: [w(1n)] }));
    expect(codeOf(() => reserve(sealed, curtail, pv))).toBe('COMMITMENTS_CAPACITY');
  });

  it('refuses a promise that is there, and one that is not', () => {
    const book = booked(asked('contract'));
    expect(codeOf(() => reserve(book, booked(asked('contract')), pv))).toBe('COMMITMENTS_PROMISE_EXISTS');
    expect(codeOf(() => release(book, asked('other').promiseId, pv))).toBe('COMMITMENTS_PROMISE_UNKNOWN');
    const many = Array.from({ length: 100 }, (_, index) => asked(`many ${index}`, { powersW: [w(1n)] }));
    expect(codeOf(() => reserve(booked(...many), booked(asked('more', { powersW: [w(1n)] })), pv))).toBe(
      'COMMITMENTS_TOO_MANY',
    );
  });

  it('keeps one book for the connection, day by day', () => {
    expect(connectionAssetId(buyer)).toBe(buyer as string as AssetId);
    const long = asked('long', { firstSlot: slot(952), powersW: [w(1n), w(2n), w(3n), w(4n)] });
    expect(daysOf({ ...long, intervals: 4 })).toEqual([864, 960]);
    expect(commitmentParts(long).map(({ firstSlot, powersW }) => [firstSlot, powersW])).toEqual([
      [952, [1n, 2n]],
      [960, [3n, 4n]],
    ]);
  });
});

function flipped(scheduled: ReadonlyMap<number, { readonly importW: bigint; readonly exportW: bigint }>) {
  return new Map([...scheduled].map(([at, power]) => [slot(at), { importW: w(power.exportW), exportW: w(0n) }]));
}

describe('a storage', () => {
  const storage = {
    storedWh: wh(4_500n),
    capacityWh: wh(10_000n),
    chargePpm: ppm(900_000n),
    dischargePpm: ppm(900_000n),
  };
  const battery: AssetCapacity = { importMaxW: w(5_000n), exportMaxW: w(5_000n), storage };

  it('gives no more than it holds, losses counted, in whichever order it was promised', () => {
    // 4,500 Wh stored give 4,050 Wh.
    const late = reserve([], booked(asked('late', { firstSlot: slot(968), powersW: [w(4_050n)] })), battery);
    expect(late).toHaveLength(1);
    const early = booked(asked('early', { powersW: [w(1n)] }));
    expect(codeOf(() => reserve(late, early, battery))).toBe('COMMITMENTS_STORAGE');
  });

  it('gives what it buys before, and not what it buys after', () => {
    const purchase = { direction: 'down', powersW: [w(5_000n)] } as const;
    const before = booked(asked('buys', { ...purchase, firstSlot: slot(960) }));
    const sale = booked(asked('sells', { firstSlot: slot(968), powersW: [w(5_000n)] }));
    expect(reserve(before, sale, battery)).toHaveLength(2);
    const after = booked(asked('buys', { ...purchase, firstSlot: slot(972) }));
    expect(codeOf(() => reserve(after, sale, battery))).toBe('COMMITMENTS_STORAGE');
    const calls = booked(asked('calls', { ...purchase, purpose: 'vpp', powersW: [w(5_000n), w(2_000n)] }));
    expect(codeOf(() => reserve([], calls, battery))).toBe('COMMITMENTS_STORAGE');
  });
});

describe('priorities', () => {
  const rules = {
    priorityClasses: [
      { name: 'trade', rank: 1, purposes: ['bilateral', 'market'] },
      { name: 'need', rank: 9, purposes: ['bilateral'] },
    ],
    preemptionCompensationPpm: ppm(100_000n),
  } as const;

  it('are the classes of the rule set: the named one, or the lowest for the purpose', () => {
    expect(priorityClassOf(rules, 'bilateral').name).toBe('trade');
    expect(priorityClassOf(rules, 'bilateral', 'need').rank).toBe(9);
    expect(priorityClassOf(rules, 'vpp')).toEqual({ name: 'standard', rank: 0 });
    expect(priorityClassOf({}, 'bilateral').rank).toBe(0);
    expect(codeOf(() => priorityClassOf(rules, 'market', 'need'))).toBe('COMMITMENTS_CLASS_UNKNOWN');
    expect(preemptionCompensationMicro(rules, 101n)).toBe(11n);
    expect(preemptionCompensationMicro({}, 101n)).toBe(0n);
  });

  it('displace what is lower and has not begun, the cheapest first, in whole intervals', () => {
    const cheap = asked('cheap', { powersW: [w(2_000n), w(2_000n)], priceMicroPerKwh: microPerKwh(50_000n) });
    const dear = asked('dear', { powersW: [w(3_000n), w(3_000n)] });
    const urgent = booked(asked('urgent', { rank: 9, powersW: [w(1_000n), w(4_000n)] }));
    const { book, displaced } = displace(booked(cheap, dear), urgent, pv, slot(960));
    expect(displaced).toEqual([
      { promiseId: cheap.promiseId, firstSlot: 960, intervalSlots: 4, powerW: 2_000n },
      { promiseId: cheap.promiseId, firstSlot: 964, intervalSlots: 4, powerW: 2_000n },
      { promiseId: dear.promiseId, firstSlot: 964, intervalSlots: 4, powerW: 3_000n },
    ]);
    expect(fits(book, pv)).toBe(true);
    const begun = () => displace(booked(cheap, dear), urgent, pv, slot(961));
    expect(codeOf(begun)).toBe('COMMITMENTS_CAPACITY');
  });

  it('never displace an equal rank, what is sold to nobody by name, or what is sealed', () => {
    const urgent = booked(asked('urgent', { rank: 9 }));
    const { counterpartyId: _pool, ...pool } = asked('pool', { purpose: 'market' });
    const cases: readonly (readonly BookedCommitment[])[] = [
      booked(asked('equal', { rank: 9 })),
      booked(pool),
      booked(asked('sealed')).map((entry) => ({ ...entry, sealed: true })),
    ];
    for (const book of cases) {
      expect(codeOf(() => displace(book, urgent, pv, slot(960)))).toBe('COMMITMENTS_CAPACITY');
    }
  });
});

interface Step {
  readonly kind: 'reserve' | 'release' | 'displace';
  readonly promise: number;
  readonly purpose: PromiseAsked['purpose'];
  readonly direction: PromiseAsked['direction'];
  readonly rank: number;
  readonly firstSlot: number;
  readonly intervalSlots: 1 | 2 | 4;
  readonly powersW: readonly number[];
  readonly sealed: boolean;
}

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('reserve' as const, 'reserve' as const, 'release' as const, 'displace' as const),
  promise: fc.integer({ min: 0, max: 9 }),
  purpose: fc.constantFrom('market' as const, 'bilateral' as const, 'flexibility' as const, 'vpp' as const),
  direction: fc.constantFrom('up' as const, 'down' as const),
  rank: fc.integer({ min: 0, max: 3 }),
  firstSlot: fc.integer({ min: 237, max: 242 }).map((hour) => hour * 4),
  intervalSlots: fc.constantFrom(1 as const, 2 as const, 4 as const),
  powersW: fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 4 }),
  sealed: fc.boolean(),
});

/** I12 worked out anew, slot by slot and in whole Wh × 4, by nothing that the book uses. */
function keepsI12(book: readonly BookedCommitment[], capacity: AssetCapacity): boolean {
  let leastStored = Number(capacity.storage?.storedWh ?? 0n) * 4;
  let mostStored = leastStored;
  for (let at = 900; at < 1_000; at += 1) {
    const total = (test: (entry: BookedCommitment) => boolean): number =>
      book.filter(test).reduce((powerW, entry) => {
        const index = Math.floor((at - entry.firstSlot) / entry.intervalSlots);
        return powerW + Number(index >= 0 ? (entry.powersW[index] ?? 0n) : 0n);
      }, 0);
    const callable = (entry: BookedCommitment) => entry.purpose === 'flexibility' || entry.purpose === 'vpp';
    const sum = (direction: string, kind: 'firm' | 'sold' | 'called') =>
      total(
        (entry) =>
          entry.direction === direction &&
          (kind === 'called' ? callable(entry) : !callable(entry) && (kind === 'sold' || entry.sealed !== true)),
      );
    const ends: readonly (readonly [string, string, number])[] = [
      ['up', 'down', Number(capacity.exportMaxW)],
      ['down', 'up', Number(capacity.importMaxW)],
    ];
    for (const [along, against, limit] of ends) {
      const sold = sum(along, 'sold');
      const called = sum(along, 'called');
      if (sold > limit || (called > 0 && sold + called - sum(against, 'firm') > limit)) {
        return false;
      }
    }
    leastStored += sum('down', 'firm') - sum('up', 'sold') - sum('up', 'called');
    mostStored += sum('down', 'sold') + sum('down', 'called') - sum('up', 'firm');
    if (capacity.storage !== undefined && (leastStored < 0 || mostStored > Number(capacity.storage.capacityWh) * 4)) {
      return false;
    }
  }
  return true;
}

describe('after any sequence of operations', () => {
  const runs = { numRuns: Number(process.env.PROPERTY_RUNS ?? '1000'), seed: 20_160_521 };
  const lossless = {
    storedWh: wh(5_000n),
    capacityWh: wh(9_000n),
    chargePpm: ppm(1_000_000n),
    dischargePpm: ppm(1_000_000n),
  };
  const assets: readonly AssetCapacity[] = [
    { importMaxW: w(6_000n), exportMaxW: w(6_000n) },
    pv,
    { importMaxW: w(6_000n), exportMaxW: w(6_000n), storage: lossless },
  ];

  it.each(assets.map((asset, index) => [index, asset] as const))('I12 holds (asset %i)', (_, asset) => {
    const seen = { accepted: 0, refused: 0, displaced: 0 };
    const holds = fc.property(fc.array(stepArbitrary, { minLength: 1, maxLength: 16 }), (steps) => {
      let book: readonly BookedCommitment[] = [];
      return steps.every((step) => {
        const next = carriedOut(book, step, asset);
        if (next === undefined) {
          seen.refused += 1;
          return true;
        }
        const before = new Set(book.map((entry) => entry.promiseId));
        seen.accepted += 1;
        seen.displaced += next.displaced.length;
        book = next.book;
        return (
          keepsI12(book, asset) &&
          next.displaced.every(({ firstSlot, promiseId }) => firstSlot >= notBegunFrom && before.has(promiseId))
        );
      });
    });
    fc.assert(holds, runs);
    // Random steps that were all refused, or all accepted, or displaced nothing, would show nothing.
    expect([seen.accepted > 1_000, seen.refused > 500, seen.displaced > 5]).toEqual([true, true, true]);
  });

  it('a promise that breaks I12 by one watt is not taken for one that keeps it', () => {
    const full = booked(asked('full', { powersW: [w(4_999n)] }));
    expect([keepsI12(full, pv), fits(full, pv)]).toEqual([true, true]);
    const over = [...full, ...booked(asked('over', { powersW: [w(2n)] }))];
    expect([keepsI12(over, pv), fits(over, pv)]).toEqual([false, false]);
  });
});

const notBegunFrom = slot(956);

/** The book after a step, and what gave way to it; undefined where the step is refused. */
function carriedOut(book: readonly BookedCommitment[], step: Step, asset: AssetCapacity) {
  try {
    if (step.kind === 'displace') {
      return displace(book, partsOf(step), asset, notBegunFrom);
    }
    const promiseId = idOf<PromiseId>(`promise ${step.promise}`);
    const next = step.kind === 'release' ? release(book, promiseId, asset) : reserve(book, partsOf(step), asset);
    return { book: next, displaced: [] };
  } catch (error) {
    if (error instanceof RuleError) {
      return undefined;
    }
    throw error;
  }
}

function partsOf(step: Step): readonly BookedCommitment[] {
  const parts = commitmentParts(
    asked(`promise ${step.promise}`, {
      purpose: step.purpose,
      direction: step.direction,
      rank: step.rank,
      firstSlot: slot(step.firstSlot),
      intervalSlots: step.intervalSlots,
      powersW: step.powersW.map((power) => w(BigInt(power))),
    }),
  );
  return step.sealed && step.purpose === 'market' ? parts.map((part) => ({ ...part, sealed: true })) : parts;
}
