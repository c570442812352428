'use strict';

/**
 * Records the rows that contracts write while an hour is traded and called, settled and disputed, for the tests of the audit: once with a
 * split that an oracle has proven, once with the merit order. Build first.
 */
const { recordHistory } = require('./record-history.js');
const { recordFlexibility } = require('../dist/testing/record-flexibility.js');

recordHistory('flexibility', ['answered', 'unanswered'], (name) => recordFlexibility(name === 'answered'));
