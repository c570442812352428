import { auditRows, type GatewayPort } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { ChainWatch, ReferenceLedger } from './chain-watch';
import { askPeer, signCall } from './direct-peer';
import { allPeers, peerName } from './fault-network';
import type { Load } from './load';
import { openPort } from './party';
import type { Scene } from './scene';

/** Whether something holds that must hold after every fault. */
export interface Verdict {
  readonly id: string;
  readonly holds: boolean;
  readonly detail: string;
}

/** Peers that were down catch up within this time. */
const CATCH_UP_MS = 120_000;
const ANSWER_MS = 30_000;
const SHOWN_MAX = 3;
const REGULATOR = { organization: 'Regulator', identity: 'regulator' };

/**
 * Reads the chain of every peer and checks: all are equal block by block (I7), every transaction validates again to the same
 * code and commit hash (I8), every acknowledged command is VALID and has had exactly one effect (I18), the auditor's
 * invariants hold, and every peer answers the same from its own state.
 */
export class InvariantCheck {
  readonly #handle: NetworkHandle;
  readonly #scene: Scene;
  readonly #load: Load;
  readonly #reference: ReferenceLedger;
  readonly #watches: readonly ChainWatch[];
  readonly #ports: readonly GatewayPort[];

  constructor(handle: NetworkHandle, scene: Scene, load: Load) {
    this.#handle = handle;
    this.#scene = scene;
    this.#load = load;
    this.#reference = new ReferenceLedger(handle.chaincodeName);
    const peers = allPeers(handle);
    this.#ports = peers.map(({ organization, index }) => openPort(handle, REGULATOR, organization, index));
    this.#watches = peers.map(
      ({ organization, index }, at) =>
        new ChainWatch(
          peerName(handle, organization, index),
          this.#ports[at] as GatewayPort,
          at === 0 ? (block) => this.#reference.feed(block) : undefined,
        ),
    );
  }

  /** How many blocks the reference peer has given so far. */
  get height(): number {
    return this.#watches[0]?.digests.length ?? 0;
  }

  /** How many transactions of each validation code there are. */
  get codes(): Readonly<Record<string, number>> {
    return this.#reference.fold.summary.codes;
  }

  /** A peer has lost its data: all of its blocks are read and compared again. The first peer is the reference and never is one. */
  forget(name: string): void {
    this.#watches
      .slice(1)
      .find((watch) => watch.name === name)
      ?.forget();
  }

  /** Closes the connections. */
  close(): void {
    this.#ports.forEach((port) => port.close());
  }

  /** Everything that must hold now; the load must rest. */
  async check(): Promise<readonly Verdict[]> {
    const lastBlock = Number(this.#load.journal.lastBlock);
    const read = await Promise.allSettled(this.#watches.map((watch) => watch.readTo(lastBlock, CATCH_UP_MS)));
    const late = read.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    if (late.length > 0) {
      return [verdict('I7', late, '')];
    }
    const { fold, differences } = this.#reference;
    const audited = auditRows(fold, this.#handle.channelName).map(({ id, holds, detail }) => ({ id, holds, detail }));
    return [
      this.#equalChains(lastBlock),
      verdict('I8', [...differences, ...fold.summary.problems], `${this.height} blocks validated again`),
      this.#acknowledgedOnce(),
      verdict('no failed command', this.#load.journal.failures, 'every command was committed'),
      await this.#equalAnswers(),
      ...audited,
    ];
  }

  #equalChains(lastBlock: number): Verdict {
    const [reference, ...others] = this.#watches;
    const problems = others.flatMap((watch) =>
      watch.digests.flatMap((digest, number) => {
        const expected = reference?.digests[number];
        const same =
          expected === undefined ||
          (digest.headerHash === expected.headerHash &&
            digest.commitHash === expected.commitHash &&
            digest.codes === expected.codes);
        return same ? [] : [`block ${number} of ${watch.name} is not that of ${reference?.name ?? 'the reference'}`];
      }),
    );
    return verdict('I7', problems, `${lastBlock + 1} blocks on ${this.#watches.length} peers`);
  }

  #acknowledgedOnce(): Verdict {
    const { acknowledged } = this.#load.journal;
    const { fates, effects } = this.#reference;
    const problems = acknowledged.flatMap(({ stream, commandId, transactionId }) => {
      const code = fates.get(transactionId)?.code;
      const count = effects.get(commandId) ?? 0;
      return [
        ...(code === 0 ? [] : [`${stream} ${commandId} was acknowledged with ${transactionId}, code ${String(code)}`]),
        ...(count === 1 ? [] : [`${stream} ${commandId} has had ${count} effects`]),
      ];
    });
    return verdict('I18', problems, `${acknowledged.length} acknowledged commands, each VALID with one effect`);
  }

  /** Each peer is asked by itself for the latest balances and chain heads. */
  async #equalAnswers(): Promise<Verdict> {
    const handle = this.#handle;
    const questions = [
      ['registry:getClock', {}] as const,
      ...this.#load.fundedIds.slice(-3).map((participantId) => ['accounts:getBalance', { participantId }] as const),
      ...[...this.#load.recorded.keys()].slice(-3).map((meterId) => ['metering:getMeterHead', { meterId }] as const),
    ];
    const problems: string[] = [];
    for (const [functionName, request] of questions) {
      const call = await signCall(handle, REGULATOR, functionName, request);
      const answers = await Promise.all(
        allPeers(handle).map(async ({ organization, index }) =>
          askPeer(handle, organization, index, call, ANSWER_MS).then(
            ({ status, payload, message }) => (status === 200 ? payload : `${status} ${message}`),
            (error: unknown) => String(error),
          ),
        ),
      );
      if (new Set(answers).size !== 1) problems.push(`${functionName}: ${[...new Set(answers)].join(' | ')}`);
    }
    return verdict('equal answers', problems, `${questions.length} questions to ${this.#watches.length} peers`);
  }

  /** Whether a peer has, in its own store, the private values of the latest block that each of some meters has sent. */
  async privateValuesOn(organization: string, peerIndex: number): Promise<Verdict> {
    const who = { organization, identity: organization.toLowerCase() };
    const sample = [...this.#load.recorded].slice(-3);
    const problems: string[] = [];
    const { firstSlot } = this.#scene;
    const asked = sample.flatMap(([meterId, last]) => [firstSlot, last].map((slot) => ({ meterId, slot })));
    for (const request of asked) {
      const call = await signCall(this.#handle, who, 'metering:getProfile', request);
      const answer = await askPeer(this.#handle, organization, peerIndex, call, ANSWER_MS);
      if (answer.status !== 200)
        problems.push(`the block of slot ${request.slot} of ${request.meterId}: ${answer.message}`);
    }
    return verdict('private values', problems, `${asked.length} profiles on ${organization} ${peerIndex}`);
  }

  /** Names of the parties whose outboxes hold commands, with how many. */
  async openCommands(): Promise<Readonly<Record<string, number>>> {
    const entries = await Promise.all(
      Object.entries(this.#scene.parties).map(
        async ([role, { outbox }]) => [role, (await outbox.list()).length] as const,
      ),
    );
    return Object.fromEntries(entries.filter(([, count]) => count > 0));
  }
}

/** A verdict from a list of problems. */
export function verdict(id: string, problems: readonly string[], detail: string): Verdict {
  const shown = problems.slice(0, SHOWN_MAX).join('; ');
  const more = problems.length > SHOWN_MAX ? `; and ${problems.length - SHOWN_MAX} more` : '';
  return { id, holds: problems.length === 0, detail: problems.length === 0 ? detail : `${shown}${more}` };
}
