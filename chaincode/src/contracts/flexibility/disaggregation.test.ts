import {
  answerPieces,
  disaggregationAnswerCodec,
  disaggregationCaseCodec,
  meritOrder,
  nano,
  plansOutcome,
  prepareCase,
  splitAnswerDigest,
  wh,
  type AssetId,
  type DisaggregationAnswer,
  type JsonObject,
  type JsonValue,
  type PreparedCase,
} from '@flexledger/domain';
import { callers, command, idOf, registerParticipants, Signer } from '../../testing/actors';
import { day, FlexScene, option, orderOf } from '../../testing/flex-scene';
import { bandOf, ProgrammeScene } from '../../testing/programme-scene';

const answerBySlot = day.peakSlot - 8;

/** An order of 20 kW for an hour, and two homes that can do 12 and 10 kW of it. */
class SplitScene {
  public readonly ann = new Signer();
  public readonly bob = new Signer();
  public readonly assetIds = { ann: idOf<AssetId>('boiler of ann'), bob: idOf<AssetId>('battery of bob') };
  public orderId = '';
  public programmeId = '';

  private constructor(public readonly made: FlexScene) {}

  public static async create(): Promise<SplitScene> {
    const made = await FlexScene.create({ prognosisRequired: false });
    const scene = new SplitScene(made);
    const { ann, assetIds, bob } = scene;
    await registerParticipants(made.ledger, [ann, bob]);
    const place = { gridId: 'rural-1', bus: 'bus-2', phases: 3 };
    const assets = [
      { assetId: assetIds.ann, participantId: ann.participantId, kind: 'heat-pump', ratedPowerW: '12000', ...place },
      {
        assetId: assetIds.bob,
        participantId: bob.participantId,
        kind: 'storage',
        ratedPowerW: '10000',
        energyWh: '40000',
        ...place,
      },
    ];
    await made.ledger.submit(callers.aggregator, 'registry:registerAssets', { commandId: command('assets'), assets });
    const commission = { commandId: command('in service'), assetIds: Object.values(assetIds), reason: 'Installed' };
    await made.ledger.submit(callers.dso, 'registry:commissionAssets', commission);
    const terms = ProgrammeScene.terms({ firstSlot: day.periodSlot, lastSlot: day.periodSlot + 9_000 });
    const { response } = await made.sendSigned(made.agg, 'createProgramme', { terms });
    scene.programmeId = String(response.programmeId);
    await scene.enrol(ann, bandOf(assetIds.ann, 12_000n));
    await scene.enrol(bob, bandOf(assetIds.bob, 10_000n));
    const { requestId } = await made.requested();
    const { offerId } = await made.offered(made.agg, requestId, [option('all')]);
    const ordered = await made.send('orderFlexibility', orderOf(offerId, 'all'));
    scene.orderId = String(ordered.response.orderId);
    return scene;
  }

  private async enrol(signer: Signer, band: JsonObject): Promise<void> {
    const comfort = { eventsPerDayMax: 2, slotsPerDayMax: 12 };
    const fields = { programmeId: this.programmeId, assets: [band], comfort };
    await this.made.sendSigned(signer, 'enrol', fields, 'once', callers.community);
  }

  public ask(changes: JsonObject = {}, label = 'once', signer = this.made.agg): Promise<JsonObject> {
    const fields = {
      orderId: this.orderId,
      programmeIds: [this.programmeId],
      excludedIds: [],
      fairnessMicroPerKwh: '1000',
      answerBySlot,
      ...changes,
    };
    return this.made.sendSigned(signer, 'requestDisaggregation', fields, label).then(({ response }) => response);
  }

  public async read(revision = 1): Promise<JsonObject> {
    return this.made.ask('getDisaggregation', { orderId: this.orderId, revision });
  }

  public async prepared(revision = 1): Promise<PreparedCase> {
    return prepareCase(disaggregationCaseCodec.decode((await this.read(revision)).asked as JsonValue, ''));
  }

  public async file(
    answer: DisaggregationAnswer,
    changes: JsonObject = {},
    pieces = answerPieces(disaggregationAnswerCodec, answer),
  ) {
    const { request } = await this.read();
    const answerDigest = splitAnswerDigest(answer);
    const common = {
      orderId: this.orderId,
      revision: 1,
      solver: 'highs 1.15.1',
      dataDigest: (request as JsonObject).dataDigest ?? '',
      answerDigest,
      chunks: pieces.length,
    };
    let last: JsonObject = {};
    for (const [chunk, piece] of pieces.entries()) {
      const label = `${answerDigest} ${chunk} ${JSON.stringify(changes)}`;
      const sent = { ...common, chunk, piece, ...changes };
      last = (await this.made.send('answerDisaggregation', sent, label, callers.oracle)).response;
    }
    return last;
  }

  public async plan(revision = 1, label = ''): Promise<JsonObject> {
    const fields = { orderId: this.orderId, revision };
    return (await this.made.send('planDisaggregation', fields, `plan ${revision} ${label}`, callers.aggregator))
      .response;
  }
}

/** The answer with some Wh less from bob in the first slot, and what that costs. */
function worse(prepared: PreparedCase, answer: DisaggregationAnswer, lessWh: bigint): DisaggregationAnswer {
  const plans = answer.plans.map((plan, index) => {
    const [call, ...calls] = plan.calls;
    const energiesWh = call!.energiesWh.map((energyWh, at) =>
      at === 0 && index === 1 ? wh(energyWh - lessWh) : energyWh,
    );
    return { ...plan, calls: [{ ...call!, energiesWh }, ...calls] };
  });
  return { ...answer, plans, objectiveNano: nano(plansOutcome(prepared, plans).objectiveNano) };
}

describe('the split of an order on the ledger', () => {
  it('goes from the order by a frozen case and a proven answer to the plan', async () => {
    const scene = await SplitScene.create();
    const asked = await scene.ask();
    expect(asked).toMatchObject({ revision: 1, state: 'OPEN', gapPpmMax: '20000', fallback: 'merit-order' });
    const prepared = await scene.prepared();
    expect(prepared.asked).toMatchObject({
      firstSlot: day.peakSlot,
      noticeSlot: answerBySlot,
      shortfallMicroPerKwh: 400_000n + 250_000n,
      slots: [0, 1, 2, 3].map(() => ({ direction: 'reduce', requestedWh: 5_000n })),
    });
    const bands = new Map(prepared.asked.assets.map((asset) => [asset.assetId, asset]));
    expect(bands.get(scene.assetIds.ann)).toMatchObject({
      reduce: { minWh: 0n, maxWh: 3_000n, priceMicroPerKwh: 200_000n },
      noticeSlots: 4,
      runSlotsMax: 8,
      callsMax: 1,
      rebound: [{ afterSlots: 8, sharePpm: 300_000n }],
    });
    expect(bands.get(scene.assetIds.bob)).toMatchObject({ reduce: { maxWh: 2_500n } });
    const answer = meritOrder(prepared);
    expect(answer.objectiveNano).toBe(20_000n * 200_000n);
    const size = Math.ceil(answerPieces(disaggregationAnswerCodec, answer)[0]!.length / 2);
    expect(await scene.file(answer, {}, answerPieces(disaggregationAnswerCodec, answer, size))).toMatchObject({
      complete: true,
      best: true,
      chunks: 2,
    });
    expect(await scene.made.code(() => scene.plan())).toBe('FLEX_SPLIT_NOT_EXPIRED');
    await scene.made.tickTo(answerBySlot);
    expect(await scene.made.code(() => scene.file(worse(prepared, answer, 1n)))).toBe('ORACLE_REQUEST_EXPIRED');
    const plan = await scene.plan();
    expect(plan).toMatchObject({ source: 'oracle', objectiveNano: '4000000000', boundNano: '4000000000' });
    expect(plan.plans).toEqual((disaggregationAnswerCodec.encode(answer) as JsonObject).plans);
    expect(await scene.made.ask('getFlexOrder', { orderId: scene.orderId })).toMatchObject({
      order: { state: 'DISAGGREGATED' },
    });
    expect(await scene.made.code(() => scene.plan(1, 'again'))).toBe('FLEX_SPLIT_PLANNED');
  });

  it('takes a better answer until the time for answers ends, and none that is worse than the gap', async () => {
    const scene = await SplitScene.create();
    await scene.ask();
    const prepared = await scene.prepared();
    const best = meritOrder(prepared);
    expect(await scene.made.code(() => scene.file(worse(prepared, best, 500n)))).toBe('FLEX_GAP_EXCEEDED');
    expect(await scene.file(worse(prepared, best, 50n))).toMatchObject({ best: true });
    expect(await scene.file(best)).toMatchObject({ best: true });
    expect(await scene.file(worse(prepared, best, 10n))).toMatchObject({ complete: true, best: false });
    const { request } = await scene.read();
    expect(request).toMatchObject({ state: 'ANSWERED', answer: { objectiveNano: best.objectiveNano.toString() } });
  });

  it('refuses an answer that is not what it says, with a code', async () => {
    const scene = await SplitScene.create();
    await scene.ask();
    const best = meritOrder(await scene.prepared());
    const code = (answer: DisaggregationAnswer, changes: JsonObject = {}, pieces?: readonly string[]) =>
      scene.made.code(() => scene.file(answer, changes, pieces));
    expect(await code({ ...best, objectiveNano: nano(best.objectiveNano - 1n) })).toBe('FLEX_OBJECTIVE_MISSTATED');
    expect(await code({ ...best, boundNano: nano(best.boundNano + 1n) })).toBe('FLEX_BOUND_MISSTATED');
    expect(await code(best, { dataDigest: 'A'.repeat(43) })).toBe('ORACLE_DATA_MISMATCH');
    expect(await code(best, { answerDigest: 'A'.repeat(43) })).toBe('ORACLE_ANSWER_DIGEST');
    expect(await code(best, {}, ['{"plans":[]'])).toBe('ORACLE_ANSWER_SHAPE');
    expect(await code(best, { revision: 2 })).toBe('ORACLE_REQUEST_UNKNOWN');
    expect(await code(best, { chunk: 1 })).toBe('ORACLE_CHUNK_INVALID');
    expect(await scene.file(best)).toMatchObject({ best: true });
    expect(await code(best, { solver: 'highs 1.15.1' })).toBe('ORACLE_CHUNK_EXISTS');
  });

  it('plans in merit order where no oracle answers, and again without those who opted out', async () => {
    const scene = await SplitScene.create();
    await scene.ask({ answerBySlot: answerBySlot - 4 });
    expect(await scene.made.code(() => scene.ask({}, 'again'))).toBe('FLEX_SPLIT_OPEN');
    await scene.made.tickTo(answerBySlot - 4);
    expect(await scene.plan()).toMatchObject({ source: 'merit-order' });
    expect(await scene.made.code(() => scene.ask({ answerBySlot: answerBySlot - 4 }, 'late'))).toBe(
      'FLEX_SPLIT_EXPIRY',
    );
    await scene.ask({ excludedIds: [scene.bob.participantId] }, 'second');
    const second = await scene.prepared(2);
    // Both have been called for some kWh in the first plan, which counts for fairness.
    const used = new Map(
      second.asked.assets.map(({ assetId, earlierWh, optedOut }) => [assetId, { earlierWh, optedOut }]),
    );
    const total = [...used.values()].reduce((sum, { earlierWh }) => sum + earlierWh, 0n);
    expect(total).toBe(20_000n);
    expect(used.get(scene.assetIds.bob)?.optedOut).toBe(true);
    await scene.made.tickTo(answerBySlot);
    const plan = await scene.plan(2);
    expect((plan.plans as JsonObject[]).map(({ assetId }) => assetId)).toEqual([scene.assetIds.ann]);
    expect((await scene.made.ask('listDisaggregations', { state: 'PLANNED' })).rows).toHaveLength(2);
  });

  it('is asked for by the aggregator of the order alone, in its own programmes of the same direction', async () => {
    const scene = await SplitScene.create();
    const { made } = scene;
    const code = (changes: JsonObject, label: string, signer = made.agg) =>
      made.code(() => scene.ask(changes, label, signer));
    expect(await code({ orderId: idOf('none') }, 'unknown')).toBe('FLEX_REFERENCE_UNKNOWN');
    expect(await code({ programmeIds: [idOf('none')] }, 'no programme')).toBe('FLEX_PROGRAMME_UNKNOWN');
    expect(await code({}, 'other', made.other)).toBe('FLEX_NOT_OWN_PROGRAMME');
    expect(await code({ answerBySlot: day.peakSlot + 1 }, 'too late')).toBe('FLEX_SPLIT_EXPIRY');
    const terms = ProgrammeScene.terms({
      direction: 'increase',
      firstSlot: day.periodSlot,
      lastSlot: day.periodSlot + 9_000,
    });
    const { response } = await made.sendSigned(made.agg, 'createProgramme', { terms }, 'more');
    expect(await code({ programmeIds: [String(response.programmeId)] }, 'direction')).toBe('FLEX_SPLIT_DIRECTION');
    expect(await made.code(() => scene.plan())).toBe('FLEX_SPLIT_UNKNOWN');
  });
});
