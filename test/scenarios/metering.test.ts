import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  exampleFounding,
  exampleGrid,
  slotOfSeconds,
  slotsPerDay,
  type JsonObject,
  type Reading,
} from '@flexledger/domain';
import { deriveId, deriveInteger, FileKeyStore, SigningKey } from '@flexledger/gateway-app';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { openParty, submitPlain, type Party } from '../faults/party';
import { commandIdOf, registerTraders, traderOf } from '../faults/scene';
import { scenarioMode, writeTopology } from './support/scenario-network';

/*
 * A week of the 60 homes of the Swiss data set, and of its two homes with faulty readings, goes from files through meter agents and
 * the community's gateway to the ledger, all of them processes of their own. Agents and gateway are killed (SIGKILL) at random
 * moments; the ledger has every reading once all the same. NETWORK=native does it on real Fabric.
 */

const REPOSITORY = path.join(__dirname, '..', '..');
const DATA = path.join(REPOSITORY, '..', 'shared', 'data', 'swiss-households-15min');
const PROGRAM = path.join(REPOSITORY, 'gateway-app', 'dist', 'cli.js');
const SEED = process.env['METERING_SEED'] ?? String(Date.now());

/** Day 1 of the data is a Monday of calendar week 44; this one lies behind the end of summer time. */
const FIRST_DAY = '2019-10-28';
const FIRST_SLOT = slotOfSeconds(Date.parse('2019-11-18T00:00:00+01:00') / 1000);
/** Days of the week in which most readings of the faulty homes are negative. */
const DAYS = { from: 22, to: 28 };
const QUARTERS = 7 * slotsPerDay;
const AGENTS = 6;
const KILLS_PER_AGENT = 2;
/** More than any clean reading of the data, and what the faulty homes are connected with (3 x 25 A). */
const FUSE_LIMIT_W = 43_000;
const FAULTY_FUSE_LIMIT_W = 17_250;
const BLOCK_MINUTES = 360;

interface Home {
  readonly name: string;
  readonly meterId: string;
  readonly file: string;
  readonly fuseLimitW: number;
  /** Energy of each quarter hour in Wh, as the data has it: negative in faulty readings. */
  readonly energiesWh: readonly number[];
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-metering-'));
const withData = existsSync(DATA) ? describe : describe.skip;
const title = existsSync(DATA)
  ? 'a week of 62 homes'
  : `a week of 62 homes (the data set at ${path.relative(REPOSITORY, DATA)} is absent)`;

function homesOf(name: string, fuseLimitW: number): Home[] {
  const file = path.join(DATA, name);
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const rows = lines
    .map((line) => line.split(','))
    .filter(([day]) => Number(day) >= DAYS.from && Number(day) <= DAYS.to);
  // The agents read the week only, as their meters are put into service at its beginning.
  const copy = path.join(folder, name);
  writeFileSync(copy, [header, ...rows.map((cells) => cells.join(',')), ''].join('\n'));
  return header
    .split(',')
    .slice(2)
    .map((home, index) => ({
      name: home,
      meterId: deriveId(SEED, `meter/${home}`),
      file: copy,
      fuseLimitW,
      energiesWh: rows.map((cells) => Math.round(Number(cells[index + 2]) * 1000)),
    }));
}

async function openParties(handle: NetworkHandle): Promise<Record<'tso' | 'dso' | 'regulator' | 'community', Party>> {
  const open = (organization: string, identity: string): Promise<Party> =>
    openParty(handle, { organization, identity }, path.join(folder, identity));
  const [tso, dso, regulator, community] = await Promise.all([
    open('Tso', 'tso'),
    open('Dso', 'dso'),
    open('Regulator', 'regulator'),
    open('Community', 'community'),
  ]);
  return { tso, dso, regulator, community };
}

/** Founds the consortium, lets the week pass on the ledger clock, and puts the meters of the homes into service. */
async function prepare(
  parties: Awaited<ReturnType<typeof openParties>>,
  homes: readonly Home[],
  place: readonly string[],
): Promise<void> {
  const { tso, dso, regulator, community } = parties;
  const founding = { commandId: commandIdOf(SEED, 'bootstrap'), ...(exampleFounding as unknown as JsonObject) };
  const { response } = await submitPlain(regulator, 'registry', 'bootstrap', founding);
  for (const party of [tso, community]) {
    await submitPlain(party, 'registry', 'approve', {
      commandId: commandIdOf(SEED, `approve/${party.organization}`),
      ...pick(response),
    });
  }
  for (let day = 0; day < 8; day += 1) {
    const fromSlot = FIRST_SLOT + day * slotsPerDay;
    const commandId = commandIdOf(SEED, `tick/${day}`);
    await submitPlain(tso, 'registry', 'tick', { commandId, fromSlot, toSlot: fromSlot + slotsPerDay - 1 });
  }
  const owner = traderOf(SEED, 'owner');
  await registerTraders(community, community.ledger.channel, SEED, 'owner', [owner]);
  const grid = { commandId: commandIdOf(SEED, 'grid'), ...(exampleGrid as unknown as JsonObject) };
  await submitPlain(dso, 'registry', 'registerGrid', grid);
  const keys = new FileKeyStore(path.join(folder, 'keys'));
  const meters = homes.map(({ name, meterId, fuseLimitW }) => {
    const key = SigningKey.generate();
    keys.save(name, key);
    const owned = { participantId: owner.key.address, publicKey: key.publicKey };
    return { meteringPoint: `HOME-${name}`, ...meterEntry(meterId, fuseLimitW), ...owned };
  });
  writeFileSync(path.join(folder, 'meters.json'), JSON.stringify({ meters }));
  const commission = new Program('meter', 'commission', '--meters', path.join(folder, 'meters.json'), ...place);
  expect(await commission.ended).toBe('0 ');
}

function pick({
  proposalId,
  proposalDigest,
}: {
  readonly proposalId: string;
  readonly proposalDigest: string;
}): JsonObject {
  return { proposalId, proposalDigest };
}

function meterEntry(meterId: string, fuseLimitW: number): JsonObject {
  return {
    meterId,
    gridId: exampleGrid.gridId,
    bus: exampleGrid.buses[1].id,
    deviceType: 'load',
    fuseLimitW: fuseLimitW.toString(),
    firstSlot: FIRST_SLOT,
  };
}

function writeAgents(homes: readonly Home[], gateway: string): string[] {
  return Array.from({ length: AGENTS }, (_, number) => {
    const meters = homes
      .filter((__, index) => index % AGENTS === number)
      .map(({ name, meterId, file }) => {
        const time = { dayColumn: 'day', quarterColumn: 'slot', firstDay: FIRST_DAY };
        const csv = { file, unit: 'kWh', zone: 'Europe/Zurich', time, import: name, negative: 'bad' };
        return { meter: meterId, key: name, input: { csv } };
      });
    const file = path.join(folder, `agent-${number}.json`);
    const shared = { gateway, keys: 'keys', data: `agent-${number}`, blockMinutes: BLOCK_MINUTES };
    writeFileSync(file, JSON.stringify({ ...shared, meters }));
    return file;
  });
}

/** A process of the command line, and how it ends: its exit code or the signal, and what it said to its standard error. */
class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  #said = '';

  constructor(...parameters: readonly string[]) {
    this.child = spawn(process.execPath, [PROGRAM, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (text) => (this.#said += String(text)));
    let errors = '';
    this.child.stderr?.on('data', (text) => (errors += String(text)));
    this.ended = new Promise((resolve) =>
      this.child.once('exit', (code, signal) => resolve(signal ?? `${code} ${errors}`)),
    );
  }

  /** Kills the process after so many milliseconds, unless it has ended by itself. */
  killAfter(milliseconds: number): void {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), milliseconds);
    void this.ended.then(() => clearTimeout(timer));
  }

  /** Everything that it has said to its standard output. */
  get said(): string {
    return this.#said;
  }

  /** Resolves when its standard output has something. @throws Error when it ends before that */
  async says(pattern: RegExp): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => (pattern.test(this.#said) ? resolve() : undefined);
      this.child.stdout?.on('data', look);
      look();
      void this.ended.then((end) => reject(new Error(`the process has ended: ${end}`)));
    });
  }
}

/** Runs an agent that is killed a few times, and once more to its end; answers how often it was killed. */
async function runAgent(file: string, number: number): Promise<number> {
  let killed = 0;
  for (let kill = 0; kill < KILLS_PER_AGENT; kill += 1) {
    const agent = new Program('meter', 'agent', '--config', file);
    agent.killAfter(700 + deriveInteger(SEED, `kill/${number}/${kill}`, 2_500));
    if ((await agent.ended) === 'SIGKILL') killed += 1;
  }
  expect(await new Program('meter', 'agent', '--config', file).ended).toBe('0 ');
  return killed;
}

/** Runs the gateway until the agents have finished; it is killed once while they are at work. */
class Gateway {
  #program: Program;
  readonly #parameters: readonly string[];

  constructor(handle: NetworkHandle, topologyFile: string, port: number) {
    const place = [
      '--topology',
      topologyFile,
      '--crypto',
      handle.cryptoDirectory,
      '--data',
      path.join(folder, 'gateway'),
    ];
    this.#parameters = ['meter', 'gateway', '--port', String(port), ...place];
    this.#program = new Program(...this.#parameters);
  }

  async isUp(): Promise<void> {
    await this.#program.says(/the gateway listens on http\S+/);
  }

  async killAndRestart(): Promise<void> {
    this.#program.child.kill('SIGKILL');
    await this.#program.ended;
    this.#program = new Program(...this.#parameters);
    await this.isUp();
  }

  async stop(): Promise<void> {
    this.#program.child.kill('SIGTERM');
    await this.#program.ended;
  }
}

async function readingsOf({ ledger }: Party, meterId: string): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let bookmark: string | undefined; ;) {
    const page = await ledger.evaluate('metering', 'listReadings', {
      meterId: meterId as Reading['meterId'],
      ...(bookmark === undefined ? {} : { bookmark }),
    });
    readings.push(...page.rows);
    if (page.bookmark === null) return readings;
    bookmark = page.bookmark;
  }
}

withData(title, () => {
  const homes: Home[] = [];
  const dirty: Home[] = [];
  let handle: NetworkHandle;
  let parties: Awaited<ReturnType<typeof openParties>>;
  let killed = 0;
  const readings = new Map<string, readonly Reading[]>();

  beforeAll(async () => {
    process.stdout.write(`METERING_SEED=${SEED}\n`);
    homes.push(...homesOf('consumption_kwh.csv', FUSE_LIMIT_W));
    dirty.push(...homesOf('dirty_homes_kwh.csv', FAULTY_FUSE_LIMIT_W));
    const topologyFile = writeTopology(folder, 29);
    const dataDirectory = path.join(folder, 'network');
    mkdirSync(dataDirectory);
    handle = await openNetwork({ mode: scenarioMode, topologyFile, dataDirectory });
    parties = await openParties(handle);
    const place = ['--topology', topologyFile, '--crypto', handle.cryptoDirectory];
    await prepare(parties, [...homes, ...dirty], place);
    const port = 29_800;
    const gateway = new Gateway(handle, topologyFile, port);
    await gateway.isUp();
    const files = writeAgents([...homes, ...dirty], `http://127.0.0.1:${port}`);
    const agents = Promise.all(files.map((file, number) => runAgent(file, number)));
    const [counts] = await Promise.all([agents, gateway.killAndRestart()]);
    killed = counts.reduce((sum, count) => sum + count, 0);
    await gateway.stop();
    for (const { meterId } of [...homes, ...dirty]) readings.set(meterId, await readingsOf(parties.community, meterId));
  }, 600_000);

  afterAll(async () => {
    await Promise.all(Object.values(parties ?? {}).map((party) => party.close()));
    await handle?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test('was brought by agents that were killed', () => {
    expect(killed).toBeGreaterThan(0);
  });

  test('is on the ledger: every reading of every home once, and nothing else', () => {
    expect([homes.length, dirty.length]).toEqual([60, 2]);
    for (const { name, meterId, energiesWh } of [...homes, ...dirty]) {
      const own = readings.get(meterId) ?? [];
      expect([name, own.map(({ sequence }) => sequence)]).toEqual([name, own.map((_, index) => index + 1)]);
      const found = own.flatMap(({ totals }) => totals);
      const expected = energiesWh.map((energyWh, index) => ({
        slot: FIRST_SLOT + index,
        importWh: BigInt(Math.max(energyWh, 0)),
        exportWh: BigInt(Math.max(-energyWh, 0)),
      }));
      expect(energiesWh).toHaveLength(QUARTERS);
      expect([name, found]).toEqual([name, expected]);
    }
  });

  test('has no flag at the homes whose readings are clean', () => {
    const flagged = homes.filter(({ meterId }) => readings.get(meterId)?.some(({ findings }) => findings.length > 0));
    expect(flagged.map(({ name }) => name)).toEqual([]);
  });

  test('is flagged, not refused, where the readings are faulty', () => {
    const fuseWh = FAULTY_FUSE_LIMIT_W / 4;
    const [back, stuck] = ['h9717902', 'h9635190'].map((name) => dirty.find((home) => home.name === name));
    const quality = (home: Home | undefined) =>
      (readings.get(home?.meterId ?? '') ?? []).flatMap((reading) => reading.quality);
    const beyond = back?.energiesWh.map((energyWh) => (energyWh < 0 || energyWh > fuseWh ? 'BAD' : 'OK'));
    expect(quality(back)).toEqual(beyond);
    expect(beyond?.filter((flag) => flag === 'BAD').length).toBeGreaterThan(2);
    // From the 96th quarter hour without any energy on.
    expect(quality(stuck)).toEqual(stuck?.energiesWh.map((_, index) => (index < slotsPerDay - 1 ? 'OK' : 'BAD')));
  });

  test('passes the audit of the whole channel by somebody who has its blocks alone', async () => {
    const place = ['--topology', path.join(folder, 'consortium.yaml'), '--crypto', handle.cryptoDirectory];
    const audit = new Program('audit', '--peer', 'Regulator', ...place);
    expect(await audit.ended).toBe('0 ');
    expect(audit.said).toMatch(/^I5 holds/m);
    expect(audit.said).toMatch(/^I6 holds/m);
    expect(audit.said).toContain('nothing is wrong');
  }, 600_000);
});
