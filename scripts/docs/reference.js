'use strict';

const { rowsOf } = require('./schema-rows');

const INTRODUCTION = `# Reference of the transactions

Written by \`npm run docs\` from the manifest (\`chaincode/domain/src/api\`); a test compares the two. A transaction is called as
\`contract:name\` with one string, the JSON of the request, and answers with one string. Fields not listed are refused; all fields are required
unless they say otherwise. \`a[].b\` is field \`b\` of each entry of list \`a\`; \`a(x).b\` is field \`b\` where \`a.kind\` is \`x\`.

Every transaction can also fail with the codes of the edge (\`CALL_\`, \`INPUT_\`, \`ACCESS_\`, \`COMMAND_\`); [errors.md](errors.md) explains all codes.
`;

const cell = (text) => String(text).replaceAll('|', '\\|');

function table(heading, rows) {
  if (rows.length === 0) return `${heading}: none.\n`;
  const lines = rows.map(({ path, kind }) => `| ${path === '' ? '(whole)' : `\`${cell(path)}\``} | ${cell(kind)} |`);
  return [`| ${heading} | holds |`, '|---|---|', ...lines, ''].join('\n');
}

function rolesText({ roles, mode, founding }) {
  if (founding) return 'organisations that are named as founders';
  if (roles !== 'anyone') return roles.join(', ');
  return mode === 'submit' ? 'every role' : 'everyone in the channel';
}

function codes(names) {
  return names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ');
}

function transactionSection(spec) {
  const facts = [
    `- Mode: ${spec.mode}. Roles: ${rolesText(spec)}.`,
    ...(spec.collection ? [`- Private collection: \`${spec.collection}\`.`] : []),
    `- Errors of its own: ${codes(spec.errors)}.`,
    ...(spec.mode === 'submit' ? [`- Facts: ${codes(spec.facts)}.`] : []),
  ];
  const confidential = spec.transient
    ? ['', table(`transient \`${spec.transient.key}\``, rowsOf(spec.transient.codec.schema))]
    : [];
  return [
    `### ${spec.contract}:${spec.name}`,
    '',
    spec.summary,
    '',
    ...facts,
    '',
    table('request', rowsOf(spec.request.schema)),
    ...confidential,
    '',
    table('response', rowsOf(spec.response.schema)),
  ].join('\n');
}

/**
 * The reference document of a manifest, as Markdown.
 * @param {readonly object[]} manifest
 * @returns {string}
 */
function referenceDocument(manifest) {
  const contracts = [...new Set(manifest.map(({ contract }) => contract))];
  const sections = contracts.map((contract) => {
    const own = manifest.filter((spec) => spec.contract === contract);
    return [`## ${contract}`, '', ...own.map(transactionSection)].join('\n');
  });
  return [INTRODUCTION, ...sections].join('\n');
}

module.exports = { referenceDocument };
