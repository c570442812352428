import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** What flows at each load and PV system, in the order of the grid file. */
export interface AcCase {
  readonly loadKw: readonly number[];
  readonly loadKvar: readonly number[];
  readonly pvKw: readonly number[];
  /** What each inverter absorbs; nothing where absent. */
  readonly pvAbsorbKvar?: readonly number[];
  /** What compensators absorb, by the number of their bus. */
  readonly busAbsorbKvar?: Readonly<Record<string, number>>;
  /** By how much the tap changer lowers the voltage behind the transformer. */
  readonly tapPercent?: number;
}

/** The AC power flow of one case. */
export interface AcResult {
  readonly transformerLoadingPercent: number;
  readonly transformerHvKw: number;
  readonly lineLoadingPercent: readonly number[];
  readonly voltagesPu: readonly number[];
  readonly lossesKw: number;
}

/** The answers of pandapower, or why there are none. */
export type AcAnswer =
  | { readonly kind: 'done'; readonly pandapower: string; readonly results: readonly AcResult[] }
  | { readonly kind: 'absent'; readonly reason: string };

const program = path.join(__dirname, 'ac-power-flow.py');
/** The program itself, whether it runs from its source or from the compiled tests. */
const sources = program.replace(`${path.sep}dist${path.sep}`, path.sep);
const gridFile = path.join(path.dirname(sources), '..', '..', 'data', 'simbench-lv', 'rural1-2034.json');

/** The Python in which pandapower is looked for. */
export function acPython(): string {
  return process.env['PANDAPOWER_PYTHON'] ?? 'python3';
}

/** Why there is no pandapower here; undefined where there is one. */
export function acAbsence(): string | undefined {
  const { error, status } = spawnSync(acPython(), ['-c', 'import pandapower'], { stdio: 'ignore' });
  if (error !== undefined) return `${acPython()} does not run (${error.message})`;
  return status === 0 ? undefined : `${acPython()} has no pandapower; PANDAPOWER_PYTHON names another Python`;
}

/** Runs the AC power flow of the SimBench grid in pandapower, an outside program. */
export function runAcPowerFlow(cases: readonly AcCase[]): AcAnswer {
  const reason = acAbsence();
  if (reason !== undefined) return { kind: 'absent', reason };
  const { status, stderr, stdout } = spawnSync(acPython(), [sources, gridFile], {
    input: JSON.stringify({ cases }),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`the AC power flow failed: ${stderr}`);
  const answer = JSON.parse(stdout) as { readonly pandapower: string; readonly results: readonly AcResult[] };
  return { kind: 'done', ...answer };
}
