/** Where progress lines go; injected so that tests can read them. */
export type WriteLine = (line: string) => void;

/** Progress of a long command: one plain line per step with the time since the start. It works without a terminal. */
export class Progress {
  private readonly startMs: number;

  constructor(
    private readonly write: WriteLine,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.startMs = nowMs();
  }

  /** Seconds since the start. */
  elapsedSeconds(): number {
    return (this.nowMs() - this.startMs) / 1000;
  }

  /** Writes one line. */
  say(text: string): void {
    this.write(`[${this.elapsedSeconds().toFixed(1).padStart(6)} s] ${text}`);
  }
}
