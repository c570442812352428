import {
  decodeWhole,
  forecastCoverCodec,
  payForecast,
  postingSetCodec,
  rowCodec,
  scoreCodec,
  type ForecastPayRules,
  type JsonObject,
} from '@flexledger/domain';
import { checkForecastPay } from './forecast-pay';
import { Findings } from '../findings';
import { ROW_TYPES } from '../row-types';
import { MemoryRows } from '../testing/memory-rows';

const id = (name: string): string => name.padStart(26, '0');

/** A forecast with a skill of a half, for which a quarter of the fee is due, and its payment. */
function ledger(): MemoryRows {
  const rows = new MemoryRows();
  const measures = {
    intervals: 4,
    missing: 0,
    actualWh: '100',
    absoluteErrorWh: '5',
    pinballDeciWh: '80',
    covered: 4,
    compared: 4,
    comparedErrorWh: '5',
    yesterdayErrorWh: '10',
  };
  const directions = { imported: measures, exported: { ...measures, comparedErrorWh: '0', yesterdayErrorWh: '0' } };
  const answer = { requestId: id('r'), answerDigest: 'A'.repeat(43), mspId: 'DsoMSP', model: 'mean' };
  const place = {
    service: 'forecast-day-ahead',
    serviceVersion: '1',
    firstSlot: 9_696,
    intervals: 4,
    intervalSlots: 1,
  };
  const score = decodeWhole(scoreCodec, {
    ...answer,
    ...place,
    version: 1,
    single: directions,
    total: directions,
    meters: [],
  });
  const terms = { requestId: id('r'), payerId: id('p'), feeMicro: '1000', fullSkillPpm: 1_000_000 };
  const held = decodeWhole(forecastCoverCodec, { ...terms, state: 'HELD' });
  const payees = [{ mspId: 'DsoMSP', participantId: id('q') }] as unknown as ForecastPayRules['payees'];
  const { cover, set } = payForecast(held, score, payees);
  if (set === undefined) throw new TypeError('half of the fee is paid');
  rows.put(rowCodec(forecastCoverCodec), held, ROW_TYPES.forecastCover, id('r'));
  rows.together(() => {
    rows.put(rowCodec(scoreCodec), score, ROW_TYPES.score, id('r'), 'DsoMSP', '0001');
    rows.put(rowCodec(postingSetCodec), set, ROW_TYPES.posting, `forecast.${id('r')}`);
    rows.put(rowCodec(forecastCoverCodec), cover, ROW_TYPES.forecastCover, id('r'));
  });
  return rows;
}

function holds(rows: MemoryRows): boolean {
  const findings = new Findings('I10', 'payments');
  checkForecastPay(rows, findings);
  return findings.result().holds;
}

const moved = (row: JsonObject): JsonObject => ({
  ...row,
  entries: (row.entries as JsonObject[]).map((entry) => ({ ...entry, amountMicro: '501' })),
});

describe('the audit of what forecasts were paid', () => {
  it('finds nothing where it follows from the score', () => {
    expect(holds(ledger())).toBe(true);
  });

  it.each<[string, (rows: MemoryRows) => void]>([
    ['more is posted', (rows) => rows.tamper(ROW_TYPES.posting, 0, moved)],
    ['the cover says more', (rows) => rows.tamper(ROW_TYPES.forecastCover, 0, (row) => ({ ...row, paidMicro: '501' }))],
    [
      'another one was paid',
      (rows) => rows.tamper(ROW_TYPES.forecastCover, 0, (row) => ({ ...row, payeeId: id('x') })),
    ],
    ['the posting disappears', (rows) => rows.remove(ROW_TYPES.posting, 0)],
    ['the cover disappears', (rows) => rows.remove(ROW_TYPES.forecastCover, 0)],
    ['there is no score', (rows) => rows.remove(ROW_TYPES.score, 0)],
    [
      'what was paid is said to have gone back',
      (rows) => rows.tamper(ROW_TYPES.forecastCover, 0, (row) => ({ ...row, state: 'RELEASED' })),
    ],
  ])('notices where %s', (_what, forge) => {
    const rows = ledger();
    forge(rows);
    expect(holds(rows)).toBe(false);
  });
});
