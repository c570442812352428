import type { JsonObject, OrderId, SessionId } from '@flexledger/domain';
import { callers, command, idOf, type Signer } from '../../testing/actors';
import { bookedScene, concludedContract, contractSlots, violations } from '../../testing/contract-scene';
import type { MarketScene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const sessionId = idOf<SessionId>('contracts rural-1');
const { firstSlot } = contractSlots;

/** A contract of one hour by which cyd sells 4,000 Wh to ann at 0.2 EUR per kWh, and what else is concluded. */
async function contracted(
  changes: JsonObject,
  rules: JsonObject = { contractDelivery: 'terms' },
  prepare: (made: MarketScene) => Promise<unknown> = () => Promise.resolve(),
): Promise<MarketScene> {
  const made = await bookedScene(rules);
  const terms = { intervals: 1, energyWh: ['4000'], ...changes };
  await concludedContract(made, terms, [made.cyd, made.ann], 'contract');
  await prepare(made);
  const { ann, bob, cyd } = made;
  const orderIds = [ann, bob, cyd].map(({ participantId }) => idOf<OrderId>(`order ${sessionId} ${participantId}`));
  await made.tickTo(firstSlot - 20);
  await made.step('closeSession', { sessionId });
  await made.step('publishOrders', { sessionId, orderIds });
  await made.step('clear', { sessionId });
  await made.step('applyClearing', { sessionId, chunk: 0 });
  await made.tickTo(firstSlot + 8);
  return made;
}

/** Ann takes what she bought, cyd exports some energy in each quarter hour; who is silent has no reading. */
async function measure(made: MarketScene, exportWh: bigint, silent: readonly string[] = []): Promise<void> {
  const { ann, bob, cyd } = made.meters;
  const taken = [
    [ann, 1_000n, 0n],
    [bob, 0n, 0n],
    [cyd, 0n, exportWh],
  ] as const;
  for (const [agent, importWh, givenWh] of taken.filter(([{ meterId }]) => !silent.includes(meterId))) {
    const before = Array.from({ length: 60 }, () => 0n);
    await made.measure(agent, before);
    await made.measure(
      agent,
      Array.from({ length: 8 }, () => importWh),
      Array.from({ length: 8 }, () => givenWh),
    );
  }
}

async function settle(made: MarketScene, fromSlot = firstSlot): Promise<void> {
  await made.settle({ sessionId, fromSlot }, `from ${fromSlot}`);
}

async function statementOf(made: MarketScene, { participantId }: Signer): Promise<JsonObject> {
  const period = { sessionId, run: 1, firstSlot, slots: 8 };
  const commandId = command(`statement ${participantId}`);
  await made.ledger.submit(callers.market, 'accounts:statement', {
    commandId,
    ...period,
    participantIds: [participantId],
  });
  return made.ledger.evaluate(callers.tso, 'accounts:getStatement', { sessionId, run: 1, participantId });
}

function lineOf(statement: JsonObject, quarter = 0): JsonObject {
  return (statement.lines as JsonObject[])[quarter]?.line as JsonObject;
}

async function deliveryOf(made: MarketScene, { participantId }: Signer): Promise<JsonObject> {
  const asked = { participantId, gridId: 'rural-1', fromSlot: firstSlot, slots: 1 };
  const { slots } = await made.ledger.evaluate(callers.market, 'accounts:getDelivery', asked);
  return (slots as JsonObject[])[0] ?? {};
}

describe('a contract that is delivered in part', () => {
  it('shrinks pro rata for both sides: the buyer pays for what came, gets the rest and its fee back, and is short of it', async () => {
    const made = await contracted({});
    await measure(made, 600n);
    await settle(made);
    await settle(made, firstSlot + 4);
    const seller = await statementOf(made, made.cyd);
    // 600 of 1,000 Wh in each quarter hour, at 0.2 EUR per kWh.
    expect(lineOf(seller)).toMatchObject({ soldWh: '600', sellMicro: '120000', shortWh: '0', longWh: '0' });
    const buyer = await statementOf(made, made.ann);
    expect(lineOf(buyer)).toMatchObject({
      boughtWh: '600',
      buyMicro: '120000',
      returnedMicro: '80000',
      returnedFeeMicro: '800',
      shortWh: '400',
      positions: [{ boughtWh: '4000', outcome: { deliveredWh: '600', returnedMicro: '80000', penaltyMicro: '0' } }],
    });
    // The fee of 1 % of 0.8 EUR, less 40 % of it.
    expect((buyer.statement as JsonObject).totals).toMatchObject({ buyMicro: '480000', feeMicro: '4800' });
    const { inputs } = (buyer.lines as JsonObject[])[0] as unknown as { readonly inputs: readonly string[] };
    const { participantId } = made.cyd;
    expect(inputs).toContain(`contract-delivery/${participantId}/0${firstSlot}.01.${sessionId}`);
    expect(buyer.rule).toContain(
      'What does not count is bought and sold by nobody: its money and fee go back to the buyer, each side bears its deviation.',
    );
    expect(violations(made)).toEqual([]);
  });

  it('falls away where all or nothing was agreed, and the penalty comes out of what the seller has locked', async () => {
    const made = await contracted({ delivery: { kind: 'all-or-nothing', penaltyPpm: '250000' } });
    await measure(made, 999n);
    await settle(made);
    await settle(made, firstSlot + 4);
    const [seller, buyer] = [await statementOf(made, made.cyd), await statementOf(made, made.ann)];
    expect(lineOf(seller)).toMatchObject({ soldWh: '0', longWh: '999', penaltyMicro: '50000' });
    expect(lineOf(buyer)).toMatchObject({ boughtWh: '0', shortWh: '1000', penaltyGainMicro: '50000' });
    expect((seller.statement as JsonObject).totals).toMatchObject({ penaltyMicro: '200000', sellMicro: '0' });
    expect((buyer.statement as JsonObject).totals).toMatchObject({ penaltyGainMicro: '200000', feeMicro: '0' });
    expect(violations(made)).toEqual([]);
  });

  it('falls away below the minimum that was agreed, and counts from there on', async () => {
    for (const [exportWh, soldWh] of [
      [499n, '0'],
      [500n, '500'],
    ] as const) {
      const made = await contracted({ delivery: { kind: 'minimum', minimumPpm: '500000' } });
      await measure(made, exportWh);
      await settle(made);
      expect(await deliveryOf(made, made.cyd)).toMatchObject({ soldWh, shortWh: '0' });
      expect(await deliveryOf(made, made.ann)).toMatchObject({ boughtWh: soldWh });
    }
  });

  it('comes after contracts of a higher rank', async () => {
    const made = await contracted({}, { contractDelivery: 'terms' }, (scene) =>
      concludedContract(
        scene,
        { buyerParticipantId: scene.bob.participantId, intervals: 1, energyWh: ['4000'], priorityClass: 'need' },
        [scene.cyd, scene.bob],
        'need',
      ),
    );
    await measure(made, 1_500n);
    await settle(made);
    expect(await deliveryOf(made, made.bob)).toMatchObject({ boughtWh: '1000' });
    expect(await deliveryOf(made, made.ann)).toMatchObject({ boughtWh: '500', shortWh: '500' });
    expect(await deliveryOf(made, made.cyd)).toMatchObject({ soldWh: '1500', shortWh: '0' });
    expect(violations(made)).toEqual([]);
  });

  it('counts whole where the seller is silent, also for the buyer, whose settlement does not wait', async () => {
    const made = await contracted({});
    await measure(made, 0n, [made.meters.cyd.meterId]);
    await settle(made);
    await settle(made, firstSlot + 4);
    const [seller, buyer] = [await statementOf(made, made.cyd), await statementOf(made, made.ann)];
    expect(lineOf(buyer)).toMatchObject({ status: 'OK', boughtWh: '1000', shortWh: '0' });
    expect(lineOf(seller)).toMatchObject({ status: 'MISSING', soldWh: '1000', sellMicro: '200000' });
  });

  it('stays as it was settled whatever the meters of the seller tell afterwards', async () => {
    const made = await contracted({});
    const { cyd } = made.meters;
    await measure(made, 0n, [cyd.meterId]);
    const before = await deliveryOf(made, made.ann);
    await settle(made);
    const zeros = Array.from({ length: 68 }, () => 0n);
    await made.measure(cyd, zeros);
    // The readings say now that nothing came; the row that settled the slot says that all counts.
    expect(before).toMatchObject({ boughtWh: '1000' });
    expect(await deliveryOf(made, made.ann)).toMatchObject({ boughtWh: '1000' });
    expect(await deliveryOf(made, made.cyd)).toMatchObject({ status: 'OK', soldWh: '1000', shortWh: '1000' });
    expect(made.ledger.rows('contract-delivery').size).toBe(4);
  });

  it('counts whole where the rule set under which it was concluded does not name its terms', async () => {
    const made = await contracted({}, {});
    await measure(made, 600n);
    await settle(made);
    expect(await deliveryOf(made, made.ann)).toMatchObject({ boughtWh: '1000', shortWh: '0' });
    expect(await deliveryOf(made, made.cyd)).toMatchObject({ soldWh: '1000', shortWh: '400' });
    expect(made.ledger.rows('contract-delivery').size).toBe(0);
  });

  it('is settled by a rule set only that has contracts', async () => {
    const made = await bookedScene();
    const attempt = () => made.changeRules({ number: 3, contractDelivery: 'terms', commitments: false });
    expect(await codeOf(made.ledger, attempt)).toBe('REGISTRY_GOVERNANCE_INVALID');
  });
});
