import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { MeterId, ParticipantId } from '../ids';
import { sum } from '../math';
import { idOf, testRuleSet, testSession } from '../testing/session-fixture';
import { slot } from '../time';
import { micro, microPerKwh, signedMicroPerKwh, signedMicroPerKwhCodec, wh } from '../units';
import { deviationMoney, directionPrices, type DeviationPrices } from './imbalance';
import { foldPostingSets } from './invariants';
import { move, netCreditMicro } from './post';
import { participantAccount, type Line, type PostingSet } from './rows';
import { resettle, settleSlot, type SettledParticipant } from './settle-slot';

const ann = idOf<ParticipantId>('ann');
const bob = idOf<ParticipantId>('bob');
const supplier = idOf<ParticipantId>('supplier');
const reserveMicro = micro(1_000_000n);

function filed(pricing: 'single' | 'dual', priceMicroPerKwh: bigint): DeviationPrices {
  const { imbalanceLongMicroPerKwh, imbalanceShortMicroPerKwh } = testRuleSet;
  const imbalance = { pricing, priceMicroPerKwh: signedMicroPerKwh(priceMicroPerKwh) };
  return { imbalanceLongMicroPerKwh, imbalanceShortMicroPerKwh, imbalance };
}

/** Someone who has traded nothing and takes or gives energy: all of it is deviation. */
function deviating(participantId: ParticipantId, importWh: bigint, exportWh: bigint): SettledParticipant {
  const meterId = idOf<MeterId>(`meter ${participantId}`);
  return {
    participantId,
    scheduled: false,
    intervalBoughtWh: wh(0n),
    intervalSoldWh: wh(0n),
    intervalBuyMicro: micro(0n),
    intervalSellMicro: micro(0n),
    dayAheadMicroPerKwh: microPerKwh(200_000n),
    reserveMicro,
    meters: [{ meterId, blockStartSlot: slot(5), importWh: wh(importWh), exportWh: wh(exportWh), quality: 'OK' }],
  };
}

function settled(
  prices: DeviationPrices,
  participants: readonly SettledParticipant[],
  cover = 9_000_000n,
  at = 1_000,
): PostingSet {
  return settleSlot({
    sessionId: testSession.sessionId,
    run: 1,
    slot: slot(at),
    bucket: 0,
    quarter: 0,
    ruleSet: { number: 7, ...prices },
    participants,
    balancing: { participantId: supplier, reserveMicro: micro(cover) },
  });
}

function deviationOf(set: PostingSet, participantId: ParticipantId): bigint {
  const entries = set.entries.filter((entry) => entry.reason === 'deviation');
  return netCreditMicro(entries, participantAccount(participantId));
}

function lineFor(set: PostingSet, participantId: ParticipantId): Line {
  return set.lines!.find((line) => line.participantId === participantId)!;
}

/** The invariants of the books, with the locked money put into escrow before. */
function problemsOf(sets: readonly PostingSet[], lockedMicro: bigint): readonly string[] {
  const entries = move('bank', 'escrow', lockedMicro, 'fund');
  const fund: PostingSet = { cause: { kind: 'fund', commandId: idOf('fund') }, entries };
  return foldPostingSets([fund, ...sets]).violations.map(({ invariant, problem }) => `${invariant} ${problem}`);
}

describe('the imbalance price', () => {
  it.each([
    // [pricing, price, short pays for 1,000 Wh, long gets for 1,000 Wh]; day-ahead is 200,000
    ['single', 300_000n, 300_000n, 300_000n],
    ['single', 0n, 0n, 0n],
    ['single', -300_000n, -300_000n, -300_000n],
    ['dual', 300_000n, 300_000n, 200_000n],
    ['dual', 100_000n, 200_000n, 100_000n],
    ['dual', -300_000n, 200_000n, -300_000n],
  ] as const)('%s of %d costs a shortfall %d and brings a surplus %d', (pricing, price, short, long) => {
    const set = settled(filed(pricing, price), [deviating(ann, 1_000n, 0n), deviating(bob, 0n, 1_000n)]);
    expect(deviationOf(set, ann)).toBe(-short);
    expect(deviationOf(set, bob)).toBe(long);
    expect(problemsOf([set], 2n * reserveMicro + 9_000_000n)).toEqual([]);
  });

  it('below zero takes money for a surplus and gives it for a shortfall, each in a field of its own', () => {
    const set = settled(filed('single', -300_000n), [deviating(ann, 1_000n, 0n), deviating(bob, 0n, 1_000n)]);
    expect(lineFor(set, ann)).toMatchObject({ shortMicro: 0n, shortGainMicro: 300_000n, longMicro: 0n });
    expect(lineFor(set, bob)).toMatchObject({ shortMicro: 0n, longMicro: 0n, longCostMicro: 300_000n });
  });

  it('stands alone where the participant had no day-ahead price', () => {
    expect(directionPrices(filed('dual', 5n), undefined)).toEqual({ shortMicroPerKwh: 5n, longMicroPerKwh: 5n });
  });

  it('above what was locked is charged up to the reserve; the rest is listed as uncovered and nobody is overpaid', () => {
    // A spike of 17.5 per kWh: 1 kWh costs 17,500,000, locked are 1,000,000.
    const spike = filed('single', 17_500_000n);
    const set = settled(spike, [deviating(ann, 1_000n, 0n), deviating(bob, 0n, 1_000n)], 0n);
    expect(lineFor(set, ann)).toMatchObject({ shortMicro: reserveMicro, uncoveredMicro: 16_500_000n });
    expect(lineFor(set, bob)).toMatchObject({ longMicro: reserveMicro, uncoveredMicro: 16_500_000n });
    expect(problemsOf([set], 2n * reserveMicro)).toEqual([]);
  });

  it('below zero shares the money of surpluses among shortfalls in proportion, where it is too little', () => {
    const low = filed('single', -5_000_000n);
    const set = settled(low, [deviating(ann, 1_000n, 0n), deviating(bob, 0n, 1_000n)], 0n);
    expect(lineFor(set, ann)).toMatchObject({ shortGainMicro: reserveMicro, uncoveredMicro: 4_000_000n });
    expect(lineFor(set, bob)).toMatchObject({ longCostMicro: reserveMicro, uncoveredMicro: 4_000_000n });
    expect(problemsOf([set], 2n * reserveMicro)).toEqual([]);
  });

  it('stands in JSON with a minus sign below zero, and in one way only', () => {
    expect(signedMicroPerKwhCodec.decode('-999990000', '')).toBe(-999_990_000n);
    expect(signedMicroPerKwhCodec.encode(signedMicroPerKwh(-1n))).toBe('-1');
    for (const wrong of ['-0', '+1', '01', '-01', '1.0', ' 1', '1000000000000000000', '-1000000000000000000']) {
      expect(() => signedMicroPerKwhCodec.decode(wrong, '')).toThrow('INPUT_FIELD_INVALID');
    }
  });

  it('keeps every invariant and explains itself, whatever the price, the deviations and the cover', () => {
    const anyEnergy = fc.bigInt({ min: 0n, max: 5_000n });
    fc.assert(
      fc.property(
        fc.constantFrom('single', 'dual'),
        fc.bigInt({ min: -20_000_000n, max: 20_000_000n }),
        fc.array(fc.tuple(anyEnergy, anyEnergy), { minLength: 1, maxLength: 6 }),
        fc.bigInt({ min: 0n, max: 3_000_000n }),
        (pricing, price, energies, cover) => {
          const participants = energies.map(([importWh, exportWh], index) =>
            deviating(idOf<ParticipantId>(`participant ${index}`), importWh, exportWh),
          );
          const set = settled(filed(pricing, price), participants, cover);
          expect(problemsOf([set], BigInt(energies.length) * reserveMicro + cover)).toEqual([]);
          expect(resettle(set)).toEqual(set);
        },
      ),
      { seed: 20_250_101, numRuns: 300 },
    );
  });

  it('cannot be changed in a settled set without being noticed', () => {
    const set = settled(filed('single', -300_000n), [deviating(ann, 1_000n, 0n)]);
    const prices = { ...set.prices!, imbalance: { pricing: 'single', priceMicroPerKwh: signedMicroPerKwh(-299_999n) } };
    expect(problemsOf([{ ...set, prices } as PostingSet], 10_000_000n)).toEqual([
      'I4 the deviation is not priced by the rule set',
    ]);
  });
});

const file = join(__dirname, '../../../../../shared/data/aemo-price/aemo_price_demand_202501_NSW.csv');
const csv = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
if (csv === undefined) {
  process.stderr.write(`ABSENT: ${file} is not there, so real imbalance prices are not tried here.\n`);
}

/** The mean of three 5-minute prices in AUD/MWh, as micro-units per kWh: 1 AUD/MWh is 1,000 of them. Rounded down. */
function quarterPrices(text: string): readonly bigint[] {
  const cents = text
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => BigInt(Math.round(Number(row.split(',')[3]) * 100)));
  return Array.from({ length: (cents.length - (cents.length % 3)) / 3 }, (_, at) => {
    const total = sum(cents.slice(3 * at, 3 * at + 3)) * 10n;
    return total >= 0n ? total / 3n : -((-total + 2n) / 3n);
  });
}

(csv === undefined ? describe.skip : describe)('a real month of imbalance prices (NSW, January 2025)', () => {
  const prices = csv === undefined ? [] : quarterPrices(csv);

  it('has negative and spike prices, in whole quarter hours', () => {
    expect(prices).toHaveLength(31 * 96);
    expect(prices.filter((price) => price < 0n).length).toBeGreaterThan(300);
    expect(prices.reduce((most, price) => (price > most ? price : most))).toBeGreaterThan(5_000_000n);
  });

  it.each(['single', 'dual'] as const)('settles with %s pricing, and what is not covered is listed', (pricing) => {
    const participants = [deviating(ann, 600n, 0n), deviating(bob, 0n, 400n)];
    const sets = prices.map((price, at) => settled(filed(pricing, price), participants, 500_000n, 1_000 + at));
    const lockedMicro = BigInt(prices.length) * (2n * reserveMicro + 500_000n);
    expect(problemsOf(sets, lockedMicro)).toEqual([]);
    for (const [at, price] of prices.entries()) {
      const due = deviationMoney(600n, 0n, directionPrices(filed(pricing, price), microPerKwh(200_000n)));
      const { shortGainMicro = 0n, shortMicro, uncoveredMicro } = lineFor(sets[at]!, ann);
      expect(shortMicro + shortGainMicro + uncoveredMicro).toBe(due.shortMicro + due.shortGainMicro);
    }
    // Spikes above 1.67 per kWh are beyond the reserve of 1,000,000 for 0.6 kWh.
    const uncovered = sets.filter((set) => lineFor(set, ann).uncoveredMicro > 0n);
    expect(uncovered).toHaveLength(prices.filter((price) => price > 1_666_666n).length);
    expect(uncovered.length).toBeGreaterThan(0);
  });
});
