import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleGrid, exampleMeter, type JsonObject } from '@flexledger/domain';
import {
  auditChannel,
  deriveBytes,
  deriveId,
  derivePrivateKey,
  FileKeyStore,
  MeterAgent,
  SigningKey,
} from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openPort } from '../../faults/party';
import type { SessionPlan, TrickScene } from './trick-scene';

const PROGRAM = join(__dirname, '..', '..', '..', 'gateway-app', 'dist', 'cli.js');

/** Quarter hours of the session of the scene. */
export const SCENE_SLOTS = 8;

/** What a command has printed and ended with. */
export interface Ended {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

function answerOf({ exitCode, lines: [first = ''] }: Ended): JsonObject | string {
  return exitCode === 0 ? (JSON.parse(first) as JsonObject) : (first.split(':')[0] ?? first);
}

/** Participants who negotiate by the command line, each with its key in a file and a meter at a house. */
export class ContractScene {
  readonly #meters = new Map<string, MeterAgent>();

  public constructor(
    private readonly handle: NetworkHandle,
    private readonly scene: TrickScene,
    private readonly folder: string,
    private readonly seed: string,
    private readonly plan: SessionPlan,
  ) {}

  /** `flexledger contract ...` in a process of its own. */
  public run(...parameters: readonly string[]): Promise<Ended> {
    return this.program('contract', ...parameters);
  }

  /** `flexledger dispute ...` in a process of its own; answers the dispute, or the code of the refusal. */
  public async dispute(...parameters: readonly string[]): Promise<JsonObject | string> {
    return answerOf(await this.program('dispute', ...parameters, '--json'));
  }

  /** The options by which a participant signs. */
  public signing(label: string): readonly string[] {
    return ['--key', label, '--keys', this.keys()];
  }

  private program(command: string, ...parameters: readonly string[]): Promise<Ended> {
    const place = ['--topology', join(this.folder, 'consortium.yaml'), '--crypto', this.handle.cryptoDirectory];
    const all = [command, ...parameters, ...place, '--data', join(this.folder, 'contracts')];
    return new Promise((resolve) => {
      execFile(process.execPath, [PROGRAM, ...all], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        const exitCode = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
        resolve({ exitCode, lines: `${stdout}${stderr}`.trim().split('\n') });
      });
    });
  }

  /** The same signed by a participant; answers the contract, or the code of the refusal. */
  public async say(label: string, ...parameters: readonly string[]): Promise<JsonObject | string> {
    return answerOf(await this.run(...parameters, ...this.signing(label), '--json'));
  }

  /** Writes terms into a file, and answers the file. */
  public terms(name: string, terms: JsonObject | readonly JsonObject[]): string {
    const file = join(this.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(terms));
    return file;
  }

  /** Writes the keys of participants into files, and puts a meter of each into service from the session's first slot on. */
  public async equip(
    labels: readonly string[],
    deliveredWh: (label: string) => readonly [bigint, bigint],
  ): Promise<void> {
    const store = new FileKeyStore(this.keys());
    const meterIds = labels.map((label) => deriveId(this.seed, `contract-meter/${label}`));
    const meters = labels.map((label, index) => {
      const { key } = this.scene.trader(label);
      store.save(label, key);
      const meterKey = new SigningKey(derivePrivateKey(this.seed, `contract-meter-key/${label}`));
      const [importWh, exportWh] = deliveredWh(label);
      const agent = new MeterAgent({
        seed: this.seed,
        channel: this.handle.channelName,
        meterId: meterIds[index] ?? '',
        key: meterKey,
        spans: [{ startSlot: this.plan.firstSlot, slots: SCENE_SLOTS }],
        measure: () => ({ importWh, exportWh }),
      });
      this.#meters.set(label, agent);
      return {
        ...(exampleMeter as unknown as JsonObject),
        meterId: agent.meterId,
        participantId: key.address,
        gridId: exampleGrid.gridId,
        firstSlot: this.plan.firstSlot,
        publicKey: meterKey.publicKey,
      };
    });
    const identities = meterIds.map((meterId) => ({
      meterId,
      meteringPoint: `METERING-POINT-${meterId}`,
      salt: deriveBytes(this.seed, `contract-identity/${meterId}`, 16).toString('base64url'),
    }));
    await this.scene.submit('dso', 'registry', 'registerMeters', 'contract meters', { meters }, identities);
    const reason = 'installed and sealed';
    await this.scene.submit('dso', 'registry', 'commissionMeters', 'contract meters in service', { meterIds, reason });
  }

  /** Every meter sends what it has counted. */
  public async measure(): Promise<void> {
    const agents = [...this.#meters.values()];
    const { firstSlot } = this.plan;
    const blocks = agents.flatMap((agent) => agent.blocksBetween(firstSlot, firstSlot + SCENE_SLOTS));
    const contents = blocks.map(({ content }) => content);
    const request = { count: contents.length };
    await this.scene.submit('community', 'metering', 'recordProfiles', 'contract readings', request, {
      blocks: contents,
    });
  }

  /** The invariants that do not hold, by the Regulator's own peer. */
  public async broken(): Promise<readonly unknown[]> {
    const port = openPort(this.handle, { organization: 'Regulator', identity: 'regulator' }, 'Regulator', 0);
    const { lastBlock } = this.scene.party('market').ledger.counters;
    const { invariants, summary } = await auditChannel(port, lastBlock).finally(() => port.close());
    const checked = invariants.find(({ id }) => id === 'I21')?.checked ?? 0;
    return [
      ...summary.problems,
      ...invariants.filter(({ holds }) => !holds),
      ...(checked > 0 ? [] : ['nothing checked']),
    ];
  }

  private keys(): string {
    return join(this.folder, 'keys');
  }
}
