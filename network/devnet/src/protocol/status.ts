import { Metadata, status as GrpcCode, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { gateway, google } from '@hyperledger/fabric-protos';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { messageOf } from '../errors';

/** Which endpoint said what: travels to the client as a gateway.ErrorDetail in the details of the gRPC status. */
export interface EndpointDetail {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

/** An answer other than OK, with the status code, text and details that Fabric's gateway gives. */
export class StatusError extends Error {
  override readonly name = 'StatusError';

  constructor(
    readonly code: GrpcCode,
    message: string,
    readonly details: readonly EndpointDetail[] = [],
  ) {
    super(message);
  }
}

function detailsMetadata(error: StatusError): Metadata {
  const metadata = new Metadata();
  if (error.details.length === 0) return metadata;
  const status = new google.rpc.Status();
  status.setCode(error.code);
  status.setMessage(error.message);
  for (const detail of error.details) {
    const message = new gateway.ErrorDetail();
    message.setAddress(detail.address);
    message.setMspId(detail.mspId);
    message.setMessage(detail.message);
    const packed = new Any();
    packed.pack(message.serializeBinary(), 'gateway.ErrorDetail');
    status.addDetails(packed);
  }
  metadata.set('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  return metadata;
}

/** What a gRPC handler hands to its callback or stream: a status object; anything unexpected becomes UNKNOWN with its text. */
export function toGrpcError(error: unknown): ServiceError & Partial<StatusObject> {
  const known = error instanceof StatusError ? error : new StatusError(GrpcCode.UNKNOWN, messageOf(error));
  const result = new Error(known.message);
  return Object.assign(result, { code: known.code, details: known.message, metadata: detailsMetadata(known) });
}
