import {
  blockBytes,
  commitmentOf,
  genesisLink,
  intervalsOf,
  linkOf,
  profileBlockCodec,
  slot,
  totalsOf,
  wh,
  type JsonObject,
  type MeterId,
  type ProfileBlock,
} from '@flexledger/domain';
import type { SigningKey } from '../client/keys';
import { deriveBytes } from './seed';

/** A stretch of quarter hours that a meter sends in one block. */
export interface BlockSpan {
  readonly startSlot: number;
  readonly slots: number;
}

/** What a meter's agent is made of. */
export interface MeterAgentOptions {
  readonly seed: string;
  readonly channel: string;
  readonly meterId: string;
  readonly key: SigningKey;
  /** The blocks that it will send, in order; what lies between two of them was not measured. */
  readonly spans: readonly BlockSpan[];
  /** What it measured in a quarter hour. */
  readonly measure: (slot: number) => { readonly importWh: bigint; readonly exportWh: bigint };
}

/** A signed block as it goes to the gateway, encoded as JSON. */
export interface SignedBlock {
  readonly meterId: string;
  readonly sequence: number;
  readonly content: JsonObject;
}

type UnsignedBlock = Omit<ProfileBlock, 'signature'>;

/**
 * The agent of one meter: it closes blocks of readings under salted commitments, chains and signs them. Salts derive from
 * the seed, so that the same day gives the same commitments and links; only the signatures differ each time.
 */
export class MeterAgent {
  readonly meterId: string;
  readonly #options: MeterAgentOptions;
  readonly #chain: UnsignedBlock[] = [];

  constructor(options: MeterAgentOptions) {
    this.#options = options;
    this.meterId = options.meterId;
  }

  /** The blocks that begin from `fromSlot` on and before `toSlot`, signed. */
  blocksBetween(fromSlot: number, toSlot: number): SignedBlock[] {
    const { spans } = this.#options;
    const blocks: SignedBlock[] = [];
    spans.forEach(({ startSlot }, index) => {
      if (startSlot >= fromSlot && startSlot < toSlot) blocks.push(this.#sign(this.#block(index)));
    });
    return blocks;
  }

  /** Block number `index`, and first all before it: each one's link goes into the next. */
  #block(index: number): UnsignedBlock {
    while (this.#chain.length <= index) {
      const previous = this.#chain.at(-1);
      const span = this.#options.spans[this.#chain.length];
      if (span === undefined) throw new RangeError(`meter ${this.meterId} sends no block ${index}`);
      this.#chain.push(this.#close(span, previous));
    }
    const block = this.#chain[index];
    if (block === undefined) throw new RangeError(`meter ${this.meterId} has no block ${index}`);
    return block;
  }

  #close({ startSlot, slots }: BlockSpan, previous: UnsignedBlock | undefined): UnsignedBlock {
    const { seed, measure } = this.#options;
    const values = Array.from({ length: slots }, (_, index) => measure(startSlot + index));
    const measured = {
      startSlot: slot(startSlot),
      resolutionMinutes: 15,
      importWh: values.map((value) => wh(value.importWh)),
      exportWh: values.map((value) => wh(value.exportWh)),
    } as const;
    const intervals = intervalsOf(measured);
    if (intervals === undefined) throw new RangeError('the values of a block do not fill its quarter hours');
    const salt = deriveBytes(seed, `block-salt/${this.meterId}/${startSlot}`, 16).toString('base64url');
    return {
      ...measured,
      meterId: this.meterId as MeterId,
      keyVersion: 1,
      sequence: (previous?.sequence ?? 0) + 1,
      salt,
      commitment: commitmentOf(salt, intervals),
      previousLink: previous === undefined ? genesisLink : linkOf(previous),
      totals: totalsOf(intervals),
    };
  }

  #sign(block: UnsignedBlock): SignedBlock {
    const { channel, key } = this.#options;
    const content = profileBlockCodec.encode({
      ...block,
      signature: key.sign(blockBytes(channel, block)),
    }) as JsonObject;
    return { meterId: block.meterId, sequence: block.sequence, content };
  }
}
