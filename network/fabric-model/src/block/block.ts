import { common } from '@hyperledger/fabric-protos';

import { equalBytes, fromHex, NO_BYTES, sha256, toHex } from '../common/bytes';
import { DER, writeElement, writeUnsigned } from '../common/der';
import { decodeOr, FabricModelError } from '../common/errors';

const METADATA_SLOTS = 5;

/** Hash over the envelopes of a block: SHA-256 of their concatenation (Fabric builds no tree). */
export function blockDataHash(envelopes: readonly Uint8Array[]): Uint8Array {
  return sha256(...envelopes);
}

function numberBytes(value: number): Uint8Array {
  const hex = value.toString(16);
  return fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}

/** Bytes over which the header hash is taken: ASN.1 of number, previous hash and data hash. */
export function blockHeaderBytes(header: common.BlockHeader): Uint8Array {
  return writeElement(
    DER.sequence,
    writeUnsigned(numberBytes(header.getNumber())),
    writeElement(DER.octetString, header.getPreviousHash_asU8()),
    writeElement(DER.octetString, header.getDataHash_asU8()),
  );
}

/** Hash of a block header: the previousHash of the next block. */
export function blockHeaderHash(header: common.BlockHeader): Uint8Array {
  return sha256(blockHeaderBytes(header));
}

/** The header of a block; throws BLOCK_HEADER_MISSING. */
export function headerOf(block: common.Block): common.BlockHeader {
  const header = block.getHeader();
  if (header === undefined) {
    throw new FabricModelError('BLOCK_HEADER_MISSING', 'The block has no header.');
  }
  return header;
}

/** The envelopes of a block. */
export function envelopesOf(block: common.Block): readonly Uint8Array[] {
  return block.getData()?.getDataList_asU8() ?? [];
}

/** A block with its data hash and empty metadata slots. */
export function newBlock(number: number, previousHash: Uint8Array, envelopes: readonly Uint8Array[]): common.Block {
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(previousHash);
  header.setDataHash(blockDataHash(envelopes));
  const data = new common.BlockData();
  data.setDataList([...envelopes]);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(Array.from({ length: METADATA_SLOTS }, () => NO_BYTES));
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

/** Bytes of a block, as it is stored and delivered. */
export function encodeBlock(block: common.Block): Uint8Array {
  return block.serializeBinary();
}

/** Reads a block; throws BLOCK_UNREADABLE. */
export function decodeBlock(bytes: Uint8Array): common.Block {
  return decodeOr('BLOCK_UNREADABLE', 'The block', () => common.Block.deserializeBinary(bytes));
}

/**
 * Checks that a block follows the previous one (undefined for the first block held) and that its data are those of
 * its header; throws BLOCK_NUMBER_WRONG, BLOCK_PREVIOUS_HASH_WRONG or BLOCK_DATA_HASH_WRONG, naming the block.
 */
export function verifyBlockChain(block: common.Block, previous: common.Block | undefined): void {
  const header = headerOf(block);
  const number = header.getNumber();
  if (previous !== undefined) {
    const before = headerOf(previous);
    if (number !== before.getNumber() + 1) {
      throw new FabricModelError('BLOCK_NUMBER_WRONG', `Block ${number} follows block ${before.getNumber()}.`);
    }
    if (!equalBytes(header.getPreviousHash_asU8(), blockHeaderHash(before))) {
      throw new FabricModelError(
        'BLOCK_PREVIOUS_HASH_WRONG',
        `Block ${number} names ${toHex(header.getPreviousHash_asU8())} as the hash of the block before it, which has ` +
          `${toHex(blockHeaderHash(before))}.`,
      );
    }
  }
  if (!equalBytes(header.getDataHash_asU8(), blockDataHash(envelopesOf(block)))) {
    throw new FabricModelError('BLOCK_DATA_HASH_WRONG', `The data of block ${number} are not those of its header.`);
  }
}
