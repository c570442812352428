import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PreparedStore } from './prepared-store';

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-prepared-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('signed content on the disk', () => {
  test('is made once, also over a restart of the process', () => {
    const first = new PreparedStore(folder).getOrPrepare('command1', () => ({ signature: 'one' }));
    const again = new PreparedStore(folder).getOrPrepare('command1', () => ({ signature: 'two' }));
    expect([first, again]).toEqual([{ signature: 'one' }, { signature: 'one' }]);
  });

  test('is made again if a crash came before it was complete', () => {
    writeFileSync(path.join(folder, 'command2.json.new'), '{"signa');
    expect(new PreparedStore(folder).getOrPrepare('command2', () => ({ signature: 'two' }))).toEqual({
      signature: 'two',
    });
  });

  test('can be read by its owner alone', () => {
    new PreparedStore(folder).getOrPrepare('command3', () => ({ signature: 'three' }));
    expect(statSync(path.join(folder, 'command3.json')).mode & 0o077).toBe(0);
  });
});
