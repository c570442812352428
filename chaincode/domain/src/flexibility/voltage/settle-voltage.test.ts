import type { ParticipantId, ProgrammeId } from '../../ids';
import { slot } from '../../time';
import { micro, ppm } from '../../units';
import type { Programme } from '../programme/rows';
import type { VoltagePerformance, VoltageSupport } from './rows';
import { budgetAfter, grantBudget } from './budget';
import { postVoltageSettlement, settleSupport } from './settle-voltage';

const gridId = 'rural-1';
const programme = {
  programmeId: 'programme' as ProgrammeId,
  aggregatorId: 'aggregator' as ParticipantId,
  terms: {
    direction: 'voltage',
    gridIds: [gridId],
    aggregatorSharePpm: ppm(200_000n),
    firstSlot: slot(90),
    lastSlot: slot(105),
  },
  state: 'OPEN',
} as unknown as Programme;
const support = {
  supportId: 'support',
  gridId,
  target: { kind: 'asset', participantId: 'prosumer' },
  firstSlot: slot(100),
  slots: 8,
} as unknown as VoltageSupport;

/** What slots from the first one on are worth, as they were tracked. */
function tracked(...rewards: readonly bigint[]): readonly VoltagePerformance[] {
  return rewards.map(
    (rewardMicro, index) => ({ slot: slot(100 + index), rewardMicro: micro(rewardMicro) }) as VoltagePerformance,
  );
}

describe('the rule of paying for voltage support', () => {
  // budget, first rewards, later rewards -> paid to the prosumer and the aggregator, uncovered, overpaid, left of the budget
  it.each([
    ['more is measured later', 1_000n, [100n], [200n], [160n, 40n, 0n, 0n, 800n]],
    ['less is measured later, and what was paid stays', 1_000n, [200n], [100n], [160n, 40n, 0n, 100n, 800n]],
    ['nothing is measured later', 1_000n, [200n], [0n], [160n, 40n, 0n, 200n, 800n]],
    ['the budget is smaller than both', 50n, [100n], [200n], [50n, 0n, 150n, 0n, 0n]],
    ['the budget reaches for the prosumer alone', 80n, [100n], [100n], [80n, 0n, 20n, 0n, 0n]],
    ['the share is rounded down', 1_000n, [4n], [9n], [8n, 1n, 0n, 0n, 991n]],
    [
      'slots after the time of the programme count nothing',
      1_000n,
      [5n, 5n, 5n, 5n, 5n, 5n, 70n],
      [],
      [24n, 6n, 0n, 0n, 970n],
    ],
  ] as const)('pays exactly where %s', (_, grantedMicro, first, later, expected) => {
    const granted = grantBudget(undefined, programme, { gridId, firstSlot: slot(0), amountMicro: micro(grantedMicro) });
    const settled = settleSupport({ support, programme, budget: granted, performances: tracked(...first) });
    const budget = budgetAfter(granted, postVoltageSettlement(settled));
    const performances = later.length === 0 ? tracked(...first) : tracked(...later);
    const next = settleSupport({ support, programme, budget, performances }, settled);
    const { leftMicro } = budgetAfter(budget, postVoltageSettlement(next, settled));
    const { aggregatorMicro, overpaidMicro, rewardMicro, uncoveredMicro } = next;
    expect([rewardMicro, aggregatorMicro, uncoveredMicro, overpaidMicro, leftMicro]).toEqual(expected);
  });
});
