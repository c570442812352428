import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { collectReport, playDay, reportText, RunningDay, type DayReport } from '@flexledger/gateway-app';
import { scenarioMode, writeTopology } from './support/scenario-network';

/*
 * The day with limits of the grid in the market, played twice with one seed through the whole stack: once the oracle process answers the
 * request for the clearing, with HiGHS and from what it reads over the network; once it is stopped (SIGSTOP) before the request and goes on
 * only after the clearing. NETWORK=native plays it on real Fabric.
 */

const SEED = 'grid-limits';
const HISTORY_DAYS = 2;
/** How long the second day waits for the oracle that says nothing. */
const SILENT_WAIT_MS = 3_000;
const RUN_TIMEOUT_MS = 300_000;

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-grid-limits-'));
const said: string[] = [];

async function runDay(name: string, isSilent: boolean): Promise<DayReport> {
  const startMs = performance.now();
  const say = (line: string): number => said.push(`${name}: ${line}`);
  const day = await RunningDay.start({
    seed: SEED,
    mode: scenarioMode,
    dataFolder: path.join(folder, name),
    topologyFile: writeTopology(folder, 15),
    historyDays: HISTORY_DAYS,
    gridLimits: true,
    say,
  });
  const signal = (which: NodeJS.Signals): void => {
    const pid = day.pid('oracle');
    if (pid === undefined) throw new Error('the oracle does not run');
    process.kill(pid, which);
  };
  try {
    const played = await playDay({
      plan: day.plan,
      conductor: day.conductor,
      say,
      ...(isSilent ? { answerWaitMs: SILENT_WAIT_MS } : {}),
      beforeClearing: () => Promise.resolve(isSilent ? signal('SIGSTOP') : undefined),
      beforeHour: (hour) => Promise.resolve(isSilent && hour === 0 ? signal('SIGCONT') : undefined),
    });
    return await collectReport(day, played, () => (performance.now() - startMs) / 1000);
  } finally {
    await day.stop();
  }
}

describe('a day on which limits of the grid act in the market', () => {
  let answered: DayReport;
  let silent: DayReport;

  beforeAll(async () => {
    answered = await runDay('answered', false);
    silent = await runDay('silent', true);
  }, 2 * RUN_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const sources = ({ prices }: DayReport): readonly string[] => [
    ...new Set(prices.map(({ limits }) => limits?.source ?? '')),
  ];
  const binding = ({ prices }: DayReport): DayReport['prices'] =>
    prices.filter(({ limits }) => (limits?.binding.length ?? 0) > 0);

  test('clears by the answer of the oracle process, which has read orders and grid over the network', () => {
    expect(sources(answered)).toEqual(['oracle']);
    expect(said).toContain('answered: the oracle has named the limits of the grid that bind, and has proven it');
  });

  test('clears by itself before delivery where the oracle says nothing until the request has ended', () => {
    expect(sources(silent)).toEqual(['contract']);
    expect(said).toContain('silent: no oracle has answered by 21:00: the market looks for the limits by itself');
  });

  test('comes to the same prices, trades and statements, whoever has named the limits', () => {
    expect(silent.trades).toEqual(answered.trades);
    expect(silent.statements).toEqual(answered.statements);
    const unnamed = ({ prices }: DayReport): unknown =>
      prices.map((price) => ({ ...price, limits: { ...price.limits, source: '' } }));
    expect(unnamed(silent)).toEqual(unnamed(answered));
  });

  test('keeps all invariants, with and without an answer', () => {
    for (const report of [answered, silent]) {
      expect(report.findings).toEqual([]);
      expect(Object.values(report.invariants).every((holds) => holds)).toBe(true);
    }
  });

  test('has the export limit of the transformer bind around noon, with a lower price behind it and a rent', () => {
    const hours = binding(answered);
    expect(hours.length).toBeGreaterThan(0);
    for (const { limits, priceMicroPerKwh } of hours) {
      expect(limits?.binding.map(({ limit }) => limit)).toEqual(['transformer backward']);
      expect(limits?.zones.length).toBe(2);
      const [above, behind] = limits?.zones ?? [];
      expect(above?.priceMicroPerKwh).toBe(priceMicroPerKwh);
      expect(Number(behind?.priceMicroPerKwh)).toBeLessThan(Number(above?.priceMicroPerKwh));
      expect(Number(limits?.rentMicro)).toBeGreaterThan(0);
    }
  });

  test('sells no more through the transformer than it may carry', () => {
    const limitWh = BigInt(answered.grid.transformerLimitW);
    for (const { interval } of answered.prices) {
      const outside = answered.trades.filter(
        (trade) => trade.interval === interval && trade.participant === 'supplier',
      );
      const throughWh = outside.reduce((sum, { energyWh }) => sum + BigInt(energyWh), 0n);
      expect(throughWh <= limitWh).toBe(true);
    }
  });

  test('plans no more than any limit, and the whole of the transformer where its limit binds', () => {
    const planned = answered.planned ?? [];
    expect(planned.length).toBe(answered.prices.length);
    expect(planned.filter(({ beyondLimit }) => beyondLimit.length > 0)).toEqual([]);
    const bound = binding(answered).map(({ interval }) => planned[interval]?.exportW);
    expect(new Set(bound)).toEqual(new Set([answered.grid.transformerLimitW]));
  });

  test('can be read by people', () => {
    const text = reportText(answered);
    expect(text).toContain(`Limits of the grid in the market (bind in ${binding(answered).length} hours;`);
    expect(text.split('\n').every((line) => line.length <= 140)).toBe(true);
  });
});
