import fc from 'fast-check';
import { participantIdCodec } from '../../ids';
import { sum } from '../../math';
import { netCreditMicro } from '../../settlement/post';
import { participantAccount, type Account } from '../../settlement/rows';
import { slot } from '../../time';
import { microPerKwh, ppmWhole } from '../../units';
import { coalitionIdCodec } from '../formation/ids';
import type { SharingRule } from '../sharing/rules';
import { postRemuneration, remunerate, type CoalitionToRemunerate, type RemuneratedMember } from './remunerate';
import { remunerationCodec } from './rows';

const id = (number: number): string => String(number).padStart(26, '0');
const participant = (number: number) => participantIdCodec.decode(id(number), 'id');
const coalitionId = coalitionIdCodec.decode(id(99), 'id');

/** A member with a promise and what was asked and delivered in each of some slices. */
function member(number: number, powerW: number, slices: readonly (readonly [number, number])[]): RemuneratedMember {
  return {
    participantId: participant(number),
    slices: slices.map(([asked, delivered]) => ({
      firmMicroW: [BigInt(powerW) * ppmWhole],
      assets: [1],
      askedWh: BigInt(asked),
      deliveredWh: BigInt(delivered),
    })),
    transferGivenWh: 0n,
    transferTakenWh: 0n,
  };
}

/** 10 MW kept ready for four hours at 15 EUR/MW/h, of which 7 MW are called for an hour at 70 EUR/MWh. */
function coalition(
  members: readonly RemuneratedMember[],
  other: Partial<CoalitionToRemunerate> = {},
): CoalitionToRemunerate {
  return {
    coalitionId,
    aggregatorId: participant(1),
    payer: 'vpp',
    payerCoverMicro: 10_000_000_000n,
    capacityPriceMicroPerKwh: microPerKwh(15_000n),
    energyPriceMicroPerKwh: microPerKwh(70_000n),
    penaltyMicroPerKwh: microPerKwh(100_000n),
    transferPriceMicroPerKwh: 0n,
    slices: [slice(7_000_000n)],
    members,
    bidMinW: 1_000_000n,
    bidStepW: 1_000_000n,
    assetsMin: 1,
    marginPpm: 0n,
    rule: 'pro-rata',
    operatorSharePpm: 0n,
    ...other,
  };
}

function slice(deliveredWh: bigint, askedWh = 7_000_000n, offeredW = 10_000_000n) {
  return { firstSlot: slot(16), slots: 16, offeredW, askedWh, deliveredWh, shortfallWh: askedWh - deliveredWh };
}

const two = [member(2, 6_000_000, [[4_200_000, 4_200_000]]), member(3, 4_000_000, [[2_800_000, 2_800_000]])];

const paid = (remuneration: ReturnType<typeof remunerate>) => remuneration.lines.map((line) => line.paidMicro);

describe('the remuneration of a coalition', () => {
  it('pays 600 for capacity and 490 for energy, shared by delivered energy', () => {
    const remuneration = remunerate(coalition(two));
    expect(remuneration.slices[0]).toMatchObject({ capacityMicro: 600_000_000n, energyMicro: 490_000_000n });
    expect(paid(remuneration)).toEqual([654_000_000n, 436_000_000n]);
    expect(remuneration.uncoveredMicro).toBe(0n);
  });

  it('leaves the aggregator its share', () => {
    const remuneration = remunerate(coalition(two, { operatorSharePpm: 100_000n }));
    expect(remuneration.operatorMicro).toBe(109_000_000n);
    expect(sum(paid(remuneration))).toBe(981_000_000n);
  });

  it('is cut in proportion to what is missing, and who is short bears the penalty', () => {
    const short = [two[0]!, member(3, 4_000_000, [[2_800_000, 1_400_000]])];
    const remuneration = remunerate(coalition(short, { slices: [slice(5_600_000n)] }));
    expect(remuneration.slices[0]).toMatchObject({
      capacityMicro: 480_000_000n,
      energyMicro: 392_000_000n,
      penaltyMicro: 140_000_000n,
    });
    expect(remuneration.lines.map((line) => [line.shareMicro, line.penaltyMicro])).toEqual([
      [654_000_000n, 0n],
      [218_000_000n, 140_000_000n],
    ]);
  });

  it('takes of a penalty only what those who are short and the aggregator have; the rest is named', () => {
    const short = [two[0]!, member(3, 4_000_000, [[2_800_000, 0]])];
    const asked = coalition(short, { slices: [slice(4_200_000n)], operatorSharePpm: 50_000n });
    const remuneration = remunerate(asked);
    expect(remuneration.penaltyMicro).toBe(remuneration.operatorMicro);
    expect(remuneration.uncoveredMicro).toBe(280_000_000n - remuneration.operatorMicro);
    expect(remuneration.lines[0]!.penaltyMicro).toBe(0n);
  });

  it('pays no more than is set aside, and names the rest', () => {
    const remuneration = remunerate(coalition(two, { payerCoverMicro: 90_000_000n }));
    expect(sum(paid(remuneration))).toBe(90_000_000n);
    expect(remuneration.uncoveredMicro).toBe(1_000_000_000n);
  });

  it('pays a member for energy that it had bought, before the rest is shared, and lets one that took some pay', () => {
    const members = [
      { ...two[0]!, transferGivenWh: 1_000_000n },
      { ...two[1]!, transferTakenWh: 500_000n },
    ];
    const remuneration = remunerate(coalition(members, { transferPriceMicroPerKwh: 200_000n }));
    expect(remuneration.lines.map((line) => [line.transferReceivedMicro, line.transferPaidMicro])).toEqual([
      [200_000_000n, 0n],
      [0n, 100_000_000n],
    ]);
    expect(sum(remuneration.lines.map((line) => line.shareMicro))).toBe(890_000_000n);
    const { entries } = postRemuneration(remuneration);
    // What was taken without having been bought is paid to the aggregator.
    expect(netCreditMicro(entries, participantAccount(participant(1)))).toBe(100_000_000n);
  });
});

describe('the sharing rules', () => {
  // The least bid is 1 MW: nobody could have offered anything alone.
  const three = [2, 3, 4].map((number) => member(number, 500_000, [[0, 0]]));
  const small = { slices: [slice(0n, 0n, 1_000_000n)], bidStepW: 500_000n };

  it.each(['shapley', 'nucleolus'] as const)('count that a set below the least bid earns nothing: %s', (rule) => {
    // Two of the three are enough, so each alone is worth nothing, and any two all of it: the core is empty.
    const remuneration = remunerate(coalition(three, { ...small, rule }));
    expect(paid(remuneration)).toEqual([20_000_000n, 20_000_000n, 20_000_000n]);
    expect({ rule: remuneration.appliedRule, inCore: remuneration.inCore }).toEqual({ rule, inCore: false });
  });

  it('give all to two who are needed with equal promises, and nothing to one that adds nothing', () => {
    const members = [member(2, 600_000, [[0, 0]]), member(3, 600_000, [[0, 0]]), member(4, 100, [[0, 0]])];
    const asked = coalition(members, { ...small, bidStepW: 1_000_000n, rule: 'nucleolus' });
    const remuneration = remunerate(asked);
    expect(paid(remuneration)).toEqual([30_000_000n, 30_000_000n, 0n]);
    expect(remuneration.inCore).toBe(true);
    expect(paid(remunerate({ ...asked, rule: 'shapley' }))).toEqual([30_000_000n, 30_000_000n, 0n]);
  });

  it('sample the Shapley value of many members, the same each time, with a stated error', () => {
    const many = Array.from({ length: 40 }, (_, index) => member(index + 2, 50_000, [[175_000, 175_000]]));
    const asked = coalition(many, {
      slices: [slice(7_000_000n, 7_000_000n, 2_000_000n)],
      bidStepW: 100_000n,
      rule: 'nucleolus',
    });
    const remuneration = remunerate(asked);
    expect(remuneration.appliedRule).toBe('shapley');
    expect(remuneration.sample!.errorMicro).toBeGreaterThan(0n);
    expect(sum(remuneration.lines.map((line) => line.shareMicro))).toBe(remuneration.paidMicro);
    expect(remunerate(asked)).toEqual(remuneration);
  });
});

describe('the next version of a remuneration', () => {
  const short = coalition([two[0]!, member(3, 4_000_000, [[2_800_000, 0]])], { slices: [slice(4_200_000n)] });
  const first = remunerate(short);

  it('posts only the differences when a late reading arrives', () => {
    const second = remunerate(coalition(two), first);
    const { cause, entries } = postRemuneration(second, first);
    expect(cause).toEqual({ kind: 'vpp', coalitionId, version: 2 });
    expect(netCreditMicro(entries, participantAccount(participant(3)))).toBeGreaterThan(0n);
    expect(netCreditMicro(entries, 'vpp')).toBe(first.paidMicro - second.paidMicro);
  });

  it('takes nothing back from members: what was paid too much is named', () => {
    const full = remunerate(coalition(two));
    const second = remunerate(short, full);
    const { entries } = postRemuneration(second, full);
    expect([2, 3].map((number) => netCreditMicro(entries, participantAccount(participant(number))))).toEqual([0n, 0n]);
    expect(second.overpaidMicro).toBeGreaterThan(0n);
  });

  it('posts nothing where nothing differs', () => {
    expect(postRemuneration(remunerate(short, first), first).entries).toEqual([]);
  });
});

describe('whatever is delivered', () => {
  const energy = fc.integer({ min: 0, max: 5_000_000 });
  const anyMember = fc.record({
    power: energy,
    asked: energy,
    share: fc.integer({ min: 0, max: 100 }),
    given: energy,
    taken: energy,
  });
  const anyCoalition = fc.record({
    members: fc.array(anyMember, { minLength: 1, maxLength: 5 }),
    rule: fc.constantFrom<SharingRule>('pro-rata', 'shapley', 'nucleolus'),
    cover: fc.bigInt({ min: 0n, max: 2_000_000_000n }),
    operator: fc.bigInt({ min: 0n, max: ppmWhole }),
    offered: fc.bigInt({ min: 1n, max: 20_000_000n }),
    penalty: fc.bigInt({ min: 0n, max: 2_000_000n }),
  });
  type Any = ReturnType<typeof anyCoalition.generate>['value'];
  const built = ({ cover, members, offered, operator, penalty, rule }: Any) => {
    const rows = members.map(({ asked, given, power, share, taken }, index) => ({
      ...member(index + 2, power, [[asked, Math.floor((asked * share) / 100)]]),
      transferGivenWh: BigInt(given),
      transferTakenWh: BigInt(taken),
    }));
    const askedWh = sum(rows.flatMap((row) => row.slices.map((one) => one.askedWh)));
    const deliveredWh = sum(rows.flatMap((row) => row.slices.map((one) => one.deliveredWh)));
    return coalition(rows, {
      slices: [slice(deliveredWh, askedWh, offered)],
      payerCoverMicro: cover,
      operatorSharePpm: operator,
      penaltyMicroPerKwh: microPerKwh(penalty),
      transferPriceMicroPerKwh: 200_000n,
      rule,
    });
  };
  const ids = [2, 3, 4, 5, 6].map((number) => participantAccount(participant(number)));

  it('no share is below zero, shares sum exactly, nobody owes, and versions sum to the last one', () => {
    fc.assert(
      fc.property(anyCoalition, anyCoalition, (one, other) => {
        const first = remunerate(built(one));
        const second = remunerate(built({ ...other, cover: one.cover }), first);
        for (const { flows, lines, operatorMicro, paidMicro } of [first, second]) {
          const shared =
            sum(lines.map((line) => line.shareMicro)) + sum(lines.map((line) => line.transferReceivedMicro));
          expect(shared).toBe(paidMicro - operatorMicro);
          expect(flows.every(({ amountMicro }) => amountMicro >= 0n)).toBe(true);
        }
        expect(first.paidMicro <= one.cover).toBe(true);
        const sets = [postRemuneration(first), postRemuneration(second, first)].map(({ entries }) => entries);
        expect(netCreditMicro(sets[0]!, participantAccount(participant(1)))).toBeGreaterThanOrEqual(0n);
        expect(netCreditMicro(sets[1]!, participantAccount(participant(1)))).toBeGreaterThanOrEqual(0n);
        for (const account of ids) {
          expect(sets.map((entries) => netCreditMicro(entries, account)).every((net) => net >= 0n)).toBe(true);
        }
        const accounts: readonly Account[] = ['vpp', participantAccount(participant(1)), ...ids];
        for (const account of accounts) {
          const net = sum(second.flows.map(({ amountMicro, credit, debit }) => (credit === account ? amountMicro : 0n) - (debit === account ? amountMicro : 0n))); // prettier-ignore
          expect(netCreditMicro(sets.flat(), account)).toBe(net);
        }
        expect(remunerationCodec.decode(remunerationCodec.encode(second), 'row')).toEqual(second);
      }),
      { seed: 46, numRuns: 300 },
    );
  });
});
