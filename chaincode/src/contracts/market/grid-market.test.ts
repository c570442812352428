import {
  clearingAnswerDigest,
  clearingInputsDigest,
  exampleFounding,
  intervalAnswerCodec,
  microPerKwh,
  type IntervalAnswer,
  type JsonObject,
} from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { concludedContract, refusedAcceptance } from '../../testing/contract-scene';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';
import type { CallOutcome, MemoryLedger } from '../../testing/memory-ledger';
import { answerRequest, computedAnswer, sessionInputsOf } from '../../testing/oracle-scene';
import { codeOf } from '../../testing/refusal';

const { dso, market, oracle, regulator } = callers;

/** The line of the scene lets one kilowatt out of the street in which ann, bob and cyd live. */
const termsRequest = {
  commandId: command('terms'),
  gridId: 'rural-1',
  number: 1,
  charges: [],
  limits: [{ elementId: 'line-1', fromSlot: scene.sessionSlot, toSlot: scene.endSlot, exportLimitW: '1000' }],
};

const cydSells = contentOf('cyd 0', ['sell', 0, 1_500n, 100_000n]);
const annBuys = contentOf('ann 0', ['buy', 0, 200n, 250_000n]);
const supplierBuys = contentOf('supplier 0', ['buy', 0, 5_000n, 150_000n]);
const contents = [cydSells, annBuys, supplierBuys];
const expirySlot = scene.publishDeadlineSlot + 2;

function setTerms(ledger: MemoryLedger): Promise<CallOutcome> {
  return ledger.submit(dso, 'market:setGridTerms', termsRequest);
}

/** Changes the governance. */
async function govern({ ledger }: MarketScene, change: JsonObject): Promise<void> {
  const label = String(change.kind);
  const proposal = { commandId: command(label), change };
  const { proposalDigest = '', proposalId = '' } = (await ledger.submit(regulator, 'registry:propose', proposal))
    .response;
  for (const caller of [callers.tso, callers.market]) {
    const commandId = command(`${label} ${caller.mspId}`);
    await ledger.submit(caller, 'registry:approve', { commandId, proposalId, proposalDigest });
  }
}

/** A scene whose session has limits: cyd sells, ann buys beside it, the supplier buys outside. */
async function publishedScene(
  orders = contents,
  beforeGate: (made: MarketScene) => Promise<unknown> = () => Promise.resolve(),
): Promise<MarketScene> {
  const made = await MarketScene.create({ gridLimits: 'tree', commitments: true }, setTerms);
  await made.place(made.ann, [annBuys]);
  await made.place(made.cyd, [cydSells]);
  await made.place(made.supplier, [supplierBuys], { collateralMicro: '8000000000' }, callers.market);
  await beforeGate(made);
  await made.tickTo(scene.gateCloseSlot);
  await made.step('closeSession');
  await made.step('publishOrders', { orderIds: orders.map(({ orderId }) => orderId) });
  return made;
}

function ask(made: MarketScene, changes: JsonObject = {}, caller: (typeof callers)['market' | 'dso'] = market) {
  const request = { commandId: command(`ask ${JSON.stringify(changes)}`), sessionId: scene.sessionId, expirySlot };
  return made.ledger.submit(caller, 'market:requestClearing', { ...request, ...changes });
}

async function requestedScene(): Promise<MarketScene> {
  const made = await publishedScene();
  await ask(made);
  return made;
}

const inputsOf = ({ ledger }: MarketScene) => sessionInputsOf(ledger, scene.sessionId);
/** The right answer. */
const computed = ({ ledger }: MarketScene) => computedAnswer(ledger, scene.sessionId);

function answering({ ledger }: MarketScene, intervals: readonly IntervalAnswer[], changes: JsonObject = {}) {
  return answerRequest(ledger, scene.sessionId, intervals, changes);
}

async function file(made: MarketScene, intervals: readonly IntervalAnswer[], changes: JsonObject = {}) {
  return made.ledger.submit(oracle, 'oracle:answerClearing', await answering(made, intervals, changes));
}

async function outcomeOf(made: MarketScene): Promise<JsonObject> {
  const request = { sessionId: scene.sessionId, interval: 0 };
  return (await made.ledger.evaluate(dso, 'market:getGridOutcome', request)).outcome as JsonObject;
}

describe('market:setGridTerms', () => {
  it('numbers the terms of a grid, and a session keeps the terms that it was opened with', async () => {
    const { ledger } = await MarketScene.create({ gridLimits: 'tree' }, setTerms);
    expect(await codeOf(ledger, () => ledger.submit(market, 'market:setGridTerms', termsRequest))).toBe(
      'ACCESS_ROLE_REFUSED',
    );
    const again = { ...termsRequest, commandId: command('terms again') };
    expect(await codeOf(ledger, () => ledger.submit(dso, 'market:setGridTerms', again))).toBe('GRID_TERMS_NUMBER');
    const unknown = { ...again, gridId: 'urban-1' };
    expect(await codeOf(ledger, () => ledger.submit(dso, 'market:setGridTerms', unknown))).toBe('GRID_UNKNOWN');
    const { terms } = await ledger.evaluate(market, 'market:getGridTerms', { gridId: 'rural-1', number: 1 });
    expect(terms).toMatchObject({ number: 1, limits: [{ elementId: 'line-1', exportLimitW: '1000' }] });
    await ledger.submit(dso, 'market:setGridTerms', { ...again, number: 2, limits: [] });
    expect((await ledger.evaluate(dso, 'market:getGridTerms', { gridId: 'rural-1', number: 0 })).terms).toMatchObject({
      number: 2,
    });
    const session = await ledger.evaluate(market, 'market:getSession', { sessionId: scene.sessionId });
    expect(session.gridTerms).toBe(1);
  });
});

describe('market:requestClearing', () => {
  it('freezes the orders of a closed session once, with an end that lies ahead', async () => {
    const made = await publishedScene([cydSells]);
    expect(await codeOf(made.ledger, () => ask(made))).toBe('MARKET_ORDERS_UNPUBLISHED');
    await made.step('publishOrders', { orderIds: [annBuys.orderId, supplierBuys.orderId] }, 'rest');
    expect(await codeOf(made.ledger, () => ask(made, { expirySlot: scene.gateCloseSlot }))).toBe(
      'MARKET_CLEARING_EXPIRY',
    );
    expect(await codeOf(made.ledger, () => ask(made, { expirySlot: scene.sessionSlot + 1 }))).toBe(
      'MARKET_CLEARING_EXPIRY',
    );
    const { event, response } = await ask(made, {}, dso);
    expect(response).toMatchObject({ state: 'OPEN', expirySlot, fallback: 'contract-search', intervals: 2 });
    expect(event).toMatchObject({ facts: [{ type: 'ClearingRequested', sessionId: scene.sessionId }] });
    expect(await codeOf(made.ledger, () => ask(made, { commandId: command('again') }))).toBe(
      'MARKET_CLEARING_REQUESTED',
    );
    const { rows } = await made.ledger.evaluate(dso, 'oracle:listClearingRequests', { state: 'OPEN' });
    expect(rows).toHaveLength(1);
  });

  it('is for sessions with limits alone; the others clear as they always did', async () => {
    const made = await MarketScene.create();
    await made.place(made.ann, [annBuys]);
    await made.tickTo(scene.gateCloseSlot);
    expect(await codeOf(made.ledger, () => ask(made))).toBe('MARKET_SESSION_NOT_CLOSED');
    await made.step('closeSession');
    await made.step('publishOrders', { orderIds: [annBuys.orderId] });
    expect(await codeOf(made.ledger, () => ask(made))).toBe('MARKET_CLEARING_WITHOUT_LIMITS');
    const { response } = await made.step('clear');
    expect(response.gridDigest).toBeUndefined();
    expect(
      (await made.ledger.evaluate(dso, 'market:getGridOutcome', { sessionId: scene.sessionId, interval: 0 })).outcome,
    ).toBeNull();
  });
});

describe('oracle:answerClearing', () => {
  it('refuses an answer to nothing, to an expired request and to a cleared session (B58)', async () => {
    const made = await publishedScene();
    const intervals = await computed(made);
    const answer = (changes: JsonObject = {}) => codeOf(made.ledger, () => file(made, intervals, changes));
    expect(await answer({ dataDigest: clearingAnswerDigest(intervals) })).toBe('ORACLE_REQUEST_UNKNOWN');
    await ask(made);
    await made.tickTo(expirySlot);
    expect(await answer()).toBe('ORACLE_REQUEST_EXPIRED');
    await made.step('clear');
    expect(await answer()).toBe('ORACLE_REQUEST_CLOSED');
  });

  it('refuses what is not proven to the unit, and stays open for the next (B60, B61)', async () => {
    const made = await requestedScene();
    const [first, second] = await computed(made);
    if (first === undefined || second === undefined) throw new Error('there are two intervals');
    const { tradedWh, welfareMicro } = first;
    const wrong: readonly [Partial<Record<keyof IntervalAnswer, unknown>>, string][] = [
      [{ tradedWh: tradedWh + 1n }, 'ORACLE_ANSWER_MISSTATED'],
      [{ welfareMicro: welfareMicro - 1n }, 'ORACLE_ANSWER_MISSTATED'],
      [
        { bindingLimits: [{ id: 'line-1', direction: 'backward', shadowPriceMicroPerKwh: 50_001n }] },
        'ORACLE_ANSWER_MISSTATED',
      ],
      [{ bindingLimits: [] }, 'MARKET_CLEARING_LIMIT_EXCEEDED'],
      [
        { bindingLimits: [{ id: 'transformer', direction: 'backward', shadowPriceMicroPerKwh: 0n }] },
        'MARKET_CLEARING_LIMIT_NOT_REACHED',
      ],
      [
        { bindingLimits: [{ id: 'line-9', direction: 'forward', shadowPriceMicroPerKwh: 0n }] },
        'MARKET_CLEARING_LIMIT_UNKNOWN',
      ],
    ];
    for (const [change, code] of wrong) {
      const answer = [{ ...first, ...change } as IntervalAnswer, second];
      expect(await codeOf(made.ledger, () => file(made, answer))).toBe(code);
    }
    const { response } = await file(made, [first, second]);
    expect(response).toMatchObject({ complete: true, received: 1 });
  });

  it('refuses other data, another version, another digest, and who is no oracle any more (B62, B63)', async () => {
    const made = await requestedScene();
    const intervals = await computed(made);
    const digest = clearingAnswerDigest(intervals.slice(1));
    const answer = (changes: JsonObject) => codeOf(made.ledger, () => file(made, intervals, changes));
    expect(await answer({ dataDigest: digest })).toBe('ORACLE_DATA_MISMATCH');
    expect(await answer({ version: '2' })).toBe('INPUT_FIELD_INVALID');
    expect(await answer({ answerDigest: digest })).toBe('ORACLE_ANSWER_DIGEST');
    expect(await answer({ chunk: 1 })).toBe('ORACLE_CHUNK_INVALID');
    expect(await codeOf(made.ledger, () => file(made, [...intervals].reverse()))).toBe('ORACLE_ANSWER_SHAPE');
    expect(await codeOf(made.ledger, () => file(made, intervals.slice(1)))).toBe('ORACLE_ANSWER_SHAPE');
    const roles = exampleFounding.roles.map(({ mspIds, role }) => {
      return { role, mspIds: role === 'oracle' ? [...mspIds, 'TsoMSP'] : mspIds };
    });
    await govern(made, { kind: 'roles', roles });
    await govern(made, { kind: 'oracles', oracles: ['TsoMSP'] });
    expect(await answer({})).toBe('ORACLE_NOT_APPROVED');
  });

  it.each([
    ['no number', null],
    ['not a number', 'NaN'],
    ['a fraction', '1.5'],
    ['less than nothing', '-1'],
    ['a number of 19 digits', '1000000000000000000'],
  ])('refuses %s for an amount (B64)', async (_, value) => {
    const made = await requestedScene();
    const intervals = await computed(made);
    const request = await answering(made, intervals);
    const [first, second] = request.intervals as readonly JsonObject[];
    const bad = { ...request, intervals: [{ ...first, tradedWh: value }, second ?? {}] };
    expect(await codeOf(made.ledger, () => made.ledger.submit(oracle, 'oracle:answerClearing', bad))).toBe(
      'INPUT_FIELD_INVALID',
    );
  });

  it('refuses more values than an answer has room for (B64)', async () => {
    const made = await requestedScene();
    const [first, second] = await computed(made);
    if (first === undefined || second === undefined) throw new Error('there are two intervals');
    const limit = { id: 'line-1', direction: 'backward', shadowPriceMicroPerKwh: microPerKwh(0n) } as const;
    const many: IntervalAnswer = { ...first, bindingLimits: Array.from({ length: 201 }, () => limit) };
    const request = await answering(made, [first, second]);
    const bad = { ...request, intervals: [many, second].map((entry) => intervalAnswerCodec.encode(entry)) };
    expect(await codeOf(made.ledger, () => made.ledger.submit(oracle, 'oracle:answerClearing', bad))).toBe(
      'INPUT_FIELD_INVALID',
    );
  });

  it('records two answers that differ, and clears with the first (B59)', async () => {
    const made = await requestedScene();
    const intervals = await computed(made);
    await file(made, intervals);
    const same = await answering(made, intervals, { commandId: command('twice') });
    expect(await codeOf(made.ledger, () => made.ledger.submit(oracle, 'oracle:answerClearing', same))).toBe(
      'ORACLE_CHUNK_EXISTS',
    );
    // The order of the interval at the margin is named, though no row binds: another answer, which leads to the same outcome.
    const [first, second] = intervals;
    if (first === undefined || second === undefined) throw new Error('there are two intervals');
    const other = [{ ...first, marginalOrderIds: [cydSells.orderId] }, second];
    await file(made, other);
    const { rows } = await made.ledger.evaluate(dso, 'oracle:listClearingRequests', { state: 'ANSWERED' });
    expect(rows).toMatchObject([{ answer: { answerDigest: clearingAnswerDigest(intervals) } }]);
    await made.step('clear');
    expect(await outcomeOf(made)).toMatchObject({ source: { answerDigest: clearingAnswerDigest(intervals) } });
  });
});

describe('market:clear of a session with limits', () => {
  it('waits for an answer or for the end of the request, and clears from the answer', async () => {
    const made = await publishedScene();
    expect(await codeOf(made.ledger, () => made.step('clear'))).toBe('MARKET_CLEARING_NOT_REQUESTED');
    await ask(made);
    expect(await codeOf(made.ledger, () => made.step('clear'))).toBe('MARKET_ANSWER_PENDING');
    await file(made, await computed(made));
    const { response } = await made.step('clear');
    expect(response).toMatchObject({ tradedWh: '1200', publishedOrders: 3, rentMicro: '50000', dustMicro: '0' });
    expect(await outcomeOf(made)).toMatchObject({
      source: { kind: 'oracle', mspId: 'DsoMSP' },
      bindingLimits: [{ id: 'line-1', direction: 'backward', shadowPriceMicroPerKwh: '50000' }],
      rentMicro: '50000',
    });
  });

  it('clears alike without an oracle: once the request has ended, or once delivery begins without one', async () => {
    const answered = await requestedScene();
    await file(answered, await computed(answered));
    const whole = (await answered.step('clear')).response;
    const silent = await requestedScene();
    await silent.tickTo(expirySlot);
    const late = await publishedScene();
    await late.tickTo(scene.sessionSlot);
    for (const made of [silent, late]) {
      const { response } = await made.step('clear');
      expect(response).toMatchObject({ tradedWh: whole.tradedWh, intervals: whole.intervals } as JsonObject);
      expect(await outcomeOf(made)).toMatchObject({ source: { kind: 'contract' } });
    }
  });
});

describe('contracts between two and a session with limits', () => {
  /** A contract of cyd with the supplier beyond the line, concluded before the gate or after the clearing. */
  const contract = (made: MarketScene, energyWh: string) => ({
    buyerParticipantId: made.supplier.participantId,
    buyerBus: 'bus-0',
    firstSlot: scene.sessionSlot,
    intervals: 1,
    energyWh: [energyWh],
  });

  it('leave 40 % of a line of which they take 60 %, for oracle and contract alike', async () => {
    const made = await publishedScene(contents, (opened) =>
      concludedContract(opened, contract(opened, '600'), [opened.cyd, opened.supplier], 'before'),
    );
    const { response } = await ask(made);
    expect(response.dataDigest).toBe(clearingInputsDigest(await inputsOf(made)));
    await file(made, await computed(made));
    const { response: clearing } = await made.step('clear');
    // Ann takes 200 Wh behind the line, and 400 Wh of the 1,000 Wh of the line are left for the supplier.
    expect(clearing).toMatchObject({ tradedWh: '600' });
    expect(await outcomeOf(made)).toMatchObject({
      source: { kind: 'oracle' },
      bindingLimits: [{ id: 'line-1', direction: 'backward' }],
    });
  });

  it('find taken what a session has cleared', async () => {
    const made = await requestedScene();
    await file(made, await computed(made));
    await made.step('clear');
    const parties = [made.cyd, made.supplier] as const;
    expect(await refusedAcceptance(made, contract(made, '4'), parties, 'full')).toBe('CONTRACT_GRID_LIMIT');
    const inward = {
      ...contract(made, '1000'),
      sellerParticipantId: made.supplier.participantId,
      sellerBus: 'bus-0',
      buyerParticipantId: made.ann.participantId,
      buyerBus: 'bus-2',
    };
    await expect(concludedContract(made, inward, [made.supplier, made.ann], 'inward')).resolves.toBeDefined();
  });
});
