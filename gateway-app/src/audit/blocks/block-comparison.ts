import {
  blockDataHash,
  blockHeaderHash,
  checkOrdererSignatures,
  commitHashOf,
  decodeBlock,
  envelopesOf,
  headerOf,
  metadataSlots,
  type ChannelConfig,
} from '@flexledger/fabric-model';
import { common } from '@hyperledger/fabric-protos';
import type { FindingList } from '../audit-finding';
import { BlockFileError, type BlockSource } from './block-file';

/**
 * Holds the blocks of one peer against those of another one. What orderers write must be equal but for their signatures,
 * since every orderer signs its own copy; what peers write must be equal because all of them derive the same.
 */
export class BlockComparison {
  readonly #other: AsyncGenerator<Uint8Array, void, void>;
  readonly #name: string;
  readonly #findings: FindingList;
  #compared = 0;
  #ended = false;

  constructor(source: BlockSource, findings: FindingList) {
    this.#other = source.blocks();
    this.#name = source.name;
    this.#findings = findings;
  }

  /** How many blocks both have. */
  get compared(): number {
    return this.#compared;
  }

  /**
   * Compares the next block of both.
   *
   * @param config the configuration in force before this block, by which the other peer's signatures are judged
   */
  async feed(number: number, bytes: Uint8Array, config: ChannelConfig | undefined): Promise<void> {
    const other = await this.#next();
    if (other === undefined) {
      return;
    }
    this.#compared += 1;
    try {
      const parts = differingParts(decodeBlock(bytes), decodeBlock(other));
      if (parts.length > 0) {
        const what = `${this.#name} has another ${parts.join(', ')}${this.#judgement(decodeBlock(other), config)}`;
        this.#findings.add({ code: 'PEERS_DIFFER', block: number, what });
      }
    } catch (error) {
      const what = `it cannot be compared with ${this.#name}: ${error instanceof Error ? error.message : String(error)}`;
      this.#findings.add({ code: 'PEERS_DIFFER', block: number, what });
    }
  }

  /** How many more blocks the other one has: none of them was compared. */
  async countRest(): Promise<number> {
    let rest = 0;
    while ((await this.#next()) !== undefined) {
      rest += 1;
    }
    return rest;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) {
      return undefined;
    }
    try {
      const next = await this.#other.next();
      this.#ended = next.done === true;
      return next.done === true ? undefined : next.value;
    } catch (error) {
      this.#ended = true;
      if (!(error instanceof BlockFileError)) {
        throw error;
      }
      this.#findings.add({ code: error.code, what: `${this.#name}: ${error.message}` });
      return undefined;
    }
  }

  #judgement(other: common.Block, config: ChannelConfig | undefined): string {
    if (config === undefined) {
      return '';
    }
    const isOwnData = Buffer.from(headerOf(other).getDataHash_asU8()).equals(blockDataHash(envelopesOf(other)));
    return isOwnData && checkOrdererSignatures(other, config).satisfied
      ? '; its block is signed by the orderers'
      : '; its block is not signed by the orderers';
  }
}

function differingParts(one: common.Block, other: common.Block): readonly string[] {
  const [ours, theirs] = [envelopesOf(one), envelopesOf(other)];
  const isSame = (index: number): boolean => Buffer.from(ours[index] ?? []).equals(theirs[index] ?? new Uint8Array());
  const envelopes = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) => index);
  const changed = envelopes.filter((index) => !isSame(index));
  const header = Buffer.compare(blockHeaderHash(headerOf(one)), blockHeaderHash(headerOf(other))) !== 0;
  const filter = !slotOf(one).equals(slotOf(other));
  const commitHash = !Buffer.from(commitHashOf(one) ?? []).equals(commitHashOf(other) ?? new Uint8Array());
  return [
    ...(header ? ['header'] : []),
    ...changed.map((index) => `transaction ${index}`),
    ...(filter ? ['list of validation codes'] : []),
    ...(commitHash ? ['commit hash'] : []),
  ];
}

function slotOf(block: common.Block): Buffer {
  return Buffer.from(metadataSlots(block)[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? []);
}
