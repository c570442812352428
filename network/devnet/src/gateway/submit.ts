import { status as GrpcCode } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import { StatusError } from '../protocol/status';
import { requireChannel, type GatewayContext } from './gateway-context';

/** Gateway.Submit: hands a signed transaction to the sequencer; OK says that it was taken, not that it is valid. */
export function submit(context: GatewayContext, request: gateway.SubmitRequest): gateway.SubmitResponse {
  const envelope = request.getPreparedTransaction();
  if (envelope === undefined) throw new StatusError(GrpcCode.INVALID_ARGUMENT, 'a prepared transaction is required');
  if (envelope.getSignature_asU8().length === 0) {
    throw new StatusError(GrpcCode.INVALID_ARGUMENT, 'prepared transaction must be signed');
  }
  const { sequencer } = requireChannel(context, request.getChannelId());
  const { status, info } = sequencer.broadcast(envelope);
  if (status === 'SUCCESS') return new gateway.SubmitResponse();
  if (status === 'SERVICE_UNAVAILABLE') {
    throw new StatusError(GrpcCode.UNAVAILABLE, 'no orderers could successfully process transaction');
  }
  throw new StatusError(
    GrpcCode.ABORTED,
    `received unsuccessful response from orderer: status=${status}, info=${info}`,
  );
}
