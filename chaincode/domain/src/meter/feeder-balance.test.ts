import fc from 'fast-check';
import { exampleGrid, exampleMeter } from '../api/examples';
import { sum } from '../math';
import { accuracyPpm } from '../registry/accuracy';
import { accuracyClassCodec, meterCodec, type AccuracyClass, type Meter } from '../registry/device-types';
import { busesBehind } from '../registry/feeder';
import { gridCodec } from '../registry/types';
import { slot } from '../time';
import { wh } from '../units';
import { balanceOf, feederMeterOf, metersBehind, takesPart, type MeteredTotal } from './feeder-balance';
import type { Quality } from './types';

const fixed = { numRuns: 300, seed: 20_160_520 };
const classes: readonly AccuracyClass[] = ['MID-A', 'MID-B', 'MID-C', 'IEC-2', 'IEC-1', 'IEC-0.5S', 'IEC-0.2S'];
const at = slot(1_625_200);

function metered(
  accuracyClass: AccuracyClass,
  importWh: bigint,
  exportWh: bigint,
  quality: Quality = 'OK',
): MeteredTotal {
  return { meter: { accuracyClass }, total: { slot: at, importWh: wh(importWh), exportWh: wh(exportWh), quality } };
}

const energy = fc.bigInt({ min: 0n, max: 20_000n });
const home = fc.record({ accuracyClass: fc.constantFrom(...classes), importWh: energy, exportWh: energy });

/** What a feeder's meter shows when nothing gets lost and every meter is exact. */
function exactly(homes: readonly { importWh: bigint; exportWh: bigint }[], lossWh = 0n): MeteredTotal {
  const netWh = sum(homes.map(({ importWh }) => importWh)) + lossWh - sum(homes.map(({ exportWh }) => exportWh));
  return metered('IEC-0.2S', netWh > 0n ? netWh : 0n, netWh < 0n ? -netWh : 0n);
}

describe('the balance of a feeder', () => {
  it('is exact arithmetic: 1 % of 10,000 Wh and of 9,600 Wh, and 1 Wh for each register', () => {
    const feeder = metered('IEC-1', 10_000n, 0n);
    expect(balanceOf(feeder, 20_000n, [metered('MID-B', 9_000n, 0n), metered('MID-B', 600n, 0n)])).toEqual({
      slot: at,
      status: 'BALANCED',
      feederImportWh: 10_000n,
      feederExportWh: 0n,
      metersImportWh: 9_600n,
      metersExportWh: 0n,
      unaccountedWh: 400n,
      surplusWh: 0n,
      boundWh: 100n + 90n + 6n + 3n * 2n,
      lossAllowanceWh: 200n,
      unmeasured: 0,
    });
  });

  it('is flagged from the first Wh beyond the bound and the losses, and with a surplus beyond the bound alone', () => {
    const feeder = metered('IEC-1', 10_000n, 0n);
    const status = (importWh: bigint) => balanceOf(feeder, 20_000n, [metered('MID-B', importWh, 0n)]).status;
    // Out of 10,000 Wh: losses 200, classes 100 and 1 % of what the home counted, registers 4.
    expect([status(9_597n), status(9_600n)]).toEqual(['FLAGGED', 'BALANCED']);
    expect([status(10_207n), status(10_208n)]).toEqual(['BALANCED', 'FLAGGED']);
  });

  it('is never flagged where every meter keeps its class and no more gets lost than may', () => {
    const world = fc.record({
      homes: fc.array(home, { minLength: 1, maxLength: 40 }),
      errors: fc.infiniteStream(fc.integer({ min: -100, max: 100 })),
      loss: fc.bigInt({ min: 0n, max: 100n }),
    });
    fc.assert(
      fc.property(world, ({ homes, errors, loss }) => {
        const next = () => BigInt(errors.next().value ?? 0);
        const wrong = (value: bigint, accuracyClass: AccuracyClass) => {
          // The limit of a class is a share of what the meter shows; a share of what is true is a little less when it shows less.
          const share = (accuracyPpm(accuracyClass) * 98n) / 100n;
          return value + (value * share * next()) / 100_000_000n;
        };
        const intoWh = sum(homes.map(({ importWh }) => importWh));
        const feeder = exactly(homes, (intoWh * loss * 2n) / 10_000n);
        const shown = homes.map(({ accuracyClass, importWh, exportWh }) =>
          metered(accuracyClass, wrong(importWh, accuracyClass), wrong(exportWh, accuracyClass)),
        );
        const lossAllowancePpm = 20_500n;
        expect(balanceOf(feeder, lossAllowancePpm, shown).status).toBe('BALANCED');
      }),
      fixed,
    );
  });

  it('is flagged where a meter shows less by more than the bound and the losses', () => {
    fc.assert(
      fc.property(fc.array(home, { minLength: 1, maxLength: 40 }), (homes) => {
        const thiefWh = 2_000_000n;
        const honest = homes.map(({ accuracyClass, importWh, exportWh }) => metered(accuracyClass, importWh, exportWh));
        const feeder = exactly([...homes, { importWh: thiefWh, exportWh: 0n }]);
        const fair = balanceOf(feeder, 20_000n, [...honest, metered('MID-B', thiefWh, 0n)]);
        const stolen = fair.boundWh + fair.lossAllowanceWh + 1n;
        const unfair = balanceOf(feeder, 20_000n, [...honest, metered('MID-B', thiefWh - stolen, 0n)]);
        expect([fair.status, unfair.status, unfair.unaccountedWh]).toEqual(['BALANCED', 'FLAGGED', stolen]);
      }),
      fixed,
    );
  });

  it.each(['MISSING', 'ESTIMATED'] as const)('says nothing where a value is %s', (quality) => {
    const feeder = metered('IEC-1', 10_000n, 0n);
    const balance = balanceOf(feeder, 0n, [metered('MID-B', 0n, 0n, quality), metered('MID-B', 1n, 0n)]);
    expect([balance.status, balance.unmeasured]).toEqual(['INCOMPLETE', 1]);
    expect(balanceOf(metered('IEC-1', 0n, 0n, quality), 0n, []).status).toBe('INCOMPLETE');
  });
});

describe('a meter that is stuck at zero', () => {
  it.each([
    ['BALANCED', 100n],
    ['FLAGGED', 10_000n],
  ] as const)('leaves its feeder %s where %d Wh go in', (status, importWh) => {
    const stuck = metered('MID-B', 0n, 0n, 'BAD');
    expect(balanceOf(metered('IEC-1', importWh, 0n), 0n, [metered('MID-B', 100n, 0n), stuck]).status).toBe(status);
  });
});

describe('the meters behind a feeder', () => {
  const grid = gridCodec.decode(
    {
      ...exampleGrid,
      buses: [...exampleGrid.buses, { id: 'bus-3', name: 'Other house', voltageV: 400 }],
      lines: [...exampleGrid.lines, { id: 'line-2', fromBus: 'bus-3', toBus: 'bus-1', limitW: '90000' }],
    },
    '',
  );

  function meter(bus: string, changes: Partial<Meter> = {}): Meter {
    const { publicKey, ...entry } = exampleMeter;
    const keys = [{ version: 1, publicKey, firstSequence: 1 }];
    return { ...meterCodec.decode({ ...entry, bus, keys, status: 'COMMISSIONED' }, ''), ...changes };
  }

  const feederAt = (elementId: string, bus: string) =>
    feederMeterOf(meter(bus, { deviceType: 'feeder', feeder: { elementId, lossAllowancePpm: 0n as never } }));

  it('stand at the buses that its branch feeds, whichever way round the branch was registered', () => {
    expect([...busesBehind(grid, 'line-1')]).toEqual(['bus-2']);
    expect([...busesBehind(grid, 'line-2')]).toEqual(['bus-3']);
    expect([...busesBehind(grid, 'transformer')]).toEqual(['bus-1', 'bus-2', 'bus-3']);
    expect([...busesBehind(grid, 'nothing')]).toEqual([]);
  });

  it('are those in service or once in service, without feeder meters and without those of other grids', () => {
    const feeder = feederAt('transformer', 'bus-1');
    const [here, there] = [meter('bus-2'), meter('bus-3', { status: 'RETIRED' })];
    const others = [
      feederAt('line-1', 'bus-2'),
      meter('bus-0'),
      meter('bus-2', { status: 'REGISTERED' }),
      meter('bus-2', { gridId: 'rural-2' }),
    ];
    expect(metersBehind(feeder, grid, [here, ...others, there])).toEqual([here, there]);
    expect(() =>
      metersBehind(
        feeder,
        grid,
        Array.from({ length: 501 }, () => here),
      ),
    ).toThrow(expect.objectContaining({ code: 'METER_FEEDER_TOO_LARGE' }));
  });

  it('have no part before their first slot, and none when they are retired and have counted nothing', () => {
    const counted = metered('MID-B', 1n, 0n).total;
    const missing = { ...counted, quality: 'MISSING' as const };
    expect(takesPart(meter('bus-2'), missing)).toBe(true);
    expect(takesPart(meter('bus-2', { firstSlot: slot(at + 1) }), missing)).toBe(false);
    expect(takesPart(meter('bus-2', { status: 'RETIRED' }), counted)).toBe(true);
    expect(takesPart(meter('bus-2', { status: 'RETIRED' }), missing)).toBe(false);
  });
});

test('every class has its limit', () => {
  const known = (accuracyClassCodec.schema as { enum: string[] }).enum;
  expect(known).toEqual(classes);
  expect(classes.map((one) => accuracyPpm(one))).toEqual([20_000n, 10_000n, 5_000n, 20_000n, 10_000n, 5_000n, 2_000n]);
});
