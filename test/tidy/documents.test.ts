import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifest } from '@flexledger/domain';
import { readText, repositoryRoot, trackedFiles, trackedPaths } from './tracked-files';

const { referenceDocument } = jest.requireActual<{ referenceDocument(transactions: unknown): string }>(
  '../../scripts/docs/reference.js',
);

/** Removes what prettier may change: the width of table columns and the place of line breaks. */
function normalized(text: string): string {
  return text
    .replace(/\\\|/g, '¦')
    .replace(/[ \n]+/g, ' ')
    .replace(/-{3,}/g, '---')
    .trim();
}

describe('the documents', () => {
  it('describe every transaction of the manifest, and nothing else (run `npm run docs` after a change)', () => {
    expect(normalized(readText('docs/reference.md'))).toBe(normalized(referenceDocument(manifest)));
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
    const nouns = new Set(manifest.map(({ contract }) => contract as string));
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
      [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
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
