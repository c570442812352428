import {
  answerPieces,
  coalitionAnswerCodec,
  coalitionCaseCodec,
  digestOf,
  greedyCoalition,
  nano,
  prepareCoalition,
  type CoalitionAnswer,
  type JsonObject,
  type JsonValue,
  type PreparedCoalition,
} from '@flexledger/domain';
import { callers } from '../../testing/actors';
import { VppScene, vppSlots } from '../../testing/vpp-scene';

const answerBySlot = vppSlots.now + 16;
const oracle = { mspId: 'DsoMSP', role: 'oracle' } as const;

/** A battery of 10 kW with a mandate, and an open request for 2 to 8 kW in a slice of four hours. */
class CoalitionScene {
  public planId = '';
  public requestId = '';

  private constructor(public readonly vpp: VppScene) {}

  public static async create(service: JsonObject = {}): Promise<CoalitionScene> {
    const scene = new CoalitionScene(await VppScene.create());
    const bids = { bidMinW: '2000', bidStepW: '1000', prequalification: false };
    await scene.vpp.publish({ ...bids, ...service });
    await scene.vpp.ready(scene.vpp.made.bob, scene.vpp.batteryData());
    const volumes = { bidMinW: '2000', volumeMaxW: '8000', slices: 1 };
    const requested = await scene.vpp.submit(callers.tso, 'requestService', scene.vpp.request(volumes));
    scene.requestId = String(requested.response.requestId);
    return scene;
  }

  public async ask(changes: JsonObject = {}, label = 'once'): Promise<JsonObject> {
    const fields = { requestIds: [this.requestId], groups: [], answerBySlot, ...changes };
    const { response } = await this.vpp.send(this.vpp.made.aggregator, 'requestCoalition', fields, label);
    this.planId = String(response.planId);
    return response;
  }

  public read(): Promise<JsonObject> {
    return this.vpp.ask('getCoalitionPlan', { planId: this.planId });
  }

  public async prepared(): Promise<PreparedCoalition> {
    return prepareCoalition(coalitionCaseCodec.decode((await this.read()).asked as JsonValue, ''));
  }

  public async file(answer: CoalitionAnswer, changes: JsonObject = {}, charactersMax?: number): Promise<JsonObject> {
    const { request } = await this.read();
    const pieces = answerPieces(coalitionAnswerCodec, answer, charactersMax);
    const answerDigest = digestOf(coalitionAnswerCodec.encode(answer));
    const common = {
      planId: this.planId,
      solver: 'highs 1.15.1',
      dataDigest: (request as JsonObject).dataDigest ?? '',
      answerDigest,
      chunks: pieces.length,
    };
    let last: JsonObject = {};
    for (const [chunk, piece] of pieces.entries()) {
      const sent = { ...common, chunk, piece, ...changes };
      const label = `${answerDigest} ${chunk} ${JSON.stringify(changes)}`;
      last = (await this.vpp.submit(oracle, 'answerCoalition', sent, label)).response;
    }
    return last;
  }

  public async plan(label = 'once'): Promise<JsonObject> {
    return (await this.vpp.submit(callers.aggregator, 'planCoalition', { planId: this.planId }, label)).response;
  }
}

describe('the choice of coalitions on the ledger', () => {
  it('goes from open requests by a frozen case and a proven answer to the plan', async () => {
    const scene = await CoalitionScene.create();
    expect(await scene.ask()).toMatchObject({ state: 'OPEN', gapPpmMax: '20000', fallback: 'greedy' });
    const prepared = await scene.prepared();
    expect(prepared.asked).toMatchObject({
      stepSlots: 16,
      steps: 1,
      requests: [{ requestId: scene.requestId, minW: 2_000n, maxW: 8_000n, stepW: 1_000n, holdPpm: 250_000n }],
      assets: [{ assetId: scene.vpp.assetIds.battery, up: { maxW: 10_000n }, storage: { upWh: 10_450n } }],
    });
    const answer = greedyCoalition(prepared);
    // 8,164 W of which 98 % are firm; called for an hour of the four at most, they take 8,164 of 10,450 Wh.
    expect(answer.served).toEqual([{ requestId: scene.requestId, slicesW: [8_000n] }]);
    const pieces = Math.ceil(answerPieces(coalitionAnswerCodec, answer)[0]!.length / 2);
    expect(await scene.file(answer, {}, pieces)).toMatchObject({ complete: true, best: true, chunks: 2 });
    expect(await scene.vpp.code(() => scene.plan())).toBe('VPP_PLAN_NOT_EXPIRED');
    await scene.vpp.flex.tickTo(answerBySlot);
    const plan = await scene.plan();
    expect(plan).toMatchObject({ source: 'oracle', planId: scene.planId });
    expect(plan.assignments).toEqual((coalitionAnswerCodec.encode(answer) as JsonObject).assignments);
    expect(await scene.vpp.code(() => scene.plan('again'))).toBe('VPP_PLANNED');
  });

  it('has of a storage what its promises leave', async () => {
    const scene = await CoalitionScene.create();
    const { assetIds, made } = scene.vpp;
    const shares = [{ assetId: assetIds.battery, powerW: '8000' }];
    const test = { subjectKind: 'asset', serviceId: 'mfrr', direction: 'up', firstSlot: vppSlots.testSlot, slots: 2 };
    await scene.vpp.send(made.aggregator, 'startTest', { ...test, shares });
    await scene.ask();
    // Half an hour of 8 kW is promised to the test.
    expect((await scene.prepared()).asked.assets).toMatchObject([{ storage: { upWh: 6_450n, downWh: 5_263n } }]);
  });

  it('refuses an answer that is worse than the gap, or that is not what it says, with a code', async () => {
    const scene = await CoalitionScene.create();
    await scene.ask();
    const best = greedyCoalition(await scene.prepared());
    const code = (answer: CoalitionAnswer, changes: JsonObject = {}) =>
      scene.vpp.code(() => scene.file(answer, changes));
    expect(await code({ ...best, assignments: [], served: [], objectiveNano: nano(0n) })).toBe('VPP_GAP_EXCEEDED');
    expect(await code({ ...best, objectiveNano: nano(best.objectiveNano + 1n) })).toBe('VPP_OBJECTIVE_MISSTATED');
    expect(await code({ ...best, boundNano: nano(best.boundNano + 1n) })).toBe('VPP_BOUND_MISSTATED');
    expect(await code({ ...best, assignments: [] })).toBe('VPP_PLAN_NOT_COVERED');
    expect(await code(best, { dataDigest: 'A'.repeat(43) })).toBe('ORACLE_DATA_MISMATCH');
    expect(await code(best, { answerDigest: 'A'.repeat(43) })).toBe('ORACLE_ANSWER_DIGEST');
    await scene.vpp.flex.tickTo(answerBySlot);
    expect(await code(best)).toBe('ORACLE_REQUEST_EXPIRED');
  });

  it('falls back to what the contract chooses by itself where no oracle answers', async () => {
    const scene = await CoalitionScene.create();
    await scene.ask();
    await scene.vpp.flex.tickTo(answerBySlot);
    expect(await scene.plan()).toMatchObject({ source: 'greedy', served: [{ slicesW: ['8000'] }] });
  });

  it('is asked only for open requests, in time, and by an aggregator whose assets can serve one', async () => {
    const scene = await CoalitionScene.create();
    const code = (changes: JsonObject, label: string) => scene.vpp.code(() => scene.ask(changes, label));
    expect(await code({ requestIds: [scene.requestId, scene.requestId] }, 'twice')).toBe('VPP_NAMED_TWICE');
    expect(await code({ requestIds: ['01n0b0dy0000000000000000aa'] }, 'unknown')).toBe('VPP_REQUEST_UNKNOWN');
    expect(await code({ answerBySlot: vppSlots.now + 33 }, 'late')).toBe('VPP_CASE_TIME');
    expect(await code({ answerBySlot: vppSlots.now - 1 }, 'past')).toBe('VPP_CASE_TIME');
    const strict = await CoalitionScene.create({ prequalification: true });
    expect(await strict.vpp.code(() => strict.ask())).toBe('VPP_CASE_EMPTY');
    const fast = await CoalitionScene.create({ fullActivationSeconds: 60 });
    expect(await fast.vpp.code(() => fast.ask())).toBe('VPP_CASE_EMPTY');
    await scene.vpp.submit(callers.tso, 'withdrawServiceRequest', { requestId: scene.requestId });
    expect(await code({}, 'withdrawn')).toBe('VPP_REQUEST_CLOSED');
  });
});
