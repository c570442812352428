import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Command } from 'commander';
import { REPOSITORY_ROOT } from '../paths';

const PROGRAM = path.join(REPOSITORY_ROOT, 'network', 'devnet', 'dist', 'main.js');

/**
 * `flexledger devnet`: the embedded Fabric for any topology. It is a program of its own that knows nothing of energy; all
 * options, `--help` too, go to it as they are.
 */
export function addDevnetCommand(program: Command): void {
  program
    .command('devnet')
    .description('run the embedded Fabric for any description of a network (see --help after it)')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[options...]', 'options of the devnet')
    .action(async (_: readonly string[], __: object, command: Command) => runDevnet(command.args));
}

async function runDevnet(parameters: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, ...parameters], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; a request to end this process is passed on.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
