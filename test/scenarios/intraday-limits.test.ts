import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleGrid, sessionUse, slot, type JsonObject, type OrderContent } from '@flexledger/domain';
import { deriveId } from '@flexledger/gateway-app';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { TrickScene, type SessionPlan, type ShortOrder } from './support/trick-scene';

/*
 * Sessions one after the other, and at the same moment, on one grid of a running network. The transformer lets 2 kW out; the owner of the meters behind it sells,
 * a supplier above it buys. The embedded Fabric by default; NETWORK=native does it on real Fabric.
 */

const SEED = 'intraday-limits';
const REPOSITORY = join(__dirname, '..', '..');
const EXPORT_W = 2_000n;
const { gridId } = exampleGrid;

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-intraday-limits-'));
let handle: NetworkHandle;
let scene: TrickScene;
let dayAhead: SessionPlan;

type Placed = readonly (readonly [trader: 'owner' | 'supplier', order: ShortOrder])[];

/** The consortium on other ports, so that a network that somebody has up does not matter. */
function writeTopology(): string {
  const network = join(REPOSITORY, 'network');
  const text = readFileSync(join(network, 'consortium.yaml'), 'utf8')
    .replaceAll(/\b17(\d{3})\b/g, '25$1')
    .replace('workingDirectory: ../chaincode', `workingDirectory: ${join(REPOSITORY, 'chaincode')}`);
  const file = join(folder, 'consortium.yaml');
  writeFileSync(file, text);
  return file;
}

/** An intraday session that begins so many quarter hours after the day-ahead session and closes its gate in a quarter hour. */
function intraday(label: string, after: number, gateCloseSlot: number): SessionPlan {
  const sessionId = deriveId(SEED, `session/${label}`) as SessionPlan['sessionId'];
  const publishDeadlineSlot = gateCloseSlot + 1;
  return { sessionId, gateCloseSlot, publishDeadlineSlot, firstSlot: dayAhead.firstSlot + after };
}

/** Everybody places its orders of a session; an order's name follows from its place. */
async function place(label: string, plan: SessionPlan, placed: Placed): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const trader of ['owner', 'supplier'] as const) {
    const own = placed.flatMap(([who, order], index): OrderContent[] =>
      who === trader ? [scene.content(`${label} ${index}`, order)] : [],
    );
    await scene.place(trader, plan, own);
    ids.push(...own.map(({ orderId }) => orderId));
  }
  return ids;
}

/** Closes, publishes and asks; nobody answers, so that the contract clears by itself from the next slot on. */
async function publish(plan: SessionPlan, orderIds: readonly string[]): Promise<void> {
  await scene.step('closeSession', plan);
  await scene.step('publishOrders', plan, { orderIds });
  await scene.step('requestClearing', plan, { expirySlot: plan.gateCloseSlot + 1 });
}

const clear = (plan: SessionPlan): Promise<JsonObject> => scene.step('clear', plan);

function tradedOf(clearing: JsonObject): readonly string[] {
  return (clearing.intervals as readonly JsonObject[]).map(({ tradedWh }) => String(tradedWh));
}

/** What all cleared sessions together let out through the transformer in an hour, at the power of its fullest quarter hour. */
async function plannedExportW(firstSlot: number): Promise<bigint> {
  const request = { gridId, hour: slot(firstSlot) };
  const { rows } = await scene.party('dso').ledger.evaluate('market', 'listClearedFlows', request);
  const used = sessionUse(rows, { firstSlot: slot(firstSlot), slots: 4 });
  return used.get('transformer')?.backwardWh ?? 0n;
}

beforeAll(async () => {
  const mode = process.env['NETWORK'] === 'native' ? 'native' : 'devnet';
  handle = await openNetwork({ mode, topologyFile: writeTopology(), dataDirectory: join(folder, 'network') });
  scene = await TrickScene.create(handle, folder, SEED, { gridLimits: 'tree', commitments: false });
  await scene.admit(['supplier'], 'supplier');
  await scene.fund('owner', 'first', '1000000000');
  dayAhead = scene.planSession('day-ahead');
  const limit = { elementId: 'transformer', fromSlot: dayAhead.firstSlot, toSlot: dayAhead.firstSlot + 8 };
  await scene.submit('dso', 'market', 'setGridTerms', 'terms', {
    gridId,
    number: 1,
    charges: [],
    limits: [{ ...limit, exportLimitW: EXPORT_W.toString() }],
  });
});

afterAll(async () => {
  await scene?.close();
  await handle?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('sessions on one grid', () => {
  test('a day-ahead session takes the whole transformer in its first hour', async () => {
    await scene.openSession('day-ahead', dayAhead);
    const orderIds = await place('day-ahead', dayAhead, [
      ['owner', ['sell', 0, 3_000n, 100_000n]],
      ['supplier', ['buy', 0, 3_000n, 200_000n]],
    ]);
    await scene.tickTo(dayAhead.gateCloseSlot);
    await publish(dayAhead, orderIds);
    await scene.tickTo(dayAhead.gateCloseSlot + 1);
    expect(tradedOf(await clear(dayAhead))).toEqual(['2000', '0']);
    expect(await plannedExportW(dayAhead.firstSlot)).toBe(EXPORT_W);
  });

  test('an intraday session of the same hour trades nothing more in that direction, and trades in the other', async () => {
    const plan = intraday('again', 0, dayAhead.gateCloseSlot + 3);
    await scene.openSession('again', plan, 'intraday');
    const orderIds = await place('again', plan, [
      ['owner', ['sell', 0, 400n, 100_000n]],
      ['supplier', ['buy', 0, 400n, 200_000n]],
      ['owner', ['buy', 1, 400n, 200_000n]],
      ['supplier', ['sell', 1, 400n, 100_000n]],
    ]);
    await scene.tickTo(plan.gateCloseSlot);
    await publish(plan, orderIds);
    await scene.tickTo(plan.gateCloseSlot + 1);
    expect(tradedOf(await clear(plan))).toEqual(['0', '400']);
    expect(await plannedExportW(dayAhead.firstSlot)).toBe(EXPORT_W);
    // What was given back in the second half hour is free again: 400 Wh of it are 800 W.
    expect(await plannedExportW(dayAhead.firstSlot + 2)).toBe(EXPORT_W - 800n);
  });

  test('two sessions that are cleared at the same moment do not sell the same room twice', async () => {
    const gateCloseSlot = dayAhead.gateCloseSlot + 5;
    // Both trade the third half hour, in which the transformer lets 1,000 Wh out.
    const plans = [intraday('one', 4, gateCloseSlot), intraday('other', 2, gateCloseSlot)] as const;
    const [one, other] = plans;
    await scene.openSession('one', one, 'intraday');
    await scene.openSession('other', other, 'intraday');
    const ids = [
      await place('one', one, [
        ['owner', ['sell', 0, 900n, 100_000n]],
        ['supplier', ['buy', 0, 900n, 200_000n]],
      ]),
      await place('other', other, [
        ['owner', ['sell', 1, 900n, 100_000n]],
        ['supplier', ['buy', 1, 900n, 200_000n]],
      ]),
    ];
    await scene.tickTo(gateCloseSlot);
    for (const [index, plan] of plans.entries()) await publish(plan, ids[index] ?? []);
    await scene.tickTo(gateCloseSlot + 1);
    const cleared = await Promise.all(plans.map(clear));
    const traded = cleared.map((clearing) => BigInt(String(clearing.tradedWh)));
    expect([...traded].sort()).toEqual([100n, 900n]);
    expect(await plannedExportW(one.firstSlot)).toBe(EXPORT_W);
  });
});
