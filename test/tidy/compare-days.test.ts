import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'scripts', 'compare-days.js');

const day = {
  seed: 'flexledger',
  network: { mode: 'devnet', description: 'devnet' },
  trades: [{ interval: 0, energyWh: '10' }],
  prices: [{ interval: 0, priceMicroPerKwh: null }],
  statements: [{ participant: 'house 1' }, { participant: 'house 2' }],
};

describe('the comparison of two days', () => {
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'flexledger-compare-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const compare = (second: unknown): { status: number | null; said: string } => {
    const files = [day, second].map((report, index) => {
      const file = join(folder, `${index}.json`);
      writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
      return file;
    });
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...files], { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}`.trim() };
  };

  it('is content with equal results, whatever the network and how long it took', () => {
    const other = {
      ...day,
      network: { mode: 'docker', description: 'Fabric 3.1.5 in containers' },
      durationSeconds: 9,
    };
    expect(compare(other)).toEqual({
      status: 0,
      said: 'devnet and Fabric 3.1.5 in containers end alike: 1 trades, 1 prices, 2 statements',
    });
  });

  it.each([
    ['another value', { ...day, trades: [{ interval: 0, energyWh: '11' }] }, 'trades[0] differs: '],
    ['one entry less', { ...day, statements: day.statements.slice(0, 1) }, 'statements[1] differs: '],
    ['an entry more', { ...day, prices: [...day.prices, { interval: 1 }] }, 'prices[1] differs: '],
  ])('names the first difference: %s', (_, second, words) => {
    expect(compare(second)).toEqual({ status: 1, said: expect.stringContaining(words) as string });
  });

  it.each([
    ['a day of another seed', { ...day, seed: 'other' }, 'these are days of different seeds: flexledger and other'],
    ['a day without trades', { ...day, trades: [] }, 'has no trades'],
    ['what is no report', '', 'is no report of a day'],
  ])('does not take %s for an equal day', (_, second, words) => {
    expect(compare(second)).toEqual({ status: 2, said: expect.stringContaining(words) as string });
  });
});
