import { status as GrpcCode } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import { channelReaders, checkChannelPolicy } from '../endorsement/access';
import { messageOf } from '../errors';
import type { ChannelLedger } from '../ledger/channel-ledger';
import type { TransactionLocation } from '../ledger/ledger-types';
import { StatusError } from '../protocol/status';
import type { GatewayContext } from './gateway-context';

function invalid(message: string): StatusError {
  return new StatusError(GrpcCode.INVALID_ARGUMENT, message);
}

function readRequest(signed: gateway.SignedCommitStatusRequest): gateway.CommitStatusRequest {
  const bytes = signed.getRequest_asU8();
  if (bytes.length === 0) throw invalid('a commit status request is required');
  let request: gateway.CommitStatusRequest;
  try {
    request = gateway.CommitStatusRequest.deserializeBinary(bytes);
  } catch (error) {
    throw invalid(`invalid status request: ${messageOf(error)}`);
  }
  if (request.getIdentity_asU8().length === 0) throw invalid('no identity provided');
  if (request.getChannelId() === '') throw invalid('no channel ID provided');
  if (request.getTransactionId() === '') throw invalid('transaction ID should not be empty');
  return request;
}

async function waitFor(
  ledger: ChannelLedger,
  transactionId: string,
  aborted: AbortSignal,
): Promise<TransactionLocation> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      ledger.events.off('committed', look);
      aborted.removeEventListener('abort', abort);
      act();
    };
    const look = (): void => {
      const location = ledger.locate(transactionId);
      if (location !== undefined) {
        finish(() => {
          resolve(location);
        });
      }
    };
    const abort = (): void => {
      finish(() => {
        reject(new StatusError(GrpcCode.CANCELLED, 'context canceled'));
      });
    };
    ledger.events.on('committed', look);
    aborted.addEventListener('abort', abort);
    look();
  });
}

/** Gateway.CommitStatus: answers at once for a committed transaction, else when it commits; an unknown one waits forever. */
export async function commitStatus(
  context: GatewayContext,
  signed: gateway.SignedCommitStatusRequest,
  aborted: AbortSignal,
): Promise<gateway.CommitStatusResponse> {
  const request = readRequest(signed);
  const channel = context.channels.get(request.getChannelId());
  if (channel === undefined) {
    throw new StatusError(
      GrpcCode.PERMISSION_DENIED,
      `Failed to get policy manager for channel [${request.getChannelId()}]`,
    );
  }
  try {
    checkChannelPolicy(channel.ledger, channelReaders, {
      message: signed.getRequest_asU8(),
      identity: request.getIdentity_asU8(),
      signature: signed.getSignature_asU8(),
    });
  } catch (error) {
    throw new StatusError(GrpcCode.PERMISSION_DENIED, messageOf(error));
  }
  const location = await waitFor(channel.ledger, request.getTransactionId(), aborted);
  if (context.faults.loseCommitStatus()) {
    throw new StatusError(GrpcCode.UNAVAILABLE, 'the commit status was lost by a fault');
  }
  const response = new gateway.CommitStatusResponse();
  response.setResult(location.code);
  response.setBlockNumber(location.blockNumber);
  return response;
}
