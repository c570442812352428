import { common } from '@hyperledger/fabric-protos';

import { concatBytes, NO_BYTES } from '../common/bytes';
import { validationCodeOf, type ValidationCode } from '../validation/codes';
import { blockHeaderBytes, headerOf } from './block';

const SLOT = common.BlockMetadataIndex;
const COMMIT_HASH_SLOT = 4;
const NOT_VALIDATED = 254;

/** The raw bytes of a block's metadata: at least five slots, those that are absent empty. */
export function metadataSlots(block: common.Block): Uint8Array[] {
  const list = block.getMetadata()?.getMetadataList_asU8() ?? [];
  return Array.from({ length: Math.max(list.length, COMMIT_HASH_SLOT + 1) }, (_, index) => list[index] ?? NO_BYTES);
}

function setSlot(block: common.Block, slot: number, bytes: Uint8Array): void {
  const metadata = block.getMetadata() ?? new common.BlockMetadata();
  const list = metadataSlots(block);
  list[slot] = bytes;
  metadata.setMetadataList(list);
  block.setMetadata(metadata);
}

/** Validation codes of the transactions of a committed block, in order; NOT_VALIDATED where none was written. */
export function transactionsFilter(block: common.Block): readonly ValidationCode[] {
  const filter = metadataSlots(block)[SLOT.TRANSACTIONS_FILTER] ?? NO_BYTES;
  const count = block.getData()?.getDataList().length ?? 0;
  return Array.from({ length: count }, (_, index) => validationCodeOf(filter[index] ?? NOT_VALIDATED));
}

/** Writes the validation codes into the block. */
export function setTransactionsFilter(block: common.Block, codes: readonly ValidationCode[]): void {
  setSlot(block, SLOT.TRANSACTIONS_FILTER, Uint8Array.from(codes));
}

/** The commit hash that a peer wrote into the block; undefined when there is none (block 0). */
export function commitHashOf(block: common.Block): Uint8Array | undefined {
  const bytes = metadataSlots(block)[COMMIT_HASH_SLOT] ?? NO_BYTES;
  const value = common.Metadata.deserializeBinary(bytes).getValue_asU8();
  return value.length === 0 ? undefined : value;
}

/** Writes the commit hash into the block. */
export function setCommitHash(block: common.Block, commitHash: Uint8Array): void {
  const metadata = new common.Metadata();
  metadata.setValue(commitHash);
  setSlot(block, COMMIT_HASH_SLOT, metadata.serializeBinary());
}

/** What an orderer adds to a block. */
export interface OrdererMetadataInput {
  /** Number of the last config block, this one included. */
  readonly lastConfigBlock: number;
  /** Who signs; without it the block carries the metadata unsigned. */
  readonly signer?: {
    readonly signatureHeader: Uint8Array;
    readonly sign: (message: Uint8Array) => Uint8Array;
  };
}

/** Writes the SIGNATURES and LAST_CONFIG slots as an orderer of Fabric 2 and 3 does. */
export function setOrdererMetadata(block: common.Block, input: OrdererMetadataInput): void {
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(input.lastConfigBlock);
  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(lastConfig);
  const value = ordererMetadata.serializeBinary();
  const metadata = new common.Metadata();
  metadata.setValue(value);
  if (input.signer !== undefined) {
    const { signatureHeader, sign } = input.signer;
    const signature = new common.MetadataSignature();
    signature.setSignatureHeader(signatureHeader);
    signature.setSignature(sign(concatBytes(value, signatureHeader, blockHeaderBytes(headerOf(block)))));
    metadata.addSignatures(signature);
  }
  setSlot(block, SLOT.SIGNATURES, metadata.serializeBinary());
}

/** Number of the last config block as the orderer wrote it; undefined when it wrote none. */
export function lastConfigBlockOf(block: common.Block): number | undefined {
  const value = common.Metadata.deserializeBinary(metadataSlots(block)[SLOT.SIGNATURES] ?? NO_BYTES).getValue_asU8();
  return common.OrdererBlockMetadata.deserializeBinary(value).getLastConfig()?.getIndex();
}

/** Signatures of orderers over the block, with the exact bytes each of them covers. */
export function ordererSignatures(
  block: common.Block,
): readonly { readonly signatureHeader: Uint8Array; readonly signature: Uint8Array; readonly message: Uint8Array }[] {
  const metadata = common.Metadata.deserializeBinary(metadataSlots(block)[SLOT.SIGNATURES] ?? NO_BYTES);
  const headerBytes = blockHeaderBytes(headerOf(block));
  return metadata.getSignaturesList().map((entry) => ({
    signatureHeader: entry.getSignatureHeader_asU8(),
    signature: entry.getSignature_asU8(),
    message: concatBytes(metadata.getValue_asU8(), entry.getSignatureHeader_asU8(), headerBytes),
  }));
}
