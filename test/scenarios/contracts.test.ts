import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleGrid, type JsonObject } from '@flexledger/domain';
import type { NetworkHandle } from '@flexledger/network';
import { ContractScene, SCENE_SLOTS } from './support/contract-scene';
import { openScenario } from './support/scenario-network';
import { codeOf, TrickScene, type SessionPlan } from './support/trick-scene';

/*
 * Neighbours agree on contracts with nobody in the middle, by the command line and with their own keys; what they agree on is delivered in part and
 * settled by its terms. The community's gateway, which carries their commands, tries to accept in their name. The embedded Fabric by default;
 * NETWORK=native does it on real Fabric.
 */

const SEED = 'contracts';
const NEIGHBOURS = ['ann', 'bob', 'cyd'];

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-contracts-'));
let handle: NetworkHandle;
let scene: TrickScene;
let contracts: ContractScene;
let plan: SessionPlan;
let agreed: JsonObject;

beforeAll(async () => {
  handle = await openScenario(folder, 32);
  scene = await TrickScene.create(handle, folder, SEED, { contractDelivery: 'terms' });
  await scene.admit(NEIGHBOURS);
  plan = scene.planSession('contracts');
  await scene.openSession('contracts', plan);
  contracts = new ContractScene(handle, scene, folder, SEED, plan);
  // Cyd's roof gives 600 Wh in each quarter hour, ann takes 1,000.
  await contracts.equip(NEIGHBOURS, (label) => (label === 'cyd' ? [0n, 600n] : [label === 'ann' ? 1_000n : 0n, 0n]));
  // The community is no member of the collection that the orders, and what they promise under seal, stand in (ADR 0015).
  for (const label of NEIGHBOURS) {
    await scene.place(label, plan, [scene.content(label, ['buy', 0, 10n, 100_000n])], {}, 'community');
  }
});

afterAll(async () => {
  await scene?.close();
  await handle?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const idOf = (label: string): string => scene.trader(label).key.address;

/** Terms by which cyd sells to ann 4,000 Wh an hour for two hours, as far as it has them. */
function termsOf(changes: JsonObject = {}): JsonObject {
  return {
    gridId: exampleGrid.gridId,
    sellerParticipantId: idOf('cyd'),
    buyerParticipantId: idOf('ann'),
    sellerBus: 'bus-2',
    buyerBus: 'bus-2',
    firstSlot: plan.firstSlot,
    intervalSlots: 4,
    intervals: 2,
    energyWh: ['4000'],
    priceMicroPerKwh: '250000',
    delivery: { kind: 'prorata' },
    ...changes,
  };
}

/** What a participant offers; answers the contract. */
async function proposed(
  label: string,
  name: string,
  changes: JsonObject,
  answerBy = plan.firstSlot,
): Promise<JsonObject> {
  const file = contracts.terms(name, termsOf(changes));
  const offered = await contracts.say(label, 'propose', file, '--answer-by', String(answerBy));
  if (typeof offered === 'string') throw new Error(`the offer was refused: ${offered}`);
  return offered;
}

const small = { intervals: 1, energyWh: ['100'] };

describe('neighbours with a key and a command line', () => {
  test('agree by offer, counter-offer, counter to that, and acceptance', async () => {
    const { contractId } = (await proposed('cyd', 'dear', {})) as { contractId: string };
    const counter = async (label: string, price: string): Promise<JsonObject | string> => {
      const file = contracts.terms(`at-${price}`, termsOf({ priceMicroPerKwh: price }));
      return contracts.say(label, 'counter', contractId, file, '--answer-by', String(plan.firstSlot));
    };
    expect(await counter('ann', '150000')).toMatchObject({ state: 'COUNTERED', round: 2 });
    expect(await counter('ann', '140000')).toBe('CONTRACT_NOT_YOUR_TURN');
    const last = (await counter('cyd', '200000')) as JsonObject;
    expect(last).toMatchObject({ round: 3, terms: { priceMicroPerKwh: '200000' } });
    expect(await contracts.say('ann', 'accept', contractId, 'A'.repeat(43))).toBe('CONTRACT_TERMS_CHANGED');
    const accepted = await contracts.say('ann', 'accept', contractId, String(last.termsDigest));
    expect(accepted).toMatchObject({
      state: 'ACCEPTED',
      accepted: { participantId: idOf('ann'), buyMicro: '1600000' },
    });
    agreed = accepted as JsonObject;
  });

  test('reject an offer, take one back, and let one expire, which then anybody closes', async () => {
    const toAnn = await proposed('bob', 'rejected', { ...small, sellerParticipantId: idOf('bob') });
    expect(await contracts.say('bob', 'reject', String(toAnn.contractId))).toBe('CONTRACT_NOT_YOUR_TURN');
    expect(await contracts.say('ann', 'reject', String(toAnn.contractId))).toMatchObject({ state: 'REJECTED' });

    const back = await proposed('bob', 'withdrawn', { ...small, sellerParticipantId: idOf('bob') });
    expect(await contracts.say('ann', 'withdraw', String(back.contractId))).toBe('CONTRACT_NOT_OWN_OFFER');
    expect(await contracts.say('bob', 'withdraw', String(back.contractId))).toMatchObject({ state: 'WITHDRAWN' });

    const soon = plan.gateCloseSlot - 4;
    const late = await proposed('ann', 'late', { ...small, sellerParticipantId: idOf('bob') }, soon);
    await scene.tickTo(soon);
    expect(await contracts.say('bob', 'accept', String(late.contractId), String(late.termsDigest))).toBe(
      'CONTRACT_EXPIRED',
    );
    const closed = await contracts.run('expire', String(late.contractId), '--json');
    expect(JSON.parse(closed.lines[0] ?? '')).toMatchObject({ state: 'EXPIRED' });
  });

  test("cannot be spoken for by the community's own gateway: an acceptance in their name is refused", async () => {
    const offered = await proposed('cyd', 'forged', { ...small, buyerParticipantId: idOf('bob') });
    const { contractId, termsDigest } = offered as { contractId: string; termsDigest: string };
    const request = {
      participantId: idOf('bob'),
      expirySlot: plan.firstSlot,
      contractId,
      termsDigest,
    };
    const accept = (label: string, signature: string, changes: JsonObject = {}) =>
      codeOf(() => scene.submit('community', 'market', 'acceptContract', label, { ...request, ...changes, signature }));
    // The gateway has seen bob's own signatures, ann's acceptance, and has a key of its own.
    const { signature: seen } = offered.offer as { signature: string };
    expect(await accept('replayed', seen)).toBe('SIGNATURE_INVALID');
    const forged = scene.signed('ann', 'acceptContract', { commandId: 'x'.repeat(26), ...request });
    expect(await accept('forged', String(forged.signature))).toBe('SIGNATURE_INVALID');
    const { accepted } = agreed as unknown as { accepted: { signature: string } };
    expect(await accept('of ann', accepted.signature, { participantId: idOf('ann') })).toBe('SIGNATURE_INVALID');
    const shown = await contracts.run('show', contractId, '--json');
    expect(JSON.parse(shown.lines[0] ?? '')).toMatchObject({ state: 'PROPOSED', round: 1 });
  });

  test('find their contracts with what became of each', async () => {
    const listed = await contracts.run('list', idOf('ann'), '--json');
    const states = listed.lines.map((line) => (JSON.parse(line) as { state: string }).state);
    expect(states.sort()).toEqual(['ACCEPTED', 'EXPIRED', 'REJECTED', 'WITHDRAWN']);
    const { lines } = await contracts.run('show', String(agreed.contractId));
    expect(lines).toContain(`  terms ${String(agreed.termsDigest)}`);
  });
});

describe('a contract of which 600 of 1,000 Wh are delivered in each quarter hour', () => {
  const lineOf = (statement: JsonObject): JsonObject => (statement.lines as JsonObject[])[0]?.line as JsonObject;
  const totalsOf = (statement: JsonObject): JsonObject => (statement.statement as JsonObject).totals as JsonObject;
  let statements: readonly JsonObject[];

  beforeAll(async () => {
    const orderIds = NEIGHBOURS.map((label) => scene.content(label, ['buy', 0, 10n, 100_000n]).orderId).sort();
    await scene.tickTo(plan.gateCloseSlot);
    await scene.step('closeSession', plan);
    await scene.step('publishOrders', plan, { orderIds });
    await scene.step('clear', plan);
    await scene.step('applyClearing', plan, { chunk: 0 });
    await scene.tickTo(plan.firstSlot + SCENE_SLOTS);
    await contracts.measure();
    const { firstSlot, sessionId } = plan;
    for (const fromSlot of [firstSlot, firstSlot + 4]) {
      const request = { sessionId, fromSlot, intervals: 4, run: 1, bucket: 0 };
      await scene.submit('market', 'accounts', 'settleInterval', `settle ${fromSlot}`, request);
    }
    const participantIds = NEIGHBOURS.map(idOf).sort();
    const period = { sessionId, run: 1, firstSlot, slots: SCENE_SLOTS };
    await scene.submit('market', 'accounts', 'statement', 'statements', { ...period, participantIds });
    const { ledger } = scene.party('market');
    const read = (label: string) =>
      ledger.evaluate('accounts', 'getStatement', {
        sessionId,
        run: 1,
        participantId: scene.trader(label).key.address,
      });
    statements = (await Promise.all([read('ann'), read('cyd')])) as unknown as JsonObject[];
  });

  test('counts as 600 for both, and the statements say how', () => {
    const [buyer = {}, seller = {}] = statements;
    expect(lineOf(seller)).toMatchObject({ soldWh: 600n, sellMicro: 120_000n, exportWh: 600n, shortWh: 0n });
    expect(lineOf(buyer)).toMatchObject({ boughtWh: 600n, buyMicro: 120_000n, returnedMicro: 80_000n, shortWh: 400n });
    const outcome = { deliveredWh: 600n, returnedMicro: 80_000n, penaltyMicro: 0n, sellerParticipantId: idOf('cyd') };
    for (const statement of [buyer, seller]) {
      expect(lineOf(statement).positions).toMatchObject([{ sessionId: agreed.contractId, outcome }]);
    }
    expect(totalsOf(buyer).buyMicro).toBe(totalsOf(seller).sellMicro);
    expect(totalsOf(buyer)).toMatchObject({ boughtWh: 4_800n, buyMicro: 960_000n });
  });

  test('is disputed by the buyer, answered by the seller and ruled by the regulator, who has the seller pay', async () => {
    const words = ['--text', 'The meter of cyd was read too late.', '--evidence', __filename];
    const about = contracts.terms('disputed', [{ kind: 'contract', contractId: agreed.contractId ?? '' }]);
    const claim = ['raise', '--about', about, ...words];
    // Cyd is no party of what the acceptance has locked: only ann's money moved.
    expect(await contracts.dispute(...claim, '--with', idOf('ann'), ...contracts.signing('cyd'))).toBe(
      'DISPUTE_NOT_PARTY',
    );
    const settled = { kind: 'settlement', sessionId: plan.sessionId, run: 1, slot: plan.firstSlot, bucket: 0 };
    const line = ['raise', '--about', contracts.terms('line', [settled]), ...words, '--with', idOf('cyd')];
    const raised = (await contracts.dispute(...line, ...contracts.signing('ann'))) as JsonObject;
    expect(raised).toMatchObject({ state: 'RAISED', participantId: idOf('ann') });
    expect(await contracts.dispute(...line, ...contracts.signing('ann'))).toBe('DISPUTE_TWICE');
    const id = String(raised.disputeId);
    const answer = ['respond', id, '--position', 'ACCEPTS', '--text', 'So it was.'];
    expect(await contracts.dispute(...answer, ...contracts.signing('bob'))).toBe('DISPUTE_NOT_RESPONDENT');
    expect(await contracts.dispute(...answer, ...contracts.signing('cyd'))).toMatchObject({ state: 'ANSWERED' });
    const ruling = ['rule', id, '--outcome', 'UPHELD', '--reason', 'It was late.', '--pay', '1000'];
    expect(await contracts.dispute(...ruling)).toMatchObject({ state: 'RULED', ruling: { mspId: 'RegulatorMSP' } });
    const shown = await contracts.dispute('list', idOf('cyd'));
    expect(shown).toMatchObject({ disputeId: id, ruling: { remedy: { kind: 'correction', amountMicro: '1000' } } });
  });

  test('leaves a ledger on which an auditor finds nothing', async () => {
    expect(await contracts.broken()).toEqual([]);
  });
});
