/*
 * Rules about the tracked files themselves. Words that no file may contain are put together from parts here, so that
 * this file does not have to be excepted from its own rules.
 */
import { occurrences, trackedFiles, trackedPaths, type TrackedFile } from './tracked-files';

const LINES_MAX = 400;
const BYTES_MAX = 3_000_000;

/** Everything people wrote: the lock file and the data come from elsewhere and have rules of their own below. */
function ownFiles(): TrackedFile[] {
  return trackedFiles().filter(({ path }) => path !== 'package-lock.json' && !path.startsWith('data/'));
}

describe('the tracked files', () => {
  it('hold no TypeScript file of more than 400 lines', () => {
    const tooLong = trackedFiles(/\.ts$/)
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > LINES_MAX);
    expect(tooLong).toEqual([]);
  });

  it('have kebab-case names', () => {
    const odd = trackedPaths().filter((path) => {
      const name = path.split('/').at(-1)!;
      return (
        /\.(ts|js|mjs)$/.test(name) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|samples|config|d))?\.(ts|js|mjs)$/.test(name)
      );
    });
    expect(odd).toEqual([]);
  });

  it('are small', () => {
    const large = trackedFiles().filter(({ text }) => text.length > BYTES_MAX);
    expect(large.map(({ path }) => path)).toEqual([]);
  });

  it('name no folder of one machine', () => {
    // /opt/hyperledger is where the official images of Fabric keep their files.
    const folders = ['work', 'opt', 'farm', 'root', 'tmp', 'home', 'Users'].join('|');
    expect(occurrences(ownFiles(), new RegExp(`(^|[^\\w.$})~-])/(${folders})/(?!hyperledger\\b)[\\w.-]`))).toEqual([]);
  });

  it('name no host of a package registry', () => {
    const hosts = [
      'registry\\.npm' + 'js',
      'registry\\.yarn' + 'pkg',
      'npm\\.pkg\\.git' + 'hub',
      'npm' + 'mirror',
      'proxy\\.go' + 'lang',
    ];
    expect(occurrences(trackedFiles(), new RegExp(hosts.join('|')))).toEqual([]);
  });

  it('hold no private key', () => {
    expect(
      occurrences(trackedFiles(), new RegExp(['-----BEGIN (EC |RSA |ENCRYPTED )?PRIVATE', 'KEY-----'].join(' '))),
    ).toEqual([]);
  });

  it('hold nothing that says it is unfinished or switches a check off', () => {
    const phrases = [
      'TO' + 'DO\\b',
      'FIX' + 'ME\\b',
      'X' + 'XX\\b',
      'eslint-' + 'disable',
      '@ts-' + '(ignore|nocheck|expect-error)',
      '\\bas ' + 'any\\b',
      '\\b(it|test|describe)\\.' + 'only\\b',
      '\\b(it|test|describe)\\.' + 'skip\\(',
      '\\bx' + '(it|describe)\\(',
    ];
    const pattern = new RegExp(phrases.join('|'));
    const checked = ownFiles().filter(({ path }) => /\.(ts|js|mjs|json|ya?ml)$/.test(path) || path === '.ci/run');
    expect(occurrences(checked, pattern)).toEqual([]);
  });

  it('hold no generated or downloaded folder', () => {
    const unwanted = trackedPaths().filter((path) => /(^|\/)(node_modules|dist|coverage|\.flexledger)\//.test(path));
    expect(unwanted).toEqual([]);
  });

  it('carry source and licence beside every set of data', () => {
    const paths = trackedPaths();
    const sets = new Set(paths.filter((path) => /^data\/[^/]+\//.test(path)).map((path) => path.split('/')[1]!));
    expect(sets.size).toBeGreaterThan(0);
    const bare = [...sets].filter(
      (set) => !paths.includes(`data/${set}/SOURCE.txt`) || !paths.includes(`data/${set}/LICENCE.md`),
    );
    expect(bare).toEqual([]);
  });
});
