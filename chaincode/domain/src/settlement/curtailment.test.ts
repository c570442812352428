import * as fc from 'fast-check';
import type { CommandId, MeterId, ParticipantId } from '../ids';
import { sum } from '../math';
import { idOf, testRuleSet, testSession } from '../testing/session-fixture';
import { slot } from '../time';
import { micro, microPerKwh, signedMicroPerKwh, wh } from '../units';
import type { CurtailmentInput } from './curtailment-rows';
import { foldPostingSets } from './invariants';
import { balanced, move, netCreditMicro } from './post';
import { participantAccount, type Line, type PostingSet } from './rows';
import { resettle, settleSlot, type SettledParticipant, type SlotToSettle } from './settle-slot';

const ann = idOf<ParticipantId>('ann');
const supplier = idOf<ParticipantId>('supplier');

/** A limit of ann's connection: 2,000 Wh are possible, 1,500 are let through; a kWh is paid 0.10. */
function limit(changes: Partial<CurtailmentInput> = {}): CurtailmentInput {
  return {
    limitationId: idOf<CommandId>('limitation'),
    bus: 'bus-1',
    direction: 'export',
    meterIds: [idOf<MeterId>('meter')],
    possibleWh: wh(2_000n),
    limitWh: wh(1_500n),
    priceMicroPerKwh: microPerKwh(100_000n),
    coverMicro: micro(1_000_000n),
    ...changes,
  };
}

interface Quarter {
  readonly boughtWh?: bigint;
  readonly soldWh?: bigint;
  readonly importWh?: bigint;
  readonly exportWh?: bigint;
  readonly curtailments?: readonly CurtailmentInput[];
  readonly quality?: 'OK' | 'MISSING';
}

/** Ann in a quarter hour: what she traded of it, what her meter counted, and her limits. */
function participant({ quality = 'OK', ...quarter }: Quarter): SettledParticipant {
  const { boughtWh = 0n, curtailments = [limit()], exportWh = 0n, importWh = 0n, soldWh = 0n } = quarter;
  return {
    participantId: ann,
    scheduled: false,
    intervalBoughtWh: wh(boughtWh * 4n),
    intervalSoldWh: wh(soldWh * 4n),
    intervalBuyMicro: micro(boughtWh * 800n),
    intervalSellMicro: micro(soldWh * 800n),
    reserveMicro: micro(5_000_000n),
    curtailments,
    meters: [{ meterId: idOf<MeterId>('meter'), importWh: wh(importWh), exportWh: wh(exportWh), quality }],
  };
}

function settle(participants: readonly SettledParticipant[], changes: Partial<SlotToSettle> = {}): PostingSet {
  return settleSlot({
    sessionId: testSession.sessionId,
    run: 1,
    slot: slot(1_000),
    bucket: 0,
    quarter: 0,
    ruleSet: testRuleSet,
    participants,
    balancing: { participantId: supplier, reserveMicro: micro(5_000_000n) },
    ...changes,
  });
}

function lineOf(quarter: Quarter, changes: Partial<SlotToSettle> = {}): Line {
  return settle([participant(quarter)], changes).lines![0]!;
}

describe('a limit of the system operator', () => {
  it('that held back what was sold corrects the position: its buyer pays, and the operator buys the energy instead', () => {
    const line = lineOf({ soldWh: 2_000n, exportWh: 1_500n });
    expect(line).toMatchObject({ shortWh: 0n, longWh: 0n, shortMicro: 0n, soldWh: 2_000n, shortfallWh: 0n });
    expect(line.curtailments).toMatchObject([
      // 0.5 kWh at the 0.40 of a shortfall.
      { heldBackWh: 500n, correctedWh: 500n, compensatedWh: 0n, compensationMicro: 0n, takeoverCostMicro: 200_000n },
    ]);
  });

  it('that held back what was not sold is paid at its price, as nobody else pays for it', () => {
    const line = lineOf({ soldWh: 0n, exportWh: 1_500n });
    expect(line).toMatchObject({ shortWh: 0n, longWh: 1_500n, longMicro: 75_000n });
    expect(line.curtailments).toMatchObject([
      { heldBackWh: 500n, correctedWh: 0n, compensatedWh: 500n, compensationMicro: 50_000n, takeoverCostMicro: 0n },
    ]);
  });

  it('counts what is partly sold once: each kWh in one of the two parts', () => {
    const line = lineOf({ soldWh: 1_700n, exportWh: 1_500n });
    expect(line.shortWh + line.longWh).toBe(0n);
    expect(line.curtailments).toMatchObject([{ correctedWh: 200n, compensatedWh: 300n, compensationMicro: 30_000n }]);
  });

  it('is no excuse for what the connection did not deliver by itself', () => {
    const line = lineOf({ soldWh: 2_000n, exportWh: 900n });
    expect(line).toMatchObject({ shortWh: 600n, shortMicro: 240_000n });
    expect(line.curtailments).toMatchObject([{ heldBackWh: 500n, correctedWh: 500n }]);
  });

  it('that is not obeyed held back less, and one that lets everything through nothing', () => {
    expect(lineOf({ exportWh: 1_900n }).curtailments).toMatchObject([{ heldBackWh: 100n, compensatedWh: 100n }]);
    const wide = { curtailments: [limit({ limitWh: wh(2_500n) })] };
    expect(lineOf({ exportWh: 1_900n, ...wide }).curtailments).toMatchObject([{ heldBackWh: 0n }]);
  });

  it('of import gives back what was bought and could not be taken, and sells it for the operator', () => {
    const curtailments = [limit({ direction: 'import' })];
    const line = lineOf({ boughtWh: 2_000n, importWh: 1_500n, curtailments });
    expect(line).toMatchObject({ shortWh: 0n, longWh: 0n, longMicro: 0n });
    expect(line.curtailments).toMatchObject([
      // 0.5 kWh bought: 0.10 back to ann, 0.05 of a surplus to the operator.
      { correctedWh: 500n, compensatedWh: 500n, compensationMicro: 50_000n, takeoverGainMicro: 25_000n },
    ]);
    const unbought = lineOf({ importWh: 1_500n, curtailments });
    expect(unbought).toMatchObject({ shortWh: 1_500n });
    expect(unbought.curtailments).toMatchObject([{ heldBackWh: 500n, correctedWh: 0n, compensationMicro: 0n }]);
  });

  it('pays nothing while a reading is missing', () => {
    const line = lineOf({ soldWh: 2_000n, exportWh: 0n, quality: 'MISSING' });
    expect(line).toMatchObject({ status: 'MISSING', shortWh: 0n });
    expect(line.curtailments).toMatchObject([{ heldBackWh: 0n, compensationMicro: 0n, takeoverCostMicro: 0n }]);
  });

  it('costs at most what was set aside, the holder first', () => {
    const curtailments = [limit({ coverMicro: micro(40_000n) })];
    const line = lineOf({ soldWh: 1_700n, exportWh: 1_500n, curtailments });
    // Due: 30,000 to ann and 80,000 for the 200 Wh that her buyer gets from elsewhere.
    expect(line.curtailments).toMatchObject([
      { compensationMicro: 30_000n, takeoverCostMicro: 10_000n, uncoveredMicro: 70_000n },
    ]);
  });

  it('moves money from its own account to the holder and to the one who balances', () => {
    const set = settle([participant({ soldWh: 1_700n, exportWh: 1_500n })]);
    expect(netCreditMicro(set.entries, 'curtailment')).toBe(-30_000n - 80_000n);
    expect(netCreditMicro(set.entries, participantAccount(supplier))).toBe(5_000_000n + 80_000n);
    const own = set.entries.filter(({ account }) => account === participantAccount(ann));
    expect(own).toContainEqual({
      account: participantAccount(ann),
      side: 'credit',
      amountMicro: 30_000n,
      reason: 'compensation',
    });
  });

  it('gains where a price is below zero, as far as there is money to gain', () => {
    const imbalance = { pricing: 'single', priceMicroPerKwh: signedMicroPerKwh(-200_000n) } as const;
    const ruleSet = { ...testRuleSet, imbalance };
    const quarter = { soldWh: 2_000n, exportWh: 1_500n };
    expect(lineOf(quarter, { ruleSet }).curtailments).toMatchObject([{ takeoverGainMicro: 100_000n }]);
    const poor = { participantId: supplier, reserveMicro: micro(40_000n) };
    expect(lineOf(quarter, { ruleSet, balancing: poor }).curtailments).toMatchObject([{ takeoverGainMicro: 40_000n }]);
  });
});

describe('any quarter hours with limits', () => {
  const energy = fc.bigInt({ min: 0n, max: 3_000n });
  const anyLimit = fc.record({
    direction: fc.constantFrom('export' as const, 'import' as const),
    possibleWh: energy,
    limitWh: energy,
    price: fc.bigInt({ min: 0n, max: 500_000n }),
    cover: fc.bigInt({ min: 0n, max: 800_000n }),
  });
  const quarter = fc.record({
    boughtWh: energy,
    soldWh: energy,
    importWh: energy,
    exportWh: energy,
    limits: fc.uniqueArray(anyLimit, { maxLength: 2, selector: ({ direction }) => direction }),
    quality: fc.constantFrom('OK' as const, 'OK' as const, 'MISSING' as const),
  });
  const prices = fc.option(fc.bigInt({ min: -400_000n, max: 900_000n }), { nil: undefined });

  it('keep the books balanced, pay each kWh once, and come out again from their own lines', () => {
    fc.assert(
      fc.property(fc.array(quarter, { minLength: 1, maxLength: 4 }), prices, (quarters, filed) => {
        const participants = quarters.map(({ limits: own, ...rest }, index) => ({
          ...participant({
            ...rest,
            curtailments: own.map(({ cover, direction, limitWh, possibleWh, price }) =>
              limit({
                direction,
                possibleWh: wh(possibleWh),
                limitWh: wh(limitWh),
                priceMicroPerKwh: microPerKwh(price),
                coverMicro: micro(cover),
              }),
            ),
          }),
          participantId: idOf<ParticipantId>(`participant ${index}`),
        }));
        const pricing =
          filed === undefined
            ? {}
            : { imbalance: { pricing: 'single', priceMicroPerKwh: signedMicroPerKwh(filed) } as const };
        const set = settle(participants, { ruleSet: { ...testRuleSet, ...pricing } });
        const fund = (account: 'escrow' | 'curtailment', amount: bigint, name: string) =>
          balanced({ cause: { kind: 'fund', commandId: idOf(name) }, entries: move('bank', account, amount, 'fund') });
        const covers = sum(participants.flatMap(({ curtailments = [] }) => curtailments.map((one) => one.coverMicro)));
        const books = foldPostingSets([fund('escrow', 10n ** 12n, 'one'), fund('curtailment', covers, 'two'), set]);
        expect(books.violations).toEqual([]);
        expect(books.balances.get('imbalance') ?? 0n).toBe(0n);
        expect(resettle(set)).toEqual(set);
      }),
      { seed: 7, numRuns: 400 },
    );
  });
});
