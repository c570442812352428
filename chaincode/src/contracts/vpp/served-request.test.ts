import { prequalificationCodec } from '@flexledger/domain';
import { vppKeys } from '../../store/vpp/asset-keys';
import { callers } from '../../testing/actors';
import { CoalitionScene, coalitionSlots } from '../../testing/coalition-scene';

describe('a request of which several coalitions serve a part', () => {
  it('is served once no bid fits into what is left; more than it asks for is refused, and its service may change again', async () => {
    const scene = await CoalitionScene.create({}, {}, { volumeMaxW: '5000', bidMinW: '2000' });
    const { requestId, vpp } = scene;
    const [battery, pump] = scene.members();
    if (battery === undefined || pump === undefined) throw new Error('the scene has two members');
    scene.plan([battery], '4000');
    const { response: larger } = await scene.propose();
    scene.plan([pump], '3000', requestId);
    const { response: smaller } = await scene.propose({ planId: requestId }, 'smaller');
    const coalitionId = String(smaller.coalitionId);
    await vpp.send(vpp.made.ann, 'consentCoalition', {
      coalitionId,
      assetIds: [vpp.assetIds.pump],
      publishes: true,
    });
    await vpp.submit(callers.aggregator, 'concludeConsents', { coalitionId });
    for (const offered of [String(larger.coalitionId), coalitionId]) {
      await vpp.send(vpp.made.aggregator, 'offerCapacity', { coalitionId: offered }, offered);
    }
    const accept = (offered: string) => vpp.submit(callers.tso, 'acceptOffer', { coalitionId: offered }, offered);
    const stateOf = async () => (await vpp.ask('getServiceRequest', { requestId })).request;
    expect(await vpp.code(() => vpp.publish({ bidMinW: '3000', bidStepW: '1000' }, callers.tso, 'changed'))).toBe(
      'VPP_SERVICE_IN_USE',
    );
    const { event } = await accept(String(larger.coalitionId));
    expect(event?.facts).toContainEqual(
      expect.objectContaining({ type: 'ServiceRequestEnded', requestId, state: 'SERVED' }),
    );
    expect(await stateOf()).toMatchObject({ state: 'SERVED' });
    expect(await vpp.code(() => accept(coalitionId))).toBe('VPP_OFFER_ABOVE_VOLUME');
    expect(await vpp.code(() => vpp.submit(callers.tso, 'closeServiceRequest', { requestId }))).toBe(
      'VPP_REQUEST_CLOSED',
    );
    expect((await vpp.publish({ bidMinW: '3000', bidStepW: '1000' }, callers.tso, 'changed')).response).toMatchObject({
      version: 2,
    });
  });

  it('stays open while a bid still fits', async () => {
    const scene = await CoalitionScene.create();
    await scene.accepted();
    const { request } = await scene.vpp.ask('getServiceRequest', { requestId: scene.requestId });
    expect(request).toMatchObject({ state: 'OPEN' });
  });
});

describe('a service that asks for a prequalification', () => {
  it('is promised by those alone who have it now, and up to what they were tested with', async () => {
    const scene = await CoalitionScene.create({ prequalification: true });
    const { vpp } = scene;
    const { battery, pump } = vpp.assetIds;
    const attempt = (label: string) => vpp.code(() => scene.propose({}, label));
    expect(await attempt('untested')).toBe('VPP_NOT_PREQUALIFIED');
    plant(scene, battery, '6000');
    plant(scene, pump, '3999');
    expect(await attempt('less')).toBe('VPP_NOT_PREQUALIFIED');
    plant(scene, pump, '4000', 'LOST');
    expect(await attempt('lost')).toBe('VPP_NOT_PREQUALIFIED');
    plant(scene, pump, '4000');
    expect((await scene.propose()).response).toMatchObject({ state: 'PROPOSED', memberCount: 2 });
  });
});

/** What stands on the ledger of an asset after a test activation. */
function plant(scene: CoalitionScene, assetId: string, powerW: string, state = 'PREQUALIFIED'): void {
  const row = {
    subjectKind: 'asset',
    subjectId: assetId,
    kind: 'mfrr',
    aggregatorId: scene.vpp.made.aggregator.participantId,
    state,
    testId: scene.requestId,
    serviceId: 'mfrr',
    serviceVersion: 1,
    direction: 'up',
    referenceSlots: 4,
    firstSlot: coalitionSlots.firstSlot - 16,
    slots: 4,
    shares: [{ assetId, powerW }],
    tolerancePpm: '950000',
    powerMaxW: state === 'PREQUALIFIED' ? powerW : '0',
  };
  prequalificationCodec.decode(row, '');
  scene.vpp.ledger.plant(vppKeys.prequalification(assetId as never, 'mfrr', 'up'), { v: 1, ...row });
}
