import { blockHeaderHash, decodeBlock, type ParsedProposal } from '@flexledger/fabric-model';
import { common, peer } from '@hyperledger/fabric-protos';
import { messageOf } from '../errors';
import type { ChannelLedger } from '../ledger/channel-ledger';
import { channelReaders, checkChannelPolicy } from './access';

/** The read-only system chaincodes that are answered here; everything else of Fabric's own is refused by name. */
const answered = new Set(['qscc', 'cscc']);
const refused = new Set(['lscc', '_lifecycle']);

/** Whether a chaincode name belongs to Fabric itself. */
export function isSystemChaincode(name: string): boolean {
  return answered.has(name) || refused.has(name);
}

function success(payload: Uint8Array): peer.Response {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(payload);
  return response;
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
}

function chainInfo(ledger: ChannelLedger): Uint8Array {
  const info = new common.BlockchainInfo();
  const header = ledger.lastBlock.getHeader();
  info.setHeight(ledger.height);
  if (header !== undefined) info.setCurrentblockhash(blockHeaderHash(header));
  info.setPreviousblockhash(header?.getPreviousHash_asU8() ?? new Uint8Array(0));
  return info.serializeBinary();
}

async function blockByNumber(ledger: ChannelLedger, argument: Uint8Array): Promise<Uint8Array> {
  const number = text(argument);
  if (!/^[0-9]{1,20}$/.test(number)) {
    throw new Error(`Failed to parse block number with error strconv.ParseUint: parsing "${number}": invalid syntax`);
  }
  const bytes = await ledger.blockBytes(Number(number));
  if (bytes !== undefined) return bytes;
  throw new Error(`Failed to get block number ${number}, error no such block number [${number}] in index`);
}

async function blockByHash(ledger: ChannelLedger, hash: Uint8Array): Promise<Uint8Array> {
  for (let number = ledger.height - 1; number >= 0; number -= 1) {
    const bytes = await ledger.blockBytes(number);
    const header = bytes === undefined ? undefined : decodeBlock(bytes).getHeader();
    if (bytes !== undefined && header !== undefined && Buffer.compare(blockHeaderHash(header), hash) === 0)
      return bytes;
  }
  const shown = Buffer.from(hash).toString('hex');
  throw new Error(`Failed to get block hash ${text(hash)}, error no such block hash [${shown}] in index`);
}

async function blockByTransactionId(ledger: ChannelLedger, transactionId: string): Promise<Uint8Array> {
  const location = ledger.locate(transactionId);
  const bytes = location === undefined ? undefined : await ledger.blockBytes(location.blockNumber);
  if (bytes !== undefined) return bytes;
  throw new Error(
    `Failed to get block for txID ${transactionId}, error no such transaction ID [${transactionId}] in index`,
  );
}

async function transactionById(ledger: ChannelLedger, transactionId: string): Promise<Uint8Array> {
  const location = ledger.locate(transactionId);
  const bytes = location === undefined ? undefined : await ledger.blockBytes(location.blockNumber);
  const envelope =
    bytes === undefined || location === undefined
      ? undefined
      : decodeBlock(bytes).getData()?.getDataList_asU8()[location.index];
  if (envelope === undefined || location === undefined) {
    throw new Error(
      `Failed to get transaction with id ${transactionId}, error no such transaction ID [${transactionId}] in index`,
    );
  }
  const processed = new peer.ProcessedTransaction();
  processed.setTransactionenvelope(common.Envelope.deserializeBinary(envelope));
  processed.setValidationcode(location.code);
  return processed.serializeBinary();
}

async function ledgerQuery(ledger: ChannelLedger, name: string, argument: Uint8Array | undefined): Promise<Uint8Array> {
  if (name === 'GetChainInfo') return chainInfo(ledger);
  if (argument === undefined) throw new Error(`missing 3rd argument for ${name}`);
  switch (name) {
    case 'GetBlockByNumber':
      return blockByNumber(ledger, argument);
    case 'GetBlockByHash':
      return blockByHash(ledger, argument);
    case 'GetBlockByTxID':
      return blockByTransactionId(ledger, text(argument));
    case 'GetTransactionByID':
      return transactionById(ledger, text(argument));
    default:
      throw new Error(`Requested function ${name} not found.`);
  }
}

async function configQuery(ledger: ChannelLedger, name: string): Promise<Uint8Array> {
  if (name === 'GetConfigBlock') {
    return (await ledger.blockBytes(ledger.lastConfigBlock)) ?? new Uint8Array(0);
  }
  if (name === 'GetChannelConfig') return ledger.config.config.serializeBinary();
  throw new Error(`Requested function ${name} not found.`);
}

function channelList(ledgers: ReadonlyMap<string, ChannelLedger>): Uint8Array {
  const response = new peer.ChannelQueryResponse();
  for (const name of ledgers.keys()) {
    const info = new peer.ChannelInfo();
    info.setChannelId(name);
    response.addChannels(info);
  }
  return response.serializeBinary();
}

async function answer(
  ledgers: ReadonlyMap<string, ChannelLedger>,
  proposal: ParsedProposal,
  signature: Uint8Array,
): Promise<Uint8Array> {
  const { chaincodeName, args } = proposal;
  const name = text(args[0]);
  if (refused.has(chaincodeName)) {
    throw new Error(`system chaincode ${chaincodeName} is not available on the embedded network, see DIFFERENCES.md`);
  }
  if (chaincodeName === 'cscc' && name === 'GetChannels') return channelList(ledgers);
  if (args.length < 2) throw new Error(`Incorrect number of arguments, ${String(args.length)}`);
  const channel = text(args[1]);
  const ledger = ledgers.get(channel);
  if (ledger === undefined) throw new Error(`Invalid chain ID, ${channel}`);
  try {
    checkChannelPolicy(ledger, channelReaders, { message: proposal.bytes, identity: proposal.creator, signature });
  } catch (error) {
    throw new Error(`access denied for [${name}][${channel}]: [${messageOf(error)}]`, { cause: error });
  }
  return chaincodeName === 'qscc' ? ledgerQuery(ledger, name, args[2]) : configQuery(ledger, name);
}

/** Answers a query of a system chaincode; a failure is a response with status 500 and Fabric's text. */
export async function querySystemChaincode(
  ledgers: ReadonlyMap<string, ChannelLedger>,
  proposal: ParsedProposal,
  signature: Uint8Array,
): Promise<peer.Response> {
  try {
    return success(await answer(ledgers, proposal, signature));
  } catch (error) {
    const response = new peer.Response();
    response.setStatus(500);
    response.setMessage(messageOf(error));
    return response;
  }
}
