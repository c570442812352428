import { randomBytes } from 'node:crypto';
import { blockBytes, linkOf, slotStartSeconds, type MeterHead, type ProfileBlock } from '@flexledger/domain';
import { closeBlock, type BlockEnd } from '../agents/sign-block';
import type { MeterConfig } from './agent-config';
import { AgentError } from './agent-error';
import { BlockCutter, type CutBlock } from './block-cutter';
import { emptyBuilder, IntervalBuilder, type BuilderState } from './interval-builder';
import type { Fault, InputItem, MeterInput } from './measurement';
import type { MeterFacts } from './meter-protocol';
import type { ChainEnd, MeterQueue, MeterState } from './meter-queue';
import type { MeterSigner } from './meter-signer';

/** What a worker is made of. */
export interface WorkerOptions {
  readonly meter: MeterConfig;
  readonly blockMinutes: number;
  readonly input: MeterInput;
  readonly signer: MeterSigner;
  readonly queue: MeterQueue;
  /** Resolves when the queue has room for more blocks: an input is read no faster than that. */
  readonly room: () => Promise<void>;
  /** Told when something was written to the queue. */
  readonly written: (meterId: string, blocks: number, faults: readonly Fault[]) => void;
}

/** Items of an input that can be read again that are written down together. */
const ITEMS_PER_WRITE = 1_000;
const SALT_BYTES = 32;

/**
 * Reads one meter's input into the queue. Values become blocks with number, salt, link and signature before anything is sent, and
 * each block is on the disk together with the position of the input behind it: after a kill the input goes on from there.
 */
export class MeterWorker {
  readonly #options: WorkerOptions;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  get meterId(): string {
    return this.#options.meter.meter;
  }

  /** Whether the agent has met the ledger before, so that it can work without it. */
  async isKnown(): Promise<boolean> {
    return (await this.#options.queue.state(this.meterId)) !== undefined;
  }

  /**
   * Begins the chain where the ledger ends, or takes up the one in the queue; before `run`.
   * @throws AgentError as `check` does
   */
  async begin(facts: MeterFacts): Promise<void> {
    const { queue } = this.#options;
    const keyVersion = this.#keyVersion(facts);
    const known = await queue.state(this.meterId);
    if (known === undefined) {
      await queue.write(this.meterId, { state: firstState(facts, keyVersion), blocks: [], faults: [] });
      return;
    }
    await this.check(facts);
    const nextSeconds = Math.max(known.cutter.nextSeconds, slotStartSeconds(facts.head.nextSlot));
    // Where nothing is under way the chain goes on behind a gap that the system operator has recorded meanwhile.
    const isIdle = known.head.sequence === facts.head.sequence && known.cutter.pending.length === 0;
    const cutter = isIdle ? { ...known.cutter, nextSeconds } : known.cutter;
    await queue.write(this.meterId, { state: { ...known, keyVersion, cutter }, blocks: [], faults: [] });
  }

  /**
   * Checks that the queue and the ledger agree, and forgets what the ledger has.
   * @throws AgentError AGENT_KEY_UNKNOWN | AGENT_RESOLUTION | AGENT_QUEUE_BEHIND | AGENT_QUEUE_AHEAD | AGENT_CHAIN_DIFFERS
   */
  async check(facts: MeterFacts): Promise<void> {
    this.#keyVersion(facts);
    const known = await this.#options.queue.state(this.meterId);
    if (known === undefined) throw new Error(`meter ${this.meterId} has no chain to check`);
    await this.#compare(known, facts.head);
    await this.#options.queue.forget(this.meterId, facts.head.sequence);
  }

  /** Reads the input until it ends or is told to stop. `meet` has been called in this or an earlier process. */
  async run(stop: AbortSignal): Promise<void> {
    const state = await this.#options.queue.state(this.meterId);
    if (state === undefined) throw new Error(`meter ${this.meterId} is read before the ledger was asked about it`);
    const chain = new WrittenChain(this.#options, state);
    await this.#options.room();
    for await (const item of this.#options.input.read(state.position, stop)) {
      await chain.add(item);
      await this.#options.room();
      if (stop.aborted) return;
    }
    if (!stop.aborted) await chain.end();
  }

  #keyVersion({ meter }: MeterFacts): number {
    const { signer, meter: own } = this.#options;
    if (meter.resolutionMinutes !== own.resolutionMinutes) {
      const sentence = `meter ${this.meterId} is registered with ${meter.resolutionMinutes} minutes; set resolutionMinutes`;
      throw new AgentError('AGENT_RESOLUTION', sentence);
    }
    const known = meter.keys.findLast(({ publicKey }) => publicKey === signer.publicKey);
    if (known !== undefined) return known.version;
    throw new AgentError('AGENT_KEY_UNKNOWN', `the key ${own.key} is not one of meter ${this.meterId} on the ledger`);
  }

  async #compare({ head }: MeterState, ledger: MeterHead): Promise<void> {
    const { queue } = this.#options;
    const at = `meter ${this.meterId}: the last block of the ledger is ${ledger.sequence}`;
    if (ledger.sequence > head.sequence) {
      const sentence = `${at}, the last of the queue ${head.sequence}; another agent has this key, or the queue is an old copy`;
      throw new AgentError('AGENT_QUEUE_BEHIND', sentence);
    }
    const first = (await queue.firstWaiting(this.meterId)) ?? head.sequence + 1;
    if (ledger.sequence < first - 1) {
      throw new AgentError(
        'AGENT_QUEUE_AHEAD',
        `${at}, but it has acknowledged block ${first - 1}; it is another ledger`,
      );
    }
    const next = await queue.block(this.meterId, ledger.sequence + 1);
    const link = next === undefined ? head.link : next.previousLink;
    if (link !== ledger.link) {
      throw new AgentError('AGENT_CHAIN_DIFFERS', `${at}, and it is not the block ${ledger.sequence} of the queue`);
    }
  }
}

/** The chain of a meter as it grows: what has not been written down yet, and what has. */
class WrittenChain {
  readonly #options: WorkerOptions;
  readonly #builder: IntervalBuilder;
  readonly #cutter: BlockCutter;
  #state: MeterState;
  #blocks: ProfileBlock[] = [];
  #faults: Fault[] = [];
  #items = 0;

  constructor(options: WorkerOptions, state: MeterState) {
    const { meter, blockMinutes } = options;
    this.#options = options;
    this.#state = state;
    this.#builder = new IntervalBuilder(meter.resolutionMinutes, meter.toleranceSeconds, state.builder);
    this.#cutter = new BlockCutter(meter.resolutionMinutes, blockMinutes, state.cutter);
  }

  async add({ position, measurement, faults }: InputItem): Promise<void> {
    this.#faults.push(...faults);
    const { boundary } = this.#builder.state;
    const built = measurement === undefined ? { values: [], faults: [] } : this.#builder.add(measurement);
    this.#faults.push(...built.faults);
    for (const value of built.values) {
      const cut = this.#cutter.add(value);
      this.#faults.push(...cut.faults);
      await this.#close(cut.blocks);
    }
    this.#state = { ...this.#state, position };
    this.#items += 1;
    if (this.#mustWrite(measurement, boundary)) await this.#write();
  }

  /**
   * Whether something would be lost that cannot be read again. Counters between two borders of intervals are no loss: the next ones
   * include them.
   */
  #mustWrite(measurement: InputItem['measurement'], boundary: BuilderState['boundary']): boolean {
    if (this.#blocks.length > 0) return true;
    if (this.#options.input.replayable) return this.#items >= ITEMS_PER_WRITE;
    const isCounterBetween = measurement?.kind === 'register' && this.#builder.state.boundary === boundary;
    return !isCounterBetween || this.#faults.length > 0;
  }

  /** The input has ended: what is complete becomes a block now. */
  async end(): Promise<void> {
    const cut = this.#cutter.cut();
    this.#faults.push(...cut.faults);
    await this.#close(cut.blocks);
    await this.#write();
  }

  async #close(cut: readonly CutBlock[]): Promise<void> {
    const { signer } = this.#options;
    for (const { stated, ...measured } of cut) {
      const { channel, keyVersion, head } = this.#state;
      const salt = randomBytes(SALT_BYTES).toString('base64url');
      const meterId = this.#options.meter.meter;
      const block = closeBlock({
        meterId,
        keyVersion,
        previous: blockEnd(head),
        measured,
        salt,
        ...(stated === undefined ? {} : { stated }),
      });
      const signature = await signer.sign(blockBytes(channel, block));
      this.#blocks.push({ ...block, signature });
      this.#state = {
        ...this.#state,
        head: { sequence: block.sequence, link: linkOf(block), startSlot: block.startSlot },
      };
    }
  }

  async #write(): Promise<void> {
    const { queue, written } = this.#options;
    const [blocks, faults] = [this.#blocks, this.#faults];
    const count = this.#state.faults + faults.length;
    this.#state = { ...this.#state, builder: this.#builder.state, cutter: this.#cutter.state, faults: count };
    await queue.write(this.#options.meter.meter, { state: this.#state, blocks, faults });
    [this.#blocks, this.#faults, this.#items] = [[], [], 0];
    written(this.#options.meter.meter, blocks.length, faults);
  }
}

/** What the next block has to know of the one before; undefined when there is none. */
function blockEnd({ sequence, link, startSlot }: ChainEnd): BlockEnd | undefined {
  return startSlot === undefined ? undefined : { sequence, link, startSlot };
}

function firstState({ channel, head }: MeterFacts, keyVersion: number): MeterState {
  return {
    format: 1,
    channel,
    keyVersion,
    builder: emptyBuilder,
    cutter: { nextSeconds: slotStartSeconds(head.nextSlot), pending: [], early: false },
    head: { sequence: head.sequence, link: head.link, startSlot: head.startSlot },
    faults: 0,
  };
}
