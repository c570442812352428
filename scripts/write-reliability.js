'use strict';

/*
 * Writes what runs of the faults have measured into docs/reliability.md, between its two marks.
 *
 *   node scripts/write-reliability.js REPORT.json [REPORT.json ...]     the reports of `npm run test:faults -- --json FILE`
 */

const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');
const { root } = require('./setup/paths');

const begin = '<!-- measured: begin -->';
const end = '<!-- measured: end -->';
const streams = ['readings', 'payments', 'orders'];

function seconds(value) {
  return value === undefined ? '' : `${value.toFixed(1)} s`;
}

function row(result) {
  const broken = result.verdicts.filter(({ holds }) => !holds).map(({ id }) => id);
  const cells = [
    result.id,
    result.title,
    seconds(result.gapSeconds),
    ...streams.map((stream) => seconds(result.streamGapSeconds[stream])),
    seconds(result.resumeSeconds),
    result.limit,
    String(result.acknowledged),
    broken.length === 0 ? 'all hold' : `broken: ${broken.join(', ')}`,
    [...result.notes, ...result.problems.map((problem) => `**${problem}**`)].join('; '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function section(report) {
  const passed = report.faults.filter((result) => result.passed).length;
  const codes = Object.entries(report.transactions).map(([code, count]) => `${count} ${code}`);
  const heads = ['#', 'fault', 'G', ...streams, 'resumed', 'limit', 'commits', 'invariants', 'seen'];
  return [
    `### ${report.network}`,
    '',
    `${report.date}, ${report.machine}, Node ${report.node}: ${passed} of ${report.faults.length} faults survived. ` +
      `The chain had ${report.blocks} blocks then; transactions by code: ${codes.join(', ')}.`,
    '',
    `| ${heads.join(' | ')} |`,
    `| ${heads.map(() => '---').join(' | ')} |`,
    ...report.faults.map(row),
    '',
  ].join('\n');
}

async function main(files) {
  if (files.length === 0)
    throw new Error('name at least one report that `npm run test:faults -- --json FILE` has written');
  const reports = files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));
  const document = path.join(root, 'docs', 'reliability.md');
  const text = fs.readFileSync(document, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has not the marks ${begin} and ${end}`);
  const measured = `${begin}\n\n${reports.map(section).join('\n')}\n`;
  const options = await prettier.resolveConfig(document);
  const written = `${text.slice(0, from)}${measured}${text.slice(to)}`;
  fs.writeFileSync(document, await prettier.format(written, { ...options, filepath: document }));
  process.stderr.write('wrote docs/reliability.md\n');
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
