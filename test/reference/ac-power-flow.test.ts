import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compareWorstQuarters } from '../simulation/ac-year';
import { loadMarketYear } from '../simulation/year-data';
import { acAbsence, runAcPowerFlow, type AcAnswer, type AcCase } from './ac-power-flow';

/*
 * The market's grid has no voltages, no reactive power and no losses. What it cleared is therefore looked at with the AC power flow of pandapower, which first has
 * to come out at the reference cases that stand in the grid file.
 */

interface ReferenceCase {
  readonly step: number;
  readonly load_kw: readonly number[];
  readonly load_kvar: readonly number[];
  readonly pv_kw: readonly number[];
  readonly ac: {
    readonly trafo_loading_percent: number;
    readonly trafo_p_hv_kw: number;
    readonly line_loading_percent: readonly number[];
    readonly vm_pu: readonly number[];
    readonly losses_kw: number;
  };
}

const gridFile = path.join(__dirname, '..', '..', 'data', 'simbench-lv', 'rural1-2034.json');
const { reference } = JSON.parse(readFileSync(gridFile, 'utf8')) as { readonly reference: readonly ReferenceCase[] };

const absence = acAbsence();
if (absence !== undefined) {
  process.stderr.write(`ABSENT: ${absence}, so there is no AC power flow of the market's quarter hours here.\n`);
}

function resultsOf(cases: readonly AcCase[]): Extract<AcAnswer, { kind: 'done' }> {
  const answer = runAcPowerFlow(cases);
  if (answer.kind === 'absent') throw new Error(answer.reason);
  return answer;
}

(absence === undefined ? describe : describe.skip)('the AC power flow', () => {
  test('comes out at the reference cases of the grid file', () => {
    const { results } = resultsOf(
      reference.map(({ load_kvar, load_kw, pv_kw }) => ({ loadKw: load_kw, loadKvar: load_kvar, pvKw: pv_kw })),
    );
    expect(results.length).toBe(3);
    results.forEach((result, index) => {
      const { ac } = reference[index]!;
      expect(result.transformerLoadingPercent).toBeCloseTo(ac.trafo_loading_percent, 3);
      expect(result.transformerHvKw).toBeCloseTo(ac.trafo_p_hv_kw, 3);
      expect(result.lossesKw).toBeCloseTo(ac.losses_kw, 3);
      ac.vm_pu.forEach((voltage, bus) => expect(result.voltagesPu[bus]).toBeCloseTo(voltage, 5));
      ac.line_loading_percent.forEach((loading, line) =>
        expect(result.lineLoadingPercent[line]).toBeCloseTo(loading, 3),
      );
    });
  }, 600_000);

  test('holds transformer, lines and voltages in the 100 worst quarter hours of the cleared year, which broke the limit before', () => {
    const compared = compareWorstQuarters(loadMarketYear());
    if (typeof compared === 'string') throw new Error(compared);
    const { after, before } = compared;
    expect([before.quarters, after.quarters]).toEqual([100, 100]);
    // The worst of them is the reference case of the largest export.
    expect(before.mostTransformerLoadingPercent).toBeCloseTo(reference[0]!.ac.trafo_loading_percent, 1);
    expect(after.mostTransformerLoadingPercent).toBeLessThanOrEqual(100);
    expect(after.mostTransformerLoadingPercent).toBeGreaterThan(90);
    expect(after.mostLineLoadingPercent).toBeLessThanOrEqual(100);
    expect(after.busesOutsideBand).toBe(0);
  }, 600_000);
});
