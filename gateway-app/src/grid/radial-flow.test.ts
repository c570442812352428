import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RadialGrid } from './radial-flow';
import { loadProfileYear, loadSimbenchGrid, SIMBENCH_FOLDER, unitEnergiesWh } from './simbench';

interface ReferenceFlows {
  readonly reference: readonly { readonly step: number; readonly dc: { readonly line_p_from_kw: readonly number[] } }[];
}

const grid = loadSimbenchGrid();
const year = loadProfileYear();
const radial = new RadialGrid(grid);

function netImportAt(slot: number): Map<number, bigint> {
  const net = new Map<number, bigint>();
  const add = (bus: number, energyWh: bigint): void => void net.set(bus, (net.get(bus) ?? 0n) + energyWh);
  for (const load of grid.loads) add(load.bus, unitEnergiesWh(year, load, slot, 1)[0] ?? 0n);
  for (const pv of grid.pv) add(pv.bus, -(unitEnergiesWh(year, pv, slot, 1)[0] ?? 0n));
  return net;
}

describe('the flows of the radial grid', () => {
  test('equal the independent DC power flow on every line, within the losses and impedances it models', () => {
    const file = readFileSync(path.join(SIMBENCH_FOLDER, 'rural1-2034.json'), 'utf8');
    const { reference } = JSON.parse(file) as ReferenceFlows;
    for (const { step, dc } of reference) {
      const flow = radial.flow(netImportAt(year.rowSlots[step] ?? 0));
      flow.lines.forEach((line, index) => {
        const expectedW = Math.abs(dc.line_p_from_kw[index] ?? Number.NaN) * 1000;
        const actualW = Number(line.downstreamWh + line.upstreamWh) * 4;
        // The reference's DC flow divides by the bus voltage in one place (up to 1.3 % here); rounding adds up to 72 W.
        expect(Math.abs(actualW - expectedW)).toBeLessThanOrEqual(72 + 0.015 * expectedW);
      });
    }
  });

  test('add up to the transformer', () => {
    const flow = radial.flow(
      new Map([
        [5, 1_000n],
        [13, -400n],
      ]),
    );
    expect([flow.importWh, flow.exportWh]).toEqual([600n, 0n]);
    expect(radial.flow(new Map([[5, -1_000n]])).exportWh).toBe(1_000n);
  });

  test('are refused for a grid with a mesh or with a bus that hangs in the air', () => {
    const [first] = grid.lines;
    if (first === undefined) throw new Error('the grid has no line');
    const mesh = { ...grid, lines: [...grid.lines, { ...first, id: 99, fromBus: 5, toBus: 13 }] };
    expect(() => new RadialGrid(mesh)).toThrow('not radial');
    expect(() => new RadialGrid({ ...grid, lines: grid.lines.slice(1) })).toThrow('cannot be reached');
  });
});
