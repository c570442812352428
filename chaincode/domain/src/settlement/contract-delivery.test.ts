import * as fc from 'fast-check';
import type { DeliveryTerms } from '../market/bilateral/rows';
import type { CommandId, MeterId, ParticipantId, SessionId } from '../ids';
import { sum } from '../math';
import { idOf, testRuleSet, testSession } from '../testing/session-fixture';
import { slot, type Slot } from '../time';
import { micro, microPerKwh, ppm, wh } from '../units';
import { decideDelivery, outcomeOf, type ContractDelivery, type QuarterSale } from './contract-delivery';
import { foldPostingSets } from './invariants';
import { move, netCreditMicro } from './post';
import { participantAccount, type MeterInput, type PostingSet } from './rows';
import { resettle, settleSlot, type SettledParticipant } from './settle-slot';
import { countedTrade, quarterTrade, type SlotPosition } from './slot-position';

const seed = 20_261_127;
const numRuns = 300;

const seller = idOf<ParticipantId>('seller');
const firstSlot = slot(1_000);
const prorata: DeliveryTerms = { kind: 'prorata' };
const allOrNothing: DeliveryTerms = { kind: 'all-or-nothing', penaltyPpm: ppm(200_000n) };
const atLeastHalf: DeliveryTerms = { kind: 'minimum', minimumPpm: ppm(500_000n) };

function meterOf(importWh: bigint, exportWh: bigint, quality: MeterInput['quality'] = 'OK'): MeterInput {
  return { meterId: idOf<MeterId>('meter'), importWh: wh(importWh), exportWh: wh(exportWh), quality };
}

/** A sale of 1,000 Wh at 0.2 EUR/kWh, under terms or to a session. */
function sale(name: string, delivery?: DeliveryTerms, changes: Partial<QuarterSale> = {}): QuarterSale {
  const money = { buyMicro: micro(200_000n), sellMicro: micro(200_000n) };
  return {
    sessionId: idOf<SessionId>(name),
    rank: 1,
    priceMicroPerKwh: microPerKwh(200_000n),
    soldWh: wh(1_000n),
    ...(delivery === undefined ? {} : { contract: { delivery, ...money } }),
    ...changes,
  };
}

function decided(
  sales: readonly QuarterSale[],
  exportWh: bigint,
  changes: Partial<ContractDelivery> = {},
): ContractDelivery {
  return decideDelivery({
    sessionId: testSession.sessionId,
    run: 1,
    slot: firstSlot,
    participantId: seller,
    status: 'OK',
    meters: [meterOf(0n, exportWh)],
    boughtWh: wh(0n),
    reserveMicro: micro(1_000_000n),
    sales,
    ...changes,
  });
}

function delivered(row: ContractDelivery, name: string): bigint | undefined {
  return outcomeOf(row, idOf<SessionId>(name))?.deliveredWh;
}

describe('partial delivery of contracts', () => {
  it('takes from the lowest rank first, then from contracts before sessions, then the lower price, then the greater id', () => {
    const sales = [
      sale('low', prorata, { rank: 0 }),
      sale('session'),
      sale('cheap', prorata, { priceMicroPerKwh: microPerKwh(199_999n) }),
      sale('dear', prorata),
      sale('need', prorata, { rank: 9 }),
    ];
    const row = decided(sales, 3_400n);
    expect(row.sales.map(({ sessionId }) => sessionId)).toEqual(
      ['need', 'session', 'dear', 'cheap', 'low'].map((name) => idOf(name)),
    );
    // 3,400 Wh: 1,000 for need, session and dear each, 400 are left for cheap, nothing for low.
    expect(['need', 'dear', 'cheap', 'low'].map((name) => delivered(row, name))).toEqual([1_000n, 1_000n, 400n, 0n]);
    expect(delivered(row, 'session')).toBeUndefined();
  });

  it('leaves what falls away wholly to the next in order, and counts what the seller bought and consumed', () => {
    const sales = [sale('first', allOrNothing, { rank: 2 }), sale('second', prorata)];
    const meters = [meterOf(100n, 600n)];
    const row = decided(sales, 0n, { meters, boughtWh: wh(400n) });
    expect([delivered(row, 'first'), delivered(row, 'second')]).toEqual([0n, 900n]);
    expect(outcomeOf(row, idOf<SessionId>('first'))).toMatchObject({ returnedMicro: 200_000n, penaltyMicro: 40_000n });
    expect(outcomeOf(row, idOf<SessionId>('second'))).toMatchObject({ returnedMicro: 20_000n, penaltyMicro: 0n });
  });

  it('lets a contract with a minimum shrink down to it and no further', () => {
    expect(delivered(decided([sale('half', atLeastHalf)], 500n), 'half')).toBe(500n);
    expect(delivered(decided([sale('half', atLeastHalf)], 499n), 'half')).toBe(0n);
  });

  it('takes no more penalty than the seller has locked, from contracts in the order of delivery', () => {
    const sales = [sale('first', allOrNothing, { rank: 2 }), sale('second', allOrNothing)];
    const row = decided(sales, 0n, { reserveMicro: micro(50_000n) });
    expect(row.outcomes.map(({ outcome }) => outcome.penaltyMicro)).toEqual([40_000n, 10_000n]);
  });

  it('counts a contract whole where the seller is silent, is the balancing party or delivers from outside', () => {
    for (const status of ['MISSING', 'BALANCING', 'SCHEDULED'] as const) {
      const meters = status === 'MISSING' ? [meterOf(0n, 0n, 'MISSING')] : [];
      expect(delivered(decided([sale('one', allOrNothing)], 0n, { status, meters }), 'one')).toBe(1_000n);
    }
  });
});

interface Deal {
  readonly contractId: SessionId;
  readonly buyer: ParticipantId;
  readonly rank: number;
  readonly delivery: DeliveryTerms;
  readonly energyWh: bigint;
  readonly intervalSlots: 1 | 2 | 4;
  readonly buyMicro: bigint;
  readonly sellMicro: bigint;
  readonly feeMicro: bigint;
}

const deliveryTerms: fc.Arbitrary<DeliveryTerms> = fc.oneof(
  fc.constant(prorata),
  fc.bigInt(0n, 1_000_000n).map((share): DeliveryTerms => ({ kind: 'all-or-nothing', penaltyPpm: ppm(share) })),
  fc.bigInt(0n, 1_000_000n).map((share): DeliveryTerms => ({ kind: 'minimum', minimumPpm: ppm(share) })),
);

const deals: fc.Arbitrary<readonly Deal[]> = fc
  .array(
    fc.record({
      rank: fc.integer({ min: 0, max: 3 }),
      delivery: deliveryTerms,
      energyWh: fc.bigInt(1n, 4_000n),
      intervalSlots: fc.constantFrom(1, 2, 4),
      priceMicroPerKwh: fc.bigInt(1n, 400_001n),
      feeMicro: fc.bigInt(0n, 9_999n),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((made) =>
    made.map(({ priceMicroPerKwh, ...deal }, index) => ({
      ...deal,
      contractId: idOf<SessionId>(`contract ${index}`),
      buyer: idOf<ParticipantId>(`buyer ${index}`),
      buyMicro: (deal.energyWh * priceMicroPerKwh + 999n) / 1_000n,
      sellMicro: (deal.energyWh * priceMicroPerKwh) / 1_000n,
    })),
  );

/** A side's position, without an outcome. */
function positionOf(deal: Deal, side: 'buy' | 'sell'): SlotPosition {
  const { contractId, energyWh, intervalSlots } = deal;
  const [bought, sold] = side === 'buy' ? [energyWh, 0n] : [0n, energyWh];
  return {
    sessionId: contractId,
    firstSlot,
    intervalSlots,
    boughtWh: wh(bought),
    soldWh: wh(sold),
    buyMicro: micro(side === 'buy' ? deal.buyMicro : 0n),
    sellMicro: micro(side === 'sell' ? deal.sellMicro : 0n),
    feeMicro: micro(side === 'buy' ? deal.feeMicro : 0n),
  };
}

/** What a whole interval of a deal comes to in a slot, as agreed. */
function agreedAt(deal: Deal, at: Slot) {
  const { buyMicro, energyWh, intervalSlots, sellMicro } = deal;
  const whole = {
    boughtWh: wh(energyWh),
    soldWh: wh(energyWh),
    buyMicro: micro(buyMicro),
    sellMicro: micro(sellMicro),
  };
  return quarterTrade(whole, intervalSlots, at - firstSlot);
}

function saleAt(deal: Deal, at: Slot): QuarterSale {
  const { buyMicro, sellMicro, soldWh } = agreedAt(deal, at);
  const { contractId, delivery, rank } = deal;
  const contract = { delivery, buyMicro, sellMicro };
  return { sessionId: contractId, rank, priceMicroPerKwh: microPerKwh(0n), soldWh, contract };
}

function settledIn(bucket: number, at: Slot, participants: readonly SettledParticipant[]): PostingSet {
  const { sessionId } = testSession;
  const quarter = at - firstSlot;
  const common = { sessionId, run: 1, slot: at, bucket, quarter, ruleSet: testRuleSet };
  return settleSlot({ ...common, participants, balancing: undefined });
}

const reserveMicro = micro(700_000n);

function participant(
  participantId: ParticipantId,
  positions: readonly SlotPosition[],
  meters: readonly MeterInput[],
): SettledParticipant {
  return {
    participantId,
    scheduled: false,
    intervalBoughtWh: wh(0n),
    intervalSoldWh: wh(0n),
    intervalBuyMicro: micro(0n),
    intervalSellMicro: micro(0n),
    positions,
    reserveMicro,
    meters,
  };
}

const quality = fc.constantFrom<MeterInput['quality']>('OK', 'OK', 'OK', 'ESTIMATED', 'MISSING');
const reading = fc.tuple(fc.bigInt(0n, 900n), fc.bigInt(0n, 6_000n), quality);

describe('any contracts of a seller, settled with their buyers in other buckets', () => {
  it('are the same energy and money on both sides, whichever is settled first and whatever the meters say', () => {
    const property = fc.property(
      deals,
      reading,
      reading,
      fc.bigInt(0n, 3_000n),
      fc.boolean(),
      (made, first, later, takenWh, sellerFirst) => {
        const shortest = Math.min(...made.map(({ intervalSlots }) => intervalSlots));
        for (let quarter = 0; quarter < shortest; quarter += 1) {
          const at = slot(firstSlot + quarter);
          const row = decided(
            made.map((deal) => saleAt(deal, at)),
            0n,
            { slot: at, meters: [meterOf(...first)], status: first[2] === 'MISSING' ? 'MISSING' : 'OK', reserveMicro },
          );
          const sided = (deal: Deal, side: 'buy' | 'sell'): SlotPosition => {
            const outcome = outcomeOf(row, deal.contractId);
            return outcome === undefined ? positionOf(deal, side) : { ...positionOf(deal, side), outcome };
          };
          const sells = made.map((deal) => sided(deal, 'sell'));
          const buyers = made.map((deal) => participant(deal.buyer, [sided(deal, 'buy')], [meterOf(takenWh, 0n)]));
          // The seller's own line may meet other readings than its contracts: those that came later, or none.
          const sellerSet = settledIn(1, at, [participant(seller, sells, [meterOf(...later)])]);
          const buyerSet = settledIn(0, at, buyers);

          const lockedMicro =
            sum(made.map((deal) => agreedAt(deal, at).sellMicro)) + reserveMicro * BigInt(made.length + 1);
          const feesMicro = sum(made.map(({ feeMicro }) => feeMicro));
          const funding: PostingSet = {
            cause: { kind: 'fund', commandId: idOf('fund') },
            entries: [...move('bank', 'escrow', lockedMicro, 'fund'), ...move('bank', 'fees', feesMicro, 'fund')],
          };
          const order = sellerFirst ? [sellerSet, buyerSet] : [buyerSet, sellerSet];
          const books = foldPostingSets([funding, ...order]);
          expect(books.violations).toEqual([]);
          const heldMicro = sum([sellerSet, buyerSet].flatMap(({ lines = [] }) => lines.map((line) => line.heldMicro)));
          expect(books.balances.get('escrow')).toBe(heldMicro);
          expect([sellerSet, buyerSet].map(resettle)).toEqual([sellerSet, buyerSet]);

          const sold = sells.map((position) => countedTrade(position, at));
          const bought = buyers.map(({ positions = [] }) => countedTrade(positions[0]!, at));
          expect(sold.map(({ soldWh }) => soldWh)).toEqual(bought.map(({ boughtWh }) => boughtWh));
          made.forEach((deal, index) => {
            const agreed = agreedAt(deal, at);
            // What was in escrow for the seller goes to it or back to the buyer, to the last micro-unit.
            expect(sold[index]!.sellMicro + bought[index]!.returnedMicro).toBe(agreed.sellMicro);
            expect(bought[index]!.returnedMicro + bought[index]!.buyMicro).toBe(agreed.buyMicro);
            expect(bought[index]!.penaltyGainMicro).toBe(sold[index]!.penaltyMicro);
            expect(sold[index]!.soldWh).toBeLessThanOrEqual(agreed.soldWh);
          });
          const penaltiesMicro = sum(sold.map(({ penaltyMicro }) => penaltyMicro));
          expect(penaltiesMicro).toBeLessThanOrEqual(reserveMicro);
          const line = sellerSet.lines![0]!;
          expect(line.shortMicro + penaltiesMicro + line.heldMicro).toBeLessThanOrEqual(reserveMicro);
        }
      },
    );
    fc.assert(property, { numRuns, seed });
  });

  it('never count for more than the seller had, and for all of it where everything shrinks pro rata', () => {
    const property = fc.property(deals, fc.bigInt(0n, 6_000n), (made, exportWh) => {
      const row = decided(
        made.map((deal) => saleAt(deal, firstSlot)),
        exportWh,
      );
      const soldWh = sum(row.outcomes.map(({ outcome }) => outcome.deliveredWh));
      expect(soldWh).toBeLessThanOrEqual(exportWh);
      const isAllProrata = made.every(({ delivery }) => delivery.kind === 'prorata');
      const agreedWh = sum(row.sales.map((one) => one.soldWh));
      if (isAllProrata) {
        expect(soldWh).toBe(exportWh < agreedWh ? exportWh : agreedWh);
      }
    });
    fc.assert(property, { numRuns, seed });
  });

  it('pay the buyer in the postings what fell away with the fee and the penalty, and the seller the rest', () => {
    const deal: Deal = {
      contractId: idOf<SessionId>('contract'),
      buyer: idOf<ParticipantId>('buyer'),
      rank: 1,
      delivery: allOrNothing,
      energyWh: 1_000n,
      intervalSlots: 1,
      buyMicro: 200_000n,
      sellMicro: 200_000n,
      feeMicro: 2_000n,
    };
    const row = decided([saleAt(deal, firstSlot)], 600n);
    const outcome = outcomeOf(row, deal.contractId)!;
    const meters = [meterOf(0n, 600n)];
    const sells = settledIn(1, firstSlot, [participant(seller, [{ ...positionOf(deal, 'sell'), outcome }], meters)]);
    const buys = settledIn(0, firstSlot, [
      participant(deal.buyer, [{ ...positionOf(deal, 'buy'), outcome }], [meterOf(1_000n, 0n)]),
    ]);
    // 600 Wh are left over at 0.05; 1,000 Wh are missing at 0.4; the penalty is 20 % of 0.2 EUR.
    expect(sells.lines![0]).toMatchObject({ soldWh: 0n, longWh: 600n, penaltyMicro: 40_000n, shortMicro: 0n });
    expect(buys.lines![0]).toMatchObject({
      boughtWh: 0n,
      buyMicro: 0n,
      returnedMicro: 200_000n,
      returnedFeeMicro: 2_000n,
      penaltyGainMicro: 40_000n,
      shortWh: 1_000n,
      shortMicro: 400_000n,
    });
    expect(netCreditMicro(sells.entries, participantAccount(seller))).toBe(700_000n - 40_000n);
    expect(netCreditMicro(buys.entries, participantAccount(deal.buyer))).toBe(
      700_000n + 200_000n + 2_000n + 40_000n - 400_000n,
    );
  });

  it('shrink too where a limit held the seller back, which is then compensated for it as for export not sold', () => {
    const deal: Deal = {
      contractId: idOf<SessionId>('contract'),
      buyer: idOf<ParticipantId>('buyer'),
      rank: 1,
      delivery: prorata,
      energyWh: 1_000n,
      intervalSlots: 1,
      buyMicro: 200_000n,
      sellMicro: 200_000n,
      feeMicro: 0n,
    };
    const outcome = outcomeOf(decided([saleAt(deal, firstSlot)], 600n), deal.contractId)!;
    const meters = [meterOf(0n, 600n)];
    const limit = {
      limitationId: idOf<CommandId>('limitation'),
      bus: 'bus',
      direction: 'export',
      meterIds: [idOf<MeterId>('meter')],
      possibleWh: wh(1_000n),
      limitWh: wh(600n),
      priceMicroPerKwh: microPerKwh(80_000n),
      coverMicro: micro(1_000_000n),
    } as const;
    const limited = {
      ...participant(seller, [{ ...positionOf(deal, 'sell'), outcome }], meters),
      curtailments: [limit],
    };
    const [line] = settledIn(1, firstSlot, [limited]).lines!;
    expect(line).toMatchObject({ soldWh: 600n, sellMicro: 120_000n, shortWh: 0n, longWh: 0n });
    expect(line!.curtailments).toMatchObject([{ heldBackWh: 400n, correctedWh: 0n, compensationMicro: 32_000n }]);
  });
});
