'use strict';

// The decorators of the contract API log at "info" while they load; nobody reads that in a test.
process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';

/** One configuration for the whole tree: tests run from their TypeScript sources, workspaces resolve to sources too. */
module.exports = {
  testEnvironment: 'node',
  // Tests wait for what they expect, not for a time; this only ends the ones that would wait for ever.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/**/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  moduleNameMapper: {
    '^@flexledger/domain$': '<rootDir>/chaincode/domain/src',
    '^@flexledger/chaincode$': '<rootDir>/chaincode/src',
    '^@flexledger/gateway-app$': '<rootDir>/gateway-app/src',
    '^@flexledger/oracle$': '<rootDir>/oracle/src',
    '^@flexledger/solver$': '<rootDir>/oracle/solver/src',
    '^@flexledger/forecast$': '<rootDir>/oracle/forecast/src',
    '^@flexledger/(topology|fabric-model|devnet)$': '<rootDir>/network/$1/src',
    '^@flexledger/network$': '<rootDir>/network/src',
  },
};
