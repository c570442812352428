import {
  assertNotExpired,
  blockDataHash,
  blockHeaderHash,
  checkOrdererSignatures,
  decodeBlock,
  encodeBlock,
  envelopesOf,
  headerOf,
  isConfigBlock,
  lastConfigBlockOf,
  metadataSlots,
  Replay,
  setCommitHash,
  validationCodeName,
  type ChannelConfig,
  type TransactionVerdict,
} from '@flexledger/fabric-model';
import { common } from '@hyperledger/fabric-protos';
import type { Finding, FindingList } from '../audit-finding';
import type { FindingCode } from '../finding-codes';

/** A block that was judged, with what its transactions come to when they are validated again. */
export interface JudgedBlock {
  readonly number: number;
  readonly block: common.Block;
  /** Derived, whatever the block says of itself. */
  readonly verdicts: readonly TransactionVerdict[];
}

const VALID = 0;
const SLOT = common.BlockMetadataIndex;
const COMMIT_HASH_SLOT = 4;
const SLOTS = 5;

/**
 * Judges the blocks of a channel one after the other, from block 0 on, and believes nothing but the configuration of
 * block 0: form, chain of hashes, signatures of orderers, validation codes and commit hashes. Configuration blocks are
 * followed: each block is judged by the configuration in force before it.
 */
export class BlockAudit {
  readonly #findings: FindingList;
  readonly #trustedGenesisHash: string | undefined;
  readonly #replay = new Replay();
  #previousHash: Uint8Array | undefined;
  #genesisHash = '';
  #next = 0;
  #lastConfig = 0;

  /** @param trustedGenesisHash hash of the header of block 0 in hexadecimal; without it block 0 is taken as it is */
  constructor(findings: FindingList, trustedGenesisHash?: string) {
    this.#findings = findings;
    this.#trustedGenesisHash = trustedGenesisHash;
  }

  /** How many blocks were fed. */
  get height(): number {
    return this.#next;
  }

  /** Configuration after the last block. */
  get config(): ChannelConfig | undefined {
    return this.#replay.config;
  }

  /** Where the chain begins and ends: number of blocks, hashes of first and last header, last commit hash (hex). */
  get ends(): {
    readonly height: number;
    readonly genesisHash: string;
    readonly lastHash: string;
    readonly commitHash: string;
  } {
    const none = new Uint8Array();
    return {
      height: this.#next,
      genesisHash: this.#genesisHash,
      lastHash: hex(this.#previousHash ?? none),
      commitHash: hex(this.#replay.commitHash ?? none),
    };
  }

  /**
   * Judges the next block. Returns undefined where it could not be read: nothing behind it can be judged, as its writes
   * are not known.
   */
  feed(bytes: Uint8Array): JudgedBlock | undefined {
    const number = this.#next;
    this.#next += 1;
    try {
      const block = decodeBlock(bytes);
      if (isConfigBlock(block)) {
        this.#lastConfig = number;
      }
      this.#judgeForm(number, block, bytes);
      this.#judgeChain(number, block);
      this.#judgeOrderers(number, block);
      return { number, block, verdicts: this.#validate(number, block) };
    } catch (error) {
      this.#find('BLOCK_UNREADABLE', { block: number, what: sentenceOf(error) });
      return undefined;
    }
  }

  #judgeForm(number: number, block: common.Block, bytes: Uint8Array): void {
    const at = { block: number };
    if (!Buffer.from(encodeBlock(block)).equals(bytes)) {
      this.#find('BLOCK_NOT_CANONICAL', { ...at, what: 'its bytes are not those of the block that they decode to' });
    }
    const given = block.getMetadata()?.getMetadataList().length ?? 0;
    const slots = metadataSlots(block);
    const codes = slots[SLOT.TRANSACTIONS_FILTER]?.length ?? 0;
    const count = envelopesOf(block).length;
    const wrong = (what: string): void => this.#find('BLOCK_METADATA_WRONG', { ...at, what });
    if (given !== SLOTS) {
      wrong(`it has ${given} slots, ${SLOTS} are written`);
    }
    if (codes !== count) {
      wrong(`it has ${codes} validation codes for ${count} transactions`);
    }
    slots.forEach((slot, index) => {
      if (index === SLOT.TRANSACTIONS_FILTER || isWritten(slot, index, this.#lastConfig)) {
        return;
      }
      wrong(`slot ${index} holds ${slot.length} bytes that nobody writes there`);
      if (index === COMMIT_HASH_SLOT) {
        // What cannot be read would stop the derivation of all codes behind it.
        setCommitHash(block, new Uint8Array());
      }
    });
  }

  #judgeChain(number: number, block: common.Block): void {
    const header = headerOf(block);
    const at = { block: number };
    if (header.getNumber() !== number) {
      this.#find('BLOCK_NUMBER_WRONG', { ...at, what: `its header has number ${header.getNumber()}` });
    }
    const previous = this.#previousHash ?? new Uint8Array();
    if (!Buffer.from(header.getPreviousHash_asU8()).equals(previous)) {
      const named = hex(header.getPreviousHash_asU8());
      const what = `it names ${named === '' ? 'nothing' : named} as the hash before it, which is ${hex(previous)}`;
      this.#find('BLOCK_PREVIOUS_HASH_WRONG', { ...at, what });
    }
    if (!Buffer.from(header.getDataHash_asU8()).equals(blockDataHash(envelopesOf(block)))) {
      this.#find('BLOCK_DATA_HASH_WRONG', { ...at, what: 'its envelopes do not have the hash in its header' });
    }
    this.#previousHash = blockHeaderHash(header);
    if (number === 0) {
      this.#genesisHash = hex(this.#previousHash);
      if (this.#trustedGenesisHash !== undefined && this.#trustedGenesisHash !== this.#genesisHash) {
        const what = `it has hash ${this.#genesisHash}, trusted is ${this.#trustedGenesisHash}`;
        this.#find('GENESIS_NOT_TRUSTED', { ...at, what });
      }
    }
  }

  #judgeOrderers(number: number, block: common.Block): void {
    const config = this.#replay.config;
    const at = { block: number };
    try {
      const named = lastConfigBlockOf(block);
      if (named !== this.#lastConfig) {
        const what = `named is block ${named ?? 'none'}, the last one is block ${this.#lastConfig}`;
        this.#find('LAST_CONFIG_WRONG', { ...at, what });
      }
      if (config === undefined) {
        return;
      }
      const { faults, satisfied, signers } = checkOrdererSignatures(block, config);
      faults.forEach((what) => this.#find('BLOCK_SIGNATURE_WRONG', { ...at, what }));
      if (!satisfied) {
        const names = signers.map(({ mspId }) => mspId).join(', ');
        this.#find('BLOCK_POLICY_UNMET', { ...at, what: `signatures that hold are of [${names}]` });
      }
    } catch (error) {
      this.#find('BLOCK_SIGNATURE_WRONG', { ...at, what: `the signatures cannot be read: ${sentenceOf(error)}` });
    }
  }

  #validate(number: number, block: common.Block): readonly TransactionVerdict[] {
    const recorded = metadataSlots(block)[SLOT.TRANSACTIONS_FILTER] ?? new Uint8Array();
    const differences = this.#replay.feed(block);
    const verdicts = this.#replay.validation?.transactions ?? [];
    for (const { index, code, reason, transactionId } of verdicts) {
      if (recorded[index] !== code) {
        const because = reason === '' ? '' : `: ${reason}`;
        const said = recorded[index] === undefined ? 'none' : validationCodeName(recorded[index]);
        const what = `the block says ${said}, derived is ${validationCodeName(code)}${because}`;
        this.#find('VALIDATION_CODE_WRONG', { block: number, transaction: index, transactionId, what });
      }
    }
    for (const { kind, expected, actual } of differences) {
      if (kind === 'commitHash') {
        this.#find('COMMIT_HASH_WRONG', { block: number, what: `the block says ${expected}, derived is ${actual}` });
      }
    }
    verdicts.forEach((verdict) => this.#judgeTime(number, verdict));
    return verdicts;
  }

  /** A peer refuses an expired client before it endorses, and an orderer before it orders; afterwards nobody looks. */
  #judgeTime(number: number, { code, index, transaction, transactionId }: TransactionVerdict): void {
    const config = this.#replay.config;
    if (code !== VALID || transaction === undefined || config === undefined) {
      return;
    }
    try {
      assertNotExpired(config.msps.deserialize(transaction.creator), transaction.timestamp.seconds);
    } catch (error) {
      const what = sentenceOf(error);
      this.#find('CREATOR_CERTIFICATE_EXPIRED', { block: number, transaction: index, transactionId, what });
    }
  }

  #find(code: FindingCode, finding: Omit<Finding, 'code'>): void {
    this.#findings.add({ code, ...finding });
  }
}

/** Whether a slot is as orderers and peers of Fabric 2.5 and 3 write it (orderer/common/multichannel/blockwriter.go). */
function isWritten(slot: Uint8Array, index: number, lastConfig: number): boolean {
  if (index === SLOT.LAST_CONFIG) {
    return lastConfigSlot(lastConfig).equals(slot);
  }
  if (index !== SLOT.SIGNATURES && index !== COMMIT_HASH_SLOT) {
    return slot.length === 0;
  }
  try {
    const message = common.Metadata.deserializeBinary(slot);
    const onlyValue = index !== COMMIT_HASH_SLOT || message.getSignaturesList().length === 0;
    return onlyValue && Buffer.from(message.serializeBinary()).equals(slot);
  } catch {
    // What is no message is nothing that a peer has written.
    return false;
  }
}

/** The unsigned copy of the last configuration's number, which old clients read. */
function lastConfigSlot(number: number): Buffer {
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(number);
  const metadata = new common.Metadata();
  metadata.setValue(lastConfig.serializeBinary());
  return Buffer.from(metadata.serializeBinary());
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
