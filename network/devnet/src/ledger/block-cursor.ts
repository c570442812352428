import { decodeBlock } from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import type { ChannelLedger } from './channel-ledger';

/**
 * Hands out the blocks of a channel one by one from a start number; behind the last block it waits for the next commit.
 * Undefined when the signal is aborted.
 */
export class BlockCursor {
  constructor(
    private readonly ledger: ChannelLedger,
    private nextNumber: number,
    private readonly aborted: AbortSignal,
  ) {}

  /** Number of the block that `next` returns. */
  get position(): number {
    return this.nextNumber;
  }

  async next(): Promise<common.Block | undefined> {
    if (this.aborted.aborted) return undefined;
    if (this.nextNumber >= this.ledger.height) await this.committed(this.nextNumber);
    if (this.aborted.aborted) return undefined;
    const bytes = await this.ledger.blockBytes(this.nextNumber);
    if (bytes === undefined) throw new Error(`block ${String(this.nextNumber)} cannot be read`);
    this.nextNumber += 1;
    return decodeBlock(bytes);
  }

  private async committed(number: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.ledger.height <= number && !this.aborted.aborted) return;
        this.ledger.events.off('committed', look);
        this.aborted.removeEventListener('abort', look);
        resolve();
      };
      this.ledger.events.on('committed', look);
      this.aborted.addEventListener('abort', look);
      look();
    });
  }
}
