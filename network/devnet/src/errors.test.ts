import { DevnetError, explainFileError } from './errors';

function systemError(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}

describe('failures of files', () => {
  it.each([
    ['a full disk', systemError('ENOSPC', 'write failed'), 'DEVNET_DISK_FULL'],
    [
      'a full disk below the store',
      systemError('LEVEL_IO_ERROR', 'IO error: a.log: No space left on device'),
      'DEVNET_DISK_FULL',
    ],
    ['a full disk as a cause', new Error('it failed', { cause: systemError('ENOSPC', 'x') }), 'DEVNET_DISK_FULL'],
    ['a folder of somebody else', systemError('EACCES', 'permission denied'), 'DEVNET_FOLDER_UNWRITABLE'],
    ['a read-only disk', systemError('EROFS', 'read-only'), 'DEVNET_FOLDER_UNWRITABLE'],
  ])('give %s its code and name the folder', (_, error, code) => {
    const explained = explainFileError(error, 'the-folder');
    expect(explained).toBeInstanceOf(DevnetError);
    expect(explained).toMatchObject({ code });
    expect(String(explained)).toContain('the-folder');
    expect(String(explained)).not.toContain('\n');
  });

  it('stay what they are when nothing is known about them', () => {
    const error = new Error('something else');
    expect(explainFileError(error, 'the-folder')).toBe(error);
  });
});
