import { parseArgs } from 'node:util';
import type { FabricRelease } from '@flexledger/network';

/** What one run shall measure, and for how long. */
export interface BenchOptions {
  readonly mode: 'devnet' | 'native';
  readonly release: FabricRelease | undefined;
  /** Seconds of one measured leg. */
  readonly seconds: number;
  /** How often sample and FlexLedger take turns. */
  readonly rounds: number;
  /** Transactions in flight that are tried for calls of one row; each side keeps its best. */
  readonly backlogs: readonly number[];
  /** The same for calls with the hours of many meters. */
  readonly hourBacklogs: readonly number[];
  readonly ablation: boolean;
  readonly jsonFile: string | undefined;
  readonly note: string | undefined;
}

/** @throws Error for what cannot be understood. */
export function readOptions(words: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      mode: { type: 'string', default: 'devnet' },
      release: { type: 'string' },
      seconds: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
      backlogs: { type: 'string', default: '16,64' },
      'hour-backlogs': { type: 'string', default: '2,4' },
      'without-ablation': { type: 'boolean', default: false },
      json: { type: 'string' },
      note: { type: 'string' },
    },
  });
  const { mode, release } = values;
  if (positionals.length !== 1 || positionals[0] !== 'metering')
    throw new Error('the benchmarks are "metering" and "market"');
  if (mode !== 'devnet' && mode !== 'native') throw new Error(`unknown mode ${mode}; the modes are devnet and native`);
  if (release !== undefined && release !== '3.1' && release !== '2.5') {
    throw new Error(`unknown release ${release}; the releases are 3.1 and 2.5`);
  }
  return {
    mode,
    release,
    seconds: count('--seconds', values.seconds),
    rounds: count('--rounds', values.rounds),
    backlogs: values.backlogs.split(',').map((word) => count('--backlogs', word)),
    hourBacklogs: values['hour-backlogs'].split(',').map((word) => count('--hour-backlogs', word)),
    ablation: !values['without-ablation'],
    jsonFile: values.json,
    note: values.note,
  };
}

function count(name: string, word: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(word)) throw new Error(`${name} takes whole numbers from 1 to 9999, not "${word}"`);
  return Number(word);
}
