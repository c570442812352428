import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { demandResponseText } from './support/demand-response/report';
import { playDemandResponse } from './support/demand-response/run';

/*
 * Runs a scenario and prints its report:
 *   node test/dist/scenarios/main.js demand-response
 */

const SCENARIOS: Readonly<Record<string, (folder: string, say: (line: string) => void) => Promise<string>>> = {
  'demand-response': async (folder, say) => {
    const texts: string[] = [];
    for (const part of ['flexibility', 'limits', 'orange'] as const) {
      const own = path.join(folder, part);
      mkdirSync(own);
      texts.push(demandResponseText(await playDemandResponse({ part, folder: own, thousands: 36, say })));
    }
    return texts.join('\n');
  },
};

async function main([name = '']: readonly string[]): Promise<void> {
  const run = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (run === undefined)
    throw new RangeError(`there is no scenario "${name}"; there is ${Object.keys(SCENARIOS).join(', ')}`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-scenario-'));
  try {
    process.stdout.write(`\n${await run(folder, (line) => process.stderr.write(`${line}\n`))}`);
  } finally {
    if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
