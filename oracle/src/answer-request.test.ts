import {
  decodeWhole,
  feedDigestOf,
  feedSeriesCodec,
  historyDigest,
  inputsDigest,
  type Computation,
  type FeedPublication,
} from '@flexledger/domain';
import { answerRequest } from './answer-request';
import { ServiceCatalogue, type ComputationService, type ForecastInput } from './service';
import { forecastDayAhead } from './services/forecast-day-ahead';
import { flatHistory, MemoryOracleLedger, testId } from './testing/memory-oracle-ledger';

const REQUEST = testId(1);
const card = {
  model: 'mean-7-latest',
  features: ['temperature'],
  trainedOn: { fromSlot: decodeSlot(200), toSlot: decodeSlot(967), rows: 768 },
  errors: { nmaePpm: 300_000, coveragePpm: 800_000 },
};

function decodeSlot(value: number): Computation['firstSlot'] {
  return value as Computation['firstSlot'];
}

function publicationOf(value: string): FeedPublication {
  const fields = { feedId: 'temperature', unit: 'milli-celsius', stepSlots: 4, firstSlot: 1_000, issuedSlot: 960 };
  const series = decodeWhole(feedSeriesCodec, { ...fields, values: [value], sequence: 3 });
  return { ...series, digest: feedDigestOf(series), signature: '' };
}

const published = publicationOf('-1500');

/** A request that uses a temperature, and a service that notes what it gets and tells of its model. */
function scene() {
  const ledger = new MemoryOracleLedger();
  const history = [flatHistory(1, 30n)];
  const { digest, feedId, sequence } = published;
  const feeds = [
    { feedId, state: 'USED' as const, publication: { sequence, digest } },
    { feedId: 'silent', state: 'MISSING' as const },
  ];
  ledger.request(REQUEST, history, { feeds, dataDigest: inputsDigest(historyDigest(history), feeds) });
  const seen: ForecastInput[] = [];
  const service: ComputationService = {
    ...forecastDayAhead,
    run: async (input) => {
      seen.push(input);
      return { ...(await forecastDayAhead.run(input)), card };
    },
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const answer = () => answerRequest({ ledger, services: new ServiceCatalogue([service]), log }, REQUEST);
  return { ledger, seen, answer };
}

test('a service gets the signals that the request uses, and its model card goes to the ledger', async () => {
  const { answer, ledger, seen } = scene();
  ledger.published = [published];
  expect(await answer()).toMatchObject({ kind: 'answered' });
  expect(seen.map(({ feeds }) => feeds)).toEqual([[published]]);
  expect(ledger.cardOf(REQUEST)).toEqual(card);
});

test.each<[string, readonly FeedPublication[]]>([
  ['does not have the signal', []],
  ['has other values, whatever digest it states', [{ ...publicationOf('-1400'), digest: published.digest }]],
])('no service runs where the peer %s', async (_what, publications) => {
  const { answer, ledger, seen } = scene();
  ledger.published = publications;
  expect(await answer()).toMatchObject({ kind: 'refused', code: 'ORACLE_INPUTS_DIFFER' });
  expect(seen).toEqual([]);
});
