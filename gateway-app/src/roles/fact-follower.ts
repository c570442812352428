import type { FactFeed } from '../client/events';
import type { RoleClient } from '../client/role-client';

/** Follows the facts of the channel in the background, from the role's checkpoint on. */
export class FactFollower {
  #feed: FactFeed | undefined;
  #running: Promise<void> | undefined;

  /** Starts to follow; `onBroken` is told an error that opening the stream again cannot mend. */
  async start(client: RoleClient, onBroken: (error: unknown) => void): Promise<void> {
    const feed = await client.facts();
    this.#feed = feed;
    this.#running = consume(feed).catch(onBroken);
  }

  /** Transactions with facts received by this process, and the last block among them (-1: none yet). */
  get counters(): { readonly received: number; readonly lastBlock: number } {
    const counters = this.#feed?.counters;
    return { received: counters?.received ?? 0, lastBlock: Number(counters?.lastBlock ?? -1n) };
  }

  /** Ends following. */
  async stop(): Promise<void> {
    this.#feed?.close();
    await this.#running;
  }
}

/** The checkpoint moves when the next event is asked for, so an empty body counts each one exactly once. */
async function consume(feed: FactFeed): Promise<void> {
  for await (const event of feed) void event;
}
