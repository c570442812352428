import {
  answerDigestOf,
  exampleRuleSet,
  forecastModel,
  historyDigest,
  seriesListCodec,
  wh,
  type JsonObject,
  type JsonValue,
  type MeterId,
  type Series,
} from '@flexledger/domain';
import { callers, command, firstSlot, idOf } from '../../testing/actors';
import type { MemoryCaller } from '../../testing/memory-ledger';
import { MarketScene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { aggregator, community, market, regulator, tso } = callers;
const historyTo = firstSlot + 4;
const requestId = command('forecast');

/** The oracles of three organisations. */
const oracles = {
  dso: callers.oracle,
  tso: { mspId: 'TsoMSP', role: 'oracle' },
  regulator: { mspId: 'RegulatorMSP', role: 'oracle' },
} as const satisfies Record<string, MemoryCaller>;

const mspIds = Object.values(oracles).map(({ mspId }) => mspId);

async function change({ ledger }: MarketScene, label: string, to: JsonObject): Promise<void> {
  const proposed = await ledger.submit(regulator, 'registry:propose', { commandId: command(label), change: to });
  const { proposalDigest = '', proposalId = '' } = proposed.response;
  for (const caller of [tso, market]) {
    const commandId = command(`${label} ${caller.mspId}`);
    await ledger.submit(caller, 'registry:approve', { commandId, proposalId, proposalDigest });
  }
}

function needing(answersNeeded: number): JsonObject {
  return { kind: 'ruleSet', ruleSet: { ...exampleRuleSet, number: 3, oracle: { answersNeeded } } };
}

/** A request that so many of three oracles must answer alike. */
async function askedScene(answersNeeded = 1): Promise<MarketScene> {
  const made = await MarketScene.create();
  const { governance } = await made.ledger.evaluate(community, 'registry:getGovernance', {});
  const { roles } = governance as { roles: { role: string; mspIds: string[] }[] };
  const others = roles.filter(({ role }) => role !== 'oracle');
  await change(made, 'roles', { kind: 'roles', roles: [...others, { role: 'oracle', mspIds }] });
  await change(made, 'oracles', { kind: 'oracles', oracles: mspIds });
  if (answersNeeded > 1) {
    await change(made, 'rules', needing(answersNeeded));
  }
  await made.ledger.submit(aggregator, 'oracle:requestComputation', {
    commandId: requestId,
    service: 'forecast-of-a-plug-in',
    version: '1',
    meterIds: [made.meters.ann.meterId],
    firstSlot: historyTo + 24,
    intervals: 1,
    intervalSlots: 4,
    historyFromSlot: firstSlot,
    historyToSlot: historyTo,
    expirySlot: historyTo + 20,
  });
  return made;
}

function answering({ meters }: MarketScene, energyWh: bigint, changes: JsonObject = {}): JsonObject {
  const quantiles = { p10: [wh(energyWh)], p50: [wh(energyWh)], p90: [wh(energyWh)] };
  const series: Series[] = [{ meterId: meters.ann.meterId, importWh: quantiles, exportWh: quantiles }];
  return {
    requestId,
    service: 'forecast-of-a-plug-in',
    version: '1',
    model: forecastModel,
    dataDigest: historyDigest([{ meterId: meters.ann.meterId, totals: [] }]),
    chunk: 0,
    chunks: 1,
    answerDigest: answerDigestOf(series),
    series: seriesListCodec.encode(series),
    ...changes,
  };
}

function answer(made: MarketScene, oracle: MemoryCaller, energyWh: bigint, changes: JsonObject = {}) {
  const request = answering(made, energyWh, changes);
  const commandId = command(`${oracle.mspId} ${energyWh} ${JSON.stringify(changes)}`);
  return made.ledger.submit(oracle, 'oracle:answer', { commandId, ...request });
}

function refuse(made: MarketScene, oracle: MemoryCaller, reason = 'ORACLE_SERVICE_FAILED') {
  const commandId = command(`${oracle.mspId} refuses ${reason}`);
  return made.ledger.submit(oracle, 'oracle:refuse', { commandId, requestId, reason });
}

async function stateOf({ ledger }: MarketScene): Promise<JsonValue> {
  return (await ledger.evaluate(community, 'oracle:getRequest', { requestId })).state ?? null;
}

describe('oracles of several organisations', () => {
  it('give one result: the first complete answer counts, and a later one that differs is recorded beside it (B59)', async () => {
    const made = await askedScene();
    await answer(made, oracles.dso, 7n);
    const { event } = await answer(made, oracles.tso, 8n);
    expect(event).toMatchObject({
      facts: [
        { type: 'ComputationAnswered', mspId: 'TsoMSP' },
        { type: 'AnswersDisagree', requestId, answers: [{ mspId: 'DsoMSP' }, { mspId: 'TsoMSP' }] },
      ],
    });
    const { answer: counted, series } = await made.ledger.evaluate(community, 'oracle:getForecast', { requestId });
    expect(counted).toMatchObject({ mspId: 'DsoMSP' });
    expect(series).toEqual(answering(made, 7n).series);
    const { rows } = await made.ledger.evaluate(community, 'oracle:listDisagreements', {});
    expect(rows).toMatchObject([{ requestId, answers: [{ mspId: 'DsoMSP' }, { mspId: 'TsoMSP' }] }]);
    const { answers } = await made.ledger.evaluate(community, 'oracle:getAnswers', { requestId });
    expect((answers as JsonObject[]).map(({ mspId }) => mspId)).toEqual(['DsoMSP', 'TsoMSP']);
  });

  it('settle a request with the second equal answer where two are needed, whatever a third one says (B63)', async () => {
    const made = await askedScene(2);
    await answer(made, oracles.regulator, 8n);
    await answer(made, oracles.dso, 7n);
    expect(await stateOf(made)).toBe('OPEN');
    await answer(made, oracles.tso, 7n);
    const {
      answer: counted,
      request,
      series,
    } = await made.ledger.evaluate(community, 'oracle:getForecast', {
      requestId,
    });
    expect(request).toMatchObject({ state: 'ANSWERED', answersNeeded: 2, answeredBy: 'TsoMSP' });
    expect(counted).toMatchObject({ mspId: 'TsoMSP', complete: true });
    expect(series).toEqual(answering(made, 7n).series);
    const { rows } = await made.ledger.evaluate(community, 'oracle:listDisagreements', {});
    expect((rows as { answers: JsonValue[] }[])[0]?.answers).toHaveLength(3);
  });

  it('are at least as many as the rules need', async () => {
    const made = await askedScene();
    expect(await codeOf(made.ledger, () => change(made, 'too many', needing(4)))).toBe('REGISTRY_GOVERNANCE_INVALID');
  });

  it('refuse on the record, and let a request expire early once none is left (F31)', async () => {
    const made = await askedScene();
    const expire = (label: string) =>
      made.ledger.submit(community, 'oracle:expire', { commandId: command(label), requestId });
    const { event, response } = await refuse(made, oracles.dso, 'ORACLE_SERVICE_NOT_OFFERED');
    expect(response.mayExpire).toBe(false);
    const fact = { type: 'ComputationRefused', requestId, mspId: 'DsoMSP', reason: 'ORACLE_SERVICE_NOT_OFFERED' };
    expect(event).toMatchObject({ facts: [fact] });
    await refuse(made, oracles.tso);
    expect(await codeOf(made.ledger, () => expire('early'))).toBe('ORACLE_NOT_EXPIRED');
    expect((await refuse(made, oracles.regulator)).response.mayExpire).toBe(true);
    const { refusals } = await made.ledger.evaluate(community, 'oracle:getAnswers', { requestId });
    expect((refusals as JsonObject[]).map(({ reason }) => reason)).toContain('ORACLE_SERVICE_NOT_OFFERED');
    expect((await expire('now')).response).toMatchObject({ state: 'EXPIRED', fallback: 'own-history' });
  });
});

describe('what an oracle is refused', () => {
  const thrice = (value: JsonValue): JsonValue[] => {
    const quantiles = { p10: [value], p50: [value], p90: [value] };
    return [{ meterId: idOf<MeterId>('meter ann'), importWh: quantiles, exportWh: quantiles }];
  };

  const nothing = (): Promise<void> => Promise.resolve();
  const first = (made: MarketScene) => answer(made, oracles.dso, 7n);

  it.each<[string, string, (made: MarketScene) => Promise<unknown>, (made: MarketScene) => ReturnType<typeof answer>]>([
    ['B58', 'ORACLE_REQUEST_UNKNOWN', nothing, (made) => answer(made, oracles.dso, 7n, { requestId: idOf('none') })],
    ['B58', 'ORACLE_REQUEST_EXPIRED', (made) => made.tickTo(historyTo + 20), first],
    ['B58', 'ORACLE_REQUEST_CLOSED', first, (made) => answer(made, oracles.dso, 7n, { chunks: 2 })],
    ['B59', 'ORACLE_ANSWER_SECOND', first, (made) => answer(made, oracles.dso, 8n)],
    [
      'B62',
      'ORACLE_DATA_MISMATCH',
      nothing,
      (made) => answer(made, oracles.dso, 7n, { dataDigest: answerDigestOf([]) }),
    ],
    ['B62', 'ORACLE_SERVICE_MISMATCH', nothing, (made) => answer(made, oracles.dso, 7n, { version: '2' })],
    [
      'B63',
      'ORACLE_NOT_APPROVED',
      (made) => change(made, 'retired', { kind: 'oracles', oracles: ['DsoMSP'] }),
      (made) => answer(made, oracles.tso, 7n),
    ],
    ['B64', 'INPUT_FIELD_INVALID', nothing, (made) => answer(made, oracles.dso, 7n, { series: thrice(null) })],
    ['B64', 'INPUT_FIELD_INVALID', nothing, (made) => answer(made, oracles.dso, 7n, { series: thrice('NaN') })],
    ['B64', 'INPUT_FIELD_INVALID', nothing, (made) => answer(made, oracles.dso, 7n, { chunks: 1_000_000_000 })],
    [
      'a second refusal',
      'ORACLE_DECIDED',
      (made) => refuse(made, oracles.dso, 'ORACLE_INPUTS_DIFFER'),
      (made) => refuse(made, oracles.dso),
    ],
  ])('%s: %s (%#)', async (_, code, before, attempt) => {
    const made = await askedScene();
    await before(made);
    expect(await codeOf(made.ledger, () => attempt(made))).toBe(code);
  });
});
