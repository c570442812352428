'use strict';

/* `npm run docs`: writes what is generated from the manifest, which it builds first. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');
const { referenceDocument } = require('./docs/reference');
const { root } = require('./setup/paths');

async function main() {
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const built = spawnSync(process.execPath, [compiler, '-b', 'chaincode/domain'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
  const { manifest } = require(path.join(root, 'chaincode', 'domain'));
  const file = path.join(root, 'docs', 'reference.md');
  const options = await prettier.resolveConfig(file);
  fs.writeFileSync(file, await prettier.format(referenceDocument(manifest), { ...options, filepath: file }));
  process.stderr.write(`wrote ${path.relative(root, file)}\n`);
}

main();
