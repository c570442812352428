import { status as GrpcCode } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import { streamTerminated } from '../chaincode/connection';

/** Which policies a simulation needs: the chaincode's own and those of the collections it touched. */
export interface Interest {
  readonly needsChaincodePolicy: boolean;
  readonly collections: readonly { readonly name: string; readonly isRead: boolean }[];
}

/**
 * What ProcessProposal came to. As on a peer there may be a response, an error, or both: an error without a response
 * comes from the filters before the endorser, an error with a response from the checks of the proposal.
 */
export interface ProposalOutcome {
  readonly response: peer.ProposalResponse | undefined;
  readonly error: string | undefined;
  readonly interest: Interest | undefined;
}

/** How the gateway takes an outcome. */
export interface OutcomeStatus {
  readonly code: GrpcCode;
  readonly message: string;
  /** Whether Evaluate tries the next peer. */
  readonly retry: boolean;
}

function responseStatus(response: peer.ProposalResponse): OutcomeStatus {
  const inner = response.getResponse();
  const status = inner?.getStatus() ?? 0;
  const message = inner?.getMessage() ?? '';
  if (status >= 200 && status < 400) return { code: GrpcCode.OK, message: '', retry: false };
  if (response.getPayload_asU8().length === 0 && status === 500) {
    return { code: GrpcCode.ABORTED, message, retry: true };
  }
  return { code: GrpcCode.UNKNOWN, message: `chaincode response ${String(status)}, ${message}`, retry: false };
}

/** Status code, text and retry decision for an outcome, as Fabric's gateway decides them. */
export function outcomeStatus({ response, error }: ProposalOutcome): OutcomeStatus {
  if (error !== undefined) {
    return response === undefined
      ? { code: GrpcCode.UNAVAILABLE, message: error, retry: true }
      : { code: GrpcCode.FAILED_PRECONDITION, message: error, retry: false };
  }
  if (response === undefined) return { code: GrpcCode.UNAVAILABLE, message: streamTerminated, retry: true };
  return responseStatus(response);
}

/** The outcome as another peer's gateway sees it: over gRPC an error comes without a response. */
export function asSeenRemotely(outcome: ProposalOutcome): ProposalOutcome {
  if (outcome.error === undefined) return outcome;
  return { response: undefined, error: `rpc error: code = Unknown desc = ${outcome.error}`, interest: undefined };
}
