import { status as GrpcCode } from '@grpc/grpc-js';
import { FabricModelError, parseTransaction, transactionsFilter, ValidationCodes } from '@flexledger/fabric-model';
import { gateway, orderer, peer, type common } from '@hyperledger/fabric-protos';
import { channelReaders, checkChannelPolicy } from '../endorsement/access';
import { messageOf } from '../errors';
import { BlockCursor } from '../ledger/block-cursor';
import type { ChannelLedger } from '../ledger/channel-ledger';
import { StatusError } from '../protocol/status';
import type { GatewayContext } from './gateway-context';

function eventOf(envelope: Uint8Array): peer.ChaincodeEvent | undefined {
  try {
    const { event } = parseTransaction(envelope);
    if (event === undefined) return undefined;
    const message = new peer.ChaincodeEvent();
    message.setChaincodeId(event.chaincodeName);
    message.setTxId(event.transactionId);
    message.setEventName(event.eventName);
    message.setPayload(event.payload);
    return message;
  } catch (error) {
    if (error instanceof FabricModelError) return undefined;
    throw error;
  }
}

function eventsOf(block: common.Block): readonly peer.ChaincodeEvent[] {
  const codes = transactionsFilter(block);
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  return envelopes
    .filter((_, index) => codes[index] === ValidationCodes.VALID)
    .map(eventOf)
    .filter((event) => event !== undefined);
}

/** Passes the events of one chaincode, from behind a given transaction if the caller has seen that one already. */
class EventFilter {
  private hasPassed: boolean;

  constructor(
    private readonly chaincodeName: string,
    private readonly afterTransactionId: string,
  ) {
    this.hasPassed = afterTransactionId === '';
  }

  accepts(event: peer.ChaincodeEvent): boolean {
    if (!this.hasPassed) {
      this.hasPassed = event.getTxId() === this.afterTransactionId;
      return false;
    }
    return event.getChaincodeId() === this.chaincodeName;
  }
}

function startBlock(ledger: ChannelLedger, request: gateway.ChaincodeEventsRequest): number {
  const after = ledger.locate(request.getAfterTransactionId());
  if (after !== undefined) return after.blockNumber;
  const position = request.getStartPosition() ?? new orderer.SeekPosition();
  const { TypeCase } = orderer.SeekPosition;
  switch (position.getTypeCase()) {
    case TypeCase.TYPE_NOT_SET:
    case TypeCase.NEXT_COMMIT:
      return ledger.height;
    case TypeCase.SPECIFIED:
      return position.getSpecified()?.getNumber() ?? 0;
    default: {
      const kind = position.hasOldest() ? 'Oldest' : 'Newest';
      throw new StatusError(GrpcCode.INVALID_ARGUMENT, `invalid start position type: *orderer.SeekPosition_${kind}`);
    }
  }
}

function readRequest(signed: gateway.SignedChaincodeEventsRequest): gateway.ChaincodeEventsRequest {
  const bytes = signed.getRequest_asU8();
  if (bytes.length === 0) throw new StatusError(GrpcCode.INVALID_ARGUMENT, 'a chaincode events request is required');
  try {
    return gateway.ChaincodeEventsRequest.deserializeBinary(bytes);
  } catch (error) {
    throw new StatusError(GrpcCode.INVALID_ARGUMENT, `invalid chaincode events request: ${messageOf(error)}`);
  }
}

/**
 * Gateway.ChaincodeEvents: the events of one chaincode, a message per block that has any, from a start position or from
 * behind a transaction, without end.
 */
export async function chaincodeEvents(
  context: GatewayContext,
  signed: gateway.SignedChaincodeEventsRequest,
  aborted: AbortSignal,
  send: (response: gateway.ChaincodeEventsResponse) => Promise<void>,
): Promise<void> {
  const request = readRequest(signed);
  const channel = context.channels.get(request.getChannelId());
  try {
    if (channel === undefined) throw new Error(`Failed to get policy manager for channel [${request.getChannelId()}]`);
    checkChannelPolicy(channel.ledger, channelReaders, {
      message: signed.getRequest_asU8(),
      identity: request.getIdentity_asU8(),
      signature: signed.getSignature_asU8(),
    });
  } catch (error) {
    throw new StatusError(GrpcCode.PERMISSION_DENIED, messageOf(error));
  }
  if (channel === undefined) return;
  const filter = new EventFilter(request.getChaincodeId(), request.getAfterTransactionId());
  const cursor = new BlockCursor(channel.ledger, startBlock(channel.ledger, request), aborted);
  for (let block = await cursor.next(); block !== undefined; block = await cursor.next()) {
    const events = eventsOf(block).filter((event) => filter.accepts(event));
    if (events.length === 0) continue;
    const response = new gateway.ChaincodeEventsResponse();
    response.setBlockNumber(block.getHeader()?.getNumber() ?? 0);
    response.setEventsList([...events]);
    await send(response);
    if (context.faults.dropStream()) throw new StatusError(GrpcCode.UNAVAILABLE, 'the stream was dropped by a fault');
  }
}
