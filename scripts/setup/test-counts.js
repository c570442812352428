'use strict';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
const emptyCounts = { passed: 0, failed: 0, skipped: 0 };

/** @type {(one: Counts, other: Counts) => Counts} */
function addCounts(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/**
 * Reads jest's JSON report. A file that could not even be loaded holds no test, so it counts as one failure.
 * @returns {Counts}
 */
function countsOfReport(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @type {(counts: Counts) => string} */
function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Finds the last summary line in the output of a command.
 * @returns {Counts | undefined}
 */
function findSummary(output) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)];
  const last = lines.at(-1);
  return last ? { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3]) } : undefined;
}

module.exports = { addCounts, countsOfReport, emptyCounts, findSummary, summaryLine };
