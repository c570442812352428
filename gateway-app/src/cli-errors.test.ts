import { explainFailure, requireNode } from './cli-errors';

function systemError(code: string, fields: object): Error {
  return Object.assign(new Error(`${code}: some system text`), { code }, fields);
}

describe('a failed command', () => {
  test.each([
    [
      'a used port',
      systemError('EADDRINUSE', { port: 7051 }),
      'CLI_PORT_IN_USE: port 7051 is used by another program',
      11,
    ],
    [
      'a full disk',
      systemError('ENOSPC', { path: '/data/x' }),
      'CLI_DISK_FULL: there is no room left to write /data/x',
      12,
    ],
    [
      'a full disk, as a store says it',
      new Error('IO error: x.log: No space left on device'),
      'CLI_DISK_FULL: there',
      12,
    ],
    ['an unwritable folder', systemError('EACCES', { path: '/data' }), 'CLI_FOLDER_UNWRITABLE: cannot write /data', 13],
    [
      'a port the network reports',
      new Error('NETWORK_PORT_IN_USE: port 1 is taken'),
      'NETWORK_PORT_IN_USE: port 1 is taken',
      11,
    ],
    [
      'the trouble behind another error',
      new Error('wrapped', { cause: systemError('EROFS', {}) }),
      'CLI_FOLDER_UNWRITABLE: cannot write;',
      13,
    ],
    [
      'an error of several lines by its first and last',
      new Error('a log ends:\nnoise\nthe reason\n'),
      'a log ends: the reason',
      1,
    ],
    [
      'an error with a code',
      Object.assign(new Error('no answer'), { code: 'LEDGER_UNAVAILABLE' }),
      'LEDGER_UNAVAILABLE: no',
      1,
    ],
    ['a thrown text', 'a text', 'a text', 1],
  ])('explains %s in one line and with its exit code', (_name, error, line, exitCode) => {
    const failure = explainFailure(error);
    expect(failure.line.startsWith(line)).toBe(true);
    expect(failure.line).not.toContain('\n');
    expect(failure.exitCode).toBe(exitCode);
  });
});

describe('a description with several mistakes', () => {
  test('is refused with a line for each of them', () => {
    const mistakes = ['a.yaml:3: name: missing', 'a.yaml:7: port: used twice', 'a.yaml:9: policy: unknown'];
    const { line, exitCode } = explainFailure(new Error(`TOPOLOGY_INVALID: ${mistakes.join('\n')}`));
    expect(line.split('\n')).toEqual([`TOPOLOGY_INVALID: ${mistakes[0]}`, mistakes[1], mistakes[2]]);
    expect(exitCode).toBe(1);
  });
});

describe('the version of Node', () => {
  test.each(['20.20.0', '20.20.2', '21.0.0', '24.1.0'])('%s is new enough', (version) => {
    expect(() => requireNode('20.20.0', version)).not.toThrow();
  });

  test.each(['20.19.9', '18.99.99', '4.0.0'])('%s is too old', (version) => {
    expect(() => requireNode('20.20.0', version)).toThrow(`CLI_NODE_TOO_OLD: Node 20.20.0 or later is needed`);
  });
});
