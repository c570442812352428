import * as fc from 'fast-check';
import { present } from '../../assert';
import { sum } from '../../math';
import { foldPostingSets } from '../../settlement/invariants';
import { balanced, move } from '../../settlement/post';
import { participantAccount, type Line, type MeterInput, type PostingSet } from '../../settlement/rows';
import { settleSlot } from '../../settlement/settle-slot';
import { coalitionSlot, numberedParticipant, testCoalition, testMember } from '../../testing/coalition-fixture';
import { testRuleSet, testSession } from '../../testing/session-fixture';
import { addSlots } from '../../time';
import { micro, ppm, w, wh } from '../../units';
import type { Coalition } from '../formation/rows';
import {
  coalitionToRemunerate,
  remunerate,
  postRemuneration,
  type CoalitionKnown,
  type Remuneration,
} from '../remuneration';
import { correctionFromCoalition, isCalledAt, settledDeliveries, type SettledDelivery } from './position';
import type { PoolDelivery } from './rows';
import { verifySlot } from './verify';

/** What a member has bought, would have taken, is asked for, and is measured with at first and later. */
interface Case {
  readonly boughtWh: number;
  readonly baselineWh: number;
  readonly askedWh: number;
  readonly measuredWh: number | undefined;
  readonly laterWh: number;
}

const at = coalitionSlot;
const ownerOf = (index: number) => numberedParticipant(index + 2);
const assetOf = (index: number) => String(index + 20).padStart(26, '0');
const powerOf = ({ askedWh }: Case): bigint => 4n * BigInt(askedWh);

function coalitionOf(cases: readonly Case[], direction: Coalition['direction']): Coalition {
  const [first, second] = testCoalition.slices;
  const offeredW = w(sum(cases.map(powerOf)));
  return {
    ...testCoalition,
    direction,
    slices: [{ ...present(first, 'It is there.'), offeredW }, present(second, 'It is there.')],
  };
}

function membersOf(cases: readonly Case[]) {
  return cases.map((one, index) => testMember(index + 2, assetOf(index), powerOf(one)));
}

/** What is verified of the slot from some readings of net energy taken; undefined where a meter is silent. */
function verify(
  cases: readonly Case[],
  coalition: Coalition,
  taken: readonly (number | undefined)[],
  version: number,
): PoolDelivery {
  const sign = coalition.direction === 'down' ? -1n : 1n;
  const setPoints = membersOf(cases).map(({ assetId }, index) => ({ assetId, powersW: [w(powerOf(cases[index]!))] }));
  const dueMinute = at * 15;
  const powerW = w(sum(cases.map(powerOf)));
  return verifySlot({
    coalition,
    slot: at,
    slice: 0,
    members: membersOf(cases).map((member, index) => {
      const takenWh = taken[index];
      return {
        member,
        netWh: takenWh === undefined ? undefined : -BigInt(takenWh),
        baselineNetWh: -BigInt(cases[index]!.baselineWh),
        grossWh: BigInt(takenWh ?? 0),
        isFlagged: false,
        promisedW: powerOf(cases[index]!),
      };
    }),
    activations: [
      {
        activation: { powerW, dueMinute, periods: 1 },
        dispatches: [{ fromMinute: dueMinute, setPoints }],
        handovers: [],
        sign,
      },
    ],
    minutes: undefined,
    tolerancePpm: 50_000n,
    version,
  });
}

/** Settles the slot with what was verified by then; the readings that settlement has may be others than those that were verified. */
function settle(
  cases: readonly Case[],
  coalition: Coalition,
  delivery: PoolDelivery | undefined,
  taken: readonly (number | undefined)[],
): { readonly set: PostingSet; readonly settled: readonly SettledDelivery[] } {
  const set = settleSlot({
    sessionId: testSession.sessionId,
    run: 1,
    slot: at,
    bucket: 0,
    quarter: 0,
    ruleSet: testRuleSet,
    balancing: undefined,
    participants: cases.map(({ boughtWh }, index) => {
      const takenWh = taken[index];
      const reading = {
        meterId: membersOf(cases)[index]!.meterId,
        importWh: wh(BigInt(takenWh ?? 0)),
        exportWh: wh(0n),
      };
      const meter: MeterInput =
        takenWh === undefined ? { ...reading, quality: 'MISSING' } : { ...reading, quality: 'OK', blockStartSlot: at };
      const correction =
        delivery === undefined ? undefined : correctionFromCoalition(coalition, delivery, ownerOf(index));
      return {
        participantId: ownerOf(index),
        scheduled: false,
        intervalBoughtWh: wh(4n * BigInt(boughtWh)),
        intervalSoldWh: wh(0n),
        intervalBuyMicro: micro(0n),
        intervalSellMicro: micro(0n),
        reserveMicro: micro(10_000_000n),
        meters: [meter],
        ...(correction === undefined ? {} : { coalitions: [correction] }),
      };
    }),
  });
  const calls = cases.map((_, index) => ({ coalitionId: coalition.coalitionId, participantId: ownerOf(index) }));
  const place = { sessionId: testSession.sessionId, bucket: 0, slot: at };
  return { set, settled: settledDeliveries(place, set.lines ?? [], calls) };
}

function knownOf(
  cases: readonly Case[],
  coalition: Coalition,
  deliveries: readonly PoolDelivery[],
  settled: readonly SettledDelivery[],
  previous?: Remuneration,
): CoalitionKnown {
  return {
    coalition: { ...coalition, lockedMicro: micro(1_000_000_000n) },
    members: membersOf(cases),
    deliveries,
    settled,
    rules: { operatorSharePpm: ppm(100_000n) },
    flexibilityTransferMicroPerKwh: 250_000n,
    previous,
  };
}

const lineFor = ({ lines = [] }: PostingSet, index: number): Line =>
  present(
    lines.find(({ participantId }) => participantId === ownerOf(index)),
    'Everybody has a line.',
  );

/** What a coalition transfers from (above zero) or to a member. */
function transferredWh(known: CoalitionKnown, index: number): bigint {
  const member = coalitionToRemunerate(known).members.find(({ participantId }) => participantId === ownerOf(index));
  return (member?.transferGivenWh ?? 0n) - (member?.transferTakenWh ?? 0n);
}

describe('the position of a member', () => {
  const designs: Case = { boughtWh: 2_000, baselineWh: 2_000, askedWh: 500, measuredWh: 1_600, laterWh: 1_600 };

  it('of 2,000 bought, baseline 2,000, 500 less asked and 1,600 metered is 1,600: 400 delivered, imbalance 0', () => {
    const coalition = coalitionOf([designs], 'up');
    const delivery = verify([designs], coalition, [1_600], 1);
    expect(delivery.members[0]).toMatchObject({ askedWh: 500n, deliveredWh: 400n, flags: ['SHORT'] });
    const { set, settled } = settle([designs], coalition, delivery, [1_600]);
    expect(lineFor(set, 0)).toMatchObject({ boughtWh: 2_000n, importWh: 1_600n, shortWh: 0n, longWh: 0n });
    expect(settled).toMatchObject([{ slot: at, members: [{ participantId: ownerOf(0), correctedWh: 400n }] }]);
    expect(transferredWh(knownOf([designs], coalition, [delivery], settled), 0)).toBe(400n);
  });

  it('grows by what was taken for a call down: 2,000 bought, 500 more asked and taken', () => {
    const down: Case = { ...designs, measuredWh: 2_500, laterWh: 2_500 };
    const coalition = coalitionOf([down], 'down');
    const delivery = verify([down], coalition, [2_500], 1);
    const { set, settled } = settle([down], coalition, delivery, [2_500]);
    expect(lineFor(set, 0)).toMatchObject({ importWh: 2_500n, shortWh: 0n, longWh: 0n });
    expect(transferredWh(knownOf([down], coalition, [delivery], settled), 0)).toBe(-500n);
  });

  it('of a symmetric service goes the way of what was due', () => {
    const coalition = coalitionOf([designs], 'symmetric');
    const delivery = verify([designs], coalition, [1_600], 1);
    expect(delivery.direction).toBe('up');
    expect(correctionFromCoalition(coalition, delivery, ownerOf(0))).toMatchObject({
      direction: 'up',
      deliveredWh: 400n,
    });
  });

  it('is not touched by reactive energy', () => {
    const coalition = coalitionOf([designs], 'inductive');
    const delivery = { ...verify([designs], coalition, [1_600], 1) };
    expect(correctionFromCoalition(coalition, delivery, ownerOf(0))).toBeUndefined();
    expect(isCalledAt(coalition, [{ dueMinute: at * 15, periods: 1 }], at)).toBe(false);
  });

  const call = [{ dueMinute: at * 15, periods: 1 }];
  it.each([
    ['that is bought, where it is called', {}, call, at, true],
    ['elsewhere', {}, call, addSlots(at, 1), false],
    ['in a slice of which nothing is offered', {}, [{ dueMinute: (at + 4) * 15, periods: 1 }], addSlots(at, 4), false],
    ['that is not bought', { state: 'OFFERED' }, call, at, false],
    ['that has expired', { state: 'EXPIRED' }, call, at, false],
    ['that follows, all the time', { terms: { ...testCoalition.terms, settledBy: 'telemetry' } }, [], at, true],
  ] as const)('is corrected by a coalition %s', (_what, change, activations, slot, expected) => {
    expect(isCalledAt({ ...testCoalition, ...change }, activations, slot)).toBe(expected);
  });
});

describe('whatever is bought, asked and measured, and whenever it is settled', () => {
  const energy = fc.integer({ min: 0, max: 3_000 });
  const anyCase = fc.record({
    boughtWh: energy,
    baselineWh: energy,
    askedWh: fc.integer({ min: 0, max: 1_000 }),
    measuredWh: fc.option(energy, { nil: undefined }),
    laterWh: energy,
  });
  const anything = fc.record({
    cases: fc.array(anyCase, { minLength: 1, maxLength: 4 }),
    direction: fc.constantFrom<Coalition['direction']>('up', 'down', 'symmetric'),
    settledAfter: fc.constantFrom<'nothing' | 'first' | 'later'>('nothing', 'first', 'later'),
    hasLateReadings: fc.boolean(),
  });

  it('every kWh is a deviation or transferred and never both, and all postings sum to nothing', () => {
    fc.assert(
      fc.property(anything, ({ cases, direction, hasLateReadings, settledAfter }) => {
        fc.pre(cases.some(({ askedWh }) => askedWh > 0));
        const coalition = coalitionOf(cases, direction);
        const early = cases.map(({ measuredWh }) => measuredWh);
        const late = cases.map(({ laterWh }) => laterWh);
        const first = verify(cases, coalition, early, 1);
        const second = verify(cases, coalition, late, 2);
        const known = { nothing: undefined, first, later: second }[settledAfter];
        const { set, settled } = settle(cases, coalition, known, hasLateReadings ? late : early);
        const before = knownOf(cases, coalition, [first], settledAfter === 'first' ? settled : []);
        const paid = remunerate(coalitionToRemunerate(before));
        const after = knownOf(cases, coalition, [second], settled, paid);
        const paidAgain = remunerate(coalitionToRemunerate(after), paid);

        for (const [index, { boughtWh }] of cases.entries()) {
          const line = lineFor(set, index);
          const movedWh = transferredWh(after, index);
          const corrected = (line.coalitions ?? []).map((one) => (one.direction === 'up' ? 1n : -1n) * one.deliveredWh);
          if (line.status === 'OK') {
            expect(movedWh).toBe(sum(corrected));
            expect(line.importWh).toBe(BigInt(boughtWh) - movedWh + line.shortWh - line.longWh);
          } else {
            expect([line.shortWh, line.longWh]).toEqual([0n, 0n]);
            const wholeWh = correctionFromCoalition(coalition, second, ownerOf(index))?.deliveredWh ?? 0n;
            expect(movedWh < 0n ? -movedWh : movedWh).toBe(wholeWh);
          }
        }
        const accounts = ['escrow', 'vpp', ...cases.map((_, index) => participantAccount(ownerOf(index)))] as const;
        const issued = accounts.map((account) =>
          balanced({
            cause: {
              kind: 'fund',
              commandId: account
                .padEnd(26, '0')
                .replaceAll(/[^0-9a-z]/g, '0')
                .slice(-26) as never,
            },
            entries: move('bank', account, 10_000_000_000n, 'fund'),
          }),
        );
        const sets = [...issued, set, postRemuneration(paid), postRemuneration(paidAgain, paid)];
        const { balances, issuedMicro, violations } = foldPostingSets(sets);
        expect(violations).toEqual([]);
        expect(sum([...balances.values()])).toBe(issuedMicro);
      }),
      { seed: 2_026, numRuns: 500 },
    );
  });
});
