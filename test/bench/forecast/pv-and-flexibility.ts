/** `npm run bench -- forecast-pv`: forecasts of PV and of flexibility on the SimBench year. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../../faults/fault-network';
import { machineFacts } from '../report';
import { flexibilityTable, measureFlexibility } from './flexibility';
import { measurePv, pvTable } from './pv';

/** Every so manieth day of the year is forecast, unless `--every` says another number. */
const EVERY_DAYS = 3;

/** Measures, prints two tables and writes the result. */
export async function benchPvAndFlexibility(words: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { every: text, json: text, note: text } });
  const everyDays = Math.max(Math.floor(Number(values.every ?? EVERY_DAYS)), 1);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const pv = measurePv(everyDays, say);
  process.stdout.write(`${pvTable(pv)}\n\n`);
  const flexibility = measureFlexibility(everyDays, say);
  process.stdout.write(`${flexibilityTable(flexibility)}\n`);
  const note = values.note === undefined ? {} : { note: values.note };
  const report = { benchmark: 'forecast-pv', ...machineFacts(), ...note, everyDays, pv, flexibility };
  const file = values.json ?? join(repositoryRoot, 'bench', 'results', 'forecast-pv.json');
  mkdirSync(dirname(file), { recursive: true });
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  writeFileSync(file, `${JSON.stringify(report, rounded, 2)}\n`);
  return Promise.resolve();
}
