import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeWhole,
  feedBytes,
  feedPublicationCodec,
  feedSeriesCodec,
  limits,
  type FeedPublication,
  type JsonObject,
} from '@flexledger/domain';
import { callers, channel, command, Signer } from '../../testing/actors';
import { forecast, ForecastScene } from '../../testing/forecast-scene';
import { contentOf, MarketScene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community, dso, market, regulator } = callers;
const { historyTo, requestId } = forecast;

const weather = { feedId: 'temperature', kind: 'weather', unit: 'milli-celsius', stepSlots: 4, validSlots: 8 };
const price = { feedId: 'wholesale', kind: 'price', unit: 'micro-per-kwh', stepSlots: 1, validSlots: 96 };

/** A ledger on which feeds are registered, with the keys of their publishers. */
class Publisher {
  public readonly key = new Signer();

  public constructor(
    private readonly made: MarketScene,
    private readonly fields: JsonObject,
  ) {}

  public async register(changes: JsonObject = {}): Promise<JsonObject> {
    const { feedId } = this.fields;
    const commandId = command(`register ${String(feedId)} ${JSON.stringify(changes)}`);
    const asked = { commandId, ...this.fields, title: 'A signal', publicKey: this.key.publicKey, ...changes };
    return (await this.made.ledger.submit(dso, 'oracle:registerFeed', asked)).response;
  }

  /** A series, signed; `changes` are made before it is signed, `forged` after. */
  public signed(changes: JsonObject = {}, forged: JsonObject = {}, key = this.key): JsonObject {
    const { feedId, stepSlots, unit } = this.fields as { feedId: string; stepSlots: number; unit: string };
    const series = decodeWhole(feedSeriesCodec, {
      feedId,
      unit,
      stepSlots,
      firstSlot: historyTo,
      values: ['-1500', '0', '12750'],
      issuedSlot: historyTo,
      sequence: 1,
      ...changes,
    });
    const signature = key.sign(feedBytes(channel, series));
    return { ...(feedSeriesCodec.encode(series) as JsonObject), signature, ...forged };
  }

  public async send(label: string, series: JsonObject): Promise<JsonObject> {
    const request = { commandId: command(`publish ${label}`), ...series };
    return (await this.made.ledger.submit(community, 'oracle:publishFeed', request)).response;
  }

  public async publish(changes: JsonObject = {}, label = JSON.stringify(changes)): Promise<FeedPublication> {
    return decodeWhole(feedPublicationCodec, await this.send(label, this.signed(changes)));
  }

  public quoteOf({ digest, sequence }: FeedPublication): JsonObject {
    return { feedId: String(this.fields.feedId), publication: { sequence, digest } };
  }
}

async function weatherScene() {
  const scene = await ForecastScene.create();
  const publisher = new Publisher(scene.made, weather);
  await publisher.register();
  return {
    scene,
    publisher,
    ledger: scene.made.ledger,
    code: (run: () => Promise<unknown>) => codeOf(scene.made.ledger, run),
  };
}

describe('a signal from outside', () => {
  it('is published by whoever holds its key, whoever carries it, and is found with whether it is current', async () => {
    const { ledger, publisher, scene } = await weatherScene();
    const request = { commandId: command('first'), ...publisher.signed() };
    const { event, response } = await ledger.submit(community, 'oracle:publishFeed', request);
    expect(event).toMatchObject({ facts: [{ type: 'FeedPublished', feedId: 'temperature', sequence: 1, values: 3 }] });
    const get = (asked: JsonObject) =>
      ledger.evaluate(regulator, 'oracle:getFeed', { feedId: 'temperature', ...asked });
    expect(await get({})).toMatchObject({ publication: response, isCurrent: true, feed: { mspId: 'DsoMSP' } });
    const second = await publisher.publish({ sequence: 2, values: ['99'] });
    expect(await get({})).toMatchObject({ publication: { digest: second.digest } });
    expect(await get({ sequence: 1 })).toMatchObject({ publication: response });
    expect(await get({ sequence: 3 })).toMatchObject({ publication: null, isCurrent: false });
    await scene.made.tickTo(historyTo + weather.validSlots + 1);
    expect(await get({})).toMatchObject({ isCurrent: false });
    expect(await ledger.evaluate(regulator, 'oracle:listFeeds', {})).toMatchObject({
      rows: [{ feedId: 'temperature' }],
    });
  });

  it('is refused where it is forged, out of order or too old, one by one', async () => {
    const { code, publisher } = await weatherScene();
    const send = (label: string, series: JsonObject) => code(() => publisher.send(label, series));
    const refusals: readonly (readonly [string, JsonObject])[] = [
      ['SIGNATURE_INVALID', publisher.signed({}, {}, new Signer())],
      ['SIGNATURE_INVALID', publisher.signed({}, { values: ['-1500', '0', '12751'] })],
      ['SIGNATURE_INVALID', publisher.signed({}, { firstSlot: historyTo + 4 })],
      ['SIGNATURE_INVALID', publisher.signed({}, { signature: Signer.highS(String(publisher.signed().signature)) })],
      ['FEED_UNKNOWN', publisher.signed({ feedId: 'another' })],
      ['FEED_SHAPE', publisher.signed({ unit: 'ppm' })],
      ['FEED_SHAPE', publisher.signed({ stepSlots: 2 })],
      ['FEED_SHAPE', publisher.signed({ firstSlot: historyTo + 1 })],
      ['FEED_SEQUENCE', publisher.signed({ sequence: 2 })],
      ['FEED_FROM_FUTURE', publisher.signed({ issuedSlot: historyTo + 1 })],
      ['FEED_STALE', publisher.signed({ issuedSlot: historyTo - weather.validSlots - 1 })],
      ['INPUT_FIELD_INVALID', publisher.signed({}, { values: ['1.5'] })],
      ['INPUT_FIELD_INVALID', publisher.signed({}, { values: Array(limits.feedValuesMax + 1).fill('0') })],
    ];
    for (const [index, [expected, series]] of refusals.entries()) {
      expect([index, await send(`bad ${index}`, series)]).toEqual([index, expected]);
    }
    await publisher.publish();
    expect(await send('again', publisher.signed())).toBe('FEED_SEQUENCE');
    expect(await send('earlier', publisher.signed({ sequence: 2, issuedSlot: historyTo - 1 }))).toBe('FEED_SEQUENCE');
  });

  it('has an owner who registers it once, replaces its key and retires it', async () => {
    const { code, ledger, publisher } = await weatherScene();
    await publisher.publish();
    expect(await code(() => publisher.register({ title: 'Once more' }))).toBe('FEED_EXISTS');
    expect(await code(() => publisher.register({ feedId: 'b', publicKey: 'A'.repeat(122) }))).toBe(
      'SIGNATURE_KEY_INVALID',
    );
    const next = new Signer();
    const replace = (caller: typeof dso | typeof market, feedId = 'temperature') =>
      ledger.submit(caller, 'oracle:replaceFeedKey', {
        commandId: command(`replace ${caller.mspId} ${feedId}`),
        feedId,
        publicKey: next.publicKey,
      });
    expect(await code(() => replace(market))).toBe('FEED_NOT_OWNER');
    expect(await code(() => replace(dso, 'nothing'))).toBe('FEED_UNKNOWN');
    expect((await replace(dso)).response.keys).toMatchObject([{ fromSequence: 1 }, { fromSequence: 2 }]);
    const second = { sequence: 2 };
    expect(await code(() => publisher.send('old key', publisher.signed(second)))).toBe('SIGNATURE_INVALID');
    await publisher.send('new key', publisher.signed(second, {}, next));
    const retire = (label: string) =>
      ledger.submit(dso, 'oracle:retireFeed', { commandId: command(`retire ${label}`), feedId: 'temperature' });
    expect((await retire('once')).response).toMatchObject({ state: 'RETIRED' });
    expect(await code(() => retire('twice'))).toBe('FEED_RETIRED');
    expect(await code(() => publisher.send('after', publisher.signed({ sequence: 3 }, {}, next)))).toBe('FEED_RETIRED');
  });
});

describe('a computation with signals from outside', () => {
  it('quotes a publication by digest, and the digest of its inputs includes it', async () => {
    const { ledger, publisher, scene } = await weatherScene();
    const publication = await publisher.publish();
    const quote = publisher.quoteOf(publication);
    const response = await scene.ask({ feeds: [quote] });
    expect(response.feeds).toEqual([{ ...quote, state: 'USED' }]);
    const plain = await scene.ask({ commandId: command('without') });
    expect(plain).not.toHaveProperty('feeds');
    expect(response.dataDigest).not.toBe(plain.dataDigest);
    const wrong = await scene.answering({ dataDigest: String(plain.dataDigest) }, 'without the signal');
    expect(await codeOf(ledger, () => ledger.submit(callers.oracle, 'oracle:answer', wrong))).toBe(
      'ORACLE_DATA_MISMATCH',
    );
    expect(await scene.answer()).toMatchObject({ complete: true });
  });

  it('is refused where the quote is stale, altered, doubled or of nothing', async () => {
    const { code, publisher, scene } = await weatherScene();
    const publication = await publisher.publish();
    const quote = publisher.quoteOf(publication);
    const feedId = 'temperature';
    const refusals: readonly (readonly [string, readonly JsonObject[]])[] = [
      ['FEED_UNKNOWN', [{ feedId: 'nothing' }]],
      ['FEED_TWICE', [quote, { feedId }]],
      ['FEED_PUBLICATION_UNKNOWN', [{ feedId, publication: { sequence: 2, digest: publication.digest } }]],
      ['FEED_DIGEST_MISMATCH', [{ feedId, publication: { sequence: 1, digest: 'A'.repeat(43) } }]],
    ];
    for (const [expected, quotes] of refusals) {
      expect(await code(() => scene.ask({ feeds: [...quotes] }))).toBe(expected);
    }
    await scene.made.tickTo(historyTo + weather.validSlots + 1);
    expect(await code(() => scene.ask({ feeds: [quote] }))).toBe('FEED_STALE');
  });

  it('goes on without a signal that is silent or stale, and says so (F32)', async () => {
    const { ledger, publisher, scene } = await weatherScene();
    const asked = (label: string) => scene.asking({ commandId: command(label), feeds: [{ feedId: 'temperature' }] });
    const ask = (label: string) => ledger.submit(callers.aggregator, 'oracle:requestComputation', asked(label));
    const silent = await ask('silent');
    expect(silent.response.feeds).toEqual([{ feedId: 'temperature', state: 'MISSING' }]);
    expect(silent.event).toMatchObject({ facts: [{ type: 'ComputationRequested', unusedFeeds: ['temperature'] }] });
    const { digest } = await publisher.publish();
    const publication = { sequence: 1, digest };
    expect((await ask('current')).response.feeds).toEqual([{ feedId: 'temperature', state: 'USED', publication }]);
    await scene.made.tickTo(historyTo + weather.validSlots + 1);
    const stale = await scene.ask({ feeds: [{ feedId: 'temperature' }] });
    expect(stale.feeds).toEqual([{ feedId: 'temperature', state: 'STALE', publication }]);
    expect(await scene.answer()).toMatchObject({ complete: true });
    expect(await ledger.evaluate(regulator, 'oracle:getForecast', { requestId })).toMatchObject({
      request: { state: 'ANSWERED' },
    });
  });

  it('stops no market: a session closes and clears while its signals are down (F32)', async () => {
    const made = await MarketScene.create();
    const publisher = new Publisher(made, price);
    await publisher.register();
    const bid = contentOf('bid', ['buy', 0, 1_000n, 250_000n]);
    const offer = contentOf('offer', ['sell', 0, 1_000n, 150_000n]);
    await made.place(made.ann, [bid]);
    await made.place(made.cyd, [offer]);
    const feed = await made.ledger.evaluate(regulator, 'oracle:getFeed', { feedId: 'wholesale' });
    expect(feed).toMatchObject({ publication: null, isCurrent: false });
    expect(await made.clearAll([bid, offer])).toMatchObject({ chunks: 1 });
    expect((await made.statuses()).get(bid.orderId)).toMatchObject({ kind: 'published' });
  });
});

const file = join(__dirname, '../../../../../shared/data/aemo-price/aemo_price_demand_202501_NSW.csv');
const csv = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
if (csv === undefined) {
  process.stderr.write(`ABSENT: ${file} is not there, so real wholesale prices are not published here.\n`);
}

(csv === undefined ? describe.skip : describe)('a week of real wholesale prices (NSW, January 2025)', () => {
  it('is one publication, with its negative and spike prices unchanged', async () => {
    const made = await MarketScene.create();
    await made.tickTo(historyTo);
    const publisher = new Publisher(made, price);
    await publisher.register();
    // Every third 5-minute price, in AUD per MWh, of which one is 1,000 micro-units per kWh.
    const rows = (csv ?? '')
      .trim()
      .split('\n')
      .slice(1)
      .filter((_, index) => index % 3 === 2);
    const values = rows
      .slice(0, limits.feedValuesMax)
      .map((row) => String(Math.round(Number(row.split(',')[3]) * 1_000)));
    expect(values.filter((value) => value.startsWith('-')).length).toBeGreaterThan(20);
    const publication = await publisher.publish({ values });
    expect(publication.values.map(String)).toEqual(values);
  });
});
