import {
  buildProposalResponsePayload,
  decodeReadWriteSet,
  endorsementMessage,
  TransactionSimulator,
  type ChaincodeDefinition,
  type ParsedProposal,
  type SimulationResult,
  type StateReader,
} from '@flexledger/fabric-model';
import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeResult } from '../chaincode/connection';
import type { ChaincodeHost } from '../chaincode/host';
import { messageOf } from '../errors';
import type { ChannelLedger } from '../ledger/channel-ledger';
import { collectionPermission, findCollection, organizationView } from './access';
import {
  checkExpiry,
  checkProposal,
  checkTimestamp,
  checkWriters,
  ProposalRefusal,
  unpackProposal,
} from './check-proposal';
import type { PeerContext } from './peer-context';
import type { Interest, ProposalOutcome } from './proposal-outcome';
import { isSystemChaincode, querySystemChaincode } from './system-chaincodes';

/** What an endorser works with. */
export interface EndorserOptions {
  readonly peer: PeerContext;
  readonly ledgers: ReadonlyMap<string, ChannelLedger>;
  readonly host: ChaincodeHost;
  readonly nowMs: () => number;
  /** How many blocks behind the next simulation shall see the ledger; 0 for an endorser that keeps up. */
  readonly blocksBehind: () => number;
  /** Whether to refuse everything, as a peer that is down does. */
  readonly isDown: () => boolean;
}

interface Simulated {
  readonly result: SimulationResult;
  readonly chaincode: ChaincodeResult;
  readonly definition: ChaincodeDefinition;
}

/** What the chaincode answered with. */
const chaincodeErrorThreshold = 400;
const chaincodeError = 500;

/** One peer's ProcessProposal: checks, simulates on its organisation's own chaincode process, signs. */
export class Endorser {
  readonly peer: PeerContext;

  constructor(private readonly options: EndorserOptions) {
    this.peer = options.peer;
  }

  /** Never rejects: a refusal is an outcome. */
  async processProposal(signed: peer.SignedProposal): Promise<ProposalOutcome> {
    if (this.options.isDown()) {
      return { response: undefined, error: 'the peer is held down by a fault', interest: undefined };
    }
    try {
      return await this.process(signed);
    } catch (error) {
      const message = messageOf(error);
      const isRefusal = error instanceof ProposalRefusal;
      if (isRefusal && !error.hasResponse) return { response: undefined, error: message, interest: undefined };
      return { response: failure(message), error: isRefusal ? message : undefined, interest: undefined };
    }
  }

  private async process(signed: peer.SignedProposal): Promise<ProposalOutcome> {
    const proposal = unpackProposal(signed);
    const signature = signed.getSignature_asU8();
    const ledger = this.options.ledgers.get(proposal.channelId);
    const nowMs = this.options.nowMs();
    checkExpiry(proposal, nowMs);
    checkTimestamp(proposal, nowMs);
    if (ledger === undefined) throw new Error(`channel '${proposal.channelId}' not found`);
    checkProposal(ledger, proposal, signed);
    if (isSystemChaincode(proposal.chaincodeName)) {
      const response = await querySystemChaincode(this.options.ledgers, proposal, signature);
      return { response: this.endorse(proposal, response), error: undefined, interest: undefined };
    }
    checkWriters(ledger, proposal);
    return this.simulateAndEndorse(ledger, proposal, signed);
  }

  private async simulateAndEndorse(
    ledger: ChannelLedger,
    proposal: ParsedProposal,
    signed: peer.SignedProposal,
  ): Promise<ProposalOutcome> {
    const { result, chaincode, definition } = await this.simulate(ledger, proposal, signed);
    const { response, event } = chaincode;
    const status = response.getStatus();
    const message = new peer.ProposalResponse();
    message.setResponse(response);
    const interest = interestOf(result, definition.name);
    if (status >= chaincodeErrorThreshold && status < chaincodeError) {
      return { response: message, error: undefined, interest };
    }
    const payload = buildProposalResponsePayload({
      proposalHash: proposal.proposalHash,
      readWriteSetBytes: result.readWriteSetBytes,
      eventBytes: event?.serializeBinary() ?? new Uint8Array(0),
      response: { status, message: response.getMessage(), payload: response.getPayload_asU8() },
      chaincode: { name: definition.name, version: definition.version },
    });
    message.setPayload(payload);
    if (status < chaincodeError) this.sign(message, payload);
    return { response: message, error: undefined, interest };
  }

  private async simulate(
    ledger: ChannelLedger,
    proposal: ParsedProposal,
    signed: peer.SignedProposal,
  ): Promise<Simulated> {
    const { chaincodeName, channelId, transactionId } = proposal;
    const definition = ledger.definition(chaincodeName);
    const service = this.options.host.service(this.peer.mspId, chaincodeName);
    if (definition === undefined || service === undefined) {
      throw new Error(
        `make sure the chaincode ${chaincodeName} has been successfully defined on channel ${channelId} and try again: ` +
          `chaincode ${chaincodeName} not found`,
      );
    }
    const view = this.view(ledger);
    const simulator = new TransactionSimulator({
      transactionId,
      state: organizationView(ledger, view, this.peer.signer.serialized),
      hasCollection: (_, collection) => findCollection(ledger, definition, collection).name === collection,
    });
    simulator.recordDefinitionRead(chaincodeName);
    const context = {
      channel: channelId,
      transactionId,
      chaincodeName,
      signedProposal: signed,
      simulator,
      history: async (key: string) => ledger.history(chaincodeName, key, view),
      collectionPermission: (collection: string) =>
        collectionPermission(ledger, definition, collection, proposal.creator),
    };
    try {
      const chaincode = await service.execute({ context, input: inputOf(proposal) });
      const result = simulator.result();
      if (result.privateWriteSetBytes !== undefined) {
        await ledger.transient.put(transactionId, result.privateWriteSetBytes, ledger.height);
      }
      return { result, chaincode, definition };
    } catch (error) {
      throw new Error(`error in simulation: ${messageOf(error)}`, { cause: error });
    }
  }

  private view(ledger: ChannelLedger): StateReader {
    return ledger.state.viewBehind(this.options.blocksBehind());
  }

  private endorse(proposal: ParsedProposal, response: peer.Response): peer.ProposalResponse {
    const message = new peer.ProposalResponse();
    message.setResponse(response);
    const payload = buildProposalResponsePayload({
      proposalHash: proposal.proposalHash,
      readWriteSetBytes: new Uint8Array(0),
      eventBytes: new Uint8Array(0),
      response: {
        status: response.getStatus(),
        message: response.getMessage(),
        payload: response.getPayload_asU8(),
      },
      chaincode: { name: proposal.chaincodeName, version: 'syscc' },
    });
    message.setPayload(payload);
    if (response.getStatus() < chaincodeErrorThreshold) this.sign(message, payload);
    return message;
  }

  private sign(message: peer.ProposalResponse, payload: Uint8Array): void {
    const { signer } = this.peer;
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(signer.serialized);
    endorsement.setSignature(signer.sign(endorsementMessage(payload, signer.serialized)));
    message.setVersion(1);
    message.setEndorsement(endorsement);
  }
}

function failure(message: string): peer.ProposalResponse {
  const inner = new peer.Response();
  inner.setStatus(chaincodeError);
  inner.setMessage(message);
  const response = new peer.ProposalResponse();
  response.setResponse(inner);
  return response;
}

function inputOf(proposal: ParsedProposal): peer.ChaincodeInput {
  const input = new peer.ChaincodeInput();
  input.setArgsList([...proposal.args]);
  input.setIsInit(proposal.isInit);
  return input;
}

/** The policies a simulation needs: written or read collections by themselves, the chaincode's own for public writes or none at all. */
function interestOf(result: SimulationResult, chaincodeName: string): Interest {
  const own = decodeReadWriteSet(result.readWriteSetBytes).namespaces.find(
    ({ namespace }) => namespace === chaincodeName,
  );
  const written = own?.collections.filter(({ writes }) => writes.length > 0).map(({ collection }) => collection) ?? [];
  const read = result.privateReads.map(({ collection }) => collection);
  const names = [...new Set([...written, ...read])];
  const hasPublicWrites = (own?.writes.length ?? 0) > 0;
  return {
    needsChaincodePolicy: hasPublicWrites || written.length === 0,
    collections: names.map((name) => ({ name, isRead: read.includes(name) })),
  };
}
