import { createPrivateKey } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, signers, type Gateway, type Network } from '@hyperledger/fabric-gateway';
import { signDer } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';

const MESSAGE_BYTES_MAX = 100 * 1024 * 1024;
const DEADLINE_MS = 60_000;

/** One connection of the benchmark's client. The same kind of client calls FlexLedger and the sample. */
export interface BenchClient {
  readonly network: Network;
  close(): void;
}

/** Who signs. */
export interface Signatory {
  readonly organization: string;
  readonly identity: string;
}

/** The benchmark's clients by who signs; all of them use the same peer. */
export interface BenchClients {
  readonly community: BenchClient;
  readonly aggregator: BenchClient;
}

const GATEWAY_ORGANIZATION = 'Community';

/** Opens the clients at one peer. */
export function openClients(handle: NetworkHandle, librarySigner = false): BenchClients {
  const open = (organization: string): BenchClient =>
    openClient(handle, GATEWAY_ORGANIZATION, { organization, identity: organization.toLowerCase() }, librarySigner);
  return { community: open('Community'), aggregator: open('Aggregator') };
}

/** Closes all connections. */
export function closeClients({ aggregator, community }: BenchClients): void {
  aggregator.close();
  community.close();
}

/** Connects as an identity to the peer of an organisation. */
export function openClient(
  handle: NetworkHandle,
  peerOrganization: string,
  who: Signatory,
  librarySigner = false,
): BenchClient {
  const identity = handle.identity(who.organization, who.identity);
  const endpoint = handle.peerEndpoint(peerOrganization);
  const client = new Client(endpoint.address, credentials.createSsl(Buffer.from(endpoint.tlsRootCertificatePem)), {
    'grpc.ssl_target_name_override': endpoint.hostOverride,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  });
  const key = createPrivateKey(identity.privateKeyPem);
  const deadline = () => ({ deadline: Date.now() + DEADLINE_MS });
  const gateway: Gateway = connect({
    client,
    identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificatePem) },
    ...(librarySigner
      ? { hash: hash.sha256, signer: signers.newPrivateKeySigner(key) }
      : { hash: hash.none, signer: (message: Uint8Array) => Promise.resolve(signDer(message, key)) }),
    endorseOptions: deadline,
    submitOptions: deadline,
    evaluateOptions: deadline,
  });
  return {
    network: gateway.getNetwork(handle.channelName),
    close: () => {
      gateway.close();
      client.close();
    },
  };
}
