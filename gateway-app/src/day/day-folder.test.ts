import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { prepareDayFolder, releaseDayFolder } from './day-folder';
import { PidFiles } from './pid-files';

const base = mkdtempSync(path.join(os.tmpdir(), 'flexledger-day-folder-'));

afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('the folder of a day', () => {
  test('is wiped for the next day', async () => {
    const root = path.join(base, 'wiped');
    const first = await prepareDayFolder(root);
    writeFileSync(path.join(first.subfolder('network'), 'block'), 'old');
    writeFileSync(path.join(first.subfolder('network'), 'devnet-processes.json'), '{}');
    releaseDayFolder(first);
    await prepareDayFolder(root);
    // The network ends the processes of its list itself when it starts, so the list must outlive the wiping.
    expect(readdirSync(path.join(root, 'network'))).toEqual(['devnet-processes.json']);
    expect(existsSync(path.join(root, 'logs'))).toBe(true);
  });

  test('is made with the folders above it, and refused where no folder can be', async () => {
    const root = path.join(base, 'one', 'two', 'three');
    await expect(prepareDayFolder(root)).resolves.toMatchObject({ root });
    writeFileSync(path.join(base, 'file'), '');
    await expect(prepareDayFolder(path.join(base, 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(prepareDayFolder(path.join(base, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    // Linux answers "no such file or directory" here; other systems have no /proc, and answer that they may not write.
    await expect(prepareDayFolder('/proc/flexledger/day')).rejects.toMatchObject({ syscall: 'mkdir' });
  });

  test('is refused when it holds files of somebody else, and they stay', async () => {
    const root = mkdtempSync(path.join(base, 'foreign-'));
    writeFileSync(path.join(root, 'thesis.txt'), 'years of work');
    await expect(prepareDayFolder(root)).rejects.toThrow('CLI_FOLDER_UNWRITABLE');
    expect(existsSync(path.join(root, 'thesis.txt'))).toBe(true);
  });

  test('is refused while another process runs a day in it', async () => {
    const root = path.join(base, 'busy');
    releaseDayFolder(await prepareDayFolder(root));
    const other = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)']);
    await once(other.stdout, 'data');
    new PidFiles(path.join(root, 'processes')).record(other.pid ?? 0, 'day');
    await expect(prepareDayFolder(root)).rejects.toThrow('DAY_ALREADY_RUNNING');
    const ended = once(other, 'exit');
    other.kill('SIGKILL');
    await ended;
    await expect(prepareDayFolder(root)).resolves.toMatchObject({ root });
  });
});
