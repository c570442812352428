import { RuleError } from '../../errors';
import { limits } from '../../limits';
import { addSlots, slot } from '../../time';
import { microPerKwh, ppm, w, wh } from '../../units';
import type { ServiceRequest } from '../service/rows';
import { coveredSlices, keptProbabilityPpm, memberPowerW } from './coverage';
import {
  acceptCoalition,
  checkMemberCount,
  concludeConsents,
  consent,
  decline,
  expireCoalition,
  leaveFrom,
  offerCoalition,
  rejectCoalition,
  uncoveredSlices,
} from './formation';
import { memberPromiseId } from './ids';
import { demandStored, dropDuty, memberDays, memberPromises, takeDuty } from './promises';
import type { Coalition, CoalitionMember, CoalitionState, MemberAnswer } from './rows';

const firstSlot = slot(96_000);
const coalition = {
  coalitionId: 'c',
  aggregatorId: 'agg',
  direction: 'up',
  firstSlot,
  stepSlots: 4,
  sliceSlots: 8,
  slices: [
    { firstSlot, offeredW: w(8_000n) },
    { firstSlot: addSlots(firstSlot, 8), offeredW: w(6_000n) },
  ],
  terms: { bidMinW: w(2_000n), bidStepW: w(1_000n), holdSlots: 2, membersMin: 1, marginPpm: ppm(0n) },
  consentBySlot: addSlots(firstSlot, -16),
  acceptBySlot: addSlots(firstSlot, -8),
  publishes: true,
  state: 'PROPOSED',
} as unknown as Coalition;

function member(assetId: string, powersW: readonly bigint[], changes: Partial<CoalitionMember> = {}): CoalitionMember {
  return {
    coalitionId: 'c',
    assetId,
    participantId: `owner of ${assetId}`,
    powersW: powersW.map(w),
    firmPpm: ppm(900_000n),
    consent: 'open',
    publishes: true,
    ...changes,
  } as unknown as CoalitionMember;
}

const answer = {
  transaction: 'consentCoalition',
  commandId: 'x',
  expirySlot: firstSlot,
  signature: 's',
} as unknown as MemberAnswer;
const steady = [5_000n, 5_000n, 5_000n, 5_000n];

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof RuleError ? error.code : String(error);
  }
  return 'accepted';
}

function inState(state: CoalitionState): Coalition {
  return { ...coalition, state };
}

describe('a coalition', () => {
  it.each([
    [0, 1, 'VPP_COALITION_EMPTY'],
    [1, 1, 'accepted'],
    [1, 2, 'VPP_COALITION_TOO_SMALL'],
    [limits.coalitionMembersMax, 2, 'accepted'],
    [10_000, 1, 'VPP_COALITION_TOO_LARGE'],
  ])('of %s members where %s is the least is %s', (members, least, code) => {
    expect(codeOf(() => checkMemberCount(members, least))).toBe(code);
  });

  it('offers in each slice what those who take part keep in its worst step, in steps of the bid and never below the least bid', () => {
    const members = [
      member('a', [5_000n, 4_500n, 5_000n, 1_000n], { consent: 'mandate' }),
      member('b', steady, { consent: 'signed' }),
      member('c', steady, { consent: 'declined' }),
    ];
    const powers = coveredSlices(coalition, members).map(({ offeredW }) => offeredW);
    expect(powers).toEqual([8_000n, 5_000n]);
    const alone = coveredSlices(coalition, [member('a', [2_300n, 2_300n, 2_200n, 2_200n], { consent: 'mandate' })]);
    expect(alone.map(({ offeredW }) => offeredW)).toEqual([2_000n, 0n]);
  });

  it('needs no silent member: it goes on with the others, and publishes only where all of several agree', () => {
    const members = [member('a', steady, { consent: 'mandate' }), member('b', steady)];
    expect(codeOf(() => concludeConsents(coalition, members, false))).toBe('VPP_CONSENT_OPEN');
    const concluded = concludeConsents(coalition, members, true);
    expect(concluded.coalition).toMatchObject({ state: 'CONSENTED', publishes: false });
    expect(concluded.coalition.slices.map(({ offeredW }) => offeredW)).toEqual([4_000n, 4_000n]);
    expect(concluded.silent).toMatchObject([{ assetId: 'b', consent: 'declined' }]);
    expect(codeOf(() => concludeConsents(coalition, [member('b', steady)], true))).toBe('VPP_COALITION_UNCOVERED');
  });

  it('keeps its promise with the probability with which it would have kept it in the past', () => {
    const halves = { firmPpm: 0n, deliveredPpm: [1_000_000n, 500_000n] };
    const unknown = { firmPpm: 900_000n, deliveredPpm: [] };
    const members = [
      { powerW: 4_000n, record: halves },
      { powerW: 4_000n, record: unknown },
    ];
    expect(keptProbabilityPpm(members, 7_600n)).toBe(500_000n);
    expect(keptProbabilityPpm(members, 5_600n)).toBe(1_000_000n);
    expect(keptProbabilityPpm(members, 7_601n)).toBe(0n);
  });
});

describe('steps of a coalition are refused', () => {
  const request = {
    requestId: 'r',
    state: 'OPEN',
    capacityPriceMicroPerKwh: microPerKwh(10n),
    energyPriceMicroPerKwh: microPerKwh(20n),
  } as unknown as ServiceRequest;
  const prices = { capacityPriceMicroPerKwh: microPerKwh(10n), energyPriceMicroPerKwh: microPerKwh(20n) };
  const dear = { ...prices, energyPriceMicroPerKwh: microPerKwh(21n) };
  const signed = member('a', steady, { consent: 'signed' });
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ['a consent after its time', () => consent(coalition, member('a', steady), answer, true, true), 'VPP_CONSENT_OVER'],
    ['a second consent', () => consent(coalition, signed, answer, true, false), 'VPP_MEMBER_ANSWERED'],
    [
      'a consent to an offered coalition',
      () => consent(inState('OFFERED'), member('a', steady), answer, true, false),
      'VPP_COALITION_STATE',
    ],
    [
      'a second refusal',
      () => decline(coalition, member('a', steady, { consent: 'declined' }), answer),
      'VPP_MEMBER_ANSWERED',
    ],
    ['an offer before the consents', () => offerCoalition(coalition, request, prices, false), 'VPP_COALITION_STATE'],
    [
      'an offer to a closed request',
      () => offerCoalition(inState('CONSENTED'), { ...request, state: 'WITHDRAWN' }, prices, false),
      'VPP_REQUEST_CLOSED',
    ],
    [
      'an offer after the time of the request',
      () => offerCoalition(inState('CONSENTED'), request, prices, true),
      'VPP_REQUEST_CLOSED',
    ],
    [
      'an offer above the price',
      () => offerCoalition(inState('CONSENTED'), request, dear, false),
      'VPP_OFFER_ABOVE_PRICE',
    ],
    ['an acceptance after its time', () => acceptCoalition(inState('OFFERED'), true), 'VPP_ACCEPT_OVER'],
    ['an acceptance of what is not offered', () => acceptCoalition(inState('CONSENTED'), false), 'VPP_COALITION_STATE'],
    ['a rejection of what is accepted', () => rejectCoalition(inState('ACCEPTED')), 'VPP_COALITION_STATE'],
    ['an expiry before its time', () => expireCoalition(inState('OFFERED'), false), 'VPP_COALITION_NOT_EXPIRED'],
    ['an expiry of what is accepted', () => expireCoalition(inState('ACCEPTED'), true), 'VPP_COALITION_STATE'],
    [
      'leaving within a slice',
      () => leaveFrom(inState('ACCEPTED'), signed, addSlots(firstSlot, 3), answer, false),
      'VPP_LEAVE_IN_SLICE',
    ],
    [
      'leaving a slice that has begun',
      () => leaveFrom(inState('ACCEPTED'), signed, firstSlot, answer, true),
      'VPP_LEAVE_IN_SLICE',
    ],
    [
      'leaving twice',
      () => leaveFrom(inState('ACCEPTED'), member('a', steady, { consent: 'left' }), firstSlot, answer, false),
      'VPP_MEMBER_ANSWERED',
    ],
  ];

  it.each(cases)('%s', (_, work, code) => {
    expect(codeOf(work)).toBe(code);
  });
});

describe('what a storage has promised', () => {
  const serving = member('a', [1_000n, 0n, 2_000n, 2_000n], { consent: 'mandate' });
  const book = memberPromises({ ...coalition, direction: 'symmetric' }, serving, { name: 'standard', rank: 0 });
  const bandsOf = (upWh: bigint, downWh: bigint) => {
    const bands = [
      { direction: 'up', energyWh: wh(upWh) },
      { direction: 'down', energyWh: wh(downWh) },
    ];
    return { bands } as unknown as Parameters<typeof demandStored>[1];
  };
  const cases: readonly (readonly [string, bigint, bigint, number, string])[] = [
    // Five kilowatts for an hour each, of which a quarter can be called.
    ['fits into just as much as can be called', 1_250n, 1_250n, 0, 'accepted'],
    ['is refused beyond that upwards', 1_249n, 1_250n, 0, 'COMMITMENTS_STORAGE'],
    ['is refused beyond that downwards', 1_250n, 1_249n, 0, 'COMMITMENTS_STORAGE'],
    ['counts from when its state was filed on', 1_000n, 1_000n, 4, 'accepted'],
    ['counts in the middle of an interval', 999n, 1_000n, 4, 'COMMITMENTS_STORAGE'],
  ];
  it.each(cases)('%s', (_name, upWh, downWh, later, code) => {
    const demanding = () => demandStored(book, bandsOf(upWh, downWh), addSlots(firstSlot, later));
    expect(codeOf(demanding)).toBe(code);
  });

  it('does not fit into a storage with what is promised without a share of its time', () => {
    const whole = book.map(({ holdPpm: _holdPpm, ...entry }) => entry);
    expect(codeOf(() => demandStored(whole, bandsOf(4_999n, 5_000n), firstSlot))).toBe('COMMITMENTS_STORAGE');
    expect(codeOf(() => demandStored(whole, bandsOf(5_000n, 5_000n), firstSlot))).toBe('accepted');
  });
});

describe('the promises of a member', () => {
  const serving = member('a', [1_000n, 0n, 2_000n, 2_000n], { consent: 'mandate' });
  const priority = { name: 'standard', rank: 0 };

  it('stand in the book quarter hour by quarter hour, both ways for a symmetric service and not at all for a reactive one', () => {
    const [up, more] = memberPromises(coalition, serving, priority);
    expect(more).toBeUndefined();
    expect(up).toMatchObject({
      purpose: 'vpp',
      direction: 'up',
      firstSlot,
      promiseId: memberPromiseId('c' as never, 'a' as never),
    });
    expect(up?.powersW).toEqual([
      ...Array<bigint>(4).fill(1_000n),
      ...Array<bigint>(4).fill(0n),
      ...Array<bigint>(8).fill(2_000n),
    ]);
    // Two of the eight quarter hours of a slice can be called.
    expect(up?.holdPpm).toBe(250_000n);
    const throughout = { ...coalition, terms: { ...coalition.terms, holdSlots: 8 } };
    expect(memberPromises(throughout, serving, priority)[0]).not.toHaveProperty('holdPpm');
    const both = memberPromises({ ...coalition, direction: 'symmetric' }, serving, priority);
    expect(both.map(({ direction }) => direction)).toEqual(['up', 'down']);
    expect(memberPromises({ ...coalition, direction: 'inductive' }, serving, priority)).toEqual([]);
    expect(memberDays(coalition, serving)).toEqual([firstSlot]);
  });

  it('end where it leaves, and the slices that nobody keeps any more are told', () => {
    const left = leaveFrom(inState('ACCEPTED'), serving, addSlots(firstSlot, 8), answer, false);
    expect(memberPowerW(coalition, left, addSlots(firstSlot, 3))).toBe(1_000n);
    expect(memberPowerW(coalition, left, addSlots(firstSlot, 8))).toBe(0n);
    const others = [member('b', [9_000n, 9_000n, 5_000n, 5_000n], { consent: 'signed' }), left];
    expect(uncoveredSlices(coalition, others)).toEqual([addSlots(firstSlot, 8)]);
  });

  it('are in one coalition at a time, whatever these move', () => {
    const duties = takeDuty([], 'c' as never, [slot(5), slot(6)], 'a');
    expect(codeOf(() => takeDuty(duties, 'd' as never, [slot(6), slot(7)], 'a'))).toBe('VPP_MEMBER_TAKEN');
    const more = takeDuty(duties, 'd' as never, [slot(7)], 'a');
    expect(dropDuty(more, 'c' as never, slot(6))).toEqual([
      { coalitionId: 'c', slots: [5] },
      { coalitionId: 'd', slots: [7] },
    ]);
    expect(dropDuty(more, 'c' as never, slot(0))).toEqual([{ coalitionId: 'd', slots: [7] }]);
  });
});
