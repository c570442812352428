import { backoffMs, type Environment, type RetryPolicy } from './backoff';
import { GatewayFailure } from './gateway-failure';
import type { ClosableStream } from './gateway-port';

/** What keeps a stream open: how to open it at the place that was reached, and what to do when it breaks. */
export interface StreamLoopOptions<T> {
  /** Opens a stream at the place that the consumer has reached. */
  readonly open: () => Promise<ClosableStream<T>>;
  readonly policy: RetryPolicy;
  readonly environment: Environment;
  readonly onReopen: (reason: GatewayFailure | undefined) => void;
}

/**
 * Items of a stream that is opened again, with growing pauses, whenever it ends or breaks; Fabric's own event streams
 * do not come back by themselves. Ends only by `close`, and by an error that is no failure of the gateway.
 */
export class StreamLoop<T> implements AsyncIterable<T> {
  readonly #options: StreamLoopOptions<T>;
  readonly #closing = new AbortController();
  #stream: ClosableStream<T> | undefined;

  constructor(options: StreamLoopOptions<T>) {
    this.#options = options;
  }

  /** Ends the iteration at its next step; safe to call twice. */
  close(): void {
    this.#closing.abort();
    this.#stream?.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    const { policy, environment, onReopen } = this.#options;
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      let reason: GatewayFailure | undefined;
      try {
        for await (const item of await this.#open()) {
          failures = 0;
          yield item;
        }
      } catch (error) {
        if (!(error instanceof GatewayFailure)) {
          throw error;
        }
        reason = error;
      } finally {
        this.#stream?.close();
      }
      if (!this.#closing.signal.aborted) {
        onReopen(reason);
        await this.#pause(environment.sleep(backoffMs(failures, policy, environment.random)));
        failures += 1;
      }
    }
  }

  async #open(): Promise<ClosableStream<T>> {
    this.#stream = await this.#options.open();
    if (this.#closing.signal.aborted) {
      this.#stream.close();
    }
    return this.#stream;
  }

  async #pause(sleep: Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    await Promise.race([
      sleep,
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    ]);
  }
}
