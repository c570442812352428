import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { readText, repositoryRoot, trackedFiles } from './tracked-files';

interface PackageFile {
  readonly name: string;
  readonly license?: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}

function readPackage(folder: string): PackageFile {
  return JSON.parse(readText(join(folder, 'package.json'))) as PackageFile;
}

const root = readPackage('.');
const workspaces = root.workspaces ?? [];

/** Every folder below `node_modules`, at any depth, that holds the package. */
function copiesOf(name: string, modules: string): string[] {
  if (!existsSync(modules)) return [];
  const here = existsSync(join(modules, name, 'package.json')) ? [join(modules, name)] : [];
  const nested = readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap((entry) =>
      entry.name.startsWith('@')
        ? readdirSync(join(modules, entry.name)).map((scoped) => join(modules, entry.name, scoped))
        : [join(modules, entry.name)],
    );
  return [...here, ...nested.flatMap((folder) => copiesOf(name, join(folder, 'node_modules')))];
}

/** The name of the package that an import statement needs, or undefined for files and for Node's own modules. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:') || builtinModules.includes(specifier))
    return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

describe('the packages', () => {
  it.each(['@hyperledger/fabric-protos', 'google-protobuf', '@grpc/grpc-js'])(
    'hold one copy of %s, because two in one process do not know each other',
    (name) => {
      const folders = [join(repositoryRoot, 'node_modules')].concat(
        workspaces.map((workspace) => join(repositoryRoot, workspace, 'node_modules')),
      );
      expect(folders.flatMap((folder) => copiesOf(name, folder))).toHaveLength(1);
    },
  );

  it('are locked without a download address, so that every machine uses its own registry', () => {
    const lock = JSON.parse(readText('package-lock.json')) as LockFile;
    const withAddress = Object.entries(lock.packages).filter(
      ([, entry]) => !entry.link && entry.resolved !== undefined,
    );
    expect(withAddress.map(([name]) => name)).toEqual([]);
  });

  it.each(['.', ...workspaces])('of %s have exact versions', (folder) => {
    const { dependencies = {}, devDependencies = {} } = readPackage(folder);
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it.each(workspaces)('that %s imports are the ones it declares', (workspace) => {
    const declared = readPackage(workspace).dependencies ?? {};
    const sources = trackedFiles(new RegExp(`^${workspace}/src/.*\\.ts$`)).filter(
      ({ path }) => !/\.test\.ts$/.test(path) && !path.includes('/testing/'),
    );
    const used = new Set<string>();
    for (const { text } of sources) {
      for (const match of text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)) {
        const name = packageOf(match[1]!);
        if (name !== undefined) used.add(name);
      }
    }
    expect([...used].filter((name) => !(name in declared)).sort()).toEqual([]);
  });

  it('each have their reason in the decision record', () => {
    const record = readText('docs/adr/0002-dependencies.md');
    const names = workspaces.flatMap((workspace) => Object.keys(readPackage(workspace).dependencies ?? {}));
    const own = Object.keys(root.devDependencies ?? {}).filter((name) => !name.startsWith('@types/'));
    const missing = [...new Set([...names, ...own])].filter((name) => {
      return !name.startsWith('@flexledger/') && !record.includes(name.replace(/^@eslint\/js$/, 'eslint'));
    });
    expect(missing).toEqual([]);
  });

  it('all say the licence of the project', () => {
    const licences = ['.', ...workspaces].map((folder) => readPackage(folder).license);
    expect(new Set(licences)).toEqual(new Set(['Apache-2.0']));
    expect(readFileSync(join(repositoryRoot, 'LICENSE'), 'utf8')).toContain('Version 2.0, January 2004');
  });
});
