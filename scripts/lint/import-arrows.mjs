/*
 * The arrows between the workspaces, as lint rules: who may import whom. docs/architecture.md draws the same picture.
 */

const all = [
  'domain',
  'chaincode',
  'fabric-model',
  'topology',
  'devnet',
  'network',
  'gateway-app',
  'solver',
  'forecast',
  'oracle',
  'test',
];

/** Folder of a workspace, and what of ours it may import. */
const arrows = [
  { name: 'domain', folder: 'chaincode/domain', may: [] },
  {
    name: 'chaincode',
    folder: 'chaincode',
    may: ['domain'],
    // What starts the process and reads its certificates.
    starts: ['chaincode/src/main.ts', 'chaincode/src/service/service-options.ts'],
  },
  { name: 'fabric-model', folder: 'network/fabric-model', may: [] },
  { name: 'topology', folder: 'network/topology', may: [] },
  { name: 'devnet', folder: 'network/devnet', may: ['fabric-model', 'topology'] },
  { name: 'network', folder: 'network', may: ['topology', 'fabric-model', 'devnet'] },
  { name: 'gateway-app', folder: 'gateway-app', may: ['domain', 'network', 'fabric-model', 'solver', 'forecast'] },
  { name: 'solver', folder: 'oracle/solver', may: ['domain'] },
  { name: 'forecast', folder: 'oracle/forecast', may: ['domain'] },
  { name: 'oracle', folder: 'oracle', may: ['domain', 'gateway-app', 'solver', 'forecast'] },
  { name: 'test', folder: 'test', may: all },
];

const noDeepImports = {
  group: ['@flexledger/*/*', '**/src/**', '**/dist/**', '../**/dist'],
  message: 'Import another workspace by its name: what it offers stands in its src/index.ts.',
};

/** Contracts must behave alike on every endorser: nothing that reaches out of the process. */
const outsideWorld = {
  regex:
    '^(node:)?(fs|net|tls|http|http2|https|child_process|cluster|dgram|dns|os|timers|worker_threads|perf_hooks)(/.*)?$',
  message: 'A rule takes everything it needs as an argument.',
};

const randomCrypto = {
  group: ['node:crypto', 'crypto'],
  importNamePattern: '^(random|generate|sign$|createSign$|webcrypto$|getRandomValues$|default$)',
  message: 'Hashing and verifying give the same result everywhere; random numbers, new keys and signatures do not.',
};

const onlyProtobufs = {
  regex: '^(?!\\.{1,2}/|\\.{1,2}$|@hyperledger/fabric-protos|google-protobuf|node:crypto$)',
  message: 'fabric-model is made of pure functions: it imports the Fabric protobufs and node:crypto only.',
};

function patternsFor({ name, may }) {
  const forbidden = all
    .filter((other) => other !== name && !may.includes(other))
    .map((other) => `@flexledger/${other}`);
  const patterns = [noDeepImports];
  if (forbidden.length > 0) {
    patterns.push({ group: forbidden, message: `${name} must not know this workspace (docs/architecture.md).` });
  }
  patterns.push({ group: [`@flexledger/${name}`], message: 'Inside a workspace, import the file itself.' });
  return patterns;
}

/** The restrictions that tests are free of, because they arrange what the code under test is given. */
function strictPatternsFor({ name }) {
  if (name === 'domain' || name === 'chaincode') return [outsideWorld, randomCrypto];
  return name === 'fabric-model' ? [onlyProtobufs] : [];
}

/** The folders of the workspaces nested in this one: they have arrows of their own. */
function nestedFolders({ folder }) {
  return arrows.filter((other) => other.folder.startsWith(`${folder}/`)).map((other) => `${other.folder}/**`);
}

/**
 * One configuration object per workspace for its sources, and one for its tests.
 * @param {string[]} tests patterns of test files
 */
export function arrowConfigs(tests) {
  return arrows.flatMap((arrow) => {
    const common = { files: [`${arrow.folder}/**/*.ts`] };
    const nested = nestedFolders(arrow);
    const rule = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
    const loose = patternsFor(arrow);
    const isTest = arrow.name === 'test';
    const sources = {
      ...common,
      ignores: isTest ? nested : [...nested, ...tests],
      rules: rule(isTest ? loose.slice(0, 1) : [...loose, ...strictPatternsFor(arrow)]),
    };
    if (isTest) return [sources];
    const looser = tests.map((pattern) => `${arrow.folder}/${pattern}`);
    return [sources, { files: [...looser, ...(arrow.starts ?? [])], ignores: nested, rules: rule(loose) }];
  });
}
