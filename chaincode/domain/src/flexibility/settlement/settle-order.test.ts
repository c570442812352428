import fc from 'fast-check';
import { decodeWhole } from '../../decode';
import type { ParticipantId } from '../../ids';
import { netCreditMicro, sideMicro } from '../../settlement/post';
import { participantAccount, type Account, type Entry } from '../../settlement/rows';
import { slot } from '../../time';
import { microPerKwh, ppm, wh } from '../../units';
import type { FlexOrderId } from '../ids';
import { flexSettlementCodec, type FlexSettlement, type ProsumerIsp, type RewardTerms } from './rows';
import { countedWh, type ProsumerInput } from './prosumer-line';
import { postFlexSettlement, settleFlexOrder, type FlexOrderToSettle } from './settle-order';

/** Ids in the order of their numbers. */
const nth = (number: number) => String(number).padStart(26, '0') as ParticipantId;
const aggregatorId = nth(1);
const SLOT = slot(2_000_000);
const payer: Account = 'flexibility';

const terms: RewardTerms = {
  direction: 'reduce',
  rewardMicroPerKwh: microPerKwh(200_000n),
  penaltyMicroPerKwh: microPerKwh(300_000n),
  aggregatorSharePpm: ppm(250_000n),
  tolerancePpm: ppm(100_000n),
};

function isp(orderedWh: number, deliveredWh: number, more: Partial<ProsumerIsp> = {}): ProsumerIsp {
  const deficiencyWh = wh(BigInt(orderedWh - deliveredWh));
  const energies = { orderedWh: wh(BigInt(orderedWh)), deliveredWh: wh(BigInt(deliveredWh)), deficiencyWh };
  return { slot: SLOT, direction: 'reduce', ...energies, isMeasured: true, ...more };
}

function prosumer(number: number, isps: readonly ProsumerIsp[], more: Partial<ProsumerInput> = {}): ProsumerInput {
  const participantId = nth(number);
  return { participantId, terms, isps, isBound: true, isFlagged: false, reboundWh: wh(0n), ...more };
}

function order(deliveredWh: number, prosumers: readonly ProsumerInput[], more: Partial<FlexOrderToSettle> = {}) {
  const energies = {
    orderedWh: wh(2_000n),
    deliveredWh: wh(BigInt(deliveredWh)),
    deficiencyWh: wh(BigInt(2_000 - deliveredWh)),
  };
  return {
    orderId: '9'.padStart(26, '0') as FlexOrderId,
    aggregatorId,
    payer,
    payerCoverMicro: 1_000_000n,
    aggregatorCoverMicro: 0n,
    priceMicro: 1_000_000n,
    penaltyMicroPerKwh: 100_000n,
    transferPriceMicroPerKwh: 250_000n,
    isps: [{ slot: SLOT, direction: 'reduce', ...energies }],
    prosumers,
    ...more,
  } satisfies FlexOrderToSettle;
}

const creditOf = (entries: readonly Entry[], number: number) =>
  netCreditMicro(entries, participantAccount(nth(number)));

describe('the settlement of an order', () => {
  it('pays for the portfolio by the rule of UFTP and shares inside it by what each meter shows', () => {
    const settlement = settleFlexOrder(
      order(1_900, [prosumer(2, [isp(1_000, 1_000)]), prosumer(3, [isp(1_000, 900)])]),
    );
    expect([settlement.paidMicro, settlement.penaltyMicro]).toEqual([950_000n, 10_000n]);
    const { entries } = postFlexSettlement(settlement);
    // 1 kWh: 0.20 less a quarter for the aggregator, and 0.25 for the energy.
    expect(creditOf(entries, 2)).toBe(150_000n + 250_000n);
    expect(creditOf(entries, 3)).toBe(135_000n + 225_000n);
    expect(creditOf(entries, 1)).toBe(940_000n - 760_000n);
    expect(sideMicro(entries, 'debit')).toBe(sideMicro(entries, 'credit'));
  });

  it('is written and read without a loss', () => {
    const settlement = settleFlexOrder(order(1_000, [prosumer(2, [isp(1_000, 1_000)])]));
    expect(decodeWhole(flexSettlementCodec, flexSettlementCodec.encode(settlement))).toEqual(settlement);
  });

  it('punishes deficiencies beyond the tolerance of who opted in, and never more than the reward', () => {
    const line = (delivered: number, more: Partial<ProsumerInput> = {}) =>
      settleFlexOrder(order(2_000, [prosumer(2, [isp(1_000, delivered)], more)])).prosumers[0]!;
    expect(line(900)).toMatchObject({ deficientWh: 0n, penaltyMicro: 0n, rewardMicro: 135_000n });
    expect(line(899)).toMatchObject({ deficientWh: 101n, penaltyMicro: 30_300n, rewardMicro: 134_850n - 30_300n });
    expect(line(100)).toMatchObject({ rewardMicro: 0n, uncoveredMicro: 270_000n - 15_000n });
    expect(line(100, { isBound: false })).toMatchObject({ penaltyMicro: 0n, rewardMicro: 15_000n });
  });

  it('pays who has delivered before the penalty for what another has not, as far as the price goes', () => {
    // Half is delivered for 0.50; the other half would cost a penalty of 1.00.
    const idle = prosumer(3, [isp(1_000, 0)]);
    const settlement = settleFlexOrder(
      order(1_000, [prosumer(2, [isp(1_000, 1_000)]), idle], { penaltyMicroPerKwh: 1_000_000n }),
    );
    expect(settlement.prosumers[0]).toMatchObject({ rewardMicro: 150_000n, transferReceivedMicro: 250_000n });
    expect(settlement).toMatchObject({ paidMicro: 500_000n, penaltyMicro: 100_000n });
    // What is missing of the penalty, and of what the idle one owes.
    expect(settlement.uncoveredMicro).toBe(900_000n);
    expect(creditOf(postFlexSettlement(settlement).entries, 1)).toBe(0n);
  });

  it('charges the rebound by the terms of the programme', () => {
    const rebound = { terms: { ...terms, reboundMicroPerKwh: microPerKwh(100_000n) }, reboundWh: wh(500n) };
    const settlement = settleFlexOrder(order(2_000, [prosumer(2, [isp(1_000, 1_000)], rebound)]));
    expect(settlement.prosumers[0]).toMatchObject({ reboundMicro: 50_000n, rewardMicro: 100_000n });
  });

  it('lets who is paid for using more pay for the energy, out of its reward', () => {
    const more = { terms: { ...terms, direction: 'increase', rewardMicroPerKwh: microPerKwh(400_000n) } as const };
    const used = isp(1_000, 1_000, { direction: 'increase' });
    const { prosumers } = settleFlexOrder(order(2_000, [prosumer(2, [used], more)]));
    expect(prosumers[0]).toMatchObject({
      rewardMicro: 300_000n,
      transferPaidMicro: 250_000n,
      transferReceivedMicro: 0n,
    });
  });

  it('leaves a silent meter and a baseline that is not trusted unpaid, and harms nobody else', () => {
    const good = prosumer(2, [isp(1_000, 1_000)]);
    const alone = settleFlexOrder(order(1_000, [good]));
    const silent = prosumer(3, [isp(500, 0, { isMeasured: false })]);
    const inflated = prosumer(4, [isp(500, 500)], { isFlagged: true });
    const all = settleFlexOrder(order(1_000, [inflated, silent, good]));
    expect(all.prosumers[0]).toEqual(alone.prosumers[0]);
    expect(all.prosumers.slice(1).map((line) => [line.countedWh, line.rewardMicro, line.penaltyMicro])).toEqual([
      [0n, 0n, 0n],
      [0n, 0n, 0n],
    ]);
    expect(all.paidMicro).toBe(alone.paidMicro);
  });
});

describe('a shift', () => {
  const shift = { direction: 'shift', shiftTolerancePpm: ppm(200_000n) } as const;

  it.each([
    [1_000, 1_000, 1_000n, 1_000n],
    [1_000, 800, 1_000n, 800n],
    [1_000, 400, 500n, 400n],
    [0, 700, 0n, 0n],
  ])('of %d Wh down and %d Wh up counts %d and %d', (down, up, reduce, increase) => {
    expect(countedWh([isp(1_000, down), isp(1_000, up, { direction: 'increase' })], shift)).toEqual({
      reduce,
      increase,
    });
  });
});

describe('the next version of a settlement', () => {
  const late = isp(1_000, 1_000);
  const silent = isp(1_000, 0, { isMeasured: false });
  const first = settleFlexOrder(order(1_000, [prosumer(2, [isp(1_000, 1_000)]), prosumer(3, [silent])]));

  it('posts only the differences when a late reading arrives', () => {
    const second = settleFlexOrder(order(2_000, [prosumer(2, [isp(1_000, 1_000)]), prosumer(3, [late])]), first);
    const { cause, entries } = postFlexSettlement(second, first);
    expect(cause).toEqual({ kind: 'flexibility', orderId: first.orderId, version: 2 });
    expect(creditOf(entries, 2)).toBe(0n);
    expect(creditOf(entries, 3)).toBe(150_000n + 250_000n);
    // The other half of the price, and the penalty that had been charged for it.
    expect(netCreditMicro(entries, payer)).toBe(-(500_000n + 100_000n));
  });

  it('takes nothing back from participants: what was paid too much is named', () => {
    const second = settleFlexOrder(order(0, [prosumer(2, [isp(1_000, 0)]), prosumer(3, [silent])]), first);
    const { entries } = postFlexSettlement(second, first);
    expect([creditOf(entries, 2), creditOf(entries, 3)]).toEqual([0n, 0n]);
    expect(second.overpaidMicro).toBe(500_000n + 150_000n + 250_000n);
  });

  it('posts nothing where nothing differs', () => {
    const again = settleFlexOrder(order(1_000, [prosumer(2, [isp(1_000, 1_000)]), prosumer(3, [silent])]), first);
    expect(postFlexSettlement(again, first).entries).toEqual([]);
  });
});

describe('whatever is delivered', () => {
  const energy = fc.integer({ min: 0, max: 5_000 });
  const anyIsp = fc.record({ ordered: energy, share: fc.integer({ min: 0, max: 100 }), isMeasured: fc.boolean() });
  const anyProsumers = fc.array(fc.record({ isps: fc.array(anyIsp, { maxLength: 4 }), isBound: fc.boolean(), isFlagged: fc.boolean() }), { maxLength: 6 }); // prettier-ignore
  const anyOrder = fc.record({
    delivered: fc.integer({ min: 0, max: 2_000 }),
    cover: fc.bigInt({ min: 0n, max: 1_500_000n }),
    aggregatorCover: fc.bigInt({ min: 0n, max: 300_000n }),
    prosumers: anyProsumers,
  });
  const built = ({ aggregatorCover, cover, delivered, prosumers }: ReturnType<typeof anyOrder.generate>['value']) =>
    order(
      delivered,
      prosumers.map(({ isBound, isFlagged, isps }, index) =>
        prosumer(
          index + 2,
          isps.map(({ isMeasured, ordered, share }) =>
            isp(ordered, Math.floor((ordered * share) / 100), { isMeasured }),
          ),
          { isBound, isFlagged },
        ),
      ),
      { payerCoverMicro: cover, aggregatorCoverMicro: aggregatorCover },
    );
  const balances = (sets: readonly (readonly Entry[])[], account: Account) =>
    sets.reduce((total, entries) => total + netCreditMicro(entries, account), 0n);

  it('nobody ends below what was set aside, no prosumer owes, and versions sum to the last one', () => {
    fc.assert(
      fc.property(anyOrder, anyOrder, (one, other) => {
        const [before, after] = [
          built(one),
          built({ ...other, cover: one.cover, aggregatorCover: one.aggregatorCover }),
        ];
        const settlement = settleFlexOrder(before);
        const next = settleFlexOrder(after, settlement);
        const sets = [postFlexSettlement(settlement), postFlexSettlement(next, settlement)].map(
          ({ entries }) => entries,
        );
        for (const number of [2, 3, 4, 5, 6, 7]) {
          expect(creditOf(sets[0]!, number) >= 0n && creditOf(sets[1]!, number) >= 0n).toBe(true);
        }
        expect(balances([sets[0]!], payer) >= -one.cover).toBe(true);
        // A later version never takes more from the aggregator than it brings and what it has set aside.
        expect(sets.every((entries) => creditOf(entries, 1) >= -one.aggregatorCover)).toBe(true);
        const flow = (from: FlexSettlement, account: Account) =>
          from.flows.reduce((total, { amountMicro, credit, debit }) => {
            return total + (credit === account ? amountMicro : 0n) - (debit === account ? amountMicro : 0n);
          }, 0n);
        for (const account of [payer, ...[1, 2, 3].map((number) => participantAccount(nth(number)))]) {
          expect(balances(sets, account)).toBe(flow(next, account));
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
