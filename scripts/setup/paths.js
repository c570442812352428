'use strict';

const path = require('node:path');

/** The folder of the checkout. */
const root = path.resolve(__dirname, '..', '..');

/** What the project writes beside its sources: never tracked, safe to delete. */
const workFolder = path.join(root, '.flexledger');

/** The folders of the workspaces, as package.json lists them. */
function workspaces() {
  return require(path.join(root, 'package.json')).workspaces;
}

module.exports = { root, workFolder, workspaces };
