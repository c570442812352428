'use strict';

/*
 * Writes results of the benchmark into docs/performance.md, between its two marks.
 *
 *   node scripts/write-performance.js [RESULT.json ...]     default: every result in bench/results
 */

const fs = require('node:fs');
const path = require('node:path');
const prettier = require('prettier');
const { root } = require('./setup/paths');

const begin = '<!-- measured: begin -->';
const end = '<!-- measured: end -->';

function table(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join('\n');
}

function number(value, digits = 1) {
  return value === undefined || value === null || !Number.isFinite(value) ? '' : value.toFixed(digits);
}

function middle(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const at = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[at] : (sorted[at - 1] + sorted[at]) / 2;
}

function processorMs(leg, kind) {
  return ((leg.processorSeconds[kind] ?? 0) * 1000) / leg.codes.VALID;
}

function targets(report) {
  const rows = report.targets.map(({ name, wanted, measured, met }) => [
    name,
    wanted,
    measured === undefined ? 'not measured' : number(measured, 2),
    met === undefined ? '' : met ? 'met' : '**not met**',
  ]);
  return table(['figure', 'wanted', 'measured', ''], rows);
}

/** The legs of a run as they took turns; processor time is that of all processes of a kind, for one transaction. */
function legs(report) {
  const kinds = ['client', 'chaincode', 'sample chaincode', 'peers', 'orderers', 'devnet'];
  const all = [...report.probes, ...report.hourly.flatMap((_, at) => legsOfRound(report, at))];
  const used = kinds.filter((kind) => all.some((leg) => leg.processorSeconds[kind] > 0));
  const rows = all.map((leg) => [
    leg.name,
    String(leg.inFlight),
    number(leg.validPerSecond),
    number(leg.itemsPerSecond, 0),
    number(leg.bytesPerItem),
    `${number(leg.latencyMs.median, 0)} / ${number(leg.latencyMs.p95, 0)}`,
    ...used.map((kind) => number(processorMs(leg, kind))),
    Object.entries(leg.codes)
      .map(([code, count]) => `${count} ${code}`)
      .join(', '),
  ]);
  const heads = ['leg', 'in flight', 'tx/s', 'items/s', 'B/item', 'ms: median / p95'];
  return table([...heads, ...used.map((kind) => `CPU ms/tx: ${kind}`), 'codes'], rows);
}

function legsOfRound({ sample, hourly, asset, single }, at) {
  return [sample[at], hourly[at], asset[at], single[at]].filter((leg) => leg !== undefined);
}

function ablation({ ablations }) {
  if (ablations.length === 0) return 'The levers were not switched off in this run.\n';
  const rows = ablations.map(({ title, batch, single }) => [
    title,
    number(batch.itemsPerSecond, 0),
    number(processorMs(batch, 'chaincode')),
    number(single.validPerSecond),
    number(processorMs(single, 'chaincode')),
    number(processorMs(single, 'client')),
  ]);
  const heads = ['levers', 'readings/s', 'chaincode CPU ms/tx', 'one asset: tx/s', 'chaincode CPU ms/tx'];
  return table([...heads, 'client CPU ms/tx'], rows);
}

function section(report) {
  const { machine, network, note, options, readBack, parts } = report;
  const [hours] = report.hourly;
  const ours = middle(report.hourly.map((leg) => leg.itemsPerSecond));
  const one = middle(report.single.map((leg) => leg.itemsPerSecond));
  const where =
    `${report.date}, commit ${report.commit}: ${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, Linux ` +
    `${machine.kernel}, Node ${report.node}; ${report.orderers} orderers, ${report.peers} peers and all chaincode and clients on ` +
    `them. Legs of ${options.seconds} s, ${options.rounds} rounds.`;
  const busy =
    machine.loadBefore > 0.5
      ? `**The machine had other work** (load ${machine.loadBefore} before the run): the figures are too low and uneven.`
      : '';
  return [
    `### ${network}`,
    '',
    [where, busy, note ?? ''].filter((text) => text !== '').join(' '),
    '',
    targets(report),
    `Read back and checked: ${readBack.blocks} blocks and ${readBack.assets} assets; one changed value was noticed in ` +
      `${readBack.changesNoticed} of ${readBack.blocks} blocks.`,
    '',
    '#### Legs',
    '',
    legs(report),
    '#### Without single levers',
    '',
    ablation(report),
    `Many blocks in one transaction: ${number(ours, 0)} readings/s with ${number(hours.itemsPerCall / 60, 0)} blocks, ` +
      `${number(one, 0)} with one.`,
    '',
    table(
      ['operation', 'microseconds of CPU'],
      Object.entries(parts).map(([name, value]) => [name, number(value, 0)]),
    ),
  ].join('\n');
}

/** A market's benchmark: other programs stand beside ours where they ran. */
function marketSection({ clearing, commit, date, grid, limits, machine, node, session, targets: wanted }) {
  const names = [...new Set(clearing.flatMap(({ peers }) => Object.keys(peers)))];
  const rate = ({ orders, peers }, name) => {
    const peer = peers[name];
    return peer === undefined || peer.absent !== undefined ? '' : number(orders / middle(peer.seconds), 0);
  };
  const rows = clearing.map((leg) => [
    String(leg.orders),
    String(leg.tickMicroPerKwh),
    number(leg.medianMs, 2),
    number(leg.ordersPerSecond, 0),
    ...names.map((name) => rate(leg, name)),
  ]);
  const where =
    `${date}, commit ${commit}: ${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, Node ${node}. Prices are ` +
    'whole multiples of the tick; other programs are much faster where many orders share a price.';
  const steps =
    session === undefined
      ? ''
      : `The session of ${session.orders} orders and ${session.participants} participants on ${session.network}: closed after ` +
        `${number(session.closedSeconds)} s, published after ${number(session.publishedSeconds)} s, cleared after ` +
        `${number(session.clearedSeconds)} s, the last of ${session.chunks} chunks applied after ${number(session.appliedSeconds)} s.`;
  return [
    `### Market${session === undefined ? '' : `, ${session.network}`}`,
    '',
    machine.loadBefore > 0.5
      ? `${where} **The machine had other work** (load ${machine.loadBefore} before the run).`
      : where,
    '',
    targets({ targets: wanted }),
    `With grid limits: ${grid.orders} orders on ${grid.buses} buses, ${grid.bindingLimits} limits bind; finding them without an oracle ` +
      `took ${number(grid.searchMs, 0)} ms, deriving and proving the outcome ${number(grid.checkMs, 0)} ms (median of ${grid.rounds}).`,
    '',
    steps,
    '',
    limits === undefined
      ? ''
      : `All ${limits.connections} connections behind an element are limited in one transaction: computed after ` +
        `${number(limits.computedSeconds)} s, committed after another ${number(limits.limitedSeconds)} s.`,
    '',
    table(['orders', 'tick', 'ms', 'orders/s', ...names.map((name) => `orders/s: ${name}`)], rows),
  ].join('\n');
}

/** Coalitions: our search stands beside HiGHS as it comes, on the same models in the same run. */
function vppSection({ case: asked, cases, commit, date, machine, node, note, seconds, targets: wanted }) {
  const where =
    `${date}, commit ${commit}: ${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, Node ${node}. ` +
    `${asked.assets} assets, ${asked.steps} hours; each search has ${seconds} s. Amounts in units of the currency.`;
  const busy =
    machine.loadBefore > 0.5 ? `**The machine had other work** (load ${machine.loadBefore} before the run).` : '';
  const units = (micro) => (micro === null ? 'none' : number(micro / 1_000_000, 2));
  const peerOf = ({ absent, earnedMicro, gapPercent }) => {
    if (absent !== undefined) return 'absent';
    return earnedMicro > 0 && gapPercent !== null ? number(gapPercent, 2) : 'none proven';
  };
  const rows = cases.map(({ highs, own, requests, seed, wantedSeconds }) => [
    String(seed),
    String(requests),
    number(wantedSeconds),
    units(own.earnedMicro),
    units(own.boundMicro),
    number(own.gapPercent, 2),
    number(own.checkMs),
    peerOf(highs),
  ]);
  const version = cases.find(({ highs }) => highs.version !== undefined)?.highs.version;
  const peer = `HiGHS${version === undefined ? '' : ` ${version}`} as it comes, gap in %`;
  const names = ['seed', 'requests', 's to the wanted gap', 'earns', 'bound', 'gap in %', 'ms to check', peer];
  return [
    '### Coalitions',
    '',
    [where, busy, note ?? ''].filter((text) => text !== '').join(' '),
    '',
    targets({ targets: wanted }),
    table(names, rows),
  ].join('\n');
}

const sections = { metering: section, market: marketSection, vpp: vppSection };

function resultFiles() {
  const folder = path.join(root, 'bench', 'results');
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => path.join(folder, name));
}

async function main(files) {
  const reports = (files.length > 0 ? files : resultFiles()).map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));
  // Results of other suites, such as the simulated year, have pages of their own.
  const written = reports.flatMap((report) => sections[report.benchmark]?.(report) ?? []);
  const document = path.join(root, 'docs', 'performance.md');
  const text = fs.readFileSync(document, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has not the marks ${begin} and ${end}`);
  const page = `${text.slice(0, from)}${begin}\n\n${written.join('\n')}\n${text.slice(to)}`;
  const options = await prettier.resolveConfig(document);
  fs.writeFileSync(document, await prettier.format(page, { ...options, filepath: document }));
  process.stderr.write('wrote docs/performance.md\n');
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
