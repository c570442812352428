import {
  checkFlexibilityMoney,
  decodeWhole,
  flexibilityFundCodec,
  foldPostingSets,
  limits,
  participantAccount,
  postingSetCodec,
  voltageBudgetCodec,
  type JsonObject,
} from '@flexledger/domain';
import { callers, command, idOf, record, tick } from '../../testing/actors';
import { codeOf } from '../../testing/refusal';
import { supportSlot, threeSlotsOf, voltageScene } from '../../testing/voltage-scene';

const gridId = 'rural-1';
const lastSlot = supportSlot + 7;
/** From which slot on the budget is free. */
const endSlot = lastSlot + 1 + limits.imbalancePriceWaitSlots;

/** An inverter's support of eight slots that has been measured, in a grid whose fund has 30,000. */
async function measuredSupport(changes: JsonObject = {}) {
  const scene = await voltageScene({ lastSlot, ...changes });
  const { fields, made, meter, programmeId } = scene;
  const { ledger } = made;
  const send = async (caller: keyof typeof callers, transaction: string, sent: JsonObject, label = 'once') => {
    const commandId = command(`${transaction} ${label}`);
    return (await ledger.submit(callers[caller], `flexibility:${transaction}`, { commandId, ...sent })).response;
  };
  await send('market', 'fundFlexibility', { gridId, amountMicro: '30000', reference: 'Transfer 1' });
  const { supportId } = (await made.send(made.aggregator, 'setVoltVar', fields)).response;
  await tick(ledger, supportSlot - 23, supportSlot + 7);
  await record(ledger, 'inverter', [threeSlotsOf(meter)]);
  const ask = (transaction: string, asked: JsonObject) =>
    ledger.evaluate(callers.regulator, `flexibility:${transaction}`, asked);
  return {
    ...scene,
    ledger,
    send,
    supportId: String(supportId),
    ask,
    end: () => tick(ledger, supportSlot + 8, supportSlot + 8),
    track: (index: number) =>
      send('dso', 'trackVoltage', { supportId: String(supportId), slot: supportSlot + index }, `${index}`),
    grant: (amountMicro: string, more: JsonObject = {}) =>
      send(
        'dso',
        'grantVoltageBudget',
        { programmeId, gridId, firstSlot: supportSlot, amountMicro, ...more },
        amountMicro,
      ),
    settle: (label: string, of = String(supportId)) => send('community', 'settleVoltage', { supportId: of }, label),
    release: (label: string) => send('dso', 'releaseVoltageBudget', { programmeId, gridId }, label),
    fund: async () => (await ask('getFlexibilityFund', { gridId })).availableMicro,
    code: (run: () => Promise<unknown>) => codeOf(ledger, run),
  };
}

type Measured = Awaited<ReturnType<typeof measuredSupport>>;

/** All posting sets, and what stands on the accounts after them: what is held for flexibility is never more than that. */
async function booksOf({ ask, ledger, programmeId }: Measured) {
  const { rows } = await ledger.evaluate(callers.regulator, 'accounts:listPostings', {});
  const sets = (rows as JsonObject[]).map((row) => decodeWhole(postingSetCodec, row));
  const isFund = ({ cause }: (typeof sets)[number]) => Number(cause.kind === 'fund');
  const books = foldPostingSets([...sets].sort((left, right) => isFund(right) - isFund(left)));
  const { budget: row } = await ask('getVoltageBudget', { programmeId, gridId });
  const budget = decodeWhole(voltageBudgetCodec, row ?? null);
  const fund = decodeWhole(flexibilityFundCodec, await ask('getFlexibilityFund', { gridId }));
  const held = { funds: [fund], covers: [], budgets: [budget], limits: [] };
  expect([...books.violations, ...checkFlexibilityMoney(books, held)]).toEqual([]);
  return { books, budget, supportSets: sets.filter(({ cause }) => cause.kind === 'voltage') };
}

describe('the settlement of voltage support', () => {
  it('pays what was measured from the granted budget, never more, and later only what differs', async () => {
    const made = await measuredSupport();
    const { end, fund, grant, made: scene, settle, supportId, track } = made;
    expect(await grant('20000')).toMatchObject({ grantedMicro: '20000', leftMicro: '20000', state: 'HELD' });
    expect(await fund()).toBe('10000');
    await track(0);
    await end();
    // 0.5 kvarh at 0.02 are 10,000, of which the aggregator keeps a fifth.
    const first = await settle('first');
    expect(first).toMatchObject({ version: 1, grossMicro: '10000', shareMicro: '2000', uncoveredMicro: '0' });
    expect(first).toMatchObject({ rewardMicro: '8000', aggregatorMicro: '2000', budgetMicro: '20000' });
    expect(await settle('again')).toEqual(first);
    await track(1);
    // 24,000 are due and 20,000 granted: the prosumer gets what comes, the aggregator keeps what it has.
    const second = await settle('second');
    expect(second).toMatchObject({ version: 2, grossMicro: '24000', rewardMicro: '18000', aggregatorMicro: '2000' });
    expect(second).toMatchObject({ uncoveredMicro: '4000', overpaidMicro: '0' });
    await grant('5000');
    const third = await settle('third');
    expect(third).toMatchObject({ version: 3, rewardMicro: '19200', aggregatorMicro: '4800', uncoveredMicro: '0' });
    const { books, budget, supportSets } = await booksOf(made);
    const accounts = [scene.cyd, scene.aggregator].map(({ participantId }) => participantAccount(participantId));
    expect(accounts.map((account) => books.balances.get(account))).toEqual([19_200n, 4_800n]);
    expect(books.balances.get('flexibility')).toBe(6_000n);
    expect(supportSets.map(({ entries }) => entries.length)).toEqual([4, 4, 4]);
    expect(budget.leftMicro).toBe(1_000n);
    expect(await made.ask('getVoltageSettlement', { supportId })).toEqual(third);
    expect(await made.ask('getVoltageSettlement', { supportId, version: 2 })).toEqual(second);
  });

  it('is folded into what the prosumer and the aggregator can dispose of, version by version', async () => {
    const made = await measuredSupport();
    const { end, grant, ledger, made: scene, settle, supportId, track } = made;
    await grant('20000');
    await Promise.all([track(0), track(1)]);
    await end();
    await settle('first');
    const fold = async ({ participantId }: { participantId: string }, caller: keyof typeof callers) => {
      const sources = [{ kind: 'voltage', supportId, version: 1 }];
      const asked = { commandId: command(`fold ${participantId}`), participantId, sources };
      return (await ledger.submit(callers[caller], 'accounts:foldBalance', asked)).response;
    };
    expect(await fold(scene.cyd, 'community')).toMatchObject({ availableMicro: '19200' });
    expect(await fold(scene.aggregator, 'community')).toMatchObject({ availableMicro: '800' });
  });

  it('gives back what is left of the budget once late readings do not count any more, and pays nothing after that', async () => {
    const { code, end, fund, grant, ledger, release, settle, track } = await measuredSupport();
    await grant('20000');
    await track(0);
    await end();
    await settle('first');
    expect(await code(() => release('early'))).toBe('FLEX_VOLTAGE_BUDGET_HELD');
    await tick(ledger, supportSlot + 9, endSlot);
    expect(await release('due')).toMatchObject({ grantedMicro: '20000', leftMicro: '0', state: 'RELEASED' });
    expect(await fund()).toBe('20000');
    for (const run of [() => release('twice'), () => settle('late'), () => grant('1')]) {
      expect(await code(run)).toBe('FLEX_VOLTAGE_BUDGET_RELEASED');
    }
  });

  it('pays only for slots from the one on that the operator has named', async () => {
    const { code, end, grant, settle, track } = await measuredSupport();
    await grant('20000', { firstSlot: supportSlot + 1 });
    await track(0);
    await end();
    expect(await code(() => settle('before'))).toBe('FLEX_VOLTAGE_UNTRACKED');
    await track(1);
    expect(await settle('after')).toMatchObject({ grossMicro: '14000', slots: [{ slot: supportSlot + 1 }] });
  });

  it('is refused for what is wrong with it, one by one', async () => {
    const made = await measuredSupport();
    const { ask, code, end, grant, made: scene, release, send, settle, supportId } = made;
    const energy = await scene.programme();
    const refusals: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['FLEX_PROGRAMME_UNKNOWN', () => grant('1', { programmeId: idOf('nothing') })],
      ['FLEX_EVENT_DIRECTION', () => grant('2', { programmeId: energy })],
      ['FLEX_VOLTAGE_GRID', () => grant('3', { gridId: 'elsewhere' })],
      ['ACCOUNTS_AMOUNT_ZERO', () => grant('0')],
      ['FLEX_FUND_SHORT', () => grant('30001')],
      ['FLEX_VOLTAGE_UNKNOWN', () => settle('nothing', command('nothing'))],
      ['FLEX_VOLTAGE_OPEN', () => settle('open')],
      ['FLEX_VOLTAGE_NO_BUDGET', () => release('none')],
      ['FLEX_SETTLEMENT_UNKNOWN', () => ask('getVoltageSettlement', { supportId })],
    ];
    for (const [expected, run] of refusals) {
      expect([expected, await code(run)]).toEqual([expected, expected]);
    }
    const control = { kind: 'COMPENSATOR', steps: 2, stepVar: '5000', direction: 'absorb' };
    const equipment = { gridId, elementId: 'bus-2', firstSlot: supportSlot + 8, slots: 1, control };
    const { supportId: own } = await send('dso', 'setVoltageEquipment', equipment);
    expect(await code(() => settle('own', String(own)))).toBe('FLEX_VOLTAGE_UNPAID');
    await end();
    expect(await code(() => settle('unfunded'))).toBe('FLEX_VOLTAGE_NO_BUDGET');
    await grant('100');
    expect(await code(() => settle('untracked'))).toBe('FLEX_VOLTAGE_UNTRACKED');
  });
});
