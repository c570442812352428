import type { Chaincode, Channel, Collection } from '@flexledger/topology';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import { messageOf, NetworkError } from '../network-error';
import type { ChaincodePackage } from './chaincode-package';
import type { PeerClient } from './peer-client';
import { applicationPolicy, signaturePolicyEnvelope } from './policies';

const { lifecycle } = peer;
const LIFECYCLE = '_lifecycle';
const RETRY_MS = 300;

/** Joins a peer to the channel of a genesis block; a peer that has joined already stays as it is. */
export async function joinPeer(client: PeerClient, genesisBlock: Uint8Array): Promise<void> {
  try {
    await client.propose('cscc', [Buffer.from('JoinChain'), genesisBlock]);
  } catch (error) {
    if (!messageOf(error).includes('already exists')) {
      throw error;
    }
  }
}

/** Installs a chaincode package on a peer; one that is installed already stays as it is. */
export async function installPackage(client: PeerClient, chaincodePackage: ChaincodePackage): Promise<void> {
  const request = new lifecycle.InstallChaincodeArgs();
  request.setChaincodeInstallPackage(chaincodePackage.bytes);
  try {
    await client.propose(LIFECYCLE, [Buffer.from('InstallChaincode'), request.serializeBinary()]);
  } catch (error) {
    if (!messageOf(error).includes('already successfully installed')) {
      throw error;
    }
  }
}

/** Approves a chaincode definition for the client's organisation, unless it has approved the same before. */
export async function approveDefinition(
  client: PeerClient,
  channel: Channel,
  chaincode: Chaincode,
  packageId: string,
  deadline: number,
): Promise<void> {
  const local = new lifecycle.ChaincodeSource.Local();
  local.setPackageId(packageId);
  const source = new lifecycle.ChaincodeSource();
  source.setLocalPackage(local);
  const request = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
  fillDefinition(request, chaincode);
  request.setSource(source);
  const parameters = request.serializeBinary();
  await retryUntil(deadline, `approval of ${chaincode.name} by ${client.mspId}`, async () => {
    // Fabric 2.5 endorses the same approval again, but then its transaction writes nothing and is not valid.
    if (await hasApproved(client, channel, chaincode, packageId)) {
      return;
    }
    try {
      await submit(client, channel, 'ApproveChaincodeDefinitionForMyOrg', parameters, [client.mspId]);
    } catch (error) {
      if (!/attempted to redefine (the current committed|uncommitted) sequence/.test(describe(error))) {
        throw error;
      }
    }
  });
}

/** Whether the client's organisation has approved this very definition with this package. */
async function hasApproved(
  client: PeerClient,
  channel: Channel,
  chaincode: Chaincode,
  packageId: string,
): Promise<boolean> {
  const request = new lifecycle.QueryApprovedChaincodeDefinitionArgs();
  request.setName(chaincode.name);
  request.setSequence(chaincode.sequence);
  try {
    const bytes = await evaluate(client, channel, 'QueryApprovedChaincodeDefinition', request.serializeBinary());
    const approved = lifecycle.QueryApprovedChaincodeDefinitionResult.deserializeBinary(bytes);
    return isDefinitionOf(approved, chaincode) && approved.getSource()?.getLocalPackage()?.getPackageId() === packageId;
  } catch (error) {
    if (describe(error).includes('could not fetch approved chaincode definition')) {
      return false;
    }
    throw error;
  }
}

/** Whether the definition is committed at this sequence or a later one, as the client's peer sees it. */
export async function isCommitted(client: PeerClient, channel: Channel, chaincode: Chaincode): Promise<boolean> {
  const committed = await committedDefinition(client, channel, chaincode.name);
  return committed !== undefined && committed.getSequence() >= chaincode.sequence;
}

/** The committed definition of a chaincode, as the client's peer sees it; undefined when there is none. */
export async function committedDefinition(
  client: PeerClient,
  channel: Channel,
  name: string,
): Promise<peer.lifecycle.QueryChaincodeDefinitionResult | undefined> {
  const request = new lifecycle.QueryChaincodeDefinitionArgs();
  request.setName(name);
  try {
    const bytes = await evaluate(client, channel, 'QueryChaincodeDefinition', request.serializeBinary());
    return lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(bytes);
  } catch (error) {
    if (describe(error).includes('is not defined')) {
      return undefined;
    }
    throw error;
  }
}

/** Whether a definition on the ledger says the same as a description: sequence, version, policy and collections. */
export function isDefinitionOf(
  committed: peer.lifecycle.QueryChaincodeDefinitionResult | peer.lifecycle.QueryApprovedChaincodeDefinitionResult,
  chaincode: Chaincode,
): boolean {
  const wanted = new lifecycle.CommitChaincodeDefinitionArgs();
  fillDefinition(wanted, chaincode);
  const collections = (one: peer.CollectionConfigPackage | undefined): Buffer =>
    Buffer.from(one?.serializeBinary() ?? []);
  return (
    committed.getSequence() === chaincode.sequence &&
    committed.getVersion() === chaincode.version &&
    Buffer.from(committed.getValidationParameter_asU8()).equals(wanted.getValidationParameter_asU8()) &&
    collections(committed.getCollections()).equals(collections(wanted.getCollections()))
  );
}

/** Waits until every member has approved as this peer sees it, then commits the definition. */
export async function commitDefinition(
  client: PeerClient,
  channel: Channel,
  chaincode: Chaincode,
  deadline: number,
): Promise<void> {
  const readiness = new lifecycle.CheckCommitReadinessArgs();
  fillDefinition(readiness, chaincode);
  await retryUntil(deadline, `approvals of ${chaincode.name}`, async () => {
    const bytes = await evaluate(client, channel, 'CheckCommitReadiness', readiness.serializeBinary());
    const approvals = lifecycle.CheckCommitReadinessResult.deserializeBinary(bytes).getApprovalsMap();
    const missing = [...approvals.entries()].filter(([, approved]) => !approved).map(([mspId]) => mspId);
    if (missing.length > 0) {
      throw new NetworkError('NETWORK_NOT_READY', `${missing.join(', ')} have not approved ${chaincode.name} yet.`);
    }
  });
  const request = new lifecycle.CommitChaincodeDefinitionArgs();
  fillDefinition(request, chaincode);
  await retryUntil(deadline, `commit of the definition of ${chaincode.name}`, async () => {
    if (!(await isCommitted(client, channel, chaincode))) {
      await submit(client, channel, 'CommitChaincodeDefinition', request.serializeBinary());
    }
  });
}

/** Repeats an action until it succeeds; after the deadline its last error is the cause of NETWORK_NOT_READY. */
export async function retryUntil(deadline: number, what: string, action: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await action();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new NetworkError('NETWORK_NOT_READY', `${what} did not succeed in time: ${describe(error)}`, {
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** The message of an error with the details that each endorser or orderer added. */
export function describe(error: unknown): string {
  if (error instanceof GatewayError) {
    return [error.message, ...error.details.map((detail) => `${detail.mspId}: ${detail.message}`)].join('; ');
  }
  return messageOf(error);
}

type DefinitionRequest =
  | peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs
  | peer.lifecycle.CheckCommitReadinessArgs
  | peer.lifecycle.CommitChaincodeDefinitionArgs;

function fillDefinition(request: DefinitionRequest, chaincode: Chaincode): void {
  request.setName(chaincode.name);
  request.setVersion(chaincode.version);
  request.setSequence(chaincode.sequence);
  request.setEndorsementPlugin('escc');
  request.setValidationPlugin('vscc');
  const policy = applicationPolicy(chaincode.endorsementPolicy) ?? channelDefaultPolicy();
  request.setValidationParameter(policy.serializeBinary());
  if (chaincode.collections.length > 0) {
    request.setCollections(collectionPackage(chaincode.collections));
  }
}

function channelDefaultPolicy(): peer.ApplicationPolicy {
  const policy = new peer.ApplicationPolicy();
  policy.setChannelConfigPolicyReference('/Channel/Application/Endorsement');
  return policy;
}

function collectionPackage(collections: readonly Collection[]): peer.CollectionConfigPackage {
  const configs = collections.map((collection) => {
    const members = new peer.CollectionPolicyConfig();
    members.setSignaturePolicy(signaturePolicyEnvelope(collection.policy));
    const fixed = new peer.StaticCollectionConfig();
    fixed.setName(collection.name);
    fixed.setMemberOrgsPolicy(members);
    fixed.setRequiredPeerCount(collection.requiredPeerCount);
    fixed.setMaximumPeerCount(collection.maxPeerCount);
    fixed.setBlockToLive(collection.blockToLive);
    fixed.setMemberOnlyRead(collection.memberOnlyRead);
    fixed.setMemberOnlyWrite(collection.memberOnlyWrite);
    const endorsement = applicationPolicy(collection.endorsementPolicy);
    if (endorsement !== undefined) {
      fixed.setEndorsementPolicy(endorsement);
    }
    const config = new peer.CollectionConfig();
    config.setStaticCollectionConfig(fixed);
    return config;
  });
  const collectionConfigs = new peer.CollectionConfigPackage();
  collectionConfigs.setConfigList(configs);
  return collectionConfigs;
}

async function evaluate(
  client: PeerClient,
  channel: Channel,
  name: string,
  parameters: Uint8Array,
): Promise<Uint8Array> {
  const contract = client.gateway.getNetwork(channel.name).getContract(LIFECYCLE);
  return contract.evaluate(name, { arguments: [parameters], endorsingOrganizations: [client.mspId] });
}

async function submit(
  client: PeerClient,
  channel: Channel,
  name: string,
  parameters: Uint8Array,
  endorsers?: string[],
): Promise<void> {
  const contract = client.gateway.getNetwork(channel.name).getContract(LIFECYCLE);
  await contract.submit(name, {
    arguments: [parameters],
    ...(endorsers === undefined ? {} : { endorsingOrganizations: endorsers }),
  });
}
