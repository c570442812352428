import type { JsonObject } from '@flexledger/domain';
import { EventScene, eventSlots } from '../../testing/event-scene';

/** Asks for the split of the scene's order, naming nobody who is not to be called; answers its case. */
async function splitAgain(scene: EventScene): Promise<JsonObject> {
  const { aggregator } = scene.made;
  await scene.made.send(aggregator, 'requestDisaggregation', {
    orderId: scene.orderId,
    programmeIds: [scene.programmeId],
    excludedIds: [],
    fairnessMicroPerKwh: '0',
    answerBySlot: eventSlots.firstSlot - 5,
  });
  const { asked } = await scene.flex.ask('getDisaggregation', { orderId: scene.orderId, revision: 1 });
  return asked as JsonObject;
}

const requested = (asked: JsonObject) => (asked.slots as JsonObject[]).map(({ requestedWh }) => requestedWh);

function notAsked(asked: JsonObject) {
  const assets = asked.assets as JsonObject[];
  return assets.filter(({ optedOut }) => optedOut === true).map(({ assetId }) => assetId);
}

describe('a split that is asked for again', () => {
  it('leaves out who has declined, although the aggregator does not name it', async () => {
    const scene = await EventScene.create();
    await scene.called();
    await scene.answer(scene.made.bob, 'optOut');
    const asked = await splitAgain(scene);
    expect(notAsked(asked)).toEqual([scene.made.assetIds.bob]);
    expect(requested(asked)).toEqual(['1250', '1250', '1250', '1250']);
  });

  it('holds who has opted in, and asks the others for the rest', async () => {
    const scene = await EventScene.create();
    await scene.called();
    const { ann, assetIds } = scene.made;
    await scene.answer(ann, 'optIn');
    const asked = await splitAgain(scene);
    expect(notAsked(asked)).toEqual([assetIds.ann]);
    expect(requested(asked)).toEqual(['750', '750', '750', '750']);
    const untouched = await splitAgain(await EventScene.create());
    expect(asked.shortfallMicroPerKwh).toBe(untouched.shortfallMicroPerKwh);
  });

  it('asks everybody who has not answered', async () => {
    const scene = await EventScene.create();
    await scene.called();
    expect(notAsked(await splitAgain(scene))).toEqual([]);
  });
});
