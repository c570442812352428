import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StepError } from '../roles/protocol';
import { PidFiles } from './pid-files';
import { RoleSupervisor } from './role-supervisor';

/*
 * A role process in a few lines: it answers `echo`, fails at `fail`, notes every `work` in a file and dies at the first `die`
 * it ever sees, before it answers.
 */
const SCRIPT = `
  const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
  const folder = process.argv[2];
  process.on('disconnect', () => process.exit(0));
  process.on('message', ({ id, step, arguments: values }) => {
    if (step === 'die' && !existsSync(folder + '/died')) {
      writeFileSync(folder + '/died', '');
      process.kill(process.pid, 'SIGKILL');
      return;
    }
    appendFileSync(folder + '/steps', step + '\\n');
    if (step === 'fail') process.send({ kind: 'failed', id, code: 'TEST_CODE', message: 'no' });
    else process.send({ kind: 'done', id, result: values });
  });
  process.send({ kind: 'ready' });
`;

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-supervisor-'));
const pidFiles = new PidFiles(path.join(folder, 'processes'));
const restarts: string[] = [];
let supervisor: RoleSupervisor;

beforeAll(async () => {
  const script = path.join(folder, 'role.js');
  writeFileSync(script, SCRIPT);
  supervisor = new RoleSupervisor({
    name: 'tester',
    script,
    arguments: [folder],
    logFile: path.join(folder, 'log'),
    pidFiles,
    onRestart: (name, reason) => restarts.push(`${name} ${reason}`),
  });
  await supervisor.start();
});

afterAll(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a role process under supervision', () => {
  test('answers steps', async () => {
    expect(await supervisor.call('echo', { hour: 3 })).toEqual({ hour: 3 });
  });

  test('tells a failure with the role, the step and its code', async () => {
    const failure = await supervisor.call('fail').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StepError);
    expect(failure).toMatchObject({ role: 'tester', step: 'fail', code: 'TEST_CODE' });
  });

  test('is started again when it dies, and is asked again for what it had not answered', async () => {
    const before = supervisor.pid;
    expect(await supervisor.call('die', { hour: 4 })).toEqual({ hour: 4 });
    expect(supervisor.pid).not.toBe(before);
    expect(restarts).toEqual(['tester SIGKILL']);
    expect(readFileSync(path.join(folder, 'steps'), 'utf8')).toBe('echo\nfail\ndie\n');
  });

  test('stands in the list of running processes until it is stopped', async () => {
    const pid = supervisor.pid;
    expect(pidFiles.running().map((entry) => [entry.name, entry.pid])).toEqual([['tester', pid]]);
    const unanswered = supervisor.call('never answered').catch((error: unknown) => error);
    await supervisor.stop();
    expect(pidFiles.running()).toEqual([]);
    expect(await unanswered).toBeDefined();
    expect(restarts.length).toBe(1);
  });
});
