import { FileKeyStore } from '../client/keys';
import type { AgentConfig, MeterConfig } from './agent-config';
import { AgentError } from './agent-error';
import { BlockSender } from './block-sender';
import { GatewayUnavailable, type GatewayClient } from './gateway-client';
import type { Fault } from './measurement';
import type { MeterFacts } from './meter-protocol';
import { MeterQueue } from './meter-queue';
import { fileSigner, type MeterSigner } from './meter-signer';
import { MeterWorker } from './meter-worker';
import { openInput } from './open-input';
import { Signal } from './signal';

/** What an agent is made of. */
export interface AgentOptions {
  readonly config: AgentConfig;
  readonly gateway: GatewayClient;
  /** Signs for a meter; without it the keys are files. */
  readonly signerOf?: (meter: MeterConfig) => MeterSigner;
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
}

const ASK_AGAIN_MS = 2_000;
const WAIT_MS = 60_000;

/**
 * Runs an agent: inputs fill the queue, the sender empties it. Ends when all inputs have ended and the ledger has every block, or
 * when it is told to stop; what is on the disk then is where the next one begins.
 * @throws AgentError AGENT_BLOCK_REFUSED when only blocks are left that the ledger does not take as they are
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const queue = await MeterQueue.open(options.config.data);
  try {
    await new RunningAgent(options, queue).run();
  } finally {
    await queue.close();
  }
}

class RunningAgent {
  readonly #options: AgentOptions;
  readonly #queue: MeterQueue;
  readonly #workers: readonly MeterWorker[];
  readonly #sender: BlockSender;
  /** Blocks have left the queue, or an input has ended. */
  readonly #moved = new Signal();
  #reading: number;
  #isPaused = false;

  constructor(options: AgentOptions, queue: MeterQueue) {
    const { config, gateway, say } = options;
    this.#options = options;
    this.#queue = queue;
    this.#workers = config.meters.map((meter) => this.#workerOf(meter));
    this.#reading = this.#workers.length;
    this.#sender = new BlockSender({
      queue,
      gateway,
      meterIds: config.meters.map(({ meter }) => meter),
      check: (meterId) => this.#check(meterId),
      say,
      now: () => performance.now(),
    });
  }

  async run(): Promise<void> {
    const finished = new AbortController();
    const stop = AbortSignal.any([this.#options.stop, finished.signal]);
    const parts = [
      ...this.#workers.map((worker) => this.#read(worker, stop)),
      this.#sender.run(stop, () => this.#moved.fire()),
      this.#untilDone(stop).then(() => finished.abort()),
    ];
    try {
      await Promise.all(parts);
    } finally {
      // One part has failed: the others must have let go of the queue before it is closed.
      finished.abort();
      await Promise.allSettled(parts);
    }
  }

  #workerOf(meter: MeterConfig): MeterWorker {
    const { config, signerOf } = this.#options;
    return new MeterWorker({
      meter,
      blockMinutes: config.blockMinutes,
      input: openInput(meter),
      signer: signerOf?.(meter) ?? fileSigner(new FileKeyStore(config.keys).load(meter.key)),
      queue: this.#queue,
      room: () => this.#room(),
      written: (meterId, blocks, faults) => this.#written(meterId, blocks, faults),
    });
  }

  async #read(worker: MeterWorker, stop: AbortSignal): Promise<void> {
    const facts = await this.#factsOf(worker, stop);
    if (facts !== undefined) await worker.begin(facts);
    if (!stop.aborted) await worker.run(stop);
    this.#reading -= 1;
    this.#moved.fire();
  }

  /** What the ledger says of a meter; undefined where the agent can go on without it. */
  async #factsOf(worker: MeterWorker, stop: AbortSignal): Promise<MeterFacts | undefined> {
    for (let tries = 0; !stop.aborted; tries += 1) {
      const answer = await this.#ask(worker.meterId);
      if (typeof answer !== 'string') return answer;
      if (await worker.isKnown()) return undefined;
      if (tries === 0) this.#options.say(`meter ${worker.meterId} waits: ${answer}`);
      await this.#moved.wait(Number.MAX_SAFE_INTEGER, ASK_AGAIN_MS, stop);
    }
    return undefined;
  }

  async #ask(meterId: string): Promise<MeterFacts | string> {
    try {
      return (await this.#options.gateway.facts(meterId)) ?? 'it is not registered on the ledger';
    } catch (error) {
      if (!(error instanceof GatewayUnavailable)) throw error;
      return error.message;
    }
  }

  async #check(meterId: string): Promise<void> {
    const facts = await this.#options.gateway.facts(meterId);
    if (facts === undefined) throw new GatewayUnavailable(`meter ${meterId} is not registered on the ledger`);
    await this.#workers.find((worker) => worker.meterId === meterId)?.check(facts);
  }

  /** Holds an input up while the queue is full. */
  async #room(): Promise<void> {
    const { stop, config, say } = this.#options;
    while (this.#queue.waiting >= config.queueBlocks && !stop.aborted) {
      if (!this.#isPaused) say(`the queue is full (${config.queueBlocks} blocks): the inputs wait`);
      this.#isPaused = true;
      await this.#moved.wait(this.#moved.count, WAIT_MS, stop);
    }
    if (this.#isPaused) say('the queue has room: the inputs go on');
    this.#isPaused = false;
  }

  #written(meterId: string, blocks: number, faults: readonly Fault[]): void {
    faults.forEach(({ code, where, sentence }) =>
      this.#options.say(`meter ${meterId}: ${code}: ${where}: ${sentence}`),
    );
    if (blocks > 0) this.#sender.wake();
  }

  async #untilDone(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const seen = this.#moved.count;
      if (this.#reading === 0 && this.#queue.waiting === 0) return;
      if (this.#reading === 0) await this.#endIfOnlyRefused();
      await this.#moved.wait(seen, WAIT_MS, stop);
    }
  }

  /** Ends an agent whose inputs have ended when the ledger refuses what is left for good. */
  async #endIfOnlyRefused(): Promise<void> {
    const { refused } = this.#sender;
    if (refused.length === 0) return;
    const refusedIds = new Set(refused.map(({ meterId }) => meterId));
    for (const { meterId } of this.#workers) {
      if (!refusedIds.has(meterId) && (await this.#queue.firstWaiting(meterId)) !== undefined) return;
    }
    const list = refused.map(({ meterId, code }) => `${meterId} (${code})`).join(', ');
    const sentence = `the ledger does not take the next block of ${list}; the blocks stay in ${this.#options.config.data}`;
    throw new AgentError('AGENT_BLOCK_REFUSED', sentence);
  }
}
