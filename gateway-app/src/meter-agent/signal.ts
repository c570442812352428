/** Something that happens again and again and that others wait for; nobody misses what happens while he is not waiting. */
export class Signal {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  /** How often it has happened. */
  get count(): number {
    return this.#count;
  }

  fire(): void {
    this.#count += 1;
    for (const release of [...this.#waiting]) release();
  }

  /** Resolves when it has happened more often than `seen`, after `limitMs`, or when told to stop. */
  async wait(seen: number, limitMs: number, stop: AbortSignal): Promise<void> {
    if (this.#count > seen || stop.aborted) return;
    await new Promise<void>((resolve) => {
      const release = (): void => {
        clearTimeout(timer);
        stop.removeEventListener('abort', release);
        this.#waiting.delete(release);
        resolve();
      };
      const timer = setTimeout(release, limitMs);
      stop.addEventListener('abort', release);
      this.#waiting.add(release);
    });
  }
}
