import { errorRegistry, limits } from '@flexledger/domain';
import { GatewayUnavailable, type GatewayClient } from './gateway-client';
import type { BlockAnswer } from './meter-protocol';
import type { MeterQueue } from './meter-queue';
import { Signal } from './signal';

/** What a sender is made of. */
export interface SenderOptions {
  readonly queue: MeterQueue;
  readonly gateway: GatewayClient;
  readonly meterIds: readonly string[];
  /** Checks a meter's queue against the ledger, before its first block of this process is sent. */
  readonly check: (meterId: string) => Promise<void>;
  readonly say: (line: string) => void;
  readonly now: () => number;
}

interface Lane {
  readonly meterId: string;
  checked: boolean;
  /** Not before this time (milliseconds), after a refusal. */
  restsUntilMs: number;
  refusals: number;
  /** The code of the last refusal, until a block is taken again. */
  refusedWith: string | undefined;
}

const BATCH_BYTES_MAX = limits.jsonBytesMax - 65_536;
const BLOCKS_PER_METER = 20;
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 30_000;

/**
 * Sends the blocks of the queue to the gateway in the order of each chain, and forgets a block only when the ledger has it. A
 * refused block stays and is sent again, less and less often: what refused it may be mended, and nothing may be lost.
 */
export class BlockSender {
  readonly #options: SenderOptions;
  readonly #lanes: readonly Lane[];
  readonly #changed = new Signal();
  #failures = 0;
  #nextLane = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#lanes = options.meterIds.map((meterId) => ({
      meterId,
      checked: false,
      restsUntilMs: 0,
      refusals: 0,
      refusedWith: undefined,
    }));
  }

  /** Meters whose oldest block is refused with a code that does not pass by itself. */
  get refused(): readonly { readonly meterId: string; readonly code: string }[] {
    return this.#lanes.flatMap(({ meterId, refusedWith }) =>
      refusedWith === undefined || mayPass(refusedWith) ? [] : [{ meterId, code: refusedWith }],
    );
  }

  /** Says that blocks were written to the queue. */
  wake(): void {
    this.#changed.fire();
  }

  /** Sends until it is told to stop; `sent` is told whenever blocks have left the queue or were refused. */
  async run(stop: AbortSignal, sent: () => void): Promise<void> {
    while (!stop.aborted) {
      const seen = this.#changed.count;
      const pauseMs = await this.#round(stop, sent);
      if (pauseMs > 0) await this.#changed.wait(seen, pauseMs, stop);
    }
  }

  /** One request at most; answers how long to wait before the next one unless something is written. */
  async #round(stop: AbortSignal, sent: () => void): Promise<number> {
    try {
      const blocks = await this.#gather();
      if (blocks.length === 0) return this.#untilLaneIsFree();
      await this.#take(await this.#options.gateway.send(blocks));
      if (this.#failures > 0) this.#options.say('the gateway answers again');
      this.#failures = 0;
      sent();
      return 0;
    } catch (error) {
      if (!(error instanceof GatewayUnavailable)) throw error;
      if (this.#failures === 0 && !stop.aborted) this.#options.say(`waiting for the gateway: ${error.message}`);
      this.#failures += 1;
      return pauseAfter(this.#failures);
    }
  }

  /** Blocks of all meters that may send now, beginning with another meter each time. */
  async #gather(): Promise<readonly string[]> {
    const blocks: string[] = [];
    let bytes = 0;
    this.#nextLane += 1;
    for (let index = 0; index < this.#lanes.length; index += 1) {
      const lane = this.#lanes[(this.#nextLane + index) % this.#lanes.length];
      if (lane === undefined || lane.restsUntilMs > this.#options.now()) continue;
      for (const block of await this.#oldest(lane)) {
        bytes += block.length;
        if (blocks.length >= limits.blocksPerCallMax || bytes > BATCH_BYTES_MAX) return blocks;
        blocks.push(block);
      }
    }
    return blocks;
  }

  async #oldest(lane: Lane): Promise<readonly string[]> {
    const { queue, check } = this.#options;
    const waiting = await queue.oldest(lane.meterId, lane.refusals > 0 ? 1 : BLOCKS_PER_METER);
    if (waiting.length === 0 || lane.checked) return waiting;
    await check(lane.meterId);
    lane.checked = true;
    return queue.oldest(lane.meterId, BLOCKS_PER_METER);
  }

  async #take(answers: readonly BlockAnswer[]): Promise<void> {
    for (const lane of this.#lanes) {
      const own = answers.filter(({ meterId }) => meterId === lane.meterId);
      const refusedAt = own.findIndex(({ status }) => status === 'refused');
      const taken = own.slice(0, refusedAt < 0 ? own.length : refusedAt).at(-1);
      if (taken !== undefined) {
        await this.#options.queue.forget(lane.meterId, taken.sequence);
        Object.assign(lane, { refusals: 0, restsUntilMs: 0, refusedWith: undefined });
      }
      const refused = own[refusedAt];
      if (refused !== undefined) this.#rest(lane, refused);
    }
  }

  #rest(lane: Lane, { meterId, sequence, code = 'LEDGER_REFUSED' }: BlockAnswer): void {
    if (lane.refusedWith !== code) {
      const meaning = errorRegistry.find((row) => row.code === code)?.meaning ?? '';
      this.#options.say(
        `meter ${meterId}: block ${sequence} is refused with ${code}: ${meaning} It stays in the queue.`,
      );
    }
    lane.refusals += 1;
    lane.refusedWith = code;
    lane.restsUntilMs = this.#options.now() + pauseAfter(lane.refusals);
  }

  #untilLaneIsFree(): number {
    const now = this.#options.now();
    const rests = this.#lanes.map(({ restsUntilMs }) => restsUntilMs - now).filter((restMs) => restMs > 0);
    return Math.min(PAUSE_MS_MAX, ...rests);
  }
}

function mayPass(code: string): boolean {
  return errorRegistry.find((row) => row.code === code)?.transient ?? true;
}

function pauseAfter(failures: number): number {
  return Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(failures - 1, 10));
}
