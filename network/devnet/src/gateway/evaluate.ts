import { status as GrpcCode } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import type { Endorser } from '../endorsement/endorser';
import { outcomeStatus } from '../endorsement/proposal-outcome';
import { isSystemChaincode } from '../endorsement/system-chaincodes';
import { messageOf } from '../errors';
import { StatusError, type EndpointDetail } from '../protocol/status';
import { askEndorser, requireChannel, type GatewayContext } from './gateway-context';
import { readProposal, type ProposalView } from './read-proposal';

function resultOf(response: peer.ProposalResponse): peer.Response {
  const inner = response.getResponse() ?? new peer.Response();
  const payload = peer.ProposalResponsePayload.deserializeBinary(response.getPayload_asU8());
  const action = peer.ChaincodeAction.deserializeBinary(payload.getExtension_asU8());
  inner.setPayload(action.getResponse()?.getPayload_asU8() ?? new Uint8Array(0));
  return inner;
}

function viewOf(signed: peer.SignedProposal | undefined): ProposalView {
  try {
    return readProposal(signed);
  } catch (error) {
    throw new StatusError(GrpcCode.INVALID_ARGUMENT, `failed to unpack transaction proposal: ${messageOf(error)}`);
  }
}

function chooseEndorsers(
  context: GatewayContext,
  request: gateway.EvaluateRequest,
  view: ProposalView,
): readonly Endorser[] {
  const { ledger } = requireChannel(context, view.channel);
  const named = request.getTargetOrganizationsList();
  const isProtected = view.hasTransientData && named.length === 0;
  const ownMspId = context.own.peer.mspId;
  const allowed = isProtected ? [ownMspId] : named.length > 0 ? named : ledger.config.applicationMspIds;
  const isDefined = isSystemChaincode(view.chaincodeName) || ledger.definition(view.chaincodeName) !== undefined;
  const endorsers = isDefined ? context.planner.endorsersOf(ledger, allowed, context.own) : [];
  const ownFirst = [
    ...endorsers.filter(({ peer: one }) => one.mspId === ownMspId),
    ...endorsers.filter(({ peer: one }) => one.mspId !== ownMspId),
  ];
  if (ownFirst.length > 0) return ownFirst;
  const none = `no peers available to evaluate chaincode ${view.chaincodeName} in channel ${view.channel}`;
  throw new StatusError(
    GrpcCode.FAILED_PRECONDITION,
    isProtected
      ? "no endorsers found in the gateway's organization; retry specifying target organization(s) to protect " +
          `transient data: ${none}`
      : none,
  );
}

/** Gateway.Evaluate: runs a transaction on one peer, the own organisation's first, and returns its result. */
export async function evaluate(
  context: GatewayContext,
  request: gateway.EvaluateRequest,
): Promise<gateway.EvaluateResponse> {
  const signed = request.getProposedTransaction();
  const view = viewOf(signed);
  const endorsers = chooseEndorsers(context, request, view);
  const details: EndpointDetail[] = [];
  let code: GrpcCode = GrpcCode.UNAVAILABLE;
  for (const endorser of endorsers) {
    const outcome = await askEndorser(context, endorser, signed ?? new peer.SignedProposal());
    const outcomeIs = outcomeStatus(outcome);
    if (outcomeIs.code === GrpcCode.OK && outcome.response !== undefined) {
      const response = new gateway.EvaluateResponse();
      response.setResult(resultOf(outcome.response));
      return response;
    }
    code = outcomeIs.code;
    details.push({ address: endorser.peer.address, mspId: endorser.peer.mspId, message: outcomeIs.message });
    if (!outcomeIs.retry) {
      throw new StatusError(code, `evaluate call to endorser returned error: ${outcomeIs.message}`, details);
    }
  }
  throw new StatusError(code, 'failed to evaluate transaction, see attached details for more info', details);
}
