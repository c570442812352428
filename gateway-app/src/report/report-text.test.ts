import { reportText } from './report-text';
import type { DayReport, StatementTotalsReport } from './report-types';

const totals: StatementTotalsReport = {
  boughtWh: '2000',
  soldWh: '0',
  importWh: '1600',
  exportWh: '0',
  shortWh: '0',
  longWh: '400',
  deliveredWh: '0',
  shortfallWh: '0',
  buyMicro: '640000',
  sellMicro: '0',
  feeMicro: '3200',
  shortMicro: '0',
  longMicro: '24000',
  uncoveredMicro: '0',
  heldMicro: '0',
  creditedMicro: '24000',
  missingSlots: 4,
  billDebitMicro: '643200',
  billCreditMicro: '24000',
  outsideDebitMicro: '512000',
  outsideCreditMicro: '0',
};

const report: DayReport = {
  seed: 'seed',
  day: '2016-05-20',
  network: { mode: 'devnet', description: 'devnet' },
  energy: { consumedWh: '1600', producedWh: '0', tradedWh: '2000', importWh: '1600', exportWh: '0' },
  trades: [],
  prices: [{ interval: 0, start: '00:00', priceMicroPerKwh: '320000', tradedWh: '2000' }],
  statements: [{ participantId: 'p', participant: 'prosumer-00', totals, linesDigest: 'd' }],
  disturbances: [{ what: 'silent', meterId: 'm', hour: 6, outcome: 'gap recorded' }],
  refusedCall: { role: 'aggregator', transaction: 'registry:tick', code: 'ACCESS_ROLE_REFUSED', refused: true },
  roles: [{ role: 'market', organization: 'Market', submitted: 3, received: 7, lastBlock: 9 }],
  ledger: {
    height: 10,
    transactions: 12,
    validationCodes: { VALID: 12 },
    commitLatencyMs: { median: 400, longest: 900 },
  },
  grid: {
    transformerLimitW: '160000',
    quarters: Array.from({ length: 4 }, (_, index) => ({
      start: `00:${index * 15}`,
      importWh: index === 1 ? '50000' : '100',
      exportWh: '0',
      loadingPermille: index === 1 ? 1250 : 2,
      overloaded: index === 1,
    })),
    overload: { quarters: 1, first: '00:15', last: '00:15', energyWh: '10000', peakW: '40000' },
    lines: [{ name: 'Line 1', limitW: '187061', loadingPermille: 415, at: '13:00' }],
  },
  feeder: { meterId: 'f', balanced: 91, flagged: 1, incomplete: 4, unaccountedWh: '2300', intoWh: '150000' },
  invariants: { I1: true, I2: false },
  findings: ['I2: a posting set does not balance'],
  durationSeconds: 61.2,
};

describe('the report as text', () => {
  const text = reportText(report);

  test.each([
    ['the overload', 'above its limit in 1 quarter hours, 00:15 to 00:15, by 10.0 kWh in all and 40.0 kW at most'],
    ['how the feeder balances', '91 quarter hours balance, 1 are flagged, 4 lack a reading; 2.3 of 150.0 kWh are lost'],
    ['the hour of the overload', '125.0 %  OVER'],
    ['what the participant pays here and would pay outside', '0.62     0.51'],
    ['the quarter hours that lack a reading', 'missing'],
    ['what went wrong on purpose', 'hour 06: meter m sends nothing: gap recorded'],
    ['the refused call', 'aggregator calls registry:tick: refused (ACCESS_ROLE_REFUSED)'],
    ['a broken invariant and what is wrong', 'I1 holds, I2 BROKEN\n  I2: a posting set does not balance'],
    ['that the embedded Fabric has no consensus', 'the embedded Fabric (no consensus)'],
  ])('shows %s', (_name, expected) => {
    expect(text).toContain(expected);
  });

  test('tells what limits of connections held back, what was paid for it, and who did not keep to them', () => {
    const connection = {
      participant: 'prosumer-03',
      quarters: 8,
      heldBackWh: '12300',
      correctedWh: '11000',
      compensationMicro: '100000',
      takeoverMicro: '3850000',
      beyondQuarters: 2,
      beyondWh: '1500',
    };
    const limited = reportText({ ...report, setPoints: { spentMicro: '3950000', connections: [connection] } });
    expect(limited).toContain('Limits of connections (kWh; EUR; the system operator has paid 3.95)');
    expect(limited).toMatch(/prosumer-03 +8 +12\.3 +11\.0 +0\.10 +3\.85 +1\.5 +2 NOT KEPT/);
    expect(text).not.toContain('Limits of connections');
  });

  test('tells what was traded again where the day has intraday sessions', () => {
    expect(text).not.toContain('intraday');
    const intraday = { sessions: 24, intervals: 168, tradedWh: '345600' };
    expect(reportText({ ...report, intraday })).toMatch(/traded again in 24 intraday sessions +345\.6 kWh/);
  });

  test('tells what all sessions together plan where limits of the grid act', () => {
    expect(text).not.toContain('planned by');
    const limits = { source: 'oracle', binding: [], zones: [], rentMicro: '0' };
    const prices = report.prices.map((price) => ({ ...price, limits }));
    const hour = { start: '11:00', importW: '12000', exportW: '160000', beyondLimit: [] };
    const planned = [hour, { ...hour, start: '12:00', exportW: '90000' }];
    expect(reportText({ ...report, prices, planned })).toContain(
      'planned by all sessions together: at most 160.0 kW out and 12.0 kW in through the transformer (160.0 kW), inside all limits',
    );
    const beyond = [...planned, { ...hour, beyondLimit: ['line-1'] }];
    expect(reportText({ ...report, prices, planned: beyond })).toContain('beyond a limit in 1 hours');
  });

  test('says so when the transformer stays inside its limit', () => {
    const overload = { quarters: 0, first: null, last: null, energyWh: '0', peakW: '0' };
    expect(reportText({ ...report, grid: { ...report.grid, overload } })).toContain('inside its limit all day');
  });
});
