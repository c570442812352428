import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { callers, command } from './testing/actors';
import { contentOf, MarketScene } from './testing/market-scene';
import type { RecordedCall } from './testing/memory-ledger';
import { replay } from './testing/replay';

const program = join(__dirname, '..', 'dist', 'testing', 'replay-main.js');

/** Calls of every contract that writes: founding, registration, readings, orders, clearing and settlement. */
async function recordedCalls(): Promise<readonly RecordedCall[]> {
  const scene = await MarketScene.create();
  const orders = [contentOf('a', ['buy', 0, 3_001n, 400_000n]), contentOf('b', ['sell', 0, 2_000n, 100_000n])] as const;
  await scene.place(scene.ann, [orders[0]]);
  await scene.place(scene.cyd, [orders[1]]);
  await scene.clearAll(orders);
  await scene.tickTo(1_625_200 + 48);
  const values = Array.from({ length: 48 }, (_, index) => BigInt(index * 7));
  await scene.measure(scene.meters.ann, values);
  await scene.measure(scene.meters.bob, values);
  await scene.measure(
    scene.meters.cyd,
    values.map(() => 0n),
    values,
  );
  await scene.settle();
  const standing = { commandId: command('late'), participantId: scene.bob.participantId, reason: 'Stra\u00dfe' };
  await scene.ledger.submit(callers.dso, 'registry:suspendParticipant', standing);
  return scene.ledger.log;
}

/** Repeats the calls in a process of its own, with its own time zone and language. */
function elsewhere(calls: readonly RecordedCall[], environment: Readonly<Record<string, string>>): string {
  const result = spawnSync(process.execPath, [program], {
    env: { ...environment, CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
    input: JSON.stringify(calls),
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    throw new Error(`the replay ended with ${String(result.status)}: ${result.stderr}`);
  }
  return result.stdout;
}

describe('two endorsers', () => {
  it('in other time zones and languages come to equal answers, events and write sets', async () => {
    if (!existsSync(program)) {
      throw new Error('this test runs the compiled contracts: build first (tsc -b)');
    }
    const calls = await recordedCalls();
    const here = await replay(calls);
    expect(here.split('\n')).toHaveLength(calls.length);
    expect(elsewhere(calls, { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
    expect(elsewhere(calls, { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' })).toBe(here);
  });
});
