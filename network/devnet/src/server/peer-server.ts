import {
  Server,
  ServerCredentials,
  status as GrpcCode,
  type ServerDuplexStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import type { ChaincodeHost } from '../chaincode/host';
import { deliverBlocks, StreamDropped, type DeliverContext } from '../deliver/deliver';
import { filteredBlock } from '../deliver/filtered-block';
import { DevnetError, messageOf } from '../errors';
import { chaincodeEvents } from '../gateway/chaincode-events';
import { commitStatus } from '../gateway/commit-status';
import { endorse } from '../gateway/endorse';
import { evaluate } from '../gateway/evaluate';
import type { GatewayContext } from '../gateway/gateway-context';
import { submit } from '../gateway/submit';
import { StatusError } from '../protocol/status';
import { ConcurrencyLimit, duplexHandler, serverStreamHandler, unaryHandler } from './handlers';

/** Concurrent calls per service of a peer, Fabric's defaults. */
export interface ServiceLimits {
  readonly gateway: number;
  readonly endorser: number;
  readonly deliver: number;
}

/** The figures of a peer as it is delivered. */
export const defaultServiceLimits: ServiceLimits = { gateway: 500, endorser: 2500, deliver: 2500 };

/** Largest message a peer takes, as in Fabric. */
const messageBytesMax = 100 * 1024 * 1024;

/** TLS identity of a peer's server. */
export interface ServerTls {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** One peer's gRPC services. */
export interface PeerServices {
  readonly gateway: GatewayContext;
  readonly deliver: DeliverContext;
  readonly host: ChaincodeHost;
  readonly limits: ServiceLimits;
}

function gatewayService(context: GatewayContext, limit: ConcurrencyLimit): UntypedServiceImplementation {
  return {
    evaluate: unaryHandler<gateway.EvaluateRequest, gateway.EvaluateResponse>(limit, async (request) =>
      evaluate(context, request),
    ),
    endorse: unaryHandler<gateway.EndorseRequest, gateway.EndorseResponse>(limit, async (request) =>
      endorse(context, request),
    ),
    submit: unaryHandler<gateway.SubmitRequest, gateway.SubmitResponse>(limit, (request) => submit(context, request)),
    commitStatus: unaryHandler<gateway.SignedCommitStatusRequest, gateway.CommitStatusResponse>(
      limit,
      async (request, aborted) => commitStatus(context, request, aborted),
    ),
    chaincodeEvents: serverStreamHandler<gateway.SignedChaincodeEventsRequest, gateway.ChaincodeEventsResponse>(
      limit,
      async (request, aborted, send) => chaincodeEvents(context, request, aborted, send),
    ),
  };
}

function deliverHandler(
  context: DeliverContext,
  limit: ConcurrencyLimit,
  wrap: (block: common.Block) => peer.DeliverResponse,
): UntypedServiceImplementation[string] {
  return duplexHandler<common.Envelope, peer.DeliverResponse>(limit, async (envelope, aborted, send) => {
    try {
      const status = await deliverBlocks(context, envelope, aborted, async (block) => send(wrap(block)));
      if (status === undefined) return false;
      const response = new peer.DeliverResponse();
      response.setStatus(status);
      await send(response);
      return status === common.Status.SUCCESS;
    } catch (error) {
      if (error instanceof StreamDropped) throw new StatusError(GrpcCode.UNAVAILABLE, error.message);
      throw error;
    }
  });
}

function deliverService(context: DeliverContext, limit: ConcurrencyLimit): UntypedServiceImplementation {
  const refusal = 'DeliverWithPrivateData is not available on the embedded network, see DIFFERENCES.md';
  return {
    deliver: deliverHandler(context, limit, (block) => {
      const response = new peer.DeliverResponse();
      response.setBlock(block);
      return response;
    }),
    deliverFiltered: deliverHandler(context, limit, (block) => {
      const response = new peer.DeliverResponse();
      response.setFilteredBlock(filteredBlock(block));
      return response;
    }),
    deliverWithPrivateData: duplexHandler<common.Envelope, peer.DeliverResponse>(limit, () => {
      throw new StatusError(GrpcCode.UNIMPLEMENTED, refusal);
    }),
  };
}

function endorserService(context: GatewayContext, limit: ConcurrencyLimit): UntypedServiceImplementation {
  return {
    processProposal: unaryHandler<peer.SignedProposal, peer.ProposalResponse>(limit, async (signed) => {
      const { response, error } = await context.own.processProposal(signed);
      if (error !== undefined || response === undefined)
        throw new StatusError(GrpcCode.UNKNOWN, error ?? 'no response');
      return response;
    }),
  };
}

async function bind(server: Server, address: string, credentials: ServerCredentials): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, credentials, (error) => {
      if (error === null) resolve();
      else reject(portError(address, error));
    });
  });
}

/** The error for an address that cannot be listened on. */
export function portError(address: string, error: unknown): DevnetError {
  const reason = /EADDRINUSE|already in use/i.test(messageOf(error)) ? 'it is in use' : messageOf(error);
  return new DevnetError(
    'DEVNET_PORT_IN_USE',
    `cannot listen on ${address} (${reason}); stop what uses it or change the port in the topology`,
    error,
  );
}

/** A peer's gRPC server on its loopback address. */
export class PeerServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
  });
  private readonly gatewayLimit: ConcurrencyLimit;

  constructor(services: PeerServices) {
    const { limits } = services;
    this.gatewayLimit = new ConcurrencyLimit('/gateway.Gateway', limits.gateway);
    this.server.addService(gateway.GatewayService, gatewayService(services.gateway, this.gatewayLimit));
    const deliverLimit = new ConcurrencyLimit('/protos.Deliver', limits.deliver);
    this.server.addService(peer.DeliverService, deliverService(services.deliver, deliverLimit));
    const endorserLimit = new ConcurrencyLimit('/protos.Endorser', limits.endorser);
    this.server.addService(peer.EndorserService, endorserService(services.gateway, endorserLimit));
  }

  /** Gateway calls in flight. */
  get gatewayCalls(): number {
    return this.gatewayLimit.inFlight;
  }

  async start(address: string, { certificate, key }: ServerTls): Promise<void> {
    const credentials = ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: certificate }], false);
    await bind(this.server, address, credentials);
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

/** Listens for chaincode that dials its peer: protos.ChaincodeSupport/Register, plain text on loopback. */
export class ChaincodeListener {
  private readonly server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });

  constructor(host: ChaincodeHost, mspId: string) {
    const register = (stream: ServerDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>): void => {
      stream.once('data', (first: peer.ChaincodeMessage) => {
        const chaincodeId = peer.ChaincodeID.deserializeBinary(first.getPayload_asU8()).getName();
        const service = host.serviceById(mspId, chaincodeId);
        if (service === undefined) {
          stream.end();
          return;
        }
        service.accept(stream);
        stream.emit('data', first);
      });
    };
    this.server.addService(peer.ChaincodeSupportService, { register });
  }

  async start(address: string): Promise<void> {
    await bind(this.server, address, ServerCredentials.createInsecure());
  }

  stop(): void {
    this.server.forceShutdown();
  }
}
