import type { MeterId, ParticipantId } from '../ids';
import { slot } from '../time';
import { sum } from '../math';
import { idOf, testRuleSet, testSession } from '../testing/session-fixture';
import { micro, wh } from '../units';
import { foldPostingSets } from './invariants';
import { move } from './post';
import { participantAccount, type PostingSet } from './rows';
import { balancingReserveOf, settleSlot, type SettledParticipant } from './settle-slot';
import { linesDigest, ruleInWords, sessionSlots, statementLines, statementOf, type StatementInput } from './statement';

const supplier = idOf<ParticipantId>('supplier');
const ann = idOf<ParticipantId>('ann');
const reserveMicro = micro(1_000_001n);

function participant(participantId: ParticipantId, importWh: bigint): SettledParticipant {
  const meter = { meterId: idOf<MeterId>('meter'), blockStartSlot: slot(3), importWh: wh(importWh), exportWh: wh(0n) };
  return {
    participantId,
    scheduled: participantId === supplier,
    intervalBoughtWh: wh(0n),
    intervalSoldWh: wh(0n),
    intervalBuyMicro: micro(0n),
    intervalSellMicro: micro(0n),
    reserveMicro,
    meters: participantId === supplier ? [] : [{ ...meter, quality: 'OK' }],
  };
}

/** All slots of the session in two buckets: ann and the supplier in the first, somebody else in the second. */
function settledBucket(bucket: number): readonly PostingSet[] {
  const participants =
    bucket === 0 ? [participant(ann, 100n), participant(supplier, 0n)] : [participant(idOf('zed'), 50n)];
  return sessionSlots(testSession).map((slot, index) =>
    settleSlot({
      sessionId: testSession.sessionId,
      run: 1,
      slot,
      bucket,
      quarter: index % 4,
      ruleSet: testRuleSet,
      participants,
      balancing: { participantId: supplier, reserveMicro: balancingReserveOf(reserveMicro, 2, bucket) },
    }),
  );
}

const sets = [settledBucket(0), settledBucket(1)] as const;

function inputOf(participantId: ParticipantId): StatementInput {
  const otherSets = participantId === supplier ? sets[1] : [];
  return { session: testSession, run: 1, bucket: 0, participantId, sets: sets[0], otherSets, positions: [] };
}

describe('a statement', () => {
  it('sums what its lines say, and compares with the prices outside the market', () => {
    const { totals } = statementOf(inputOf(ann));
    // 8 quarter hours of 100 Wh that were not bought: 40,000 each; outside 0.8 kWh at 0.32 EUR/kWh.
    expect(totals).toMatchObject({ importWh: 800n, shortWh: 800n, shortMicro: 320_000n, billDebitMicro: 320_000n });
    expect(totals).toMatchObject({ outsideDebitMicro: 256_000n, creditedMicro: 8n * (1_000_001n - 40_000n) });
  });

  it('has a digest that no changed line keeps', () => {
    const lines = statementLines(inputOf(ann));
    const statement = statementOf(inputOf(ann));
    expect(linesDigest(lines)).toBe(statement.linesDigest);
    const changed = lines.map((line, index) => (index === 3 ? { ...line, slot: lines[2]!.slot } : line));
    expect(linesDigest(changed)).not.toBe(statement.linesDigest);
  });

  it('names the rows that went in and the row that came out', () => {
    const [line] = statementLines(inputOf(ann));
    expect(line?.inputs).toEqual([`block/${idOf<MeterId>('meter')}/00000003`]);
    expect(line?.postingSet).toBe(`posting/settlement.${testSession.sessionId}.00001000.01.0000`);
    expect(line?.entries.every((entry) => entry.account === participantAccount(ann))).toBe(true);
  });

  it('of the balancing party counts the deviations of all buckets', () => {
    const { totals } = statementOf(inputOf(supplier));
    expect(totals.creditedMicro).toBe(8n * (1_000_001n + 40_000n + 20_000n));
  });

  it('agrees with the fold of the posting sets over all buckets', () => {
    const lockedMicro = 8n * 3n * reserveMicro;
    const fund: PostingSet = {
      cause: { kind: 'fund', commandId: idOf('fund') },
      entries: move('bank', 'escrow', lockedMicro, 'fund'),
    };
    const books = foldPostingSets([fund, ...sets[0], ...sets[1]]);
    expect(books.violations).toEqual([]);
    expect(books.balances.get('escrow')).toBe(0n);
    expect(books.balances.get(participantAccount(supplier))).toBe(statementOf(inputOf(supplier)).totals.creditedMicro);
    expect(sum(books.balances.values())).toBe(lockedMicro);
  });

  it('states the rule with the numbers of the rule set', () => {
    const rule = ruleInWords(testRuleSet).join(' ');
    expect(rule).toContain('Rule set 7');
    expect(rule).toContain('400000');
    expect(rule).toContain('50000');
  });
});
