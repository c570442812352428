import { limits, type JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot, idOf, Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene, signed } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community, market, regulator } = callers;

function funding(changes: JsonObject = {}): JsonObject {
  return { commandId: command('fund test'), amountMicro: '1', reference: 'Cash', ...changes };
}

function transferring(made: MarketScene, signer: Signer, changes: JsonObject = {}): JsonObject {
  return signed(signer, 'accounts', 'transfer', {
    commandId: command('transfer'),
    debitParticipantId: made.ann.participantId,
    creditParticipantId: made.bob.participantId,
    amountMicro: '1000000',
    expirySlot: firstSlot + 100,
    ...changes,
  });
}

/** A scene with a cleared and applied session in which ann bought from cyd, and nobody was metered. */
async function appliedScene(): Promise<MarketScene> {
  const made = await MarketScene.create();
  const buy = contentOf('ann 0', ['buy', 0, 2_000n, 300_000n]);
  const sell = contentOf('cyd 0', ['sell', 0, 2_000n, 100_000n]);
  await made.place(made.ann, [buy]);
  await made.place(made.cyd, [sell]);
  await made.clearAll([buy, sell]);
  return made;
}

async function settledScene(): Promise<MarketScene> {
  const made = await appliedScene();
  await made.tickTo(scene.endSlot);
  await made.settle();
  await made.settle({ fromSlot: scene.sessionSlot + 4 });
  return made;
}

function stating(made: MarketScene, changes: JsonObject = {}): JsonObject {
  return {
    commandId: command('statement'),
    sessionId: scene.sessionId,
    run: 1,
    firstSlot: scene.sessionSlot,
    slots: scene.slots,
    participantIds: [made.ann.participantId],
    ...changes,
  };
}

function folding(signer: Signer, sources: readonly JsonObject[], label = 'once'): JsonObject {
  return { commandId: command(`fold ${label}`), participantId: signer.participantId, sources };
}

const clearingSource = { kind: 'clearing', sessionId: scene.sessionId };
const statementSource = { kind: 'statement', sessionId: scene.sessionId, run: 1 };

describe('accounts:fund', () => {
  it('issues money against the bank', async () => {
    const made = await MarketScene.create();
    expect(await made.fund(made.ann, '5', 'second')).toMatchObject({ availableMicro: '200000005' });
    const trial = await made.ledger.evaluate(regulator, 'accounts:trialBalance', {});
    expect((trial.accounts as JsonObject[])[0]).toEqual({
      account: 'bank',
      debitMicro: '9600000005',
      creditMicro: '0',
    });
  });

  it.each<[string, (made: MarketScene) => JsonObject]>([
    ['PARTICIPANT_UNKNOWN', () => funding({ participantId: idOf('nobody') })],
    ['ACCOUNTS_AMOUNT_ZERO', (made) => funding({ participantId: made.ann.participantId, amountMicro: '0' })],
    [
      'ACCOUNTS_BALANCE_TOO_HIGH',
      (made) => funding({ participantId: made.ann.participantId, amountMicro: '9'.repeat(18) }),
    ],
    ['INPUT_FIELD_INVALID', (made) => funding({ participantId: made.ann.participantId, amountMicro: '1'.repeat(19) })],
    ['INPUT_FIELD_INVALID', (made) => funding({ participantId: made.ann.participantId, amountMicro: '-1' })],
    ['INPUT_FIELD_UNKNOWN', (made) => funding({ participantId: made.ann.participantId, currency: 'USD' })],
  ])('refuses with %s (%#)', async (code, requestOf) => {
    const made = await MarketScene.create();
    expect(await codeOf(made.ledger, () => made.ledger.submit(market, 'accounts:fund', requestOf(made)))).toBe(code);
  });

  it('is for the market operator only (B07)', async () => {
    const made = await MarketScene.create();
    const request = funding({ participantId: made.ann.participantId });
    const attempt = () => made.ledger.submit(community, 'accounts:fund', request);
    expect(await codeOf(made.ledger, attempt)).toBe('ACCESS_ROLE_REFUSED');
  });
});

describe('accounts:transfer', () => {
  it('moves money that the other folds into its balance, once', async () => {
    const made = await MarketScene.create();
    const { response } = await made.ledger.submit(community, 'accounts:transfer', transferring(made, made.ann));
    expect(response).toMatchObject({ availableMicro: '199000000' });
    expect(await made.available(made.bob)).toBe(200_000_000n);
    const source = { kind: 'transfer', commandId: command('transfer') };
    await made.ledger.submit(community, 'accounts:foldBalance', folding(made.bob, [source]));
    expect(await made.available(made.bob)).toBe(201_000_000n);
    const again = folding(made.bob, [source], 'again');
    expect(await codeOf(made.ledger, () => made.ledger.submit(community, 'accounts:foldBalance', again))).toBe(
      'ACCOUNTS_SOURCE_FOLDED',
    );
    const payer = folding(made.ann, [source], 'payer');
    expect(await codeOf(made.ledger, () => made.ledger.submit(community, 'accounts:foldBalance', payer))).toBe(
      'ACCOUNTS_SOURCE_UNKNOWN',
    );
  });

  it.each<[string, (made: MarketScene) => JsonObject]>([
    ['SIGNATURE_EXPIRED', (made) => transferring(made, made.ann, { expirySlot: firstSlot })],
    ['SIGNATURE_INVALID', (made) => transferring(made, made.bob)],
    ['SIGNATURE_INVALID', (made) => ({ ...transferring(made, made.ann), amountMicro: '999999' })],
    ['PARTICIPANT_UNKNOWN', (made) => transferring(made, made.ann, { creditParticipantId: idOf('nobody') })],
    ['ACCOUNTS_AMOUNT_ZERO', (made) => transferring(made, made.ann, { amountMicro: '0' })],
    [
      'ACCOUNTS_TRANSFER_TO_SELF',
      (made) => transferring(made, made.ann, { creditParticipantId: made.ann.participantId }),
    ],
    ['ACCOUNTS_BALANCE_TOO_LOW', (made) => transferring(made, made.ann, { amountMicro: '200000001' })],
    ['INPUT_FIELD_INVALID', (made) => ({ ...transferring(made, made.ann), amountMicro: '-1' })],
    ['INPUT_FIELD_INVALID', (made) => ({ ...transferring(made, made.ann), amountMicro: '9223372036854775808' })],
  ])('refuses with %s (B52, %#)', async (code, requestOf) => {
    const made = await MarketScene.create();
    const attempt = () => made.ledger.submit(community, 'accounts:transfer', requestOf(made));
    expect(await codeOf(made.ledger, attempt)).toBe(code);
  });

  it('refuses the other valid form of a signature (B16)', async () => {
    const made = await MarketScene.create();
    const request = transferring(made, made.ann);
    const mirrored = { ...request, signature: Signer.highS(String(request.signature)) };
    const attempt = () => made.ledger.submit(community, 'accounts:transfer', mirrored);
    expect(await codeOf(made.ledger, attempt)).toBe('SIGNATURE_INVALID');
  });
});

describe('accounts:settleInterval', () => {
  it.each<[string, JsonObject, number]>([
    ['MARKET_SESSION_UNKNOWN', { sessionId: idOf('none') }, scene.endSlot],
    ['ACCOUNTS_INTERVAL_OUTSIDE', { fromSlot: scene.sessionSlot - 1 }, scene.endSlot],
    ['ACCOUNTS_INTERVAL_OUTSIDE', { fromSlot: scene.sessionSlot + 5 }, scene.endSlot],
    ['ACCOUNTS_BUCKET_UNKNOWN', { bucket: 1 }, scene.endSlot],
    ['ACCOUNTS_RUN_REFUSED', { run: 2 }, scene.endSlot],
    ['ACCOUNTS_INTERVAL_NOT_ENDED', {}, scene.sessionSlot + 3],
    ['INPUT_FIELD_INVALID', { run: 0 }, scene.endSlot],
    ['INPUT_FIELD_INVALID', { intervals: 5 }, scene.endSlot],
    ['INPUT_FIELD_INVALID', { intervals: 0 }, scene.endSlot],
  ])('refuses with %s (B50, B51, %#)', async (code, changes, clock) => {
    const made = await appliedScene();
    await made.tickTo(clock);
    expect(await codeOf(made.ledger, () => made.settle(changes))).toBe(code);
  });

  it('waits until the clearing is applied', async () => {
    const made = await MarketScene.create();
    await made.tickTo(scene.endSlot);
    expect(await codeOf(made.ledger, () => made.settle())).toBe('ACCOUNTS_CLEARING_NOT_APPLIED');
  });

  it('settles as soon as the slot after the last has begun', async () => {
    const made = await appliedScene();
    await made.tickTo(scene.sessionSlot + 4);
    const { event, response } = await made.settle();
    expect(response.slots).toMatchObject([{ missing: 2 }, { missing: 2 }, { missing: 2 }, { missing: 2 }]);
    expect(event).toMatchObject({ facts: [{ type: 'IntervalSettled', run: 1, bucket: 0 }] });
  });
});

describe('accounts:foldBalance', () => {
  it('makes released collateral and settled credits available, each once', async () => {
    const made = await settledScene();
    await made.ledger.submit(market, 'accounts:statement', stating(made, { participantIds: [made.cyd.participantId] }));
    const locked = await made.available(made.cyd);
    await made.ledger.submit(community, 'accounts:foldBalance', folding(made.cyd, [clearingSource, statementSource]));
    // All but the reserve of 8 slots came back with the clearing; 2 kWh at 0.2 EUR/kWh were sold; no reading, no deviation.
    expect((await made.available(made.cyd)) - locked).toBe(100_000_000n - 8n * 5_250_000n + 400_000n);
  });

  it.each<[string, (made: MarketScene) => JsonObject]>([
    ['PARTICIPANT_UNKNOWN', () => folding(new Signer(), [clearingSource])],
    ['ACCOUNTS_SOURCE_TWICE', (made) => folding(made.ann, [clearingSource, clearingSource])],
    ['ACCOUNTS_SOURCE_UNKNOWN', (made) => folding(made.bob, [clearingSource])],
    ['ACCOUNTS_SOURCE_UNKNOWN', (made) => folding(made.ann, [statementSource])],
    ['ACCOUNTS_SOURCE_UNKNOWN', (made) => folding(made.ann, [{ ...clearingSource, sessionId: idOf('none') }])],
    ['ACCOUNTS_SOURCE_UNKNOWN', (made) => folding(made.ann, [{ kind: 'transfer', commandId: command('none') }])],
    ['INPUT_FIELD_INVALID', (made) => folding(made.ann, [{ kind: 'gift', commandId: command('none') }])],
  ])('refuses with %s (%#)', async (code, requestOf) => {
    const made = await settledScene();
    const attempt = () => made.ledger.submit(community, 'accounts:foldBalance', requestOf(made));
    expect(await codeOf(made.ledger, attempt)).toBe(code);
  });
});

describe('accounts:statement', () => {
  it.each<[string, (made: MarketScene) => JsonObject]>([
    ['MARKET_SESSION_UNKNOWN', (made) => stating(made, { sessionId: idOf('none') })],
    ['ACCOUNTS_RUN_REFUSED', (made) => stating(made, { run: 2 })],
    ['ACCOUNTS_STATEMENT_PERIOD', (made) => stating(made, { slots: 4 })],
    ['ACCOUNTS_STATEMENT_PERIOD', (made) => stating(made, { firstSlot: scene.sessionSlot + 4 })],
    ['ACCOUNTS_NOT_IN_SESSION', (made) => stating(made, { participantIds: [made.bob.participantId] })],
    ['INPUT_FIELD_INVALID', (made) => stating(made, { participantIds: [] })],
  ])('refuses with %s (%#)', async (code, requestOf) => {
    const made = await settledScene();
    const attempt = () => made.ledger.submit(market, 'accounts:statement', requestOf(made));
    expect(await codeOf(made.ledger, attempt)).toBe(code);
  });

  it('waits until every slot is settled, and answers the same when it is issued again', async () => {
    const made = await appliedScene();
    const attempt = () => made.ledger.submit(market, 'accounts:statement', stating(made));
    expect(await codeOf(made.ledger, attempt)).toBe('ACCOUNTS_INTERVAL_NOT_SETTLED');
    const settled = await settledScene();
    const first = await settled.ledger.submit(market, 'accounts:statement', stating(settled));
    const again = stating(settled, { commandId: command('statement again') });
    expect((await settled.ledger.submit(market, 'accounts:statement', again)).response).toEqual(first.response);
    expect(first.response.statements).toMatchObject([
      { totals: { missingSlots: 8, heldMicro: '42000000', shortMicro: '0' } },
    ]);
  });
});

describe('questions about accounts', () => {
  it('are refused where there is nothing to answer', async () => {
    const made = await settledScene();
    const asked = { sessionId: scene.sessionId, run: 1, participantId: made.ann.participantId };
    expect(await codeOf(made.ledger, () => made.ledger.evaluate(community, 'accounts:getStatement', asked))).toBe(
      'ACCOUNTS_STATEMENT_UNKNOWN',
    );
    const nobody = { participantId: idOf('nobody') };
    expect(await codeOf(made.ledger, () => made.ledger.evaluate(community, 'accounts:getBalance', nobody))).toBe(
      'PARTICIPANT_UNKNOWN',
    );
  });

  it('answer a part of a statement', async () => {
    const made = await settledScene();
    await made.ledger.submit(market, 'accounts:statement', stating(made));
    const asked = { sessionId: scene.sessionId, run: 1, participantId: made.ann.participantId };
    const part = { ...asked, fromSlot: scene.sessionSlot + 4, slots: 2 };
    const { lines } = await made.ledger.evaluate(community, 'accounts:getStatement', part);
    expect((lines as JsonObject[]).map(({ slot }) => slot)).toEqual([scene.sessionSlot + 4, scene.sessionSlot + 5]);
  });

  it('list posting sets page by page', async () => {
    const made = await MarketScene.create();
    for (let index = 0; index < limits.postingRowsMax; index += 1) {
      await made.fund(made.bob, '1', `coin ${index}`);
    }
    const first = await made.ledger.evaluate(community, 'accounts:listPostings', {});
    expect(first.rows).toHaveLength(limits.postingRowsMax);
    const second = await made.ledger.evaluate(community, 'accounts:listPostings', { bookmark: first.bookmark ?? '' });
    expect(second.rows).toHaveLength(4);
    expect(second.bookmark).toBeNull();
  });
});
