import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  collectReport,
  loadProfileYear,
  planDay,
  playDay,
  reportText,
  RunningDay,
  unitEnergiesWh,
  type DayReport,
} from '@flexledger/gateway-app';
import { scenarioMode, writeTopology } from './support/scenario-network';

/*
 * The day in the community, played twice with one seed through the whole stack: the embedded Fabric, six chaincode processes,
 * the oracle and six role processes. In the first run a role process and later the embedded Fabric itself are killed (SIGKILL)
 * in the middle of the day. The history is shortened to two days to save time; everything else is the day of `npm start`. NETWORK=native plays it on real Fabric.
 */

const SEED = 'scenario';
const HISTORY_DAYS = 2;
const KILL_ROLE_IN_HOUR = 5;
const KILL_NETWORK_IN_HOUR = 11;
const KILL_AFTER_MS = 300;
const RUN_TIMEOUT_MS = 300_000;

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-scenario-'));
const said: string[] = [];

async function runDay(name: string, beforeHour?: (day: RunningDay, hour: number) => void): Promise<DayReport> {
  const startMs = performance.now();
  const day = await RunningDay.start({
    seed: SEED,
    mode: scenarioMode,
    dataFolder: path.join(folder, name),
    topologyFile: writeTopology(folder, 27),
    historyDays: HISTORY_DAYS,
    say: (line) => said.push(`${name}: ${line}`),
  });
  try {
    const { plan, conductor } = day;
    const played = await playDay({
      plan,
      conductor,
      say: (line) => said.push(`${name}: ${line}`),
      beforeHour: (hour) => {
        beforeHour?.(day, hour);
        return Promise.resolve();
      },
    });
    return await collectReport(day, played, () => (performance.now() - startMs) / 1000);
  } finally {
    await day.stop();
  }
}

/** Ends a process at once, as the operating system does when memory runs out. */
function kill(day: RunningDay, name: string): void {
  const pid = day.pid(name);
  if (pid === undefined) throw new Error(`the process ${name} is not known`);
  process.kill(pid, 'SIGKILL');
}

/** Kills shortly after the hour's first step has begun, so that commands are under way. */
function breakThings(day: RunningDay, hour: number): void {
  const network = day.handle.mode === 'devnet' ? 'devnet' : 'peer0.community.flexledger.example';
  if (hour === KILL_ROLE_IN_HOUR) setTimeout(() => kill(day, 'community'), KILL_AFTER_MS);
  if (hour === KILL_NETWORK_IN_HOUR) setTimeout(() => kill(day, network), KILL_AFTER_MS);
}

function sum(values: readonly (string | bigint)[]): bigint {
  return values.reduce<bigint>((total, value) => total + BigInt(value), 0n);
}

describe('a day in the community', () => {
  let killed: DayReport;
  let undisturbed: DayReport;

  beforeAll(async () => {
    killed = await runDay('killed', breakThings);
    undisturbed = await runDay('undisturbed');
  }, 2 * RUN_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('goes on after a role and the embedded Fabric were killed, and ends with the same invariants', () => {
    const restarts = said.filter((line) => line.startsWith('killed: ') && line.includes('started again'));
    expect(restarts[0]).toContain('community has ended (SIGKILL)');
    expect(restarts[1]).toMatch(/devnet|peer0\.community/);
    for (const report of [killed, undisturbed]) {
      expect(report.findings).toEqual([]);
      expect(Object.keys(report.invariants)).toEqual(
        expect.arrayContaining(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I10', 'I11', 'I13', 'I19']),
      );
      expect(Object.values(report.invariants).every((holds) => holds)).toBe(true);
    }
  });

  test('balances at the transformer in every quarter hour but those of the silent meter', () => {
    for (const { feeder } of [killed, undisturbed]) {
      expect(feeder).toMatchObject({ balanced: 92, flagged: 0, incomplete: 4 });
    }
  });

  test('gives equal trades, prices and statements for one seed', () => {
    expect(killed.trades).toEqual(undisturbed.trades);
    expect(killed.prices).toEqual(undisturbed.prices);
    expect(killed.statements).toEqual(undisturbed.statements);
  });

  test('has on the ledger exactly what the profiles of the day say, but for the hour of the silent meter', () => {
    const plan = planDay(SEED, { historyDays: HISTORY_DAYS });
    const year = loadProfileYear();
    const { silent } = plan.disturbances;
    const energies = plan.meters.map((meter) =>
      unitEnergiesWh(year, meter.unit, plan.deliverySlot, 96).map((energyWh, quarter) =>
        meter.meterId === silent.meterId && Math.floor(quarter / 4) === silent.hour ? 0n : energyWh,
      ),
    );
    const total = (kind: string): bigint =>
      sum(energies.filter((_, index) => plan.meters[index]?.kind === kind).flat());
    expect(undisturbed.energy.consumedWh).toBe(total('load').toString());
    expect(undisturbed.energy.producedWh).toBe(total('pv').toString());
    const throughTransformer = BigInt(undisturbed.energy.importWh) - BigInt(undisturbed.energy.exportWh);
    expect(throughTransformer).toBe(total('load') - total('pv'));
  });

  test('shows the overload of the transformer from 12:30 to 15:15', () => {
    const { overload } = undisturbed.grid;
    expect(overload).toMatchObject({ quarters: 12, first: '12:30', last: '15:15' });
    expect(Number(overload.energyWh) / 1000).toBeCloseTo(128.5, 1);
    expect(Number(overload.peakW) / 1000).toBeCloseTo(76.6, 1);
  });

  test('has one price per hour between feed-in and retail price, low at noon and high at night', () => {
    const prices = undisturbed.prices.map((price) => Number(price.priceMicroPerKwh));
    expect(prices.length).toBe(24);
    expect(prices.every((price) => price >= 80_000 && price <= 320_000)).toBe(true);
    expect(prices[13]).toBeLessThan(prices[0] ?? 0);
  });

  test('sells as much as it buys in every hour, at the price of that hour', () => {
    for (const price of undisturbed.prices) {
      const trades = undisturbed.trades.filter((trade) => trade.interval === price.interval);
      const side = (name: string): bigint =>
        sum(trades.filter((trade) => trade.side === name).map((trade) => trade.energyWh));
      expect(side('buy')).toBe(side('sell'));
      expect(side('buy').toString()).toBe(price.tradedWh);
      expect(trades.every((trade) => trade.priceMicroPerKwh === price.priceMicroPerKwh)).toBe(true);
    }
  });

  test('gives every participant a statement of its trades, one of them with an hour that lacks readings', () => {
    const { statements, trades } = undisturbed;
    expect(statements.length).toBe(29);
    for (const { participantId, totals } of statements) {
      const own = trades.filter((trade) => trade.participantId === participantId);
      expect(totals.boughtWh).toBe(sum(own.filter(({ side }) => side === 'buy').map((t) => t.energyWh)).toString());
      expect(totals.soldWh).toBe(sum(own.filter(({ side }) => side === 'sell').map((t) => t.energyWh)).toString());
    }
    const missing = statements.filter(({ totals }) => totals.missingSlots > 0);
    expect(missing.map(({ totals }) => totals.missingSlots)).toEqual([4]);
  });

  test('settles every participant whose meters all sent, against exactly what they measured', () => {
    const plan = planDay(SEED, { historyDays: HISTORY_DAYS });
    const year = loadProfileYear();
    for (const { participant, totals } of undisturbed.statements) {
      const meters = plan.participants.find(({ label }) => label === participant)?.meters ?? [];
      const measured = (kind: string): string =>
        sum(
          meters
            .filter((meter) => meter.kind === kind)
            .flatMap((meter) => unitEnergiesWh(year, meter.unit, plan.deliverySlot, 96)),
        ).toString();
      if (totals.missingSlots === 0) {
        expect([participant, totals.importWh, totals.exportWh]).toEqual([
          participant,
          measured('load'),
          measured('pv'),
        ]);
      }
    }
  });

  test('notices a silent meter, a block sent twice and a damaged block, and goes on', () => {
    const outcomes = undisturbed.disturbances.map(({ what, outcome }) => [what, outcome]);
    expect(outcomes).toEqual([
      ['silent', 'gap recorded by the dso, its deviation is not settled'],
      ['twice', 'recorded once'],
      ['damaged', expect.stringMatching(/^refused with READING_(TOTALS|COMMITMENT), then sent again undamaged/)],
    ]);
  });

  test('refuses a call with the certificate of another role', () => {
    expect(undisturbed.refusedCall).toMatchObject({ refused: true, code: 'ACCESS_ROLE_REFUSED' });
  });

  test('has every role submit, hear of what the others did, and see the last block', () => {
    expect(undisturbed.roles.map(({ role }) => role).sort()).toEqual(
      ['aggregator', 'community', 'dso', 'market', 'oracle', 'regulator', 'tso'].sort(),
    );
    for (const role of undisturbed.roles) {
      expect(role.submitted).toBeGreaterThan(0);
      expect(role.received).toBeGreaterThan(0);
      expect(role.lastBlock).toBe(undisturbed.ledger.height - 1);
    }
  });

  test('can be read by people', () => {
    const text = reportText(undisturbed);
    expect(text).toContain(
      'above its limit in 12 quarter hours, 12:30 to 15:15, by 128.5 kWh in all and 76.6 kW at most',
    );
    expect(text.split('\n').every((line) => line.length <= 140)).toBe(true);
  });
});
