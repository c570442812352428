import { tmpdir } from 'node:os';
import path from 'node:path';
import { manifest, functionName } from '@flexledger/domain';
import { CommanderError } from 'commander';
import { createProgram } from './cli';
import { explainFailure } from './cli-errors';

async function run(...parameters: string[]): Promise<{ lines: string[]; error: unknown }> {
  const lines: string[] = [];
  const program = createProgram((line) => lines.push(line));
  const silence = {
    writeOut: (text: string) => void lines.push(text),
    writeErr: (text: string) => void lines.push(text),
  };
  for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
    command.configureOutput(silence).exitOverride();
  }
  try {
    await program.parseAsync(['node', 'flexledger', ...parameters]);
    return { lines, error: undefined };
  } catch (error) {
    return { lines, error };
  }
}

describe('the command line', () => {
  test('lists every transaction of the manifest', async () => {
    const { lines } = await run('ledger', 'list');
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(manifest.map((spec) => functionName(spec)));
  });

  test('describes a transaction with its example and error codes', async () => {
    const { lines } = await run('ledger', 'describe', 'registry:tick');
    expect(lines.join('\n')).toContain('CLOCK_NOT_CONTINUOUS');
    expect(lines.join('\n')).toContain('"fromSlot":');
  });

  test('names what to do about an unknown transaction', async () => {
    const { error } = await run('ledger', 'evaluate', 'registry:nothing', '--role', 'dso');
    expect(String(error)).toContain('CLI_USAGE: there is no transaction registry:nothing');
  });

  test('refuses to submit what only reads', async () => {
    const { error } = await run('ledger', 'submit', 'registry:getClock', '--role', 'dso');
    expect(String(error)).toContain('is called with "flexledger ledger evaluate"');
  });

  test('audits blocks without naming a command below audit, and says which blocks it needs', async () => {
    const { error } = await run('audit', '--chaincode', 'flexledger');
    expect(String(error)).toContain('CLI_USAGE: name the blocks with either --blocks FILE or --peer ORGANIZATION');
  });

  test.each([
    [['chaincode', 'upgrade']],
    [['organization', 'add', 'Supplier']],
    [['organization', 'remove', 'Market']],
  ])('says that no network runs when one is to be changed by %j', async (parameters) => {
    const folder = path.join(tmpdir(), 'flexledger-no-network');
    const { error } = await run('network', ...parameters, '--data', folder);
    const { line, exitCode } = explainFailure(error);
    expect(line).toContain(`NETWORK_NOT_READY: no network runs on ${folder}; start it`);
    expect(exitCode).not.toBe(0);
  });

  test.each([
    [['day', '--mode', 'cloud'], 'Allowed choices are devnet, native'],
    [['dya'], 'Did you mean day?'],
    [['network', 'up', '--mode', 'docker'], 'Allowed choices are native'],
    [['audit', 'export', '--out', 'file'], "required option '--peer <organization>' not specified"],
  ])('refuses %j with a hint', async (parameters, hint) => {
    const { lines, error } = await run(...parameters);
    expect(error).toBeInstanceOf(CommanderError);
    expect(lines.join('\n')).toContain(hint);
  });
});

describe('disputes on the command line', () => {
  const keys = ['--key', 'ann', '--keys', path.join(tmpdir(), 'no keys are here')];
  const claim = ['--with', 'market', '--text', 'Why', '--evidence', __filename];

  test('are signed with a key that has to be there', async () => {
    const { error } = await run('dispute', 'withdraw', '0'.repeat(26), ...keys);
    expect(String(error)).not.toBe('undefined');
    expect((await run('dispute', 'withdraw', '0'.repeat(26))).error).toBeInstanceOf(CommanderError);
  });

  test.each([
    [['rule', '0'.repeat(26), '--outcome', 'PERHAPS', '--reason', 'Why'], 'Allowed choices are UPHELD'],
    [
      ['rule', '0'.repeat(26), '--outcome', 'UPHELD', '--reason', 'Why', '--pay', '1', '--resettle', '0'],
      'cannot be used with',
    ],
    [['raise', ...keys, ...claim, '--order', '0', '--about', 'file'], 'cannot be used with'],
    [['respond', '0'.repeat(26), '--position', 'CONTESTS'], "required option '--text <sentence>' not specified"],
  ])('refuse %j with a hint', async (parameters, hint) => {
    const { error, lines } = await run('dispute', ...parameters);
    expect(error).toBeInstanceOf(CommanderError);
    expect(lines.join('\n')).toContain(hint);
  });
});

describe('contracts on the command line', () => {
  const parameters = ['--key', 'ann', '--keys', path.join(tmpdir(), 'no keys are here')];

  test('are signed with a key that has to be there', async () => {
    const { error } = await run('contract', 'reject', '0'.repeat(26), ...parameters);
    expect(String(error)).toContain('CLI_USAGE: there is no key ann');
    expect((await run('contract', 'reject', '0'.repeat(26))).error).toBeInstanceOf(CommanderError);
  });

  test('say until when an offer can be answered', async () => {
    expect((await run('contract', 'propose', 'terms.json', ...parameters)).error).toBeInstanceOf(CommanderError);
  });
});
