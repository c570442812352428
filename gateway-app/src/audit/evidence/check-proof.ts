import {
  blockBytes,
  fromBase64Url,
  leafWith,
  sum,
  verifyInclusion,
  verifySignature,
  type IntervalTotal,
  type IntervalValues,
  type Meter,
  type Reading,
} from '@flexledger/domain';
import {
  blockDataHash,
  blockHeaderHash,
  ChannelConfig,
  checkOrdererSignatures,
  decodeBlock,
  endorsementMessage,
  envelopesOf,
  headerOf,
  isConfigBlock,
  lastConfigBlockOf,
  parseEnvelopeHeader,
  parseTransaction,
  type KeyWrite,
} from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { ProofError, type ReadingProof } from './reading-proof';
import { meterIn, readingIn, writesIn } from '../meters/written-meter';

/** What a proof shows. */
export interface ProvenReading {
  readonly channel: string;
  /** Hash of the header of block 0, hexadecimal: whoever trusts it trusts the certificates of the channel. */
  readonly genesisHash: string;
  readonly meterId: string;
  readonly interval: IntervalValues;
  readonly total: IntervalTotal;
  /** Where the block of readings stands. */
  readonly block: number;
  readonly transactionId: string;
  /** Organisations whose signatures on the transaction hold. */
  readonly endorsedBy: readonly string[];
}

interface Transaction {
  readonly transactionId: string;
  readonly writes: readonly KeyWrite[];
  readonly endorsedBy: readonly string[];
}

/**
 * Checks a proof with nothing but the proof and, where it is given, the hash of a block 0 that is trusted.
 *
 * @throws ProofError with the first code that applies
 */
export function checkProof(proof: ReadingProof, chaincode: string, trustedGenesisHash?: string): ProvenReading {
  const { config, configNumbers, genesisHash } = followConfigs(proof.configBlocks, trustedGenesisHash);
  const { meterId, interval } = proof;
  // The meter may have been registered under an earlier configuration than the one that signs the reading's block.
  const meterBlock = checkBlock(proof.meterBlock, proof.configBlocks, configNumbers);
  const readingBlock = checkBlock(proof.readingBlock, proof.configBlocks, configNumbers);
  const meter = findIn(meterBlock, chaincode, (writes) => meterIn(writes, meterId));
  const recorded = findIn(readingBlock, chaincode, (writes) => readingIn(writes, meterId, interval.slot));
  if (headerOf(meterBlock.block).getNumber() > headerOf(readingBlock.block).getNumber()) {
    throw new ProofError('PROOF_METER_WRONG', 'the meter was registered after the block of readings was recorded');
  }
  const reading = recorded.found;
  checkSignature(config.channelId, meter.found, reading);
  return {
    channel: config.channelId,
    genesisHash,
    meterId,
    interval,
    total: checkLeaf(proof, reading),
    block: headerOf(readingBlock.block).getNumber(),
    transactionId: recorded.transaction.transactionId,
    endorsedBy: recorded.transaction.endorsedBy,
  };
}

function followConfigs(
  blocks: readonly Uint8Array[],
  trusted: string | undefined,
): { readonly config: ChannelConfig; readonly configNumbers: readonly number[]; readonly genesisHash: string } {
  let config: ChannelConfig | undefined;
  const configNumbers: number[] = [];
  let genesisHash = '';
  for (const bytes of blocks) {
    const block = blockOf(bytes);
    const number = headerOf(block).getNumber();
    if (!isConfigBlock(block) || (config === undefined) !== (number === 0)) {
      throw new ProofError('PROOF_BLOCK_WRONG', `block ${number} is not the configuration that is due`);
    }
    if (config === undefined) {
      genesisHash = Buffer.from(blockHeaderHash(headerOf(block))).toString('hex');
      if (trusted !== undefined && trusted !== genesisHash) {
        throw new ProofError('PROOF_GENESIS_NOT_TRUSTED', `block 0 has hash ${genesisHash}, trusted is ${trusted}`);
      }
      demandData(block);
    } else {
      demandSigned(block, config);
    }
    config = ChannelConfig.fromBlock(block);
    configNumbers.push(number);
  }
  if (config === undefined) {
    throw new ProofError('PROOF_BLOCK_WRONG', 'block 0 is missing');
  }
  return { config, configNumbers, genesisHash };
}

interface CheckedBlock {
  readonly block: common.Block;
  readonly config: ChannelConfig;
}

/** A block with the configuration that its orderers name, which must be one of the proof's and the last one before it. */
function checkBlock(bytes: Uint8Array, configBlocks: readonly Uint8Array[], numbers: readonly number[]): CheckedBlock {
  const block = blockOf(bytes);
  const number = headerOf(block).getNumber();
  const index = numbers.findLastIndex((one) => one < number);
  const configBytes = configBlocks[index];
  if (configBytes === undefined || lastConfigBlockOf(block) !== numbers[index]) {
    throw new ProofError('PROOF_BLOCK_WRONG', `block ${number} names another configuration than the proof holds`);
  }
  const config = ChannelConfig.fromBlock(blockOf(configBytes));
  demandSigned(block, config);
  return { block, config };
}

function blockOf(bytes: Uint8Array): common.Block {
  try {
    const block = decodeBlock(bytes);
    headerOf(block);
    return block;
  } catch (error) {
    throw new ProofError('PROOF_BLOCK_WRONG', error instanceof Error ? error.message : String(error));
  }
}

function demandData(block: common.Block): void {
  const number = headerOf(block).getNumber();
  if (!Buffer.from(headerOf(block).getDataHash_asU8()).equals(blockDataHash(envelopesOf(block)))) {
    throw new ProofError('PROOF_BLOCK_WRONG', `the envelopes of block ${number} are not those of its header`);
  }
}

function demandSigned(block: common.Block, config: ChannelConfig): void {
  demandData(block);
  const { satisfied, faults } = checkOrdererSignatures(block, config);
  if (!satisfied || faults.length > 0) {
    const number = headerOf(block).getNumber();
    throw new ProofError(
      'PROOF_BLOCK_WRONG',
      `block ${number} is not signed by the orderers ${faults.join(' ')}`.trim(),
    );
  }
}

/** The last transaction of a block that writes what is looked for, with its signatures checked. */
function findIn<T>(
  { block, config }: CheckedBlock,
  chaincode: string,
  find: (writes: readonly KeyWrite[]) => T | undefined,
): { readonly found: T; readonly transaction: Transaction } {
  for (const envelope of [...envelopesOf(block)].reverse()) {
    const writes = writesIn(envelope, chaincode);
    const found = find(writes);
    if (found !== undefined) {
      return { found, transaction: { ...checkTransaction(envelope, config), writes } };
    }
  }
  const number = headerOf(block).getNumber();
  throw new ProofError('PROOF_METER_WRONG', `no transaction of block ${number} writes what is to be shown`);
}

function checkTransaction(envelope: Uint8Array, { msps }: ChannelConfig): Omit<Transaction, 'writes'> {
  const header = parseEnvelopeHeader(envelope);
  const { endorsements, proposalResponsePayload, transactionId } = parseTransaction(envelope);
  const refuse = (what: string): never => {
    throw new ProofError('PROOF_TRANSACTION_WRONG', `transaction ${transactionId}: ${what}`);
  };
  const isSigned = (identity: Uint8Array, message: Uint8Array, signature: Uint8Array): string => {
    const signer = msps.deserialize(identity);
    msps.validate(signer);
    return signer.verify(message, signature) ? signer.mspId : refuse('a signature does not hold');
  };
  try {
    isSigned(header.creator, header.payloadBytes, header.signature);
    const names = endorsements.map(({ endorser, signature }) =>
      isSigned(endorser, endorsementMessage(proposalResponsePayload, endorser), signature),
    );
    return names.length === 0
      ? refuse('nobody has endorsed it')
      : { transactionId, endorsedBy: [...new Set(names)].sort() };
  } catch (error) {
    if (error instanceof ProofError) {
      throw error;
    }
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function checkSignature(channel: string, meter: Meter, reading: Reading): void {
  const key = meter.keys.findLast(({ firstSequence }) => firstSequence <= reading.sequence);
  if (
    key?.version !== reading.keyVersion ||
    !verifySignature(key.publicKey, blockBytes(channel, reading), reading.signature)
  ) {
    throw new ProofError('PROOF_SIGNATURE_WRONG', `key ${reading.keyVersion} of the meter has not signed it`);
  }
}

function checkLeaf({ interval, leafSalt, path }: ReadingProof, reading: Reading): IntervalTotal {
  const index = interval.slot - reading.startSlot;
  const root = fromBase64Url(reading.commitment) ?? Buffer.alloc(0);
  const leaf = leafWith(leafSalt, interval);
  if (
    leafSalt.length !== 32 ||
    !verifyInclusion({ index, leafCount: reading.totals.length, leaf, proof: path, root })
  ) {
    throw new ProofError('PROOF_LEAF_WRONG', `the values of slot ${interval.slot} do not open the commitment`);
  }
  const total = reading.totals[index];
  if (
    total?.slot !== interval.slot ||
    sum(interval.importWh) !== total.importWh ||
    sum(interval.exportWh) !== total.exportWh
  ) {
    throw new ProofError(
      'PROOF_TOTAL_WRONG',
      `the values of slot ${interval.slot} have another sum than the ledger says`,
    );
  }
  return total;
}
