import { participantAccount } from '../../settlement/rows';
import {
  coalitionSlot as firstSlot,
  numberedParticipant as participant,
  testCoalition as coalition,
  testMember as member,
} from '../../testing/coalition-fixture';
import { addSlots } from '../../time';
import { micro, microPerKwh, ppm, wh } from '../../units';
import type { PoolDelivery } from '../delivery/rows';
import { coalitionIdCodec } from '../formation/ids';
import { failuresAfter, failuresInRow } from './failures';
import { coalitionToRemunerate, netPaidMicro, type CoalitionKnown } from './known';
import { remunerate } from './remunerate';

const asset = (number: number): string => String(number).padStart(26, '0');
const members = [
  member(2, asset(21), 600_000n),
  member(3, asset(31), 400_000n),
  member(4, asset(41), 500_000n, { consent: 'declined' }),
];

/** 250 kWh are called in each quarter hour of the first slice; one owner brings all of its part, the other half. */
const deliveries = [0, 1, 2, 3].map((offset): PoolDelivery => ({
  coalitionId: coalition.coalitionId,
  slot: addSlots(firstSlot, offset),
  slice: 0,
  askedWh: wh(250_000n),
  deliveredWh: wh(200_000n),
  shortfallWh: wh(50_000n),
  flags: ['SHORT'],
  members: [
    { assetId: members[0]!.assetId, participantId: participant(2), askedWh: wh(150_000n), deliveredWh: wh(150_000n), flags: [] }, // prettier-ignore
    { assetId: members[1]!.assetId, participantId: participant(3), askedWh: wh(100_000n), deliveredWh: wh(50_000n), flags: ['SHORT'] }, // prettier-ignore
  ],
  version: 1,
}));

const known: CoalitionKnown = {
  coalition,
  members,
  deliveries,
  rules: {},
  flexibilityTransferMicroPerKwh: 0n,
  previous: undefined,
};

describe('what a coalition is paid from', () => {
  it('is its offer, its slices that were served, and what those who took part brought', () => {
    const asked = coalitionToRemunerate(known);
    expect(asked.slices).toEqual([
      { firstSlot, slots: 4, offeredW: 1_000_000n, askedWh: 1_000_000n, deliveredWh: 800_000n, shortfallWh: 200_000n },
    ]);
    expect(asked.members.map(({ participantId }) => participantId)).toEqual([participant(2), participant(3)]);
    expect(asked.members[1]!.slices).toEqual([
      { firmMicroW: [400_000_000_000n], assets: [1], askedWh: 400_000n, deliveredWh: 200_000n },
    ]);
    expect(asked.members.map(({ transferGivenWh }) => transferGivenWh)).toEqual([600_000n, 200_000n]);
  });

  it('pays 12 for capacity and 56 for energy, and who is short bears the penalty of 20 as far as its share goes', () => {
    const remuneration = remunerate(coalitionToRemunerate(known));
    expect(remuneration.paidMicro).toBe(68_000_000n);
    expect(remuneration.lines.map(({ penaltyMicro, shareMicro }) => [shareMicro, penaltyMicro])).toEqual([
      [51_000_000n, 0n],
      [17_000_000n, 17_000_000n],
    ]);
    expect(remuneration.uncoveredMicro).toBe(3_000_000n);
    expect(netPaidMicro(remuneration)).toBe(51_000_000n);
  });

  it('has for a later version what is still locked and what was paid before', () => {
    const previous = remunerate(coalitionToRemunerate(known));
    const lockedMicro = micro(85_000_000n - netPaidMicro(previous));
    const next = { ...known, coalition: { ...coalition, state: 'SETTLED' as const, lockedMicro }, previous };
    expect(coalitionToRemunerate(next).payerCoverMicro).toBe(85_000_000n);
  });

  it('adds the rule set to the penalty of the service, and is paid by a participant where one has bought', () => {
    const asked = coalitionToRemunerate({
      ...known,
      coalition: { ...coalition, buyer: { participantId: participant(9) } },
      rules: { deficiencyMicroPerKwh: microPerKwh(5_000n), operatorSharePpm: ppm(100_000n), sharing: 'shapley' },
    });
    expect(asked.penaltyMicroPerKwh).toBe(105_000n);
    expect(asked.payer).toBe(participantAccount(participant(9)));
    expect([asked.rule, asked.operatorSharePpm]).toEqual(['shapley', 100_000n]);
  });

  it.each(['PROPOSED', 'CONSENTED', 'OFFERED', 'ACCEPTED', 'EXPIRED', 'REJECTED'] as const)(
    'is refused of one that is %s',
    (state) => {
      expect(() => coalitionToRemunerate({ ...known, coalition: { ...coalition, state } })).toThrow(
        'VPP_COALITION_STATE',
      );
    },
  );
});

describe('failures in a row', () => {
  const slice = (askedWh: bigint, shortfallWh: bigint) => ({ askedWh, shortfallWh });
  it.each([
    ['none where nothing was called', [slice(0n, 0n)], 0],
    ['none after one that was kept', [slice(5n, 5n), slice(5n, 0n)], 0],
    ['those at the end', [slice(5n, 0n), slice(5n, 1n), slice(0n, 0n), slice(5n, 5n)], 2],
    ['all', [slice(5n, 1n), slice(5n, 1n)], 2],
  ])('are %s', (_what, slices, expected) => {
    expect(failuresInRow(slices)).toBe(expected);
  });

  const { coalitionId } = coalition;
  const other = coalitionIdCodec.decode(asset(77), 'id');
  const short = [slice(5n, 1n), slice(5n, 5n)];
  const kept = [slice(5n, 5n), slice(5n, 0n)];
  it.each([
    ['begin with the first coalition', undefined, short, true, 0, 2],
    ['go on where every called slice of the next one was short', { inRow: 3, carried: 1 }, short, true, 3, 5],
    ['end with a slice that was kept', { inRow: 3, carried: 1 }, kept, true, 3, 0],
    [
      'are not carried into a later version of a coalition that others have followed',
      { inRow: 3, carried: 1 },
      short,
      false,
      0,
      2,
    ],
  ])('of coalitions %s', (_what, row, slices, isFirst, carried, inRow) => {
    const before = row === undefined ? undefined : { ...row, coalitionId: other };
    expect(failuresAfter(before, coalitionId, slices, isFirst)).toEqual({ coalitionId, carried, inRow });
  });

  it('of coalitions are counted from the same beginning by a later version of the same one', () => {
    const before = { coalitionId, carried: 1, inRow: 3 };
    expect(failuresAfter(before, coalitionId, kept, false)).toEqual({ coalitionId, carried: 1, inRow: 0 });
    expect(failuresAfter(before, coalitionId, short, false)).toEqual({ coalitionId, carried: 1, inRow: 3 });
  });
});
