/*
 * What contract code and the rules under it may not use, because two endorsers would not get the same result, or
 * because a value would silently change: docs/adr/0005 gives the reasons. Every entry says what to use instead.
 */

export const contractFiles = ['chaincode/src/**/*.ts', 'chaincode/domain/src/**/*.ts'];

/** The few files that are the one right place for something: each is free of one restriction. */
export const exceptions = [
  { files: ['chaincode/domain/src/{canonical,canonical-writer,json}.ts'], allows: 'json' },
  { files: ['chaincode/domain/src/base64url.ts'], allows: 'bytes' },
  { files: ['chaincode/domain/src/{math,ids,units,time}.ts'], allows: 'numbers' },
  { files: ['chaincode/src/main.ts'], allows: 'environment' },
];

const globals = [
  { name: 'Date', message: 'Time is a slot of the ledger clock.' },
  { name: 'performance', message: 'Time is a slot of the ledger clock.' },
  { name: 'Intl', message: 'Locale data differs between machines.' },
  { name: 'parseFloat', message: 'Integers only: use the codecs of the units.' },
  { name: 'parseInt', message: 'It accepts trailing text: use the codecs.' },
  { name: 'crypto', message: 'Import the pure functions of node:crypto by name.' },
  { name: 'WeakRef', message: 'What is collected when differs between processes.' },
  { name: 'FinalizationRegistry', message: 'What is collected when differs between processes.' },
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({
    name,
    message: 'A contract has no timers.',
  })),
  ...['fetch', 'WebSocket', 'console'].map((name) => ({ name, message: 'A contract talks to the ledger only.' })),
];

const environment = { name: 'process', message: 'Only main.ts reads the environment.' };

const properties = [
  { property: 'localeCompare', message: 'Compare with < and >.' },
  { property: 'toLocaleString', message: 'Locale data differs between machines.' },
  { property: 'toFixed', message: 'Integers only.' },
  { property: 'toPrecision', message: 'Integers only.' },
];

const json = [
  { object: 'JSON', property: 'parse', message: 'Use the strict reader of canonical.ts.' },
  { object: 'JSON', property: 'stringify', message: 'Use the canonical writer of canonical.ts.' },
];

const syntax = [
  {
    selector: 'MemberExpression[object.name="Math"]:not([property.name=/^(min|max|abs|floor|ceil|trunc)$/])',
    message: 'Randomness and transcendental functions differ between machines.',
  },
  { selector: 'Literal[raw=/^[0-9]*\\.[0-9]|^[0-9.]+e/i]', message: 'Integers only: no fractions, no exponents.' },
  {
    selector: 'CallExpression[callee.property.name=/^(sort|toSorted)$/][arguments.length=0]',
    message: 'The default order is by text (10 before 9): give a comparator.',
  },
  { selector: 'Program > VariableDeclaration[kind="let"]', message: 'One process serves many calls: no module state.' },
  {
    selector: 'Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]',
    message: 'One process serves many calls: no module state.',
  },
  { selector: 'ImportExpression', message: 'What is loaded must not depend on what is called.' },
];

const bytes = {
  selector: 'CallExpression[callee.object.name="Buffer"][callee.property.name="from"][arguments.1.value=/hex|base64/]',
  message: 'It silently cuts bad input: use base64url.ts, which checks the round trip.',
};

const numbers = {
  selector: 'CallExpression[callee.name="Number"]',
  message: 'It turns "" into 0 and rounds above 2^53: use the codecs and math.ts.',
};

/**
 * The rules for a file of contract code.
 * @param {string} [allows] what this file is the one right place for: `json`, `bytes`, `numbers` or `environment`
 */
export function contractRules(allows) {
  const unless = (name, ...entries) => (allows === name ? [] : entries);
  return {
    'no-restricted-globals': ['error', ...globals, ...unless('environment', environment)],
    'no-restricted-properties': ['error', ...properties, ...unless('json', ...json)],
    'no-restricted-syntax': ['error', ...syntax, ...unless('bytes', bytes), ...unless('numbers', numbers)],
  };
}
