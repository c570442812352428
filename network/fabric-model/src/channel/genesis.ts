import { common } from '@hyperledger/fabric-protos';

import { newBlock } from '../block/block';
import { setOrdererMetadata, setTransactionsFilter } from '../block/metadata';
import { NO_BYTES, sha256, utf8 } from '../common/bytes';
import { buildEnvelope } from '../transaction/response';
import { computeTransactionId } from '../transaction/proposal';
import { ValidationCodes } from '../validation/codes';

/**
 * Block 0 of a channel with this configuration: one unsigned CONFIG envelope. The nonce is derived from the
 * configuration, so that equal configurations give equal blocks.
 */
export function buildGenesisBlock(channelId: string, config: common.Config): common.Block {
  const configEnvelope = new common.ConfigEnvelope();
  configEnvelope.setConfig(config);
  const data = configEnvelope.serializeBinary();
  const nonce = sha256(utf8(channelId), data).subarray(0, 24);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setNonce(nonce);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setVersion(1);
  channelHeader.setChannelId(channelId);
  channelHeader.setTxId(computeTransactionId(nonce, NO_BYTES));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const block = newBlock(0, NO_BYTES, [buildEnvelope(payload.serializeBinary(), NO_BYTES)]);
  setOrdererMetadata(block, { lastConfigBlock: 0 });
  setTransactionsFilter(block, [ValidationCodes.VALID]);
  return block;
}
