import { status as GrpcCode } from '@grpc/grpc-js';
import { buildTransactionPayload, parseProposal, type ChaincodeDefinition } from '@flexledger/fabric-model';
import { common, gateway, type peer } from '@hyperledger/fabric-protos';
import { findCollection } from '../endorsement/access';
import type { Endorser } from '../endorsement/endorser';
import type { Plan } from '../endorsement/plan';
import { outcomeStatus, type Interest, type ProposalOutcome } from '../endorsement/proposal-outcome';
import { messageOf } from '../errors';
import type { ChannelLedger } from '../ledger/channel-ledger';
import { StatusError, type EndpointDetail } from '../protocol/status';
import { askEndorser, type GatewayContext } from './gateway-context';
import { readProposal, type ProposalView } from './read-proposal';

/** One call of Endorse. */
interface EndorseCall {
  readonly context: GatewayContext;
  readonly ledger: ChannelLedger;
  readonly signed: peer.SignedProposal;
  readonly view: ProposalView;
}

interface FirstAnswer {
  readonly endorser: Endorser;
  readonly response: peer.ProposalResponse;
  readonly interest: Interest;
}

const everythingPublic: Interest = { needsChaincodePolicy: true, collections: [] };

function definitionOf({ ledger, view }: EndorseCall): ChaincodeDefinition | undefined {
  return ledger.definition(view.chaincodeName);
}

function withStatus<T>(code: GrpcCode, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new StatusError(code, messageOf(error));
  }
}

function noMetadata({ view }: Pick<EndorseCall, 'view'>): StatusError {
  return new StatusError(
    GrpcCode.FAILED_PRECONDITION,
    'no combination of peers can be derived which satisfy the endorsement policy: ' +
      `No metadata was found for chaincode ${view.chaincodeName} in channel ${view.channel}`,
  );
}

/** The peers that may give the first answer: those of the gateway's own organisation, or any when it has none on the channel. */
function firstCandidates(call: EndorseCall, definition: ChaincodeDefinition | undefined): readonly Endorser[] {
  const { context, ledger, view } = call;
  const own =
    definition === undefined ? [] : context.planner.endorsersOf(ledger, [context.own.peer.mspId], context.own);
  if (own.length > 0) return own;
  if (view.hasTransientData) {
    throw new StatusError(
      GrpcCode.FAILED_PRECONDITION,
      "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data",
    );
  }
  if (definition === undefined) throw noMetadata(call);
  const plan = withStatus(GrpcCode.FAILED_PRECONDITION, () =>
    context.planner.planForInterest(ledger, definition, everythingPublic, context.own, false),
  );
  return plan.nextEndorsers()?.slice(0, 1) ?? [];
}

async function firstAnswer(call: EndorseCall, candidates: readonly Endorser[]): Promise<FirstAnswer> {
  const details: EndpointDetail[] = [];
  for (const endorser of candidates) {
    const outcome: ProposalOutcome = await askEndorser(call.context, endorser, call.signed);
    const { code, message } = outcomeStatus(outcome);
    if (code === GrpcCode.OK && outcome.response !== undefined) {
      return { endorser, response: outcome.response, interest: outcome.interest ?? everythingPublic };
    }
    details.push({ address: endorser.peer.address, mspId: endorser.peer.mspId, message });
  }
  throw new StatusError(GrpcCode.ABORTED, 'failed to endorse transaction, see attached details for more info', details);
}

/** Whether the plan would be possible if non-members were allowed to see what is written to the collections. */
function isOnlyProtected(call: EndorseCall, definition: ChaincodeDefinition, first: FirstAnswer): boolean {
  const written = first.interest.collections.filter(({ isRead }) => !isRead);
  if (!call.view.hasTransientData || written.length === 0) return false;
  try {
    call.context.planner.planForInterest(call.ledger, definition, first.interest, first.endorser, false);
    return true;
  } catch {
    return false;
  }
}

function planAround(call: EndorseCall, definition: ChaincodeDefinition, first: FirstAnswer): Plan {
  const { context, ledger, view } = call;
  try {
    return context.planner.planForInterest(ledger, definition, first.interest, first.endorser, view.hasTransientData);
  } catch (error) {
    if (!isOnlyProtected(call, definition, first)) {
      throw new StatusError(GrpcCode.FAILED_PRECONDITION, messageOf(error));
    }
    const names = first.interest.collections
      .filter(({ isRead }) => !isRead)
      .map(({ name }) => findCollection(call.ledger, definition, name).name);
    throw new StatusError(
      GrpcCode.FAILED_PRECONDITION,
      'requires endorsement from organisation(s) that are not in the distribution policy of the private data ' +
        `collection(s): [${names.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`,
    );
  }
}

async function planByPolicy(call: EndorseCall): Promise<Plan> {
  const definition = definitionOf(call);
  const candidates = firstCandidates(call, definition);
  if (definition === undefined) throw noMetadata(call);
  const first = await firstAnswer(call, candidates);
  const plan = planAround(call, definition, first);
  plan.accept(first.endorser, first.response);
  return plan;
}

/** Asks one peer, then the others of its organisation; undefined when one agreed, else the organisation that failed. */
async function collectFrom(call: EndorseCall, plan: Plan, first: Endorser): Promise<string | undefined> {
  for (let endorser: Endorser | undefined = first; endorser !== undefined; endorser = plan.nextInGroup(endorser)) {
    const outcome = await askEndorser(call.context, endorser, call.signed);
    const { code, message } = outcomeStatus(outcome);
    if (code !== GrpcCode.OK || outcome.response === undefined) {
      plan.addError(endorser, message);
    } else if (plan.accept(endorser, outcome.response)) {
      return undefined;
    }
  }
  return first.peer.mspId;
}

async function collect(call: EndorseCall, plan: Plan): Promise<void> {
  while (!plan.isComplete) {
    const endorsers = plan.nextEndorsers();
    if (endorsers === undefined) break;
    const failed = await Promise.all(endorsers.map(async (endorser) => collectFrom(call, plan, endorser)));
    plan.abandon(failed.filter((group) => group !== undefined));
  }
}

/** Gateway.Endorse: collects endorsements that satisfy the policies and returns the unsigned transaction. */
export async function endorse(
  context: GatewayContext,
  request: gateway.EndorseRequest,
): Promise<gateway.EndorseResponse> {
  const signed = request.getProposedTransaction();
  if (signed === undefined || signed.getProposalBytes_asU8().length === 0) {
    throw new StatusError(GrpcCode.INVALID_ARGUMENT, 'the proposed transaction must contain a signed proposal');
  }
  const view = withStatus(GrpcCode.INVALID_ARGUMENT, () => readProposal(signed));
  const ledger = context.channels.get(view.channel)?.ledger;
  // A gateway plans without asking whether its peer has joined the channel: it finds nothing to plan with.
  if (ledger === undefined) throw noMetadata({ view });
  const call: EndorseCall = { context, ledger, signed, view };
  const named = request.getEndorsingOrganizationsList();
  const plan =
    named.length > 0
      ? withStatus(GrpcCode.UNAVAILABLE, () => context.planner.planForOrganizations(call.ledger, named, context.own))
      : await planByPolicy(call);
  await collect(call, plan);
  const { result } = plan;
  if (result === undefined) {
    throw new StatusError(
      GrpcCode.ABORTED,
      'failed to collect enough transaction endorsements, see attached details for more info',
      plan.errors,
    );
  }
  const payload = buildTransactionPayload({
    proposal: parseProposal(signed.getProposalBytes_asU8()),
    proposalResponsePayload: result.payload,
    endorsements: result.endorsements.map((one) => ({
      endorser: one.getEndorser_asU8(),
      signature: one.getSignature_asU8(),
    })),
  });
  const envelope = new common.Envelope();
  envelope.setPayload(payload);
  const response = new gateway.EndorseResponse();
  response.setPreparedTransaction(envelope);
  return response;
}
