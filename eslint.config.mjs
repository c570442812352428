import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { contractFiles, contractRules, exceptions } from './scripts/lint/contract-rules.mjs';
import { arrowConfigs } from './scripts/lint/import-arrows.mjs';

const sources = ['**/*.ts'];
const tests = ['**/*.test.ts', 'test/**/*.ts', '**/testing/**/*.ts'];
const scripts = ['**/*.js', '**/*.cjs'];

/** What a Node script may use without importing it. */
const nodeGlobals = Object.fromEntries(
  ['Buffer', 'clearInterval', 'clearTimeout', 'console', 'module', 'process', 'require', 'setInterval', 'setTimeout']
    .concat(['__dirname', '__filename', 'exports', 'URL', 'NodeJS'])
    .map((name) => [name, 'readonly']),
);

/** Sizes that keep a file readable; the house habits give the numbers. */
const sizes = {
  complexity: ['error', 10],
  'max-lines': ['error', 400],
  'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
  'max-depth': ['error', 4],
  'max-params': ['error', 7],
};

const habits = {
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-console': 'error',
  'no-eval': 'error',
  'no-param-reassign': 'error',
  'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
};

const typed = {
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/no-deprecated': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  // Parts of the shim can only be loaded in the old way.
  '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
  '@typescript-eslint/no-shadow': 'error',
  '@typescript-eslint/no-unnecessary-type-assertion': 'error',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-nullish-coalescing': 'error',
  '@typescript-eslint/prefer-optional-chain': 'error',
  '@typescript-eslint/prefer-readonly': 'error',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/return-await': ['error', 'in-try-catch'],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  // A class that implements an asynchronous interface may have nothing to wait for.
  '@typescript-eslint/require-await': 'off',
  // The decorated methods of a contract and the handlers of gRPC are passed on by name.
  '@typescript-eslint/unbound-method': 'off',
};

/** Tests read long, take shortcuts with `!`, and hand odd values to what they test. */
const looserInTests = {
  complexity: 'off',
  'max-lines-per-function': 'off',
  '@typescript-eslint/explicit-module-boundary-types': 'off',
  '@typescript-eslint/no-base-to-string': 'off',
  '@typescript-eslint/no-deprecated': 'off',
  '@typescript-eslint/no-shadow': 'off',
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
  '@typescript-eslint/only-throw-error': 'off',
};

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', '.flexledger/**', 'data/**', 'coverage/**', 'test/vectors/**'] },
  // A rule that is wrong is changed here, for everyone, and not switched off in a comment.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' } },
  {
    files: sources,
    extends: [eslint.configs.recommended, tseslint.configs.recommendedTypeChecked, prettier],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...sizes, ...habits, ...typed },
  },
  ...arrowConfigs(tests),
  { files: contractFiles, ignores: tests, rules: contractRules() },
  ...exceptions.map(({ files, allows }) => ({ files, rules: contractRules(allows) })),
  { files: tests, rules: looserInTests },
  {
    files: scripts,
    extends: [eslint.configs.recommended, prettier],
    languageOptions: { sourceType: 'commonjs', globals: nodeGlobals },
    rules: { ...sizes, eqeqeq: 'error', 'prefer-const': 'error' },
  },
  {
    // These two must be readable by a Node that is too old to run anything else.
    files: ['scripts/bootstrap.js', 'scripts/setup/node-version.js'],
    languageOptions: { ecmaVersion: 5 },
    rules: { 'no-var': 'off' },
  },
  { files: ['**/*.mjs'], extends: [eslint.configs.recommended, prettier] },
);
