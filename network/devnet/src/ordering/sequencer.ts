import { FabricModelError, parseEnvelopeHeader, validSigners } from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import type { BatchSettings } from '@flexledger/topology';
import { messageOf } from '../errors';
import type { ChannelLedger } from '../ledger/channel-ledger';

/** Path of the policy for sending transactions to the orderer. */
const ordererWriters = '/Channel/Writers';

/** Where the sequencer gets its timers, so that tests and simulations can use their own. */
export interface Timers {
  after(milliseconds: number, action: () => void): { cancel(): void };
}

/** What the orderer answers to a transaction. */
export interface BroadcastAnswer {
  readonly status: 'SUCCESS' | 'BAD_REQUEST' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE';
  readonly info: string;
}

/** How a channel's blocks are cut. */
export interface SequencerOptions {
  readonly ledger: ChannelLedger;
  readonly batch: BatchSettings;
  /** Blocks are cut only when `cut` is called. */
  readonly isManual: boolean;
  readonly timers: Timers;
  readonly nowMs: () => number;
  /** Called once when a block cannot be written; the network cannot go on then. */
  readonly failed: (error: unknown) => void;
}

const success: BroadcastAnswer = { status: 'SUCCESS', info: '' };

/**
 * Stands in for the ordering service of one channel: takes envelopes in the order of arrival, cuts batches by count,
 * bytes and time, and appends them one after the other. There is no consensus: one process decides.
 */
export class Sequencer {
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private timer: { cancel(): void } | undefined;
  private tail: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(private readonly options: SequencerOptions) {}

  /** How many envelopes wait for a block. */
  get waiting(): number {
    return this.pending.length;
  }

  /** Checks an envelope as an orderer does and queues it. */
  broadcast(envelope: common.Envelope): BroadcastAnswer {
    if (this.isClosed) return { status: 'SERVICE_UNAVAILABLE', info: 'the embedded network stops' };
    const refusal = this.refusalOf(envelope);
    if (refusal !== undefined) return refusal;
    this.enqueue(envelope.serializeBinary());
    return success;
  }

  /** Cuts a block from what waits; resolves when every block cut so far is committed. */
  async cut(): Promise<void> {
    this.cutPending();
    await this.tail;
  }

  /** Lets the blocks under way finish and refuses more. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    await this.tail;
  }

  private refusalOf(envelope: common.Envelope): BroadcastAnswer | undefined {
    const { ledger, batch, nowMs } = this.options;
    const size = envelope.getPayload_asU8().length + envelope.getSignature_asU8().length;
    if (envelope.getPayload_asU8().length === 0) return { status: 'BAD_REQUEST', info: 'Message was empty' };
    if (size > batch.absoluteBytes) {
      const info = `message payload is ${String(size)} bytes and exceeds maximum allowed ${String(batch.absoluteBytes)} bytes`;
      return { status: 'BAD_REQUEST', info };
    }
    const { msps } = ledger.config;
    try {
      const { creator, payloadBytes, signature } = parseEnvelopeHeader(envelope.serializeBinary());
      if (msps.deserialize(creator).notAfterSeconds * 1000 < nowMs()) {
        return { status: 'BAD_REQUEST', info: 'broadcast client identity expired' };
      }
      const signers = validSigners([{ message: payloadBytes, identity: creator, signature }], msps);
      if (ledger.config.evaluate(ordererWriters, signers)) return undefined;
    } catch (error) {
      if (error instanceof FabricModelError && error.code.startsWith('ENVELOPE_')) {
        return { status: 'BAD_REQUEST', info: messageOf(error) };
      }
    }
    const reason =
      "0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied";
    return { status: 'FORBIDDEN', info: `implicit policy evaluation failed - ${reason}: permission denied` };
  }

  private enqueue(bytes: Uint8Array): void {
    const { batch, isManual } = this.options;
    if (!isManual && this.pending.length > 0 && this.pendingBytes + bytes.length > batch.preferredBytes)
      this.cutPending();
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (isManual) return;
    if (this.pending.length >= batch.messagesMax || bytes.length > batch.preferredBytes) {
      this.cutPending();
    } else {
      this.timer ??= this.options.timers.after(batch.timeoutMs, () => {
        this.cutPending();
      });
    }
  }

  private cutPending(): void {
    this.timer?.cancel();
    this.timer = undefined;
    const envelopes = this.pending;
    this.pending = [];
    this.pendingBytes = 0;
    if (envelopes.length === 0) return;
    this.tail = this.tail.then(async () => this.append(envelopes));
  }

  private async append(envelopes: readonly Uint8Array[]): Promise<void> {
    try {
      await this.options.ledger.append(envelopes);
    } catch (error) {
      this.isClosed = true;
      this.options.failed(error);
    }
  }
}
