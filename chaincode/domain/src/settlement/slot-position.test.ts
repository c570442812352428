import type { MeterId, ParticipantId, SessionId } from '../ids';
import { sum } from '../math';
import { idOf, testRuleSet, testSession } from '../testing/session-fixture';
import { slot } from '../time';
import { micro, wh } from '../units';
import { foldPostingSets } from './invariants';
import { move, netCreditMicro } from './post';
import { participantAccount, type PostingSet } from './rows';
import { resettle, settleSlot, type SettledParticipant } from './settle-slot';
import { quarterTrade, quartersWh, type SlotPosition } from './slot-position';

const ann = idOf<ParticipantId>('ann');

const intraday: SlotPosition = {
  sessionId: idOf<SessionId>('intraday'),
  firstSlot: slot(1_002),
  intervalSlots: 2,
  boughtWh: wh(401n),
  soldWh: wh(0n),
  buyMicro: micro(80_001n),
  sellMicro: micro(0n),
  feeMicro: micro(0n),
};

const contract: SlotPosition = {
  ...intraday,
  sessionId: idOf<SessionId>('contract'),
  firstSlot: slot(1_000),
  intervalSlots: 4,
  boughtWh: wh(0n),
  soldWh: wh(1_000n),
  buyMicro: micro(0n),
  sellMicro: micro(150_003n),
};

function seller(positions: readonly SlotPosition[], exportWh: bigint): SettledParticipant {
  return {
    participantId: ann,
    scheduled: false,
    intervalBoughtWh: wh(0n),
    intervalSoldWh: wh(4_000n),
    intervalBuyMicro: micro(0n),
    intervalSellMicro: micro(800_000n),
    ...(positions.length === 0 ? {} : { positions }),
    reserveMicro: micro(1_000_000n),
    meters: [
      { meterId: idOf<MeterId>('m'), blockStartSlot: slot(5), importWh: wh(0n), exportWh: wh(exportWh), quality: 'OK' },
    ],
  };
}

function settledAt(quarter: number, participant: SettledParticipant): PostingSet {
  return settleSlot({
    sessionId: testSession.sessionId,
    run: 1,
    slot: slot(1_000 + quarter),
    bucket: 0,
    quarter,
    ruleSet: testRuleSet,
    participants: [participant],
    balancing: undefined,
  });
}

function fund(amountMicro: bigint): PostingSet {
  return { cause: { kind: 'fund', commandId: idOf('fund') }, entries: move('bank', 'escrow', amountMicro, 'fund') };
}

describe('positions of several sessions and contracts in one quarter hour', () => {
  it('are added up: who sells, buys part of it back and delivers the rest does not deviate', () => {
    // Sold 1,000 a quarter hour, bought back 401 in two of them (201 and 200), so 799 are due in the third.
    const [line] = settledAt(2, seller([intraday], 799n)).lines!;
    expect(line).toMatchObject({ soldWh: 1_000n, boughtWh: 201n, shortWh: 0n, longWh: 0n, buyMicro: 40_100n });
  });

  it('are each split over their own quarter hours, to the last watt-hour and micro-unit', () => {
    const halves = [0, 1].map((quarter) => quarterTrade(intraday, 2, quarter));
    expect(halves.map(({ boughtWh }) => boughtWh)).toEqual([201n, 200n]);
    expect(sum(halves.map(({ buyMicro }) => buyMicro))).toBe(80_001n);
    expect(quartersWh(7n, 1)).toEqual([7n]);
  });

  it('pay each seller out of escrow for all of them, and leave nothing there', () => {
    const sets = [0, 1, 2, 3].map((quarter) => settledAt(quarter, seller([contract], 1_250n)));
    const books = foldPostingSets([fund(4_000_000n + 800_000n + 150_003n), ...sets]);
    expect(books.violations).toEqual([]);
    expect(books.balances.get('escrow')).toBe(0n);
    const paid = sets.map((set) =>
      netCreditMicro(
        set.entries.filter((entry) => entry.reason === 'trade'),
        participantAccount(ann),
      ),
    );
    expect(sum(paid)).toBe(950_003n);
  });

  it('stand in the line, so that it settles again to the same bytes', () => {
    const set = settledAt(2, seller([contract, intraday], 0n));
    expect(set.lines![0]!.positions).toEqual([contract, intraday]);
    expect(resettle(set)).toEqual(set);
    expect(Object.keys(settledAt(2, seller([], 0n)).lines![0]!)).not.toContain('positions');
  });

  it('cannot be settled in a slot that is not theirs', () => {
    expect(() => settledAt(0, seller([intraday], 0n))).toThrow('A position that is settled covers the slot.');
  });

  it('are noticed when one is taken out of a settled set', () => {
    const set = settledAt(2, seller([intraday], 799n));
    const { positions: _gone, ...line } = set.lines![0]!;
    const { violations } = foldPostingSets([fund(9_000_000n), { ...set, lines: [line] }]);
    expect(violations.map(({ invariant }) => invariant)).toEqual(['I4']);
  });
});
