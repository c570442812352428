'use strict';

/*
 * Compares two reports of the day: on every network one seed must give equal trades, prices and statements.
 *
 *   node scripts/compare-days.js FIRST.json SECOND.json
 *
 * Exit code 0: they are equal. 1: they are not; the first difference is named. 2: they cannot be compared.
 */

const fs = require('node:fs');
const { isDeepStrictEqual } = require('node:util');

const parts = ['trades', 'prices', 'statements'];

/** An end with one line. */
class Unequal extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

function readReport(file) {
  let report;
  try {
    report = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Unequal(`${file} is no report of a day: ${error.message}`, 2);
  }
  const missing = parts.find((part) => !Array.isArray(report?.[part]) || report[part].length === 0);
  if (missing !== undefined) throw new Unequal(`${file} has no ${missing}`, 2);
  return report;
}

function compare(first, second) {
  if (first.seed !== second.seed) {
    throw new Unequal(`these are days of different seeds: ${first.seed} and ${second.seed}`, 2);
  }
  for (const part of parts) {
    const length = Math.max(first[part].length, second[part].length);
    for (let index = 0; index < length; index += 1) {
      const pair = [first[part][index], second[part][index]];
      if (!isDeepStrictEqual(...pair)) {
        throw new Unequal(`${part}[${index}] differs: ${pair.map((one) => JSON.stringify(one)).join(' and ')}`, 1);
      }
    }
  }
}

function main(files) {
  if (files.length !== 2) throw new Unequal('Usage: node scripts/compare-days.js FIRST.json SECOND.json', 2);
  const [first, second] = files.map(readReport);
  compare(first, second);
  const counts = parts.map((part) => `${first[part].length} ${part}`).join(', ');
  const where = [first, second].map(({ network }) => network?.description ?? 'a network').join(' and ');
  process.stdout.write(`${where} end alike: ${counts}\n`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Unequal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
