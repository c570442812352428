import { prequalificationCodec, type JsonObject } from '@flexledger/domain';
import { vppKeys } from '../../store/vpp/asset-keys';
import { callers } from '../../testing/actors';
import { CoalitionScene, coalitionSlots } from '../../testing/coalition-scene';

const first = coalitionSlots.firstSlot;
const [one, two] = [first + 1, first + 2];

// What the request and the rule set of the scene say: 8 kW in two slices of four hours; a kW and hour, a kWh, a missing kWh.
const offeredW = 8_000n;
const capacityPrice = 15_000n;
const energyPrice = 150_000n;
const penaltyPrice = 300_000n;
const lockedMicro = 10_560_000n;
const fundedMicro = 1_000_000_000n;
/** Capacity of one slice, all of it kept. */
const sliceMicro = (offeredW * 4n * capacityPrice) / 1_000n;

describe('a coalition that has been measured', () => {
  it('is paid once from what its buyer has locked, and again what a late reading changes; then the rest goes back', async () => {
    const scene = await CoalitionScene.create({}, { operatorSharePpm: '100000' });
    const { vpp } = scene;
    const { ann, bob, aggregator, meters } = vpp.made;
    const coalitionId = await verified(scene, () =>
      scene.measureTo(meters.ann, one, [1_500n, 0n], { [one]: [1_000n, 0n] }),
    );

    // 4,000 Wh are called; the heat pump is silent in the second quarter hour, and 500 Wh are missing.
    const { event, response: paid } = await vpp.submit(callers.dso, 'remunerate', { coalitionId });
    const capacityMicro = (sliceMicro * 3_500n) / 4_000n;
    const energyMicro = (3_500n * energyPrice) / 1_000n;
    const paidMicro = capacityMicro + energyMicro + sliceMicro;
    const penaltyMicro = (500n * penaltyPrice) / 1_000n;
    const operatorMicro = paidMicro / 10n;
    const potMicro = paidMicro - operatorMicro;
    // 3,000 Wh of bob's battery, 500 Wh of ann's pump; she bears the penalty up to her share, the aggregator the rest.
    const shares = proRata(potMicro, [3_000n, 500n]);
    const annPenaltyMicro = shares.ann < penaltyMicro ? shares.ann : penaltyMicro;
    expect(paid).toMatchObject({
      version: 1,
      payer: 'vpp',
      paidMicro: String(paidMicro),
      penaltyMicro: String(penaltyMicro),
      operatorMicro: String(operatorMicro),
      uncoveredMicro: '0',
      slices: [
        { askedWh: '4000', deliveredWh: '3500', shortfallWh: '500', capacityMicro: String(capacityMicro) },
        { askedWh: '0', capacityMicro: String(sliceMicro), penaltyMicro: '0' },
      ],
    });
    expect(lineOf(paid, bob.participantId)).toMatchObject({
      shareMicro: String(shares.bob),
      paidMicro: String(shares.bob),
    });
    expect(lineOf(paid, ann.participantId)).toMatchObject({
      shareMicro: String(shares.ann),
      penaltyMicro: String(annPenaltyMicro),
      paidMicro: String(shares.ann - annPenaltyMicro),
    });
    expect(event?.facts).toMatchObject([
      { type: 'CoalitionRemunerated', version: 1, state: 'SETTLED', paidMicro: String(paidMicro) },
    ]);
    const netMicro = paidMicro - penaltyMicro;
    expect(await locked(scene, coalitionId)).toEqual({
      coalition: String(lockedMicro - netMicro),
      fund: { availableMicro: String(fundedMicro - lockedMicro), lockedMicro: String(lockedMicro - netMicro) },
    });
    expect(await credited(scene, coalitionId, 1, bob.participantId)).toBe(shares.bob);
    expect(await credited(scene, coalitionId, 1, ann.participantId)).toBe(shares.ann - annPenaltyMicro);

    // Nothing has changed: the same answer, nothing posted.
    const again = await vpp.submit(callers.tso, 'remunerate', { coalitionId }, 'again');
    expect(again.response).toEqual(paid);
    expect(again.event?.facts ?? []).toEqual([]);

    await scene.measureTo(meters.ann, two, [1_000n, 0n]);
    const { response: late } = await vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot: two }, 'late');
    expect(late).toMatchObject({ version: 2, deliveredWh: '2000', shortfallWh: '0', flags: ['NO_TELEMETRY'] });
    const { response: second } = await vpp.submit(callers.market, 'remunerate', { coalitionId }, 'late');
    const fullMicro = 2n * sliceMicro + (4_000n * energyPrice) / 1_000n;
    const fullPotMicro = fullMicro - fullMicro / 10n;
    const full = proRata(fullPotMicro, [3_000n, 1_000n]);
    expect(second).toMatchObject({
      version: 2,
      paidMicro: String(fullMicro),
      penaltyMicro: '0',
      payerCoverMicro: String(lockedMicro),
    });
    // Bob was paid more before than the whole delivery leaves him: he keeps it, and what is short of Ann's share is named.
    const overpaidMicro = shares.bob > full.bob ? shares.bob - full.bob : 0n;
    expect(second.overpaidMicro).toBe(String(overpaidMicro));
    expect(await credited(scene, coalitionId, 2, bob.participantId)).toBe(
      shares.bob > full.bob ? 0n : full.bob - shares.bob,
    );
    // Ann gets what the version brings: more money of the buyer, and the penalty that is none any more.
    const dueMicro = full.ann - (shares.ann - annPenaltyMicro);
    const broughtMicro = fullMicro - paidMicro + penaltyMicro;
    const annMicro = dueMicro < broughtMicro ? dueMicro : broughtMicro;
    expect(await credited(scene, coalitionId, 2, ann.participantId)).toBe(annMicro);
    expect(second.uncoveredMicro).toBe(String(dueMicro - annMicro));
    expect(await locked(scene, coalitionId)).toMatchObject({ coalition: String(lockedMicro - fullMicro) });
    const { remuneration } = await vpp.ask('getRemuneration', { coalitionId });
    expect(remuneration).toEqual(second);
    expect((await vpp.ask('getRemuneration', { coalitionId, version: 1 })).remuneration).toEqual(paid);

    // What both versions have posted sums to nothing in all, and to the rest of the fund on the account of services.
    const accounts = ['vpp', ...[aggregator, ann, bob].map(({ participantId }) => `participant/${participantId}`)];
    const nets = await Promise.all(accounts.map(async (account) => (await net(scene, coalitionId, 1, account)) + (await net(scene, coalitionId, 2, account)))); // prettier-ignore
    expect(nets[0]).toBe(-fullMicro);
    expect(nets.reduce((total, each) => total + each, 0n)).toBe(0n);

    const release = (label: string) => vpp.submit(callers.tso, 'releaseServicePayment', { coalitionId }, label);
    expect(await vpp.code(() => release('early'))).toBe('VPP_PAYMENT_HELD');
    await vpp.flex.tickTo(coalitionSlots.endSlot + 96);
    const { event: given } = await release('once');
    expect(given?.facts).toMatchObject([
      { type: 'ServicePaymentReleased', amountMicro: String(lockedMicro - fullMicro) },
    ]);
    expect(await locked(scene, coalitionId)).toEqual({
      coalition: undefined,
      fund: { availableMicro: String(fundedMicro - fullMicro), lockedMicro: '0' },
    });
    expect(await vpp.code(() => release('twice'))).toBe('VPP_PAYMENT_RELEASED');
    const measuring = { coalitionId, slot: two };
    expect(await vpp.code(() => vpp.submit(callers.tso, 'verifyDelivery', measuring, 'too late'))).toBe(
      'VPP_COALITION_STATE',
    );
    expect((await vpp.submit(callers.tso, 'remunerate', { coalitionId }, 'final')).response).toEqual(second);
  });

  it('that fails too often loses its prequalification, with the asset that was short; who has delivered keeps its own', async () => {
    const scene = await CoalitionScene.create({}, { failuresMax: 1 });
    const { vpp } = scene;
    const { aggregator, meters } = vpp.made;
    const { battery, pump } = vpp.assetIds;
    const pool = aggregator.participantId;
    for (const subjectId of [pool, battery, pump]) {
      plantPrequalification(scene, subjectId);
    }
    const coalitionId = await verified(scene, () => scene.measureTo(meters.ann, two, [1_500n, 0n]));
    const { event } = await vpp.submit(callers.tso, 'remunerate', { coalitionId });
    expect(event?.facts).toMatchObject([
      { type: 'CoalitionRemunerated' },
      { type: 'PrequalificationLost', subjectId: pool, kind: 'mfrr', direction: 'up' },
      { type: 'PrequalificationLost', subjectId: pump },
    ]);
    const state = async (subjectId: string) => {
      const asked = { subjectId, kind: 'mfrr', direction: 'up' };
      return (await vpp.ask('getPrequalification', asked)).prequalification;
    };
    expect(await state(pool)).toMatchObject({ state: 'LOST', powerMaxW: '0' });
    expect(await state(pump)).toMatchObject({ state: 'LOST', powerMaxW: '0' });
    expect(await state(battery)).toMatchObject({ state: 'PREQUALIFIED', powerMaxW: '8000' });
    // Nothing is lost twice for the same slices.
    expect((await vpp.submit(callers.tso, 'remunerate', { coalitionId }, 'again')).event?.facts ?? []).toEqual([]);
  });

  it('adds its failures to those of the coalition before, and one slice more loses what two in a row do', async () => {
    const scene = await CoalitionScene.create({}, { failuresMax: 2 });
    const { vpp } = scene;
    const { battery, pump } = vpp.assetIds;
    plantPrequalification(scene, battery);
    plantPrequalification(scene, pump, { coalitionId: scene.planId, carried: 0, inRow: 1 });
    const pool = vpp.made.aggregator.participantId;
    plantPrequalification(scene, pool);
    const coalitionId = await verified(scene, () => scene.measureTo(vpp.made.meters.ann, two, [1_500n, 0n]));
    const { event } = await vpp.submit(callers.tso, 'remunerate', { coalitionId });
    expect(event?.facts).toMatchObject([
      { type: 'CoalitionRemunerated' },
      { type: 'PrequalificationLost', subjectId: pump },
    ]);
    const asked = { subjectId: pool, kind: 'mfrr', direction: 'up' };
    expect((await vpp.ask('getPrequalification', asked)).prequalification).toMatchObject({
      state: 'PREQUALIFIED',
      failures: { coalitionId, carried: 0, inRow: 1 },
    });
  });

  it('is refused with a code where there is none', async () => {
    const { planId, vpp } = await CoalitionScene.create();
    const named = { coalitionId: planId };
    const code = (transaction: string) => vpp.code(() => vpp.submit(callers.tso, transaction, named));
    expect([await code('remunerate'), await code('releaseServicePayment')]).toEqual([
      'VPP_COALITION_UNKNOWN',
      'VPP_COALITION_UNKNOWN',
    ]);
    expect((await vpp.ask('getRemuneration', named)).remuneration).toBeNull();
  });
});

/** What stands on the ledger of an asset, or of the pool of an aggregator, that has passed a test of 8 kW before the coalition serves. */
function plantPrequalification(scene: CoalitionScene, subjectId: string, failures?: JsonObject): void {
  const { aggregator } = scene.vpp.made;
  const row = {
    subjectKind: subjectId === aggregator.participantId ? 'pool' : 'asset',
    subjectId,
    kind: 'mfrr',
    aggregatorId: aggregator.participantId,
    state: 'PREQUALIFIED',
    testId: scene.requestId,
    serviceId: 'mfrr',
    serviceVersion: 1,
    direction: 'up',
    referenceSlots: 4,
    firstSlot: first - 16,
    slots: 4,
    shares: [{ assetId: scene.vpp.assetIds.battery, powerW: '8000' }],
    tolerancePpm: '950000',
    powerMaxW: '8000',
    ...(failures === undefined ? {} : { failures }),
  };
  prequalificationCodec.decode(row, '');
  scene.vpp.ledger.plant(vppKeys.prequalification(subjectId as never, 'mfrr', 'up'), { v: 1, ...row });
}

interface PostedEntry {
  readonly account: string;
  readonly side: 'debit' | 'credit';
  readonly amountMicro: string;
}

/** Eight kW are called for half an hour: 6 kW of the battery, which gives them, and 2 kW of the heat pump, which is measured as asked; then verified. */
async function verified(scene: CoalitionScene, measurePump: () => Promise<void>): Promise<string> {
  const { vpp } = scene;
  const { battery, pump } = vpp.assetIds;
  const coalitionId = await scene.accepted();
  expect(await vpp.code(() => vpp.submit(callers.tso, 'remunerate', { coalitionId }, 'soon'))).toBe(
    'VPP_COALITION_STATE',
  );
  await vpp.flex.tickTo(first);
  const { response } = await scene.activate(coalitionId, { powerW: String(offeredW) });
  const activationId = String(response.activationId);
  await scene.dispatch(activationId, { [battery]: '6000', [pump]: '2000' });
  await vpp.flex.tickTo(first + 5);
  const given = [0n, 1_500n] as const;
  await scene.measureTo(vpp.made.meters.bob, two, [0n, 0n], { [one]: given, [two]: given });
  await measurePump();
  for (const slot of [one, two]) {
    await vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot }, String(slot));
  }
  await vpp.submit(callers.tso, 'completeActivation', { activationId });
  await vpp.flex.tickTo(coalitionSlots.endSlot);
  await vpp.submit(callers.tso, 'verifyCoalition', { coalitionId });
  return coalitionId;
}

/** Shares in proportion to energies, rounded down, what is left to the largest remainder. */
function proRata(
  potMicro: bigint,
  [bobWh, annWh]: readonly [bigint, bigint],
): { readonly bob: bigint; readonly ann: bigint } {
  const allWh = bobWh + annWh;
  const floor = (potMicro * bobWh) / allWh;
  const isBobs = (potMicro * bobWh) % allWh > (potMicro * annWh) % allWh;
  const bob = floor + (isBobs ? 1n : 0n);
  return { bob, ann: potMicro - bob };
}

async function locked(scene: CoalitionScene, coalitionId: string): Promise<JsonObject> {
  const { coalition } = await scene.vpp.ask('getCoalition', { coalitionId });
  const { availableMicro, lockedMicro: fundLocked } = await scene.vpp.ask('getServiceFund', { mspId: 'TsoMSP' });
  return {
    coalition: (coalition as JsonObject).lockedMicro,
    fund: { availableMicro, lockedMicro: fundLocked },
  } as unknown as JsonObject;
}

function lineOf(remuneration: JsonObject, participantId: string): JsonObject | undefined {
  return (remuneration.lines as JsonObject[]).find((line) => line.participantId === participantId);
}

/** What a version has credited to a participant in the posting set that stands on the ledger. */
function credited(scene: CoalitionScene, coalitionId: string, version: number, participantId: string): Promise<bigint> {
  return net(scene, coalitionId, version, `participant/${participantId}`);
}

/** What a version has credited to an account, less what it has debited. */
async function net(scene: CoalitionScene, coalitionId: string, version: number, account: string): Promise<bigint> {
  const { rows } = await scene.vpp.ledger.evaluate(callers.regulator, 'accounts:listPostings', {});
  const set = (rows as unknown as { cause: JsonObject; entries: PostedEntry[] }[]).find(
    ({ cause }) => cause.coalitionId === coalitionId && cause.version === version,
  );
  const entries = set?.entries.filter((entry) => entry.account === account) ?? [];
  return entries.reduce((sum, { amountMicro, side }) => sum + (side === 'credit' ? 1n : -1n) * BigInt(amountMicro), 0n);
}
