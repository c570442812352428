import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorRegistry, manifest } from '@flexledger/domain';
import { readText, repositoryRoot, trackedFiles, trackedPaths } from './tracked-files';

const { referenceDocument } = jest.requireActual<{ referenceDocument(transactions: unknown): string }>(
  '../../scripts/docs/reference.js',
);
const { errorsDocument } = jest.requireActual<{ errorsDocument(registry: unknown): string }>(
  '../../scripts/docs/errors.js',
);

function words(part: string): string {
  return part
    .split(/[\s|]+/)
    .filter((word) => !/^-*$/.test(word))
    .join(' ');
}

/** The words of each section by its heading, without what the formatter may change: spaces, line breaks, column widths. */
function sections(text: string): Map<string, string> {
  return new Map(text.split(/^#{1,3} /m).map((part) => [part.split('\n')[0]!, words(part)]));
}

describe('the documents', () => {
  it('describe every transaction of the manifest, and nothing else (run `npm run docs` after a change)', () => {
    const written = sections(readText('docs/reference.md'));
    const wanted = sections(referenceDocument(manifest));
    expect([...written.keys()]).toEqual([...wanted.keys()]);
    expect([...wanted.keys()].filter((heading) => written.get(heading) !== wanted.get(heading))).toEqual([]);
  });

  it('explain every error code of the registry, in its order', () => {
    const rows = (text: string): string[] =>
      [...text.matchAll(/^\|\s*`([A-Z0-9_]+)`(.*)$/gm)].map((row) => words(row[0]));
    expect(rows(readText('docs/errors.md'))).toEqual(rows(errorsDocument(errorRegistry)));
  });

  it('have a changelog with a section for what is not released yet', () => {
    expect(readText('CHANGELOG.md')).toMatch(/^## \[Unreleased\]$/m);
  });

  it.each(trackedPaths().filter((path) => /^docs\/adr\/\d{4}-.+\.md$/.test(path)))(
    'have all four sections in %s and a line in the list',
    (path) => {
      const headings = [...readText(path).matchAll(/^## (.+)$/gm)].map((match) => match[1]);
      expect(headings).toEqual(['Context', 'Decision', 'Consequences', 'What would change our mind']);
      expect(readText('docs/adr/README.md')).toContain(path.slice('docs/adr/'.length));
    },
  );

  it('explain every noun that the facts and the transactions are named after', () => {
    const glossary = readText('docs/glossary.md').toLowerCase();
    const nouns = new Set(manifest.map(({ contract }) => contract));
    for (const word of ['participant', 'meter', 'asset', 'session', 'order', 'clearing', 'trade', 'position'])
      nouns.add(word);
    for (const word of [
      'posting set',
      'statement',
      'slot',
      'tick',
      'rule set',
      'fact',
      'proposal',
      'block of readings',
    ]) {
      nouns.add(word);
    }
    expect([...nouns].filter((noun) => !glossary.includes(`**${noun}**`))).toEqual([]);
  });

  it('explain a noun once', () => {
    const terms = [...readText('docs/glossary.md').matchAll(/^\|\s*\*\*([^*]+)\*\*/gm)].map((match) => match[1]!);
    expect(terms.length).toBeGreaterThan(40);
    expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
  });

  it('have no link to a file that does not exist', () => {
    const broken = trackedFiles(/\.md$/).flatMap(({ path, text }) =>
      [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1]!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(repositoryRoot, dirname(path), target)))
        .map((target) => `${path} -> ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name the two commands of a newcomer in the README', () => {
    const readme = readText('README.md');
    expect(readme).toContain('npm start');
    expect(readme).toContain('npm test');
  });
});
