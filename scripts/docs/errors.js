'use strict';

const INTRODUCTION = `# Errors of the contracts

Written by \`npm run docs\` from the registry (\`chaincode/domain/src/errors\`); a test compares the two. The order is the
precedence: of two faults of one request, the one that stands first is reported. A contract's message is the whole record, \`CODE: one sentence
{details as JSON}\`. "Transient" means that the same request may succeed later without a change.

| code | meaning | who mends it | transient |
|---|---|---|---|
`;

/**
 * The document of all error codes, as Markdown.
 * @param {readonly { code: string, meaning: string, whoFixes: string, transient: boolean }[]} registry
 * @returns {string}
 */
function errorsDocument(registry) {
  const rows = registry.map(({ code, meaning, whoFixes, transient }) => {
    return `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} | ${whoFixes} | ${transient ? 'yes' : 'no'} |`;
  });
  return `${INTRODUCTION}${rows.join('\n')}\n`;
}

module.exports = { errorsDocument };
