import {
  ChannelConfig,
  decodeBlock,
  isConfigBlock,
  MemoryState,
  parseEnvelopeHeader,
  transactionsFilter,
  verifyBlockChain,
  type HashedUpdate,
  type PrivateUpdate,
  type PublicUpdate,
} from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { messageOf } from '../errors';
import { keptBlocks, type LedgerOptions, type LoadedChannel, type TransactionLocation } from './ledger-types';
import { damaged } from './record-store';
import { openVersion, type ChannelKeys, keyParts } from './records';

/** A transaction id, or nothing for an envelope that cannot be read (it is on the ledger as invalid). */
function transactionIdOf(envelope: Uint8Array): string {
  try {
    return parseEnvelopeHeader(envelope).transactionId;
  } catch {
    return '';
  }
}

function indexTransactions(block: common.Block, number: number, index: Map<string, TransactionLocation>): void {
  const codes = transactionsFilter(block);
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  envelopes.forEach((envelope, position) => {
    const transactionId = transactionIdOf(envelope);
    if (transactionId === '' || index.has(transactionId)) return;
    index.set(transactionId, { blockNumber: number, index: position, code: codes[position] ?? 255 });
  });
}

interface Chain {
  readonly lastBlock: common.Block;
  readonly config: ChannelConfig;
  readonly lastConfigBlock: number;
}

async function loadChain(
  options: LedgerOptions,
  keys: ChannelKeys,
  height: number,
  transactions: Map<string, TransactionLocation>,
): Promise<Chain> {
  let previous: common.Block | undefined;
  let config: ChannelConfig | undefined;
  let lastConfigBlock = 0;
  for (let number = 0; number < height; number += 1) {
    const what = `block ${String(number)} of channel ${options.channel} is damaged`;
    const { folder } = options.store;
    try {
      const bytes = await options.store.get(keys.block(number));
      if (bytes === undefined) throw new Error('it is missing');
      const block = decodeBlock(bytes);
      verifyBlockChain(block, previous);
      if (isConfigBlock(block)) {
        config = ChannelConfig.fromBlock(block);
        lastConfigBlock = number;
      }
      indexTransactions(block, number, transactions);
      previous = block;
    } catch (error) {
      throw damaged(folder, `${what} (${messageOf(error)})`, error);
    }
  }
  if (previous === undefined || config === undefined) {
    throw damaged(options.store.folder, `channel ${options.channel} has no configuration block`);
  }
  return { lastBlock: previous, config, lastConfigBlock };
}

async function loadPublic({ store }: LedgerOptions, keys: ChannelKeys): Promise<readonly PublicUpdate[]> {
  const entries: PublicUpdate[] = [];
  for await (const [recordKey, bytes] of store.scan(keys.state('public'))) {
    const [, , namespace = '', key = ''] = keyParts(recordKey);
    entries.push({ namespace, key, ...openVersion(bytes) });
  }
  return entries;
}

async function loadHashed({ store }: LedgerOptions, keys: ChannelKeys): Promise<readonly HashedUpdate[]> {
  const entries: HashedUpdate[] = [];
  for await (const [recordKey, bytes] of store.scan(keys.state('hashed'))) {
    const [, , namespace = '', collection = '', keyHashHex = ''] = keyParts(recordKey);
    const { version, value } = openVersion(bytes);
    entries.push({ namespace, collection, keyHashHex, version, valueHash: value, purge: false });
  }
  return entries;
}

async function loadPrivate({ store }: LedgerOptions, keys: ChannelKeys): Promise<readonly PrivateUpdate[]> {
  const entries: PrivateUpdate[] = [];
  for await (const [recordKey, bytes] of store.scan(keys.state('private'))) {
    const [, , namespace = '', collection = '', key = ''] = keyParts(recordKey);
    entries.push({ namespace, collection, key, ...openVersion(bytes) });
  }
  return entries;
}

async function loadState(options: LedgerOptions, keys: ChannelKeys, height: number): Promise<MemoryState> {
  const publicEntries = await loadPublic(options, keys);
  const hashedEntries = await loadHashed(options, keys);
  const privateEntries = await loadPrivate(options, keys);
  return MemoryState.restore(height, { publicEntries, hashedEntries, privateEntries }, { keepBlocks: keptBlocks });
}

/**
 * Reads a channel from disk and checks its whole chain: numbers, previous hashes, data hashes, checksums, and that no
 * block is missing that was once reported committed. Undefined when the channel has never been stored.
 *
 * @throws DevnetError DEVNET_STORE_DAMAGED that names the block.
 */
export async function loadChannel(
  options: LedgerOptions,
  keys: ChannelKeys,
  markedHeight: number,
): Promise<LoadedChannel | undefined> {
  const stored = await options.store.get(keys.height);
  const height = stored === undefined ? 0 : Number(Buffer.from(stored).toString('utf8'));
  if (height < markedHeight) {
    const lost = `block ${String(height)} of channel ${options.channel} is damaged`;
    throw damaged(options.store.folder, `${lost} (it was committed, but the store ends before it)`);
  }
  if (height === 0) return undefined;
  const transactions = new Map<string, TransactionLocation>();
  const chain = await loadChain(options, keys, height, transactions);
  return { ...chain, state: await loadState(options, keys, height), transactions };
}
