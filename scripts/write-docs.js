'use strict';

/* `npm run docs`: writes what is generated from the manifest, which it builds first. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');
const { errorsDocument } = require('./docs/errors');
const { referenceDocument } = require('./docs/reference');
const { root } = require('./setup/paths');

async function write(name, text) {
  const file = path.join(root, name);
  const options = await prettier.resolveConfig(file);
  fs.writeFileSync(file, await prettier.format(text, { ...options, filepath: file }));
  process.stderr.write(`wrote ${name}\n`);
}

async function main() {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const built = spawnSync(process.execPath, [compiler, '-b', 'chaincode/domain'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
  const { errorRegistry, manifest } = require(path.join(root, 'chaincode', 'domain'));
  await write('docs/reference.md', referenceDocument(manifest));
  await write('docs/errors.md', errorsDocument(errorRegistry));
}

main();
