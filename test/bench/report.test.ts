import { readOptions } from './options';
import { median, summaryOf, targetsOf, type BenchReport } from './report';
import type { LegResult } from './leg';

function leg(changes: Partial<LegResult>): LegResult {
  return {
    name: 'leg',
    inFlight: 1,
    itemsPerCall: 1,
    seconds: 10,
    codes: { VALID: 100 },
    validPerSecond: 10,
    itemsPerSecond: 10,
    latencyMs: { median: 1, p95: 2 },
    processorSeconds: {},
    endorsedAgain: 0,
    ledgerBytes: 1_000,
    bytesPerItem: 1,
    ...changes,
  };
}

const sample = [50, 40, 60].map((itemsPerSecond) =>
  leg({ itemsPerSecond, processorSeconds: { 'sample chaincode': 0.5 } }),
);
const hourly = [12_000, 8_000, 15_000].map((itemsPerSecond) => leg({ itemsPerSecond, bytesPerItem: 7 }));
const asset = [leg({ processorSeconds: { chaincode: 0.3 } })];
const single = [leg({ processorSeconds: { chaincode: 0.6 } })];
const legs = { sample, hourly, asset, single, probes: [], ablations: [] };

describe('the promised figures', () => {
  const measured = (some: Parameters<typeof targetsOf>[0]) =>
    targetsOf(some).map((target) => [target.measured, target.met]);

  it('are the median of the ratios of pairs that took turns, and the worst of them', () => {
    expect(measured(legs).slice(0, 3)).toEqual([
      [240, true],
      [200, undefined],
      [12_000, true],
    ]);
  });

  it('compare the processor time of a single write with that of the sample', () => {
    expect(measured(legs).slice(4, 6)).toEqual([
      [0.6, true],
      [1.2, undefined],
    ]);
  });

  it('are not met where one conflict happened, even in a trial', () => {
    const probes = [leg({ codes: { VALID: 99, MVCC_READ_CONFLICT: 1 } })];
    expect(measured(legs).at(-1)).toEqual([0, true]);
    expect(measured({ ...legs, probes }).at(-1)).toEqual([1, false]);
  });

  it('have no ratios without the sample, and say so', () => {
    const targets = targetsOf({ ...legs, sample: [] });
    expect(targets.filter((target) => target.measured === undefined)).toHaveLength(4);
    const machine = { processor: 'x', cores: 2, memoryGib: 8, kernel: '6', loadBefore: 3 };
    const report = { ...legs, sample: [], targets, machine, network: 'devnet', node: 'v20', commit: 'a' };
    const text = summaryOf(report as unknown as BenchReport);
    expect(text).toContain('no checkout of fabric-samples');
    expect(text).toContain('the machine had other work: load 3');
  });

  it('take the middle of an even number of figures between the two in the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  });
});

describe('the options of the benchmark', () => {
  it('have defaults for everything but the benchmark itself', () => {
    expect(readOptions(['metering'])).toMatchObject({ mode: 'devnet', rounds: 3, backlogs: [16, 64], ablation: true });
    expect(readOptions(['metering', '--without-ablation', '--backlogs', '8'])).toMatchObject({
      backlogs: [8],
      ablation: false,
    });
  });

  it.each([
    [[], 'the benchmarks are "metering" and "market"'],
    [['metering', '--mode', 'docker'], 'unknown mode docker'],
    [['metering', '--release', '1.4'], 'unknown release 1.4'],
    [['metering', '--seconds', '0'], '--seconds takes whole numbers'],
    [['metering', '--backlogs', '16,x'], '--backlogs takes whole numbers'],
  ])('refuse %j', (words, message) => {
    expect(() => readOptions(words)).toThrow(message);
  });
});
