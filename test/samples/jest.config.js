'use strict';

/** The samples install packages from the registry and take minutes, so they are a run of their own. */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  testMatch: ['<rootDir>/test/samples/**/*.samples.ts'],
  maxWorkers: 1,
};
