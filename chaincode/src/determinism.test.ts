import { callers, command } from './testing/actors';
import { day, FlexScene, orderOf, place } from './testing/flex-scene';
import { contentOf, MarketScene } from './testing/market-scene';
import type { RecordedCall } from './testing/memory-ledger';
import { replay } from './testing/replay';
import { replayElsewhere } from './testing/replay-elsewhere';

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

/** A chain of flexibility: its local days follow from a rule, whatever zone the machine is in. */
async function flexibilityCalls(): Promise<readonly RecordedCall[]> {
  const scene = await FlexScene.create();
  await scene.prognose(scene.agg);
  const { requestId } = await scene.requested();
  const { offerId } = await scene.offered(scene.agg, requestId);
  await scene.send('orderFlexibility', orderOf(offerId, 'all', 70n));
  await scene.tickTo(day.peakSlot + 4);
  await scene.send('declareGreen', place);
  return scene.ledger.log;
}

describe('two endorsers', () => {
  it.each([
    ['of trade and settlement', recordedCalls],
    ['of flexibility', flexibilityCalls],
  ])('in other time zones and languages come to equal answers, events and write sets %s', async (_what, made) => {
    const calls = await made();
    const here = await replay(calls);
    expect(here.split('\n')).toHaveLength(calls.length);
    expect(replayElsewhere(calls, { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
    expect(replayElsewhere(calls, { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' })).toBe(here);
  });
});
