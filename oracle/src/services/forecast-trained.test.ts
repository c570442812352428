import {
  slot,
  wh,
  type Computation,
  type MeterHistory,
  type MeterId,
  type RequestId,
  type Series,
} from '@flexledger/domain';
import { clearSkyLight } from '@flexledger/forecast';
import { answerRequest } from '../answer-request';
import { ServiceCatalogue } from '../service';
import { MemoryOracleLedger } from '../testing/memory-oracle-ledger';
import { forecastTrained, trainedServices } from './forecast-trained';

const DAYS = 12;
/** A midnight in Berlin, in the winter. */
const FIRST = Math.floor(Date.UTC(2026, 1, 9, 23) / 900_000);
const NOW = FIRST + DAYS * 96 - 48;
const one = '0'.repeat(25) + '1';
const two = '0'.repeat(25) + '2';
const requestId = '0'.repeat(25) + '3';

/** A home that takes most in the evening and has PV, up to noon of the last day. */
function home(meterId: string, size: number): MeterHistory {
  const totals = Array.from({ length: NOW - FIRST }, (_, index) => {
    const hour = Math.floor((index % 96) / 4);
    const weather = 0.4 + 0.6 * (((Math.floor(index / 96) * 7) % 5) / 5);
    const light = clearSkyLight(FIRST + index, { latitude: 52, longitude: 13 });
    return {
      slot: slot(FIRST + index),
      importWh: wh(BigInt(size * (hour >= 18 && hour < 22 ? 300 : 80 + ((index * 7) % 5)))),
      exportWh: wh(BigInt(Math.round(size * 1_000 * weather * light))),
    };
  });
  return { meterId: meterId as MeterId, totals };
}

const homes = [home(one, 1), home(two, 2)];
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function answerTo(change: Partial<Computation>, histories = homes): Promise<readonly Series[]> {
  return (await answered(change, histories)).series;
}

async function answered(change: Partial<Computation>, histories = homes) {
  const ledger = new MemoryOracleLedger();
  const services = new ServiceCatalogue([
    forecastTrained('day-ahead', 'Europe/Berlin'),
    forecastTrained('intraday', 'Europe/Berlin'),
  ]);
  const id = requestId as RequestId;
  const asked = ledger.request(id, histories, {
    version: '2',
    historyFromSlot: slot(FIRST),
    historyToSlot: slot(NOW),
    expirySlot: slot(NOW + 2),
    firstSlot: slot(NOW + 48),
    ...change,
  });
  await answerRequest({ ledger, services, log }, id);
  return { asked, series: ledger.answersTo(id)[0] ?? [], card: ledger.cardOf(id) };
}

const half = {
  service: trainedServices.intraday.name,
  version: trainedServices.intraday.version,
  intervals: 8,
  intervalSlots: 2,
  firstSlot: slot(NOW + 2),
} as const;

describe('a trained forecast on the ledger', () => {
  it('answers for each meter the hours of the next day, with what is taken and what is given', async () => {
    const series = await answerTo({});
    expect(series.map(({ meterId }) => meterId)).toEqual([one, two]);
    const [first] = series;
    expect(first?.importWh.p50).toHaveLength(24);
    expect(Number(first?.importWh.p50[19])).toBeGreaterThan(2 * Number(first?.importWh.p50[3]));
    expect([0, 3, 22].map((hour) => first?.exportWh.p90[hour])).toEqual([0n, 0n, 0n]);
    expect(Number(first?.exportWh.p50[12])).toBeGreaterThan(0);
  });

  it("answers days that begin at another midnight than the community's", async () => {
    const [first] = await answerTo({ firstSlot: slot(NOW + 52) });
    expect(first?.importWh.p50).toHaveLength(24);
    expect(Number(first?.importWh.p50[18])).toBeGreaterThan(2 * Number(first?.importWh.p50[3]));
  });

  it('answers the next half hours from the slot that is asked for', async () => {
    const [first] = await answerTo(half);
    expect(first?.exportWh.p50).toHaveLength(8);
    expect(Number(first?.exportWh.p50[0])).toBeGreaterThan(Number(first?.exportWh.p50[7]));
  });

  it('answers one series for the meters together', async () => {
    const [alone, together] = [await answerTo({}), await answerTo({ total: true })];
    expect(together.map(({ meterId }) => meterId)).toEqual([requestId]);
    const sumOf = (all: readonly Series[]): number =>
      all.flatMap(({ importWh }) => importWh.p50).reduce((sum, value) => sum + Number(value), 0);
    expect(Math.abs(sumOf(together) / sumOf(alone) - 1)).toBeLessThan(0.1);
  });

  it('is the same for the same readings, and refused for hours that no horizon has', async () => {
    expect(await answerTo(half)).toEqual(await answerTo(half));
    expect(await answerTo({ firstSlot: slot(NOW + 49) })).toEqual([]);
  });

  it('says on its card what the models looked at, what they learned from, and how they did on the days before', async () => {
    const { asked, card } = await answered({});
    expect(card).toMatchObject({
      model: trainedServices['day-ahead'].model,
      trainedOn: { fromSlot: FIRST, toSlot: NOW },
      dataDigest: asked.dataDigest,
    });
    const features = (card?.features ?? []).join(' ');
    expect(features).toContain('earlier-days');
    expect(features).toContain('clear-sky');
    const { coveragePpm, nmaePpm } = card?.errors ?? {};
    // The weather of the homes is a riddle, their evenings are not.
    expect(nmaePpm).toBeGreaterThan(10_000);
    expect(nmaePpm).toBeLessThan(600_000);
    expect(coveragePpm).toBeGreaterThan(300_000);
  });

  it('says on its card that there was too little to test on', async () => {
    const short = homes.map(({ meterId, totals }) => ({ meterId, totals: totals.slice(-48) }));
    const { card } = await answered({ historyFromSlot: slot(NOW - 48) }, short);
    expect(card?.errors).toEqual({ nmaePpm: null, coveragePpm: null });
    const none = homes.map(({ meterId }) => ({ meterId, totals: [] }));
    expect((await answered({}, none)).card).toMatchObject({ features: [], trainedOn: { rows: 0 } });
  });

  it('does not take for PV what a storage gives in the evening', async () => {
    const storage = homes.map(({ meterId, totals }) => ({
      meterId,
      totals: totals.map(({ slot: at, importWh }) => {
        const hour = Math.floor(((at - FIRST) % 96) / 4);
        return { slot: at, importWh, exportWh: wh(hour >= 19 && hour < 22 ? 500n : 0n) };
      }),
    }));
    const [first] = await answerTo({}, storage);
    expect(Number(first?.exportWh.p50[20])).toBeGreaterThan(1_000);
    expect(Number(first?.exportWh.p50[12])).toBeLessThan(100);
  });
});
