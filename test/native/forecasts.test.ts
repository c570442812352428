import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  answerDigestOf,
  decodeWhole,
  feedBytes,
  feedSeriesCodec,
  forecastMean,
  forecastModel,
  requestIdCodec,
  seriesListCodec,
  slotsPerDay,
  type JsonObject,
} from '@flexledger/domain';
import { derivePrivateKey, MeterAgent, RuleRejected, SigningKey, type SignedBlock } from '@flexledger/gateway-app';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { LedgerPort } from '@flexledger/oracle';
import { openParty, submitPlain, type Party } from '../faults/party';
import { closeScene, commandIdOf, prepareScene, type Scene } from '../faults/scene';
import { whyNoFabric } from './support/fabric';

const reason = whyNoFabric();
const describeNative = reason === undefined ? describe : describe.skip;
const SEED = 'native forecasts';
/** The ledger clock of the scene stands at the end of its tenth day. */
const DAYS = 10;
const FEED = 'temperature';

jest.setTimeout(600_000);

describeNative(`forecasts and signals on real Fabric${reason === undefined ? '' : ` (${reason})`}`, () => {
  let dataDirectory: string;
  let handle: NetworkHandle;
  let scene: Scene;
  let oracle: Party;

  beforeAll(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-forecasts-'));
    const topologyFile = join(__dirname, '..', '..', 'network', 'consortium.yaml');
    handle = await openNetwork({ mode: 'native', topologyFile, dataDirectory: join(dataDirectory, 'network') });
    scene = await prepareScene(handle, join(dataDirectory, 'outboxes'), SEED);
    oracle = await openParty(handle, { organization: 'Dso', identity: 'oracle' }, join(dataDirectory, 'oracle'));
  });

  afterAll(async () => {
    await oracle.close();
    await closeScene(scene);
    await handle.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const today = (): number => scene.firstSlot + DAYS * slotsPerDay;
  const requestId = requestIdCodec.decode(commandIdOf(SEED, 'request'), '');

  /** The blocks of a meter, one a day, from one day to another. */
  const blocksOf = (index: number, fromDay: number, toDay: number): readonly SignedBlock[] => {
    const { firstSlot, meters } = scene;
    const agent = new MeterAgent({
      seed: SEED,
      channel: handle.channelName,
      meterId: meters[index]!.meterId,
      key: new SigningKey(derivePrivateKey(SEED, `meter-key/${index}`)),
      spans: Array.from({ length: DAYS + 1 }, (_, day) => ({
        startSlot: firstSlot + day * slotsPerDay,
        slots: slotsPerDay,
      })),
      measure: (slot) => ({ importWh: BigInt((slot % 23) + index), exportWh: 0n }),
    });
    return agent.blocksBetween(firstSlot + fromDay * slotsPerDay, firstSlot + toDay * slotsPerDay);
  };

  const record = async (label: string, blocks: readonly SignedBlock[]): Promise<void> => {
    const request = { commandId: commandIdOf(SEED, label), count: blocks.length };
    const confidential = { blocks: blocks.map(({ content }) => content) };
    const { response } = await submitPlain(scene.parties.community, 'metering', 'recordProfiles', request, {
      confidential,
    });
    expect(response).toEqual({ recorded: blocks.length, exceptions: [] });
  };

  const publisher = new SigningKey(derivePrivateKey(SEED, 'publisher'));

  const publication = (sequence: number, value: string): JsonObject => {
    const fields = { feedId: FEED, unit: 'milli-celsius', stepSlots: 4, values: [value], sequence };
    const first = today() - (today() % 4);
    const series = decodeWhole(feedSeriesCodec, { ...fields, firstSlot: first, issuedSlot: today() - 1 });
    const signature = publisher.sign(feedBytes(handle.channelName, series));
    return { ...(feedSeriesCodec.encode(series) as JsonObject), signature };
  };

  const publish = (party: Party, label: string, series: JsonObject) =>
    submitPlain(party, 'oracle', 'publishFeed', { commandId: commandIdOf(SEED, label), ...series });

  it('take one publication of a number, whoever sends another at the same time', async () => {
    const { community, dso, market } = scene.parties;
    await submitPlain(dso, 'oracle', 'registerFeed', {
      commandId: commandIdOf(SEED, 'register feed'),
      feedId: FEED,
      kind: 'weather',
      unit: 'milli-celsius',
      stepSlots: 4,
      validSlots: slotsPerDay,
      title: 'Temperature',
      publicKey: publisher.publicKey,
    });
    const sent = await Promise.allSettled([
      publish(community, 'one', publication(1, '-1500')),
      publish(market, 'another', publication(1, '2500')),
    ]);
    const refused = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(1);
    expect(refused[0] instanceof RuleRejected && refused[0].code).toBe('FEED_SEQUENCE');
    const forged = { ...publication(2, '0'), values: ['9000'] };
    await expect(publish(market, 'forged', forged)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  it('are asked for with a signal, answered with a model card, and scored in versions as readings come', async () => {
    const { community, dso, regulator, tso } = scene.parties;
    await record('history', [...blocksOf(0, 0, DAYS - 1), ...blocksOf(1, 0, DAYS - 1)]);
    const period = { firstSlot: today() + 24, intervals: 8, intervalSlots: 4 };
    await submitPlain(dso, 'oracle', 'requestComputation', {
      commandId: requestId,
      service: 'forecast-day-ahead',
      version: '1',
      meterIds: scene.meters.slice(0, 2).map(({ meterId }) => meterId),
      ...period,
      historyFromSlot: today() - 7 * slotsPerDay,
      historyToSlot: today() - 1,
      expirySlot: today() + 12,
      feeds: [{ feedId: FEED }],
    });
    const port = new LedgerPort(oracle.ledger);
    const request = await port.getRequest(requestId);
    expect(request.feeds).toMatchObject([{ feedId: FEED, state: 'USED' }]);
    expect(await port.publications(request)).toHaveLength(1);
    const series = forecastMean(await port.history(request), request);
    await submitPlain(oracle, 'oracle', 'answer', {
      commandId: commandIdOf(SEED, 'answer'),
      requestId,
      service: request.service,
      version: request.version,
      model: forecastModel,
      dataDigest: request.dataDigest,
      chunk: 0,
      chunks: 1,
      answerDigest: answerDigestOf(series),
      series: seriesListCodec.encode(series),
      card: {
        model: forecastModel,
        features: ['same-hour-of-seven-days'],
        trainedOn: { fromSlot: request.historyFromSlot, toSlot: today() - 2, rows: 1_152 },
        errors: { nmaePpm: null, coveragePpm: null },
      },
    });
    const early = submitPlain(community, 'oracle', 'scoreForecast', {
      commandId: commandIdOf(SEED, 'early'),
      requestId,
    });
    await expect(early).rejects.toMatchObject({ code: 'ORACLE_FORECAST_NOT_ENDED' });
    const end = today() + slotsPerDay;
    for (const [label, fromSlot, toSlot] of [
      ['the day', today(), end - 1],
      ['its end', end, end],
    ] as const) {
      await submitPlain(tso, 'registry', 'tick', { commandId: commandIdOf(SEED, label), fromSlot, toSlot });
    }
    await record('day of one', blocksOf(0, DAYS - 1, DAYS + 1));
    const score = async (party: Party, label: string) =>
      (await submitPlain(party, 'oracle', 'scoreForecast', { commandId: commandIdOf(SEED, label), requestId }))
        .response;
    const [first, same] = await Promise.all([score(community, 'first'), score(regulator, 'same')]);
    expect(same).toEqual(first);
    expect(first).toMatchObject({ version: 1, mspId: 'DsoMSP', single: { imported: { intervals: 8, missing: 8 } } });
    await record('day of the other', blocksOf(1, DAYS - 1, DAYS + 1));
    const second = await score(community, 'second');
    expect(second).toMatchObject({ version: 2, single: { imported: { intervals: 16, missing: 0 } } });
    const board = await regulator.ledger.evaluate('oracle', 'getScoreboard', {});
    expect(board.standings).toMatchObject([
      { mspId: 'DsoMSP', model: forecastModel, answers: 1, single: second.single },
    ]);
  });
});
