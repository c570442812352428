import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PARTS, type PartName } from './support/demand-response/parts';
import { demandResponseText } from './support/demand-response/report';
import { playDemandResponse } from './support/demand-response/run';
import { playOracles } from './support/oracles/play';
import { oraclesText } from './support/oracles/report';
import { vppText } from './support/vpp/report';
import { playVpp } from './support/vpp/run';

/*
 * Runs a scenario and prints its report; parts of it where some are named:
 *   node test/dist/scenarios/main.js demand-response [flexibility|limits|orange ...]
 *   node test/dist/scenarios/main.js vpp
 *   node test/dist/scenarios/main.js oracles
 */

type Scenario = (folder: string, say: (line: string) => void, parts: readonly string[]) => AsyncIterable<string>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'demand-response': async function* play(folder, say, parts) {
    for (const part of chosenParts(parts)) {
      const own = path.join(folder, part);
      mkdirSync(own);
      yield demandResponseText(await playDemandResponse({ part, folder: own, thousands: 36, say }));
    }
  },
  vpp: async function* play(folder, say) {
    yield vppText(await playVpp({ folder, thousands: 38, say }));
  },
  oracles: async function* play(folder, say) {
    yield oraclesText(await playOracles({ folder, thousands: 39, say }));
  },
};

function chosenParts(names: readonly string[]): readonly PartName[] {
  const all = Object.keys(PARTS) as PartName[];
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) throw new RangeError(`there is no part "${unknown}"; there is ${all.join(', ')}`);
  return names.length === 0 ? all : all.filter((part) => names.includes(part));
}

async function main([name = '', ...parts]: readonly string[]): Promise<void> {
  const run = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (run === undefined)
    throw new RangeError(`there is no scenario "${name}"; there is ${Object.keys(SCENARIOS).join(', ')}`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-scenario-'));
  try {
    for await (const text of run(folder, (line) => process.stderr.write(`${line}\n`), parts)) {
      process.stdout.write(`\n${text}\n`);
    }
  } finally {
    if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
