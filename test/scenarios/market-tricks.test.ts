import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, OrderContent } from '@flexledger/domain';
import { deriveId } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { codeOf, TrickScene, type SessionPlan, type ShortOrder } from './support/trick-scene';
import { openScenario } from './support/scenario-network';

/*
 * Three neighbours trade honestly through the real gateway of a Fabric network, and one more bidder, mal, tries everything that shared experience with markets
 * knows of bad input and bad faith. Each trick is refused with its code, changes nothing, and the next good call succeeds; the session clears as if
 * nobody had tried. The embedded Fabric by default; NETWORK=native does it on real Fabric.
 */

const SEED = 'market-tricks';
const NEIGHBOURS = ['ann', 'bob', 'cyd', 'mal'];
const CROWD = Array.from({ length: 21 }, (_, index) => `crowd-${String(index).padStart(2, '0')}`);
const ORDERS_EACH = 48;

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-market-tricks-'));
let handle: NetworkHandle;
let scene: TrickScene;
let plan: SessionPlan;
let bobsCommand: JsonObject;
let goodCalls = 0;

beforeAll(async () => {
  handle = await openScenario(folder, 30);
  scene = await TrickScene.create(handle, folder, SEED);
  await scene.admit(NEIGHBOURS);
  plan = scene.planSession('tricks');
  await scene.openSession('tricks', plan);
});

afterAll(async () => {
  await scene?.close();
  await handle?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const content = (name: string, order: ShortOrder): OrderContent => scene.content(name, order);

/** Tries a trick: it is refused with this code, nothing has changed, and an honest call goes through behind it. */
async function expectRefused(trick: () => Promise<unknown>, code: string): Promise<void> {
  const before = await scene.snapshot(plan, NEIGHBOURS);
  expect(await codeOf(trick)).toBe(code);
  await expectUntouched(before);
}

/** The same for confidential values that no client of ours would send. */
async function expectOddRefused(contents: readonly OrderContent[], changes: JsonObject, code: string): Promise<void> {
  const before = await scene.snapshot(plan, NEIGHBOURS);
  const request = scene.placing('mal', plan, [content('odd', mal), ...contents.slice(1)]);
  expect(await scene.sendOdd(request, contents, changes)).toBe(code);
  await expectUntouched(before);
}

async function expectUntouched(before: unknown): Promise<void> {
  expect(await scene.snapshot(plan, NEIGHBOURS)).toEqual(before);
  goodCalls += 1;
  await expect(scene.fund('mal', `good call ${goodCalls}`, '1')).resolves.toBeUndefined();
}

const ann: ShortOrder = ['sell', 0, 2_000n, 100_000n];
const bob: ShortOrder = ['buy', 0, 1_500n, 200_000n];
const cyd: ShortOrder = ['buy', 0, 1_500n, 150_000n];
/** Nobody buys in the second hour. */
const mal: ShortOrder = ['sell', 1, 3_000n, 300_000n];

describe('before the gate, one more bidder', () => {
  test('finds three neighbours who have placed their orders', async () => {
    await scene.place('ann', plan, [content('ann', ann)]);
    bobsCommand = scene.placing('bob', plan, [content('bob', bob)]);
    await scene.send(bobsCommand, [content('bob', bob)]);
    await scene.place('cyd', plan, [content('cyd', cyd)]);
  });

  test.each<[string, ShortOrder, string]>([
    ['a price of zero (B25)', ['buy', 0, 100n, 0n], 'MARKET_PRICE_RANGE'],
    ['a price above the cap (B25)', ['buy', 0, 100n, 4_000_100n], 'MARKET_PRICE_RANGE'],
    ['a price off the tick (B25)', ['buy', 0, 100n, 100_050n], 'MARKET_PRICE_TICK'],
    ['a quantity of zero (B25)', ['sell', 0, 0n, 100_000n], 'MARKET_ENERGY_TOO_SMALL'],
    ['a quantity below the smallest (B25)', ['sell', 0, 9n, 100_000n], 'MARKET_ENERGY_TOO_SMALL'],
    ['a quantity above the connection (B25)', ['sell', 0, 4_001n, 100_000n], 'MARKET_ENERGY_ABOVE_LIMIT'],
    ['a quantity above the largest position (B25)', ['sell', 0, 3_801n, 100_000n], 'MARKET_POSITION_ABOVE_LIMIT'],
    ['an interval that the session does not have (B26)', ['buy', 2, 100n, 100_000n], 'MARKET_INTERVAL_UNKNOWN'],
  ])('gets nowhere with %s', async (name, order, code) => {
    await expectRefused(() => scene.place('mal', plan, [content(name, order)]), code);
  });

  test.each<[string, JsonObject]>([
    ['a negative price (B25)', { limitPriceMicroPerKwh: '-100' }],
    ['a negative quantity (B25)', { energyWh: '-100' }],
    ['a quantity with a fraction (B25)', { energyWh: '10.5' }],
    ['a quantity that is a number of JSON (B25)', { energyWh: 100 }],
  ])('gets nowhere with %s, which no client of ours would send', async (_name, changes) => {
    await expectOddRefused([content('odd', mal)], changes, 'INPUT_FIELD_INVALID');
  });

  test('cannot open or trade a session of the past, nor one that is not there (B26)', async () => {
    const past = { ...scene.planSession('past'), gateCloseSlot: plan.gateCloseSlot - 48 };
    past.publishDeadlineSlot = past.gateCloseSlot + 4;
    past.firstSlot = past.gateCloseSlot + 8;
    await expectRefused(() => scene.openSession('past', past), 'MARKET_GATE_PASSED');
    const nowhere = scene.planSession('nowhere', 4_000);
    await expectRefused(() => scene.place('mal', nowhere, [content('nowhere', mal)]), 'MARKET_SESSION_UNKNOWN');
  });

  test('cannot seal one order and show another, in value or in salt (B28)', async () => {
    const order = content('mal', mal);
    const request = scene.placing('mal', plan, [order]);
    const dearer = {
      ...order,
      limitPriceMicroPerKwh: content('dearer', ['sell', 1, 3_000n, 310_000n]).limitPriceMicroPerKwh,
    };
    await expectRefused(() => scene.send(request, [dearer]), 'MARKET_COMMITMENT_MISMATCH');
    const resalted = { ...order, salt: content('other salt', mal).salt };
    await expectRefused(() => scene.send(request, [resalted]), 'MARKET_COMMITMENT_MISMATCH');
    await expectOddRefused([], {}, 'INPUT_FIELD_INVALID');
  });

  test("cannot use a neighbour's seal or signed command under its own name (B29)", async () => {
    const stolen = content('bob', bob);
    const { sealed } = scene.placing('bob', plan, [stolen]);
    const mine = content('copy', bob);
    const copied = (sealed as { commitment: string }[]).map(({ commitment }) => ({
      orderId: mine.orderId,
      commitment,
    }));
    const request = scene.placing('mal', plan, [mine], { sealed: copied });
    await expectRefused(() => scene.send(request, [mine]), 'MARKET_COMMITMENT_MISMATCH');
    const participantId = scene.trader('mal').key.address;
    const unsent = content('bob has not sent this', bob);
    const renamed = scene.placing('bob', plan, [unsent], {}, { participantId });
    await expectRefused(() => scene.send(renamed, [unsent]), 'SIGNATURE_INVALID');
  });

  test("cannot withdraw a neighbour's order, neither signed by itself nor in the neighbour's name (B30)", async () => {
    const [order] = [content('bob', bob).orderId];
    await expectRefused(() => scene.withdraw('mal', plan, [order]), 'MARKET_ORDER_NOT_OWN');
    await expectRefused(() => scene.withdraw('mal', plan, [order], 'bob'), 'SIGNATURE_INVALID');
  });

  test("cannot take a neighbour's order id or command for other content (B31)", async () => {
    const reused = scene.placing('bob', plan, [content('bob', bob)], { collateralMicro: '100000001' });
    await expectRefused(() => scene.send(reused, [content('bob', bob)]), 'COMMAND_REUSED');
    // The very same command again is answered as the first time, whoever sends it, and does nothing.
    await expectRefused(() => scene.send(bobsCommand, [content('bob', bob)]), 'accepted');
    const otherCommand = deriveId(SEED, 'another command');
    const same = { ...content('other', mal), orderId: content('bob', bob).orderId };
    await expectRefused(() => scene.place('mal', plan, [same], { commandId: otherCommand }), 'MARKET_ORDER_EXISTS');
  });

  test('cannot buy from itself (B32)', async () => {
    const orders = [content('self-buy', ['buy', 1, 100n, 200_000n]), content('self-sell', ['sell', 1, 100n, 150_000n])];
    await expectRefused(() => scene.place('mal', plan, orders), 'MARKET_SELF_TRADE');
  });

  test('cannot lock more than a member may, nor less than its orders need (B34)', async () => {
    const order = content('exposed', mal);
    const lock = (collateralMicro: string) => scene.place('mal', plan, [order], { collateralMicro });
    await expectRefused(() => lock('200000001'), 'MARKET_EXPOSURE_ABOVE_LIMIT');
    await expectRefused(() => lock('1'), 'MARKET_COLLATERAL_TOO_SMALL');
  });

  test('cannot place orders while it is suspended, and can again once it is readmitted', async () => {
    await scene.setStanding('mal', 'suspendParticipant');
    await expectRefused(() => scene.place('mal', plan, [content('suspended', mal)]), 'PARTICIPANT_SUSPENDED');
    await scene.setStanding('mal', 'readmitParticipant');
  });

  test('cannot flood the session: no more orders than the rule set allows, none twice, none in a second set (B34)', async () => {
    const tiny = Array.from({ length: ORDERS_EACH + 1 }, (_, index) =>
      content(`tiny-${index}`, ['sell', 1, 10n, 100_000n]),
    );
    await expectRefused(() => scene.place('mal', plan, tiny), 'MARKET_ORDERS_TOO_MANY');
    const [first] = tiny as [OrderContent];
    await expectRefused(() => scene.place('mal', plan, [first, first]), 'MARKET_ORDER_TWICE');
    const flood = Array.from({ length: 1_000 }, (_, index) => content(`flood-${index}`, ['sell', 1, 10n, 100_000n]));
    const before = await scene.snapshot(plan, NEIGHBOURS);
    expect(await scene.sendOdd(scene.placing('mal', plan, flood), flood)).toBe('INPUT_FIELD_INVALID');
    await expectUntouched(before);
    await scene.place('mal', plan, [content('mal', mal)]);
    await expectRefused(() => scene.place('mal', plan, [first]), 'MARKET_ORDERS_ALREADY_PLACED');
  });

  test('cannot sell again, in a session of half hours, what its connection has promised for the hour (B33)', async () => {
    const again: SessionPlan = {
      ...plan,
      sessionId: scene.planSession('half hours').sessionId,
      firstSlot: plan.firstSlot + 4,
    };
    await scene.openSession('half hours', again, 'intraday');
    // 3,000 Wh of the hour are 3 kW; 501 Wh of a half hour are 1,002 W more, and the connection has 4 kW.
    const twice = content('sold twice', ['sell', 0, 501n, 100_000n]);
    await expectRefused(() => scene.place('mal', again, [twice]), 'COMMITMENTS_CAPACITY');
    await scene.place('mal', again, [content('sold once', ['sell', 0, 500n, 100_000n])]);
  });

  test('cannot close, publish or clear while the session is open (B35)', async () => {
    await expectRefused(() => scene.step('closeSession', plan), 'MARKET_GATE_NOT_REACHED');
    const orderIds = [content('bob', bob).orderId];
    await expectRefused(() => scene.step('publishOrders', plan, { orderIds }), 'MARKET_SESSION_NOT_CLOSED');
    await expectRefused(() => scene.step('clear', plan), 'MARKET_SESSION_NOT_CLOSED');
  });
});

describe('behind the gate, one more bidder', () => {
  test('comes too late with a bid, also with one whose transaction claims an earlier time (B26, B27)', async () => {
    await scene.tickTo(plan.gateCloseSlot);
    const late = content('late', mal);
    await expectRefused(() => scene.place('mal', plan, [late]), 'MARKET_GATE_PASSED');
    const before = await scene.snapshot(plan, NEIGHBOURS);
    // Peers of 3.1 take a time of up to a quarter of an hour ago for true, peers of 2.5 any; the contract asks nobody's clock but the ledger's.
    const atTime = (timeMs: number) => scene.placeAtTime('mal', plan, [late], timeMs).catch(String);
    const refusals = Array(3).fill('500 MARKET_GATE_PASSED');
    expect(await atTime(Date.now() - 14 * 60_000)).toEqual(refusals);
    const beforeGate = await atTime((plan.gateCloseSlot - 4) * 900_000);
    if (typeof beforeGate === 'string') expect(beforeGate).toContain('incorrect timestamp');
    else expect(beforeGate).toEqual(refusals);
    await expectUntouched(before);
  });

  test('cannot withdraw any more, before and after the session is closed (B30)', async () => {
    const { orderId } = content('mal', mal);
    await expectRefused(() => scene.withdraw('mal', plan, [orderId]), 'MARKET_GATE_PASSED');
    await scene.step('closeSession', plan);
    await expectRefused(() => scene.withdraw('mal', plan, [orderId]), 'MARKET_GATE_PASSED');
  });

  test('cannot have an order left out, added or repeated when seals are opened (B28)', async () => {
    const all = [content('ann', ann), content('bob', bob), content('cyd', cyd), content('mal', mal)];
    const [first = '', ...others] = all.map(({ orderId }) => orderId);
    const foreign = content('foreign', bob).orderId;
    await expectRefused(() => scene.step('publishOrders', plan, { orderIds: [foreign] }), 'MARKET_ORDER_UNKNOWN');
    await expectRefused(() => scene.step('publishOrders', plan, { orderIds: [first, first] }), 'MARKET_ORDER_TWICE');
    await scene.step('publishOrders', plan, { orderIds: others });
    await expectRefused(() => scene.step('clear', plan), 'MARKET_ORDERS_UNPUBLISHED');
    const again = await scene.step('publishOrders', plan, { orderIds: [first, ...others] });
    expect(again).toMatchObject({ published: 1, void: 0, already: 3 });
  });

  test('cannot clear in a role that may not, nor twice (B35)', async () => {
    await expectRefused(() => scene.step('clear', plan, {}, 'community'), 'ACCESS_ROLE_REFUSED');
    await scene.step('clear', plan);
    await expectRefused(() => scene.step('clear', plan, {}, 'regulator'), 'MARKET_ALREADY_CLEARED');
    await expectRefused(() => scene.step('applyClearing', plan, { chunk: 7 }), 'MARKET_CHUNK_UNKNOWN');
  });

  test('sees the session cleared as if it had not been there', async () => {
    await scene.step('applyClearing', plan, { chunk: 0 });
    const { trades } = (await scene.snapshot(plan, NEIGHBOURS)) as { trades: readonly Record<string, unknown>[] };
    const byOrder = Object.fromEntries(
      trades.map(({ energyWh, orderId, priceMicroPerKwh }) => [orderId, [energyWh, priceMicroPerKwh]]),
    );
    // Ann's 2,000 Wh go to bob in full and to cyd as far as they last; cyd is at the margin, so cyd's limit is the price.
    expect(byOrder).toEqual({
      [content('ann', ann).orderId]: [2_000n, 150_000n],
      [content('bob', bob).orderId]: [1_500n, 150_000n],
      [content('cyd', cyd).orderId]: [500n, 150_000n],
    });
  });
});

describe('a thousand orders at one price', () => {
  test('for one smallest quantity: every endorser gives it to the same order, and no order gets a fraction (B36)', async () => {
    const crowded = scene.planSession('crowd', 16);
    await scene.openSession('crowd', crowded);
    await scene.admit(CROWD);
    const offers = CROWD.map((label) =>
      Array.from({ length: ORDERS_EACH }, (_, index) => content(`${label}-${index}`, ['sell', 0, 10n, 100_000n])),
    );
    for (const [index, label] of CROWD.entries()) await scene.place(label, crowded, offers[index] ?? []);
    await scene.place('bob', crowded, [content('crowd-bob', ['buy', 0, 10n, 200_000n])]);
    await scene.tickTo(crowded.gateCloseSlot);
    await scene.step('closeSession', crowded);
    const ids = [...offers.flat().map(({ orderId }) => orderId), content('crowd-bob', bob).orderId].sort();
    expect(ids.length).toBe(1_009);
    for (let from = 0; from < ids.length; from += 250) {
      await scene.step('publishOrders', crowded, { orderIds: ids.slice(from, from + 250) });
    }
    // It is endorsed by two authorities and a member, or it would not be on the ledger.
    const { chunks } = await scene.step('clear', crowded);
    for (let chunk = 0; chunk < Number(chunks); chunk += 1) await scene.step('applyClearing', crowded, { chunk });
    const { trades } = (await scene.snapshot(crowded, [])) as { trades: readonly Record<string, unknown>[] };
    // Each of the 1,008 has a claim of the same size to the 10 Wh: they go, a whole Wh each, to the ten smallest ids.
    const sold = trades.filter(({ side }) => side === 'sell').map(({ energyWh, orderId }) => [orderId, energyWh]);
    const sellers = offers
      .flat()
      .map(({ orderId }) => orderId)
      .sort();
    expect(sold).toEqual(sellers.slice(0, 10).map((orderId) => [orderId, 1n]));
  });
});
