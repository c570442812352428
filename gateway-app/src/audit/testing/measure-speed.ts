import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FindingList } from '../audit-finding';
import { readCopyFile, writeCopyFile, type CopiedRow } from '../blocks/copy-file';
import { CopyMatcher } from '../blocks/copy-matcher';
import { MeterAudit } from '../meters/meter-audit';
import { copiedRow, METERED_CHANNEL, MeteredMeter, meteringWrites } from './metered-ledger';

/*
 * How fast chains and copy are checked: 100 meters, two days of hours with 60 minute values each, one transaction an hour,
 * the copy read from a file. Run it with `node gateway-app/dist/audit/testing/measure-speed.js` after a build.
 */

const METERS = 100;
const HOURS = 48;

async function* rowsOf(rows: readonly CopiedRow[]): AsyncGenerator<CopiedRow> {
  await Promise.resolve();
  yield* rows;
}

async function measure(): Promise<string> {
  const meters = Array.from({ length: METERS }, (_, index) => new MeteredMeter(`m${index}`, HOURS));
  const hours = Array.from({ length: HOURS }, (_, hour) =>
    meters.flatMap(({ blocks }) => blocks.slice(hour, hour + 1)),
  );
  const registrations = meteringWrites({ writes: meters.map(({ registration }) => registration) });
  const sets = [registrations, ...hours.map((blocks) => meteringWrites({ blocks }))];
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-speed-'));
  try {
    const file = join(folder, 'all.copy');
    await writeCopyFile(file, METERED_CHANNEL, rowsOf(hours.flat().map(copiedRow)));
    const findings = new FindingList();
    const copy = new CopyMatcher(readCopyFile(file, METERED_CHANNEL), findings);
    const audit = new MeterAudit({ chaincode: 'flexledger', channel: () => METERED_CHANNEL, findings, copy });
    const before = process.cpuUsage();
    for (const [block, readWriteSet] of sets.entries()) {
      await audit.feed({ readWriteSet }, { block, transaction: 0, transactionId: '' });
    }
    await audit.finish();
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    const { blocks, readings } = audit.summary;
    const rate = Math.round(readings / seconds).toLocaleString('en');
    const machine = `${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`;
    return `${readings} readings in ${blocks} blocks, ${findings.total} findings: ${rate} readings per CPU second (${machine})`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void measure().then((line) => process.stdout.write(`${line}\n`));
