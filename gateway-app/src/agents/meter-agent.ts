import { slot, varh, wh } from '@flexledger/domain';
import type { SigningKey } from '../client/keys';
import { deriveBytes } from './seed';
import { closeBlock, signBlock, type SignedBlock, type UnsignedBlock } from './sign-block';

export type { SignedBlock } from './sign-block';

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
  readonly measure: (slot: number) => MeasuredQuarter;
}

/** What a meter counts in a quarter hour; one with reactive registers tells both of them in every quarter hour of a block. */
export interface MeasuredQuarter {
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly reactiveImportVarh?: bigint;
  readonly reactiveExportVarh?: bigint;
}

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
    const { channel, key, spans } = this.#options;
    const blocks: SignedBlock[] = [];
    spans.forEach(({ startSlot }, index) => {
      if (startSlot >= fromSlot && startSlot < toSlot) blocks.push(signBlock(channel, key, this.#block(index)));
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
    const salt = deriveBytes(seed, `block-salt/${this.meterId}/${startSlot}`, 16).toString('base64url');
    const measured = {
      startSlot: slot(startSlot),
      resolutionMinutes: 15,
      importWh: values.map((value) => wh(value.importWh)),
      exportWh: values.map((value) => wh(value.exportWh)),
      ...reactiveOf(values),
    } as const;
    return closeBlock({ meterId: this.meterId, keyVersion: 1, previous, measured, salt });
  }
}

/** The reactive series of a block; none unless every quarter hour has both registers. */
function reactiveOf(values: readonly MeasuredQuarter[]) {
  const taken = values.flatMap(({ reactiveImportVarh }) => reactiveImportVarh ?? []);
  const given = values.flatMap(({ reactiveExportVarh }) => reactiveExportVarh ?? []);
  const isWhole = taken.length === values.length && given.length === values.length;
  return isWhole ? { reactiveImportVarh: taken.map(varh), reactiveExportVarh: given.map(varh) } : {};
}
