import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { playDay, RunningDay } from '@flexledger/gateway-app';

/*
 * An auditor who was not involved: a day is played, its blocks and private values are written into files, and everything
 * else happens with these files alone, through the command line. NETWORK=native plays the day on real Fabric.
 */

const SEED = 'audit-scenario';
const HISTORY_DAYS = 1;
const DAY_TIMEOUT_MS = 600_000;
const REPOSITORY = path.join(__dirname, '..', '..');
const PROGRAM = path.join(REPOSITORY, 'gateway-app', 'dist', 'cli.js');

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-audit-scenario-'));
const at = (name: string): string => path.join(folder, name);

interface Ended {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

/** Runs `flexledger audit ...` in a process of its own. */
function audit(...parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, 'audit', ...parameters], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ exitCode, lines: `${stdout}${stderr}`.trim().split('\n') });
    });
  });
}

/** The consortium on other ports, so that a day that somebody has started does not disturb the test, nor it the day. */
function writeTopology(): string {
  const network = path.join(REPOSITORY, 'network');
  const text = readFileSync(path.join(network, 'consortium.yaml'), 'utf8')
    .replaceAll(/\b17(\d{3})\b/g, '37$1')
    .replace('workingDirectory: ../chaincode', `workingDirectory: ${path.join(REPOSITORY, 'chaincode')}`);
  writeFileSync(at('consortium.yaml'), text);
  return at('consortium.yaml');
}

/** Plays the day and writes what an auditor is given: the blocks of two peers and the private values of a member. */
async function writeFiles(): Promise<readonly Ended[]> {
  const topologyFile = writeTopology();
  const day = await RunningDay.start({
    seed: SEED,
    mode: process.env['NETWORK'] === 'native' ? 'native' : 'devnet',
    dataFolder: at('day'),
    topologyFile,
    historyDays: HISTORY_DAYS,
    say: () => undefined,
  });
  try {
    await playDay({ plan: day.plan, conductor: day.conductor, say: () => undefined });
    const where = ['--topology', topologyFile, '--crypto', day.handle.cryptoDirectory];
    return [
      await audit('export', '--peer', 'Regulator', '--out', at('regulator.blocks'), ...where),
      await audit('export', '--peer', 'Market', '--out', at('market.blocks'), ...where),
      await audit('copy', '--peer', 'Community', '--out', at('community.copy'), ...where),
    ];
  } finally {
    await day.stop();
  }
}

/** The file with one byte changed, in a file of its own. */
function withByteChanged(name: string, position: number): string {
  const bytes = readFileSync(at(name));
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  writeFileSync(at(`changed-${name}`), bytes);
  return at(`changed-${name}`);
}

describe('an auditor who has files only', () => {
  let exported: readonly Ended[];
  let meter: string;
  let slot: string;

  beforeAll(async () => {
    exported = await writeFiles();
    const row = readFileSync(at('community.copy'), 'utf8').split('\n')[3] ?? '';
    [meter = '', slot = ''] = row.split(' ');
    slot = String(Number(slot));
  }, DAY_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('finds nothing wrong in the day, opens every block of readings, and two peers agree', async () => {
    expect(exported.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const files = ['--blocks', at('regulator.blocks'), '--copy', at('community.copy')];
    const { exitCode, lines } = await audit(...files, '--compare', at('market.blocks'));
    expect(lines.at(-1)).toBe('nothing is wrong');
    expect(exitCode).toBe(0);
    const [, blocks, opened] =
      /^readings: (\d+) blocks of \d+ meters, (\d+) of them opened/m.exec(lines.join('\n')) ?? [];
    expect(Number(blocks)).toBeGreaterThan(100);
    expect(opened).toBe(blocks);
  });

  test('names one changed byte of the blocks or of the private values, wherever it is', async () => {
    const seed = Date.now() % 1_000_000;
    for (const name of ['regulator.blocks', 'community.copy']) {
      const { length } = readFileSync(at(name));
      for (let run = 0; run < 3; run += 1) {
        const position = (seed * 7_919 + run * 1_299_709) % length;
        const files = { blocks: at('regulator.blocks'), copy: at('community.copy') };
        const changed = withByteChanged(name, position);
        const [blocks, copy] = name === 'community.copy' ? [files.blocks, changed] : [changed, files.copy];
        const { exitCode, lines } = await audit('--blocks', blocks, '--copy', copy);
        expect({ seed, name, position, exitCode, first: lines[0] }).toMatchObject({
          exitCode: 17,
          first: expect.stringMatching(/^(FILE|BLOCK|COPY|VALIDATION|COMMIT|LAST)_[A-Z_]+: /) as string,
        });
      }
    }
  }, 300_000);

  test('proves the values of one quarter hour to somebody who trusts block 0 only', async () => {
    const files = ['--blocks', at('regulator.blocks'), '--copy', at('community.copy')];
    const made = await audit('prove', ...files, '--meter', meter, '--slot', slot, '--out', at('proof.json'));
    expect(made.exitCode).toBe(0);
    const { exitCode, lines } = await audit('check-proof', at('proof.json'));
    expect([exitCode, lines.at(-1)]).toEqual([0, 'the proof holds']);
    const [, genesis = ''] = /block 0 ([0-9a-f]{64})/.exec(lines.join('\n')) ?? [];
    expect((await audit('check-proof', at('proof.json'), '--genesis', genesis)).exitCode).toBe(0);
    const other = await audit('check-proof', at('proof.json'), '--genesis', '0'.repeat(64));
    expect([other.exitCode, other.lines[0]]).toEqual([
      18,
      expect.stringContaining('AUDIT_PROOF_REFUSED: PROOF_GENESIS_NOT_TRUSTED'),
    ]);
  });

  test.each<[string, (proof: Record<string, unknown>) => void, string]>([
    ['a value', (proof) => void (proof['values'] = { exportWh: ['0'], importWh: ['123456'] }), 'PROOF_LEAF_WRONG'],
    ['the slot', (proof) => void (proof['slot'] = Number(proof['slot']) + 1), 'PROOF_LEAF_WRONG'],
    ['the salt', (proof) => void (proof['leafSalt'] = Buffer.alloc(32, 1).toString('base64url')), 'PROOF_LEAF_WRONG'],
    ['the path', (proof) => void (proof['path'] = []), 'PROOF_LEAF_WRONG'],
    ['the meter', (proof) => void (proof['meterId'] = '0'.repeat(26)), 'PROOF_METER_WRONG'],
    ['the block of the meter', (proof) => void (proof['meterBlock'] = proof['readingBlock']), 'PROOF_METER_WRONG'],
    ['the block of the reading', (proof) => void (proof['readingBlock'] = middleChanged(proof)), 'PROOF_BLOCK_WRONG'],
    ['the certificates', (proof) => void (proof['configBlocks'] = [proof['readingBlock']]), 'PROOF_BLOCK_WRONG'],
    ['its format', (proof) => void (proof['format'] = 'another 1'), 'PROOF_UNREADABLE'],
    ['something that it does not have', (proof) => void (proof['more'] = 1), 'PROOF_UNREADABLE'],
  ])('is not shown a proof with another value of %s', async (_what, change, code) => {
    const proof = JSON.parse(readFileSync(at('proof.json'), 'utf8')) as Record<string, unknown>;
    change(proof);
    const sorted = Object.entries(proof).sort(([left], [right]) => (left < right ? -1 : 1));
    writeFileSync(at('forged.json'), JSON.stringify(Object.fromEntries(sorted)));
    const { exitCode, lines } = await audit('check-proof', at('forged.json'));
    expect([exitCode, lines[0]]).toEqual([18, expect.stringContaining(code)]);
  });
});

function middleChanged({ readingBlock }: Record<string, unknown>): string {
  const bytes = Buffer.from(String(readingBlock), 'base64url');
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
