import { createHash, createPrivateKey } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import {
  connect,
  GatewayError,
  hash,
  signers,
  type Contract,
  type Gateway,
  type Network,
  type ProposalOptions,
  type Status,
  type Transaction,
} from '@hyperledger/fabric-gateway';
import { gateway as gatewayMessages, msp } from '@hyperledger/fabric-protos';
import type { NetworkHandle } from '@flexledger/network';

/** An identity as a client presents it; tests change parts of it to present a false one. */
export interface Credentials {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A client of one organisation, connected to its peer. */
export interface Party {
  readonly mspId: string;
  readonly gateway: Gateway;
  readonly network: Network;
  readonly contract: Contract;
  /** The raw connection, for what the client library would not send. */
  readonly client: Client;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** The serialised identity. */
  creator(): Uint8Array;
  close(): void;
}

/** What became of a submitted transaction. */
export interface Outcome {
  readonly transactionId: string;
  readonly result: string;
  readonly code: number;
  readonly successful: boolean;
  readonly blockNumber: bigint;
}

/** Connects a client to its organisation's peer. */
export function openParty(handle: NetworkHandle, organization: string, change: Partial<Credentials> = {}): Party {
  const identity = { ...handle.identity(organization, 'user'), ...change };
  const endpoint = handle.peerEndpoint(organization);
  const client = new Client(endpoint.address, credentials.createSsl(Buffer.from(endpoint.tlsRootCertificatePem)), {
    'grpc.ssl_target_name_override': endpoint.hostOverride,
  });
  const signer = signers.newPrivateKeySigner(createPrivateKey(identity.privateKeyPem));
  const gateway = connect({
    client,
    identity: { mspId: identity.mspId, credentials: Buffer.from(identity.certificatePem) },
    signer,
    hash: hash.sha256,
    evaluateOptions: () => ({ deadline: Date.now() + 15_000 }),
    endorseOptions: () => ({ deadline: Date.now() + 20_000 }),
    submitOptions: () => ({ deadline: Date.now() + 10_000 }),
    commitStatusOptions: () => ({ deadline: Date.now() + 30_000 }),
  });
  const network = gateway.getNetwork(handle.channelName);
  return {
    mspId: identity.mspId,
    gateway,
    network,
    contract: network.getContract(handle.chaincodeName),
    client,
    sign: async (bytes) => signer(createHash('sha256').update(bytes).digest()),
    creator: () => {
      const serialized = new msp.SerializedIdentity();
      serialized.setMspid(identity.mspId);
      serialized.setIdBytes(Buffer.from(identity.certificatePem));
      return serialized.serializeBinary();
    },
    close: () => {
      gateway.close();
      client.close();
    },
  };
}

/** Endorses a call; nothing is sent to the orderer yet. */
export async function endorse(
  party: Party,
  name: string,
  parameters: readonly string[],
  options: Omit<ProposalOptions, 'arguments'> = {},
): Promise<Transaction> {
  return party.contract.newProposal(name, { ...options, arguments: [...parameters] }).endorse();
}

/** Sends an endorsed transaction to the orderer and waits for its outcome, valid or not. */
export async function send(transaction: Transaction): Promise<Outcome> {
  const submitted = await transaction.submit();
  const status = await submitted.getStatus();
  return outcomeOf(status, transaction.getResult());
}

/** Endorses and sends a call; waits for its outcome, valid or not. */
export async function submit(
  party: Party,
  name: string,
  parameters: readonly string[],
  options: Omit<ProposalOptions, 'arguments'> = {},
): Promise<Outcome> {
  return send(await endorse(party, name, parameters, options));
}

/** Submits a call that has to become valid, and waits until every given peer has it. */
export async function submitEverywhere(
  parties: readonly Party[],
  name: string,
  parameters: readonly string[],
  options: Omit<ProposalOptions, 'arguments'> = {},
): Promise<Outcome> {
  const [first] = parties;
  const outcome = await submit(first!, name, parameters, options);
  if (!outcome.successful) {
    throw new Error(`${name} ended with code ${outcome.code}`);
  }
  await Promise.all(parties.map((party) => commitStatus(party, outcome.transactionId)));
  return outcome;
}

/** Evaluates a call on the party's own peer. */
export async function evaluate(party: Party, name: string, ...parameters: string[]): Promise<string> {
  const bytes = await party.contract.evaluate(name, {
    arguments: parameters,
    endorsingOrganizations: [party.mspId],
  });
  return Buffer.from(bytes).toString();
}

/** Asks the party's peer what became of a transaction id; waits until the deadline if the peer does not know it. */
export async function commitStatus(party: Party, transactionId: string, withinMs = 20_000): Promise<Status> {
  const request = new gatewayMessages.CommitStatusRequest();
  request.setChannelId(party.network.getName());
  request.setTransactionId(transactionId);
  request.setIdentity(party.creator());
  const signed = new gatewayMessages.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  const commit = party.gateway.newCommit(signed.serializeBinary());
  return commit.getStatus({ deadline: Date.now() + withinMs });
}

/**
 * The parts of an error that an application sees, word by word. Addresses are left out; transaction ids, identities and
 * times, which differ in every run, are replaced by TXID, CREATOR and TIME.
 */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly mspId: string; readonly message: string }[];
}

/** Runs an action that has to fail at the gateway, and tells how. */
export async function refusalOf(action: () => Promise<unknown>): Promise<Refusal> {
  try {
    await action();
  } catch (error) {
    if (error instanceof GatewayError) {
      const details = error.details.map(({ mspId, message }) => ({ mspId, message: withoutChance(message) }));
      return { code: error.code, message: withoutChance(error.message), details };
    }
    throw error;
  }
  throw new Error('it was not refused');
}

function withoutChance(message: string): string {
  return message
    .replace(/[0-9a-f]{200,}/g, 'CREATOR')
    .replace(/[0-9a-f]{64}/g, 'TXID')
    .replace(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/g, 'TIME')
    .replace(/ after [0-9.]+s,.*$/, '');
}

function outcomeOf(status: Status, result: Uint8Array): Outcome {
  return {
    transactionId: status.transactionId,
    result: Buffer.from(result).toString(),
    code: status.code,
    successful: status.successful,
    blockNumber: status.blockNumber,
  };
}

const ENDORSE_REFUSED = '10 ABORTED: failed to endorse transaction, see attached details for more info';

/** The refusal of a proposal by the first endorser, with its words. */
export function endorseRefusal(message: string, mspId = 'OneMSP'): Refusal {
  return { code: 10, message: ENDORSE_REFUSED, details: [{ mspId, message }] };
}

/** The refusal of an evaluation by the endorser, with its words. */
export function evaluateRefusal(message: string, mspId = 'OneMSP', status: [number, string] = [2, 'UNKNOWN']): Refusal {
  const [code, name] = status;
  const text = `${code} ${name}: evaluate call to endorser returned error: ${message}`;
  return { code, message: text, details: [{ mspId, message }] };
}
