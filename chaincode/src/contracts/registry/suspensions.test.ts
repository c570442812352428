import { limits, type JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community, dso, regulator } = callers;

const gate = scene.gateCloseSlot;
const buysAnn = contentOf('ann 0', ['buy', 0, 2_000n, 300_000n]);
const sellsCyd = contentOf('cyd 0', ['sell', 0, 1_500n, 100_000n]);

/** Suspends or readmits ann. */
function standing(made: MarketScene, transaction: 'suspend' | 'readmit', label: string, fromSlot?: number) {
  const caller = transaction === 'suspend' ? dso : regulator;
  const request = {
    commandId: command(`${transaction} ${label}`),
    participantId: made.ann.participantId,
    reason: `Reason ${label}`,
    ...(fromSlot === undefined ? {} : { fromSlot }),
  };
  return made.ledger.submit(caller, `registry:${transaction}Participant`, request);
}

async function twoOrders(ruleSet: JsonObject = { suspendedOrdersVoid: true }): Promise<MarketScene> {
  const made = await MarketScene.create(ruleSet);
  await made.place(made.ann, [buysAnn]);
  await made.place(made.cyd, [sellsCyd]);
  return made;
}

describe('a suspension', () => {
  it('from a slot up to the gate makes the open orders void, and gives their collateral back', async () => {
    const made = await twoOrders();
    const before = await made.available(made.ann);
    const { event } = await standing(made, 'suspend', 'one', gate);
    expect(event).toMatchObject({ facts: [{ type: 'ParticipantSuspended', reason: 'Reason one', fromSlot: gate }] });
    const clearing = await made.clearAll([buysAnn, sellsCyd]);
    expect(clearing).toMatchObject({ voidOrders: 1, publishedOrders: 1, tradedWh: '0' });
    const statuses = await made.statuses();
    expect(statuses.get(buysAnn.orderId)).toEqual({ kind: 'void', code: 'MARKET_MEMBER_SUSPENDED' });
    expect(statuses.get(sellsCyd.orderId)).toMatchObject({ kind: 'published' });
    const sources = [{ kind: 'clearing', sessionId: scene.sessionId }];
    const fold = { commandId: command('fold'), participantId: made.ann.participantId, sources };
    await made.ledger.submit(community, 'accounts:foldBalance', fold);
    // All comes back but the reserve of 8 quarter hours, which is for deviations.
    expect(await made.available(made.ann)).toBe(before + 100_000_000n - 8n * 5_250_000n);
  });

  it.each<[string, (made: MarketScene) => Promise<unknown>]>([
    ['from a slot after the gate', (made) => standing(made, 'suspend', 'after', gate + 1)],
    ['without a slot', (made) => standing(made, 'suspend', 'at once')],
    [
      'that ends at the gate',
      async (made) => {
        await standing(made, 'suspend', 'first', gate - 2);
        await standing(made, 'readmit', 'first', gate);
      },
    ],
    [
      'that begins once the gate has closed',
      async (made) => {
        await made.tickTo(gate);
        await standing(made, 'suspend', 'late', gate + 1);
      },
    ],
  ])('%s leaves them as they are', async (_, suspend) => {
    const made = await twoOrders();
    await suspend(made);
    expect(await made.clearAll([buysAnn, sellsCyd])).toMatchObject({ voidOrders: 0, tradedWh: '1500' });
  });

  it('leaves open orders alone under a rule set that does not say so', async () => {
    const made = await twoOrders({});
    await standing(made, 'suspend', 'one', gate);
    expect(await made.clearAll([buysAnn, sellsCyd])).toMatchObject({ voidOrders: 0, tradedWh: '1500' });
  });

  it('stands in the row of the participant with its reasons', async () => {
    const made = await twoOrders();
    await standing(made, 'suspend', 'one', gate - 2);
    await standing(made, 'readmit', 'two', gate + 2);
    const { participantId } = made.ann;
    expect(await made.ledger.evaluate(community, 'registry:getParticipant', { participantId })).toMatchObject({
      state: 'ACTIVE',
      suspensions: [{ fromSlot: gate - 2, reason: 'Reason one', toSlot: gate + 2, readmissionReason: 'Reason two' }],
    });
    expect(await made.clearAll([buysAnn, sellsCyd])).toMatchObject({ voidOrders: 1 });
  });

  it.each([firstSlot + 12, firstSlot - 1])('is refused from slot %i, which has begun', async (fromSlot) => {
    const made = await twoOrders();
    const attempt = () => standing(made, 'suspend', 'past', fromSlot);
    expect(await codeOf(made.ledger, attempt)).toBe('PARTICIPANT_SLOT_BEGUN');
  });

  it.each<[string, number | undefined]>([
    ['PARTICIPANT_SUSPENSION_SLOT', undefined],
    ['PARTICIPANT_SLOT_BEGUN', firstSlot + 12],
  ])('from a slot does not end: %s', async (code, toSlot) => {
    const made = await twoOrders();
    await standing(made, 'suspend', 'first', gate);
    expect(await codeOf(made.ledger, () => standing(made, 'readmit', 'first', toSlot))).toBe(code);
  });

  it('without a slot ends without one', async () => {
    const made = await twoOrders();
    await standing(made, 'suspend', 'at once');
    expect(await codeOf(made.ledger, () => standing(made, 'readmit', 'slot', gate))).toBe(
      'PARTICIPANT_SUSPENSION_SLOT',
    );
    expect((await standing(made, 'readmit', 'at once')).response).toEqual({});
  });

  it('from a slot is listed 50 times; one more is made without', async () => {
    const made = await twoOrders();
    for (let count = 0; count < limits.suspensionsMax; count += 1) {
      await standing(made, 'suspend', `${count}`, gate);
      await standing(made, 'readmit', `${count}`, gate);
    }
    expect(await codeOf(made.ledger, () => standing(made, 'suspend', 'more', gate))).toBe(
      'PARTICIPANT_SUSPENSIONS_TOO_MANY',
    );
    expect((await standing(made, 'suspend', 'more')).response).toEqual({});
  });
});
