import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { playDay, RunningDay } from '@flexledger/gateway-app';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { Insider } from './support/insider';
import { MinuteMeter } from './support/minute-meter';
import { changePrivateByte, everythingStored, formsOf, placesOf } from './support/stores';
import { scenarioMode, writeTopology } from './support/scenario-network';

/*
 * An auditor who was not involved: a day is played, its blocks and private values are written into files, and everything
 * else happens with these files alone, through the command line. A meter with values of minutes joins the day; when the
 * files are written, it leaves and is purged, and they are written again. NETWORK=native plays the day on real Fabric.
 */

const SEED = 'audit-scenario';
const HISTORY_DAYS = 1;
const DAY_TIMEOUT_MS = 600_000;
const REPOSITORY = path.join(__dirname, '..', '..');
const isNative = scenarioMode === 'native';
/** Whose private values the embedded Fabric keeps is known; real Fabric's stores have a form of their own. */
const onDevnet = isNative ? test.skip : test;
const PROGRAM = path.join(REPOSITORY, 'gateway-app', 'dist', 'cli.js');

/** Where the salt begins in a row of values: behind the format and the salt's length. */
const AT_SALT = 2;

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

/** What the network leaves behind when it has stopped. */
interface Played {
  readonly exported: readonly Ended[];
  readonly leaver: MinuteMeter;
}

/** Where the commands find a network. */
function placeOf({ cryptoDirectory }: Pick<NetworkHandle, 'cryptoDirectory'>): readonly string[] {
  return ['--topology', at('consortium.yaml'), '--crypto', cryptoDirectory];
}

function exportBlocks(handle: NetworkHandle, peer: string, name: string): Promise<Ended> {
  return audit('export', '--peer', peer, '--out', at(name), ...placeOf(handle));
}

function copyValues(handle: NetworkHandle, name: string): Promise<Ended> {
  return audit('copy', '--peer', 'Community', '--out', at(name), ...placeOf(handle));
}

/**
 * Plays the day and writes what an auditor is given: the blocks of two peers and the private values of a member, before a
 * meter was purged and afterwards.
 */
async function writeFiles(): Promise<Played> {
  const day = await RunningDay.start({
    seed: SEED,
    mode: scenarioMode,
    dataFolder: at('day'),
    topologyFile: writeTopology(folder, 31),
    historyDays: HISTORY_DAYS,
    say: () => undefined,
  });
  let leaver: MinuteMeter | undefined;
  try {
    await playDay({ plan: day.plan, conductor: day.conductor, say: () => undefined });
    leaver = await MinuteMeter.open(day.plan, day.handle, at('parties'));
    await leaver.live();
    const before = [
      await exportBlocks(day.handle, 'Regulator', 'regulator.blocks'),
      await exportBlocks(day.handle, 'Market', 'market.blocks'),
      await copyValues(day.handle, 'community.copy'),
    ];
    await leaver.leave();
    const after = [
      await exportBlocks(day.handle, 'Regulator', 'purged.blocks'),
      await copyValues(day.handle, 'purged.copy'),
    ];
    return { exported: [...before, ...after], leaver };
  } finally {
    await leaver?.close();
    await day.stop();
  }
}

/**
 * Changes one byte of the values that a member keeps while its network is stopped, and audits what it gives when it is up
 * again; the failed copy where it gives nothing.
 */
async function auditStoreWith(part: Buffer): Promise<Ended> {
  expect(await changePrivateByte(at('day/network'), part)).toBe(1);
  const options = { topologyFile: at('consortium.yaml'), dataDirectory: at('day/network') };
  const again = await openNetwork({ mode: 'devnet', ...options });
  rmSync(at('store.copy'), { force: true });
  const copied = await copyValues(again, 'store.copy').finally(() => again.stop());
  return copied.exitCode === 0 ? audit('--blocks', at('purged.blocks'), '--copy', at('store.copy')) : copied;
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
  let leaver: MinuteMeter;
  let meter: string;
  let slot: string;

  beforeAll(async () => {
    ({ exported, leaver } = await writeFiles());
    const row = readFileSync(at('community.copy'), 'utf8').split('\n')[3] ?? '';
    [meter = '', slot = ''] = row.split(' ');
    slot = String(Number(slot));
  }, DAY_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('finds nothing wrong in the day, opens every block of readings, and two peers agree', async () => {
    expect(exported.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
    const files = ['--blocks', at('regulator.blocks'), '--copy', at('community.copy')];
    const { exitCode, lines } = await audit(...files, '--compare', at('market.blocks'));
    expect(lines.at(-1)).toBe('nothing is wrong');
    expect(exitCode).toBe(0);
    const [, blocks, opened] =
      /^readings: (\d+) blocks of \d+ meters, (\d+) of them opened/m.exec(lines.join('\n')) ?? [];
    expect(Number(blocks)).toBeGreaterThan(100);
    expect(opened).toBe(blocks);
    // A clone and a new version of a total stand beside the chains.
    expect(lines).toContain('I20 holds: 2 new versions of totals, clones and purges');
  });

  test('finds out an insider who has rewritten blocks and copy and computed every hash again, alone and by a second peer', async () => {
    const insider = new Insider({ blocks: at('regulator.blocks'), copy: at('community.copy') }, meter, Number(slot));
    const rewriting = insider.rewrite({ blocks: at('insider.blocks'), copy: at('insider.copy') });
    expect(rewriting.readings).toBeGreaterThan(3);
    const files = ['--blocks', at('insider.blocks'), '--copy', at('insider.copy')];
    const alone = await audit(...files);
    const from = `block ${rewriting.firstBlock}`;
    expect(alone.exitCode).toBe(17);
    expect(alone.lines[0]).toMatch(new RegExp(`^BLOCK_SIGNATURE_WRONG: ${from}: `));
    expect(alone.lines[1]).toMatch(new RegExp(`^BLOCK_POLICY_UNMET: ${from}: `));
    const text = alone.lines.join('\n');
    // The creator's signature fails where a transaction was changed, and its readings count for nothing.
    expect(text).toMatch(new RegExp(`^VALIDATION_CODE_WRONG: ${from} .*BAD_CREATOR_SIGNATURE`, 'm'));
    expect(text).not.toMatch(/^BLOCK_(PREVIOUS|DATA)_HASH_WRONG/m);
    const compared = await audit(...files, '--compare', at('market.blocks'));
    expect(compared.exitCode).toBe(17);
    expect(compared.lines.find((line) => line.startsWith('PEERS_DIFFER'))).toMatch(
      new RegExp(`^PEERS_DIFFER: ${from}: .*its block is signed by the orderers`),
    );
  }, 120_000);

  test('passes a ledger whose values were purged, and says of how many blocks', async () => {
    const { exitCode, lines } = await audit('--blocks', at('purged.blocks'), '--copy', at('purged.copy'));
    expect([exitCode, lines.at(-1)]).toEqual([0, 'nothing is wrong']);
    expect(lines.join('\n')).toMatch(/^readings: .* readings, 2 purged$/m);
    expect(lines).toContain('I20 holds: 3 new versions of totals, clones and purges');
    // With the copy from before, the purged values are still opened: the commitment stays.
    const old = await audit('--blocks', at('purged.blocks'), '--copy', at('community.copy'));
    expect([old.exitCode, old.lines.at(-1)]).toEqual([0, 'nothing is wrong']);
  });

  test('and nobody else finds a value, a salt or the metering point of a purged meter in any block or store', async () => {
    const gone = [...leaver.secrets, ...leaver.identity].flatMap(formsOf);
    const [, , row = ''] = readFileSync(at('purged.copy'), 'utf8').split('\n')[3]?.split(' ') ?? [];
    const kept = formsOf(Buffer.from(row, 'base64url'));
    const found: string[] = [];
    const holders = new Set<string>();
    for await (const stored of everythingStored(at('day/network'))) {
      found.push(...placesOf(gone, stored));
      placesOf(kept, stored).forEach((holder) => holders.add(holder));
    }
    const whole = { where: 'exported blocks', key: Buffer.alloc(0), value: readFileSync(at('purged.blocks')) };
    expect([...found, ...placesOf(gone, whole)]).toEqual([]);
    expect(holders.size).toBeGreaterThan(0);
    // The search finds what is there: the copy from before has the purged values.
    const before = { ...whole, value: readFileSync(at('community.copy')) };
    for (const secret of leaver.secrets.slice(0, 3)) {
      expect(placesOf(formsOf(secret), before)).toHaveLength(1);
    }
  }, 120_000);

  onDevnet(
    'names a reading of which one byte was changed in a private store of a member',
    async () => {
      const [salted, formless] = readFileSync(at('purged.copy'), 'utf8')
        .split('\n')
        .slice(5, 7)
        .map((line) => line.split(' '))
        .map(([owner = '', place = '', row = '']) => ({ owner, place, row: Buffer.from(row, 'base64url') }));
      const { exitCode, lines } = await auditStoreWith(salted!.row.subarray(AT_SALT));
      expect(exitCode).toBe(17);
      const named = `meter ${salted!.owner} block of readings ${salted!.place}`;
      expect(lines.slice(0, 2)).toEqual([
        expect.stringMatching(new RegExp(`^COPY_CHANGED: .*${named}`)),
        expect.stringMatching(new RegExp(`^COPY_COMMITMENT_WRONG: .*${named}`)),
      ]);
      expect(lines.at(-1)).toMatch(/^AUDIT_FINDINGS: the audit has found 2 faults/);
      // Values that have lost their form are given to nobody, and the copy says which ones.
      const refused = await auditStoreWith(formless!.row.subarray(AT_SALT - 1));
      expect(refused.lines[0]).toContain(
        `no values of meter ${formless!.owner} block of readings ${formless!.place}: `,
      );
    },
    180_000,
  );

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
