import { Signal } from './signal';

const WAIT_MS = 60_000;

/** Things that one side gives and another takes one by one; the giver hears when the taker has finished with each. */
export class Handover<T> {
  readonly #given: { readonly value: T; readonly done: () => void }[] = [];
  readonly #arrived = new Signal();

  /** `done` is called when the taker asks for the next one. */
  give(value: T, done: () => void): void {
    this.#given.push({ value, done });
    this.#arrived.fire();
  }

  /** Ends when it is told to stop; what was not taken is not done. */
  async *take(stop: AbortSignal): AsyncGenerator<T> {
    while (!stop.aborted) {
      const seen = this.#arrived.count;
      const next = this.#given.shift();
      if (next === undefined) {
        await this.#arrived.wait(seen, WAIT_MS, stop);
      } else {
        yield next.value;
        next.done();
      }
    }
  }
}
