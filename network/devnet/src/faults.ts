import type { Random } from './endorsement/planner';

/** Faults to inject, each with a probability from 0 (never) to 1 (always), drawn from the seeded generator. */
export interface FaultOptions {
  /** CommitStatus fails with UNAVAILABLE although the transaction is committed. */
  readonly loseCommitStatus: number;
  /** An event stream ends with UNAVAILABLE after a block. */
  readonly dropStream: number;
}

/** No fault at all. */
export const noFaults: FaultOptions = { loseCommitStatus: 0, dropStream: 0 };

/** Decides, call by call, whether a fault strikes; the options can be changed while the network runs. */
export class Faults {
  private readonly down = new Set<string>();

  constructor(
    public options: FaultOptions,
    private readonly random: Random,
  ) {}

  loseCommitStatus(): boolean {
    return this.strikes(this.options.loseCommitStatus);
  }

  dropStream(): boolean {
    return this.strikes(this.options.dropStream);
  }

  /** Makes an organisation's peers refuse to endorse, or lets them endorse again. */
  setDown(mspId: string, isDown: boolean): void {
    if (isDown) this.down.add(mspId);
    else this.down.delete(mspId);
  }

  isDown(mspId: string): boolean {
    return this.down.has(mspId);
  }

  private strikes(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }
}
