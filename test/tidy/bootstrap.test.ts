interface NodeVersion {
  complaintAbout(version: string): string;
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly libc?: string;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const { complaintAbout } = jest.requireActual<NodeVersion>('../../scripts/setup/node-version.js');
const { whyInstall } = jest.requireActual<{
  whyInstall(lock: Lock, installed: Lock | undefined, machine: Machine): string;
}>('../../scripts/setup/install.js');
const { explain, exitCodes } = jest.requireActual<{
  explain(output: string, otherwise: string): { message: string; exitCode: number };
  exitCodes: Readonly<Record<string, number>>;
}>('../../scripts/setup/clear-error.js');
const { countsOfReport, findSummary, summaryLine } = jest.requireActual<{
  countsOfReport(report: Record<string, number>): Counts;
  findSummary(output: string): Counts | undefined;
  summaryLine(counts: Counts): string;
}>('../../scripts/setup/test-counts.js');

const linux: Machine = { platform: 'linux', arch: 'x64', libc: 'glibc' };

function lockOf(packages: Record<string, LockEntry>): Lock {
  return { packages: { '': {}, ...packages } };
}

describe('the bootstrap', () => {
  it.each(['20.20.0', '20.20.2', '22.0.0', '24.21.0', '25.0.0-nightly'])('runs on Node %s', (version) => {
    expect(complaintAbout(version)).toBe('');
  });

  it.each(['0.10.48', '12.22.12', '18.20.8', '20.9.0', '20.19.6'])('refuses Node %s in one line', (version) => {
    const line = complaintAbout(version);
    expect(line).toContain(`this is Node ${version}`);
    expect(line).not.toContain('\n');
  });

  it('installs where nothing is installed', () => {
    expect(whyInstall(lockOf({}), undefined, linux)).toBe('nothing is installed yet');
  });

  it('installs nothing where all is as locked', () => {
    const lock = lockOf({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' }, test: {} });
    const installed = { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } };
    expect(whyInstall(lock, installed, linux)).toBe('');
  });

  it('installs what is missing, old or not locked', () => {
    const lock = lockOf({ 'node_modules/a': { version: '2.0.0', integrity: 'sha512-b' } });
    expect(whyInstall(lock, { packages: {} }, linux)).toBe('node_modules/a is missing');
    expect(whyInstall(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } }, linux)).toContain('out of date');
    expect(whyInstall(lockOf({}), { packages: { 'node_modules/b': {} } }, linux)).toContain('not in the lock file');
  });

  it('misses an optional package only on the machine it is made for', () => {
    const lock = lockOf({ 'node_modules/n': { version: '1.0.0', optional: true, os: ['linux'], libc: ['musl'] } });
    expect(whyInstall(lock, { packages: {} }, linux)).toBe('');
    expect(whyInstall(lock, { packages: {} }, { ...linux, platform: 'darwin' })).toBe('');
    expect(whyInstall(lock, { packages: {} }, { ...linux, libc: 'musl' })).toBe('node_modules/n is missing');
  });

  it.each([
    ['npm error code ENOSPC', 'disk'],
    ['error TS5033: Could not write file: ENOSPC: no space left on device', 'disk'],
    ['npm error code EROFS', 'folder'],
    ['npm error code ECONNREFUSED', 'registry'],
    ['npm error network request failed, reason: getaddrinfo ENOTFOUND host', 'registry'],
  ])('explains %s in one line', (output, cause) => {
    const error = explain(output, 'otherwise');
    expect(error.exitCode).toBe(exitCodes[cause]);
    expect(error.message).not.toContain('\n');
  });

  it('says what it was told to say when the cause is unknown', () => {
    expect(explain('something else', 'otherwise')).toMatchObject({
      message: 'otherwise',
      exitCode: exitCodes['failed'],
    });
  });
});

describe('the count of tests', () => {
  it('counts a file that could not be loaded as one failure', () => {
    const report = {
      numPassedTests: 4,
      numFailedTests: 1,
      numRuntimeErrorTestSuites: 1,
      numPendingTests: 2,
      numTodoTests: 0,
    };
    expect(countsOfReport(report)).toEqual({ passed: 4, failed: 2, skipped: 2 });
  });

  it('finds its own line again, and the last one of several', () => {
    const line = summaryLine({ passed: 12, failed: 0, skipped: 3 });
    expect(line).toBe('12 passed, 0 failed, 3 skipped');
    expect(findSummary(`1 passed, 1 failed, 1 skipped\nmore\n${line}\n`)).toEqual({
      passed: 12,
      failed: 0,
      skipped: 3,
    });
    expect(findSummary('no such line')).toBeUndefined();
  });
});
