'use strict';

/**
 * Records the rows that contracts write while a coalition is chosen, called, verified, settled and paid, for the tests of the audit: once with a
 * choice that an oracle has proven, once with that of the contract itself. Build first.
 */
const { recordHistory } = require('./record-history.js');
const { recordCoalition } = require('../dist/testing/record-coalition.js');

recordHistory('coalition', ['answered', 'unanswered'], (name) => recordCoalition(name === 'answered'));
