import * as fc from 'fast-check';
import { compareText } from '../canonical';
import type { FlexOrderId } from '../flexibility/ids';
import type { MeterId, ParticipantId } from '../ids';
import { apportion, sum } from '../math';
import { idOf, testRuleSet, testSession } from '../testing/session-fixture';
import { slot } from '../time';
import { micro, wh } from '../units';
import { foldPostingSets } from './invariants';
import { balanced, move, netCreditMicro } from './post';
import { participantAccount, type Line, type MeterInput, type PostingSet } from './rows';
import { balancingReserveOf, resettle, settleSlot, type SettledParticipant, type SlotToSettle } from './settle-slot';
import { quarterOf, quartersWh } from './slot-position';

const ann = idOf<ParticipantId>('ann');
const bob = idOf<ParticipantId>('bob');
const cyd = idOf<ParticipantId>('cyd');
const supplier = idOf<ParticipantId>('supplier');

function meter(importWh: bigint, exportWh: bigint, quality: MeterInput['quality'] = 'OK'): MeterInput {
  const reading = { meterId: idOf<MeterId>('meter'), importWh: wh(importWh), exportWh: wh(exportWh), quality };
  return quality === 'MISSING' ? reading : { ...reading, blockStartSlot: slot(5) };
}

function participant(participantId: ParticipantId, change: Partial<SettledParticipant> = {}): SettledParticipant {
  return {
    participantId,
    scheduled: false,
    intervalBoughtWh: wh(0n),
    intervalSoldWh: wh(0n),
    intervalBuyMicro: micro(0n),
    intervalSellMicro: micro(0n),
    reserveMicro: micro(1_000_000n),
    meters: [meter(0n, 0n)],
    ...change,
  };
}

function slotOf(participants: readonly SettledParticipant[], change: Partial<SlotToSettle> = {}): SlotToSettle {
  return {
    sessionId: testSession.sessionId,
    run: 1,
    slot: slot(1_000),
    bucket: 0,
    quarter: 0,
    ruleSet: testRuleSet,
    participants,
    balancing: { participantId: supplier, reserveMicro: micro(1_000_000n) },
    ...change,
  };
}

function lineFor(set: PostingSet, participantId: ParticipantId): Line {
  return set.lines!.find((line) => line.participantId === participantId)!;
}

function net(set: PostingSet, participantId: ParticipantId): bigint {
  return netCreditMicro(set.entries, participantAccount(participantId));
}

/** Money that lies in escrow before the slot is settled, so that the books can be folded from the start. */
function fundingOf(amountMicro: bigint): PostingSet {
  return { cause: { kind: 'fund', commandId: idOf('fund') }, entries: move('bank', 'escrow', amountMicro, 'fund') };
}

describe('delivered flexibility', () => {
  const orderId = '9'.padStart(26, '0') as FlexOrderId;
  const delivered = (direction: 'reduce' | 'increase', deliveredWh: bigint) => ({
    flexibility: [{ orderId, direction, deliveredWh: wh(deliveredWh) }],
  });

  it('is taken out of the position before any deviation is: 2,000 Wh bought, 400 delivered, 1,600 metered', () => {
    const bought = { intervalBoughtWh: wh(8_000n), meters: [meter(1_600n, 0n)] };
    const set = settleSlot(
      slotOf([participant(ann, { ...bought, ...delivered('reduce', 400n) }), participant(bob, bought)]),
    );
    expect(lineFor(set, ann)).toMatchObject({ boughtWh: 2_000n, shortWh: 0n, longWh: 0n, longMicro: 0n });
    // Who delivered nothing is long of what it bought and did not take.
    expect(lineFor(set, bob)).toMatchObject({ longWh: 400n });
    expect(resettle(set)).toEqual(set);
    expect(foldPostingSets([fundingOf(10_000_000n), set]).violations).toEqual([]);
  });

  it('is put into the position where more was taken', () => {
    const bought = { intervalBoughtWh: wh(8_000n), meters: [meter(2_500n, 0n)] };
    const set = settleSlot(slotOf([participant(ann, { ...bought, ...delivered('increase', 300n) })]));
    expect(lineFor(set, ann)).toMatchObject({ shortWh: 200n, longWh: 0n });
    expect(foldPostingSets([fundingOf(10_000_000n), set]).violations).toEqual([]);
  });
});

describe('settling a quarter hour', () => {
  it('pays the seller its part of the trade and gives everybody its reserve back', () => {
    const seller = participant(ann, {
      intervalSoldWh: wh(1_000n),
      intervalSellMicro: micro(200_000n),
      meters: [meter(0n, 250n)],
    });
    const buyer = participant(bob, {
      intervalBoughtWh: wh(1_000n),
      intervalBuyMicro: micro(200_000n),
      meters: [meter(250n, 0n)],
    });
    const set = settleSlot(slotOf([buyer, seller]));
    expect(net(set, ann)).toBe(50_000n + 1_000_000n);
    expect(net(set, bob)).toBe(1_000_000n);
    expect(net(set, supplier)).toBe(1_000_000n);
    expect(lineFor(set, ann)).toMatchObject({
      soldWh: 250n,
      deliveredWh: 250n,
      shortfallWh: 0n,
      shortWh: 0n,
      longWh: 0n,
    });
  });

  it('charges energy that was taken and not bought, and pays it to the balancing party', () => {
    const set = settleSlot(slotOf([participant(ann, { meters: [meter(251n, 0n)] })]));
    // 0.251 kWh at 0.4 EUR/kWh
    expect(lineFor(set, ann)).toMatchObject({ shortWh: 251n, shortMicro: 100_400n, uncoveredMicro: 0n });
    expect(net(set, ann)).toBe(1_000_000n - 100_400n);
    expect(net(set, supplier)).toBe(1_000_000n + 100_400n);
  });

  it('pays energy that was delivered and not sold, from the balancing party', () => {
    const set = settleSlot(slotOf([participant(ann, { meters: [meter(10n, 1_011n)] })]));
    // 1.001 kWh at 0.05 EUR/kWh = 50,050 micro
    expect(lineFor(set, ann)).toMatchObject({ longWh: 1_001n, longMicro: 50_050n });
    expect(net(set, ann)).toBe(1_050_050n);
    expect(net(set, supplier)).toBe(949_950n);
  });

  it('counts a shortfall of the seller: sold = delivered + shortfall', () => {
    const seller = participant(ann, {
      intervalSoldWh: wh(1_000n),
      intervalSellMicro: micro(200_000n),
      meters: [meter(0n, 90n)],
    });
    expect(lineFor(settleSlot(slotOf([seller])), ann)).toMatchObject({
      soldWh: 250n,
      deliveredWh: 90n,
      shortfallWh: 160n,
      shortWh: 160n,
      shortMicro: 64_000n,
    });
  });

  it.each(['MISSING', 'BAD'] as const)(
    'holds back only the deviation of a participant with a %s reading',
    (quality) => {
      const without = participant(ann, {
        intervalSoldWh: wh(1_000n),
        intervalSellMicro: micro(200_000n),
        meters: [meter(0n, 0n), meter(9n, 0n, quality)].map((entry, index) => ({
          ...entry,
          meterId: idOf<MeterId>(`meter ${index}`),
        })),
      });
      const other = participant(bob, { meters: [meter(100n, 0n)] });
      const set = settleSlot(slotOf([without, other]));
      expect(lineFor(set, ann)).toMatchObject({
        status: 'MISSING',
        shortMicro: 0n,
        heldMicro: 1_000_000n,
        sellMicro: 50_000n,
      });
      expect(net(set, ann)).toBe(50_000n);
      expect(lineFor(set, bob)).toMatchObject({ status: 'OK', shortMicro: 40_000n });
    },
  );

  it('charges at most what was locked and says what is uncovered', () => {
    const set = settleSlot(slotOf([participant(ann, { reserveMicro: micro(30_000n), meters: [meter(100n, 0n)] })]));
    expect(lineFor(set, ann)).toMatchObject({ shortMicro: 30_000n, uncoveredMicro: 10_000n });
    expect(net(set, ann)).toBe(0n);
  });

  it('shares what is there among surpluses where the cover is too small', () => {
    const surplus = (id: ParticipantId, exportWh: bigint) => participant(id, { meters: [meter(0n, exportWh)] });
    const set = settleSlot(
      slotOf([surplus(ann, 2_000n), surplus(bob, 1_000n)], {
        balancing: { participantId: supplier, reserveMicro: micro(100_000n) },
      }),
    );
    expect(lineFor(set, ann)).toMatchObject({ longMicro: 66_667n, uncoveredMicro: 33_333n });
    expect(lineFor(set, bob)).toMatchObject({ longMicro: 33_333n, uncoveredMicro: 16_667n });
    expect(net(set, supplier)).toBe(0n);
  });

  it('keeps shortfalls in the imbalance account where there is no balancing party', () => {
    const set = settleSlot(slotOf([participant(ann, { meters: [meter(100n, 0n)] })], { balancing: undefined }));
    expect(netCreditMicro(set.entries, 'imbalance')).toBe(40_000n);
  });

  it('takes a supplier without meters as delivering its schedule, and the balancing party by the rest', () => {
    const scheduled = participant(ann, {
      scheduled: true,
      meters: [],
      intervalSoldWh: wh(400n),
      intervalSellMicro: micro(80n),
    });
    const balancing = participant(supplier, { scheduled: true, meters: [], intervalBoughtWh: wh(400n) });
    const set = settleSlot(slotOf([scheduled, balancing]));
    expect(lineFor(set, ann)).toMatchObject({ status: 'SCHEDULED', shortWh: 0n, sellMicro: 20n });
    expect(lineFor(set, supplier)).toMatchObject({ status: 'BALANCING', shortWh: 0n, longWh: 0n, reserveMicro: 0n });
    expect(net(set, supplier)).toBe(1_000_000n);
  });

  it('takes a producer without a meter as delivering nothing', () => {
    const producer = participant(ann, { meters: [], intervalSoldWh: wh(400n), intervalSellMicro: micro(80n) });
    expect(lineFor(settleSlot(slotOf([producer])), ann)).toMatchObject({
      status: 'OK',
      shortWh: 100n,
      deliveredWh: 0n,
    });
  });
});

const anyMeter = fc.record({
  importWh: fc.bigInt({ min: 0n, max: 5_000n }),
  exportWh: fc.bigInt({ min: 0n, max: 5_000n }),
  quality: fc.constantFrom<MeterInput['quality']>('OK', 'OK', 'OK', 'ESTIMATED', 'BAD', 'MISSING'),
});

const anyParticipant = fc.record({
  boughtWh: fc.bigInt({ min: 0n, max: 9_999n }),
  sells: fc.boolean(),
  price: fc.bigInt({ min: 0n, max: 999_999n }),
  reserveMicro: fc.bigInt({ min: 0n, max: 3_000_000n }),
  scheduled: fc.boolean(),
  meters: fc.array(anyMeter, { maxLength: 3 }),
});

const anySlot = fc
  .record({
    participants: fc.array(anyParticipant, { maxLength: 6 }),
    quarter: fc.integer({ min: 0, max: 3 }),
    balancingReserveMicro: fc.option(fc.bigInt({ min: 0n, max: 1_000_000n }), { nil: undefined }),
  })
  .map(({ balancingReserveMicro, participants, quarter }): SlotToSettle => {
    const settled = participants.map((entry, index) => {
      const energy = wh(entry.boughtWh);
      const money = micro((entry.boughtWh * entry.price) / 1_000n);
      const zero = micro(0n);
      return participant(idOf<ParticipantId>(`participant ${index}`), {
        scheduled: entry.scheduled,
        intervalBoughtWh: entry.sells ? wh(0n) : energy,
        intervalSoldWh: entry.sells ? energy : wh(0n),
        intervalBuyMicro: entry.sells ? zero : money,
        intervalSellMicro: entry.sells ? money : zero,
        reserveMicro: micro(entry.reserveMicro),
        meters: entry.meters.map((values, at) => ({
          ...meter(values.importWh, values.exportWh, values.quality),
          meterId: idOf<MeterId>(`meter ${index} ${at}`),
        })),
      });
    });
    const balancing =
      balancingReserveMicro === undefined
        ? undefined
        : { participantId: idOf<ParticipantId>('participant 0'), reserveMicro: micro(balancingReserveMicro) };
    return slotOf(settled, { quarter, balancing });
  });

describe('laws of settlement', () => {
  it('always makes a balanced set that keeps every invariant of the books', () => {
    fc.assert(
      fc.property(anySlot, (input) => {
        const set = settleSlot(input);
        const lockedMicro =
          sum(input.participants.map((entry) => entry.reserveMicro + entry.intervalSellMicro)) +
          (input.balancing?.reserveMicro ?? 0n);
        fc.pre(lockedMicro > 0n);
        const books = foldPostingSets([fundingOf(lockedMicro), set]);
        expect(books.violations).toEqual([]);
        expect(books.issuedMicro).toBe(lockedMicro);
      }),
      { numRuns: 300 },
    );
  });

  it('explains itself: settling the listed inputs again gives the same set', () => {
    fc.assert(
      fc.property(anySlot, (input) => {
        const set = settleSlot(input);
        expect(resettle(set)).toEqual(set);
      }),
    );
  });

  it('does not depend on the order of the participants', () => {
    fc.assert(
      fc.property(anySlot, (input) => {
        expect(settleSlot({ ...input, participants: [...input.participants].reverse() })).toEqual(settleSlot(input));
      }),
    );
  });

  it('pays every micro-unit of a trade over the four quarter hours, and every watt-hour', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 99_999n }), fc.bigInt({ min: 0n, max: 10n ** 12n }), (energyWh, money) => {
        const quarters = quartersWh(energyWh);
        expect(sum(quarters)).toBe(energyWh);
        expect(sum([0, 1, 2, 3].map((quarter) => quarterOf(money, quarters, quarter)))).toBe(money);
      }),
    );
  });

  it('splits the reserve of the balancing party over all buckets', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.integer({ min: 1, max: 30 }), (reserve, buckets) => {
        const parts = Array.from({ length: buckets }, (_, bucket) => balancingReserveOf(reserve, buckets, bucket));
        expect(sum(parts)).toBe(reserve);
      }),
    );
  });

  it.each([
    [1n, 3],
    [0n, 3],
    [10n ** 18n, 7],
  ])('splits %s among %s to the last unit (B54)', (total, count) => {
    const shares = Array.from({ length: count }, (_, index) => ({ id: String(index), weight: 1n }));
    const parts = apportion(total, shares);
    expect(sum(parts)).toBe(total);
    expect([...parts]).toEqual([...parts].sort((left, right) => Number(right - left)));
    expect(parts.every((part) => part === total / BigInt(count) || part === total / BigInt(count) + 1n)).toBe(true);
  });
});

describe('checking the books', () => {
  const good = settleSlot(slotOf([participant(ann, { meters: [meter(100n, 0n)] }), participant(cyd)]));
  const funding = fundingOf(10_000_000n);

  it('refuses to make a set that is not balanced (B53)', () => {
    expect(() => balanced({ cause: good.cause, entries: good.entries.slice(1) })).toThrow('INVARIANT_BROKEN');
    const zero = { account: 'escrow', side: 'debit', amountMicro: micro(0n), reason: 'trade' } as const;
    expect(() => balanced({ cause: good.cause, entries: [zero] })).toThrow('INVARIANT_BROKEN');
  });

  it('finds a set that is not balanced, and that money appeared', () => {
    const books = foldPostingSets([funding, { ...good, entries: good.entries.slice(1) }]);
    expect(books.violations.map((violation) => violation.invariant)).toEqual(expect.arrayContaining(['I1', 'I2']));
  });

  it('finds a set that is posted twice', () => {
    const books = foldPostingSets([funding, good, good]);
    expect(books.violations.map((violation) => violation.invariant)).toContain('I13');
  });

  it('finds an account below zero', () => {
    expect(foldPostingSets([good]).violations.map((violation) => violation.invariant)).toContain('I3');
  });

  it.each<[string, Partial<Line>]>([
    ['energy', { importWh: wh(99n) }],
    ['price', { shortMicro: micro(39_999n) }],
    ['delivery', { deliveredWh: wh(1n) }],
    ['quality', { meters: [meter(100n, 0n, 'BAD')] }],
    ['trade', { sellMicro: micro(1n) }],
    ['lock', { reserveMicro: micro(1n) }],
  ])('finds a line whose %s was changed afterwards', (_what, change) => {
    const lines = good.lines!.map((line) => (line.participantId === ann ? { ...line, ...change } : line));
    const books = foldPostingSets([funding, { ...good, lines }]);
    expect(books.violations.map((violation) => violation.invariant)).toContain('I4');
  });

  it('finds postings that are balanced but not those of the rule', () => {
    const entries = [...good.entries, ...move('escrow', participantAccount(cyd), 5n, 'trade')];
    const books = foldPostingSets([funding, { ...good, entries }]);
    expect(books.violations.map((violation) => violation.invariant)).toEqual(['I4']);
  });

  it('lists participants in the order of their ids', () => {
    const ids = good.lines!.map((line) => line.participantId);
    expect(ids).toEqual([...ids].sort(compareText));
  });
});
