import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildGenesisBlock,
  encodeMspConfig,
  encodeSignaturePolicy,
  parseSignaturePolicy,
} from '@flexledger/fabric-model';
import {
  memberOrganizations,
  nodeFullName,
  ordererOrganizations,
  organizationMspFolder,
  type Channel,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import { common, orderer, peer } from '@hyperledger/fabric-protos';

type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';

function implicitPolicy(rule: ImplicitRule, subPolicy: string): common.Policy {
  const implicit = new common.ImplicitMetaPolicy();
  implicit.setRule(common.ImplicitMetaPolicy.Rule[rule]);
  implicit.setSubPolicy(subPolicy);
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(implicit.serializeBinary());
  return policy;
}

function signaturePolicy(text: string): common.Policy {
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.SIGNATURE);
  policy.setValue(encodeSignaturePolicy(parseSignaturePolicy(text)));
  return policy;
}

function newGroup(policies: Readonly<Record<string, common.Policy>>): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy('Admins');
  for (const [name, policy] of Object.entries(policies)) {
    const entry = new common.ConfigPolicy();
    entry.setModPolicy('Admins');
    entry.setPolicy(policy);
    group.getPoliciesMap().set(name, entry);
  }
  return group;
}

function setValue(group: common.ConfigGroup, name: string, bytes: Uint8Array): void {
  const value = new common.ConfigValue();
  value.setModPolicy('Admins');
  value.setValue(bytes);
  group.getValuesMap().set(name, value);
}

function capabilities(name: string): Uint8Array {
  const message = new common.Capabilities();
  message.getCapabilitiesMap().set(name, new common.Capability());
  return message.serializeBinary();
}

function readAll(folder: string): readonly Uint8Array[] {
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file)));
}

function mspConfig(organization: Organization, cryptoFolder: string): Uint8Array {
  const folder = organizationMspFolder(cryptoFolder, organization);
  const rootCertificates = readAll(join(folder, 'cacerts'));
  const [root = new Uint8Array(0)] = rootCertificates;
  return encodeMspConfig({
    mspId: organization.mspId,
    rootCertificates,
    intermediateCertificates: [],
    adminCertificates: [],
    revocationLists: [],
    organizationalUnits: [],
    nodeOus: {
      enabled: true,
      client: 'client',
      peer: 'peer',
      admin: 'admin',
      orderer: 'orderer',
      certificates: { client: root, peer: root, admin: root, orderer: root },
    },
    tlsRootCertificates: readAll(join(folder, 'tlscacerts')),
    tlsIntermediateCertificates: [],
  });
}

function organizationGroup(organization: Organization, cryptoFolder: string, hasPeers: boolean): common.ConfigGroup {
  const { mspId } = organization;
  const group = newGroup({
    Readers: signaturePolicy(`OR('${mspId}.member')`),
    Writers: signaturePolicy(`OR('${mspId}.member')`),
    Admins: signaturePolicy(`OR('${mspId}.admin')`),
    ...(hasPeers ? { Endorsement: signaturePolicy(`OR('${mspId}.peer')`) } : {}),
  });
  setValue(group, 'MSP', mspConfig(organization, cryptoFolder));
  return group;
}

function anchorPeers(organization: Organization): Uint8Array {
  const message = new peer.AnchorPeers();
  for (const node of organization.peers) {
    const anchor = new peer.AnchorPeer();
    anchor.setHost(nodeFullName(organization, node));
    anchor.setPort(node.port);
    message.addAnchorPeers(anchor);
  }
  return message.serializeBinary();
}

function ordererAddresses(organization: Organization): Uint8Array {
  const message = new common.OrdererAddresses();
  message.setAddressesList(
    organization.orderers.map((node) => `${nodeFullName(organization, node)}:${String(node.port)}`),
  );
  return message.serializeBinary();
}

function setOrdererValues(group: common.ConfigGroup, { batch }: Channel): void {
  const consensus = new orderer.ConsensusType();
  consensus.setType('etcdraft');
  setValue(group, 'ConsensusType', consensus.serializeBinary());
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(batch.messagesMax);
  size.setAbsoluteMaxBytes(batch.absoluteBytes);
  size.setPreferredMaxBytes(batch.preferredBytes);
  setValue(group, 'BatchSize', size.serializeBinary());
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout(`${String(batch.timeoutMs)}ms`);
  setValue(group, 'BatchTimeout', timeout.serializeBinary());
  setValue(group, 'ChannelRestrictions', new orderer.ChannelRestrictions().serializeBinary());
  setValue(group, 'Capabilities', capabilities('V2_0'));
}

/**
 * Block 0 of a channel from the topology: MSPs, policies and capabilities as a real network of this project has them.
 * The consensus type names Raft, without consenters, because the devnet has none.
 */
export function genesisBlock(topology: Topology, channel: Channel, cryptoFolder: string): common.Block {
  const standard = {
    Readers: implicitPolicy('ANY', 'Readers'),
    Writers: implicitPolicy('ANY', 'Writers'),
    Admins: implicitPolicy('MAJORITY', 'Admins'),
  };
  const root = newGroup(standard);
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  setValue(root, 'HashingAlgorithm', hashing.serializeBinary());
  const structure = new common.BlockDataHashingStructure();
  structure.setWidth(0xffffffff);
  setValue(root, 'BlockDataHashingStructure', structure.serializeBinary());
  setValue(root, 'Capabilities', capabilities('V2_0'));

  const ordererGroup = newGroup({ ...standard, BlockValidation: implicitPolicy('ANY', 'Writers') });
  setOrdererValues(ordererGroup, channel);
  for (const organization of ordererOrganizations(topology, channel)) {
    const group = organizationGroup(organization, cryptoFolder, false);
    setValue(group, 'Endpoints', ordererAddresses(organization));
    ordererGroup.getGroupsMap().set(organization.mspId, group);
  }

  const applicationGroup = newGroup({
    ...standard,
    Endorsement: implicitPolicy('MAJORITY', 'Endorsement'),
    LifecycleEndorsement: implicitPolicy('MAJORITY', 'Endorsement'),
  });
  setValue(applicationGroup, 'Capabilities', capabilities('V2_5'));
  for (const organization of memberOrganizations(topology, channel)) {
    const group = organizationGroup(organization, cryptoFolder, true);
    setValue(group, 'AnchorPeers', anchorPeers(organization));
    applicationGroup.getGroupsMap().set(organization.mspId, group);
  }
  root.getGroupsMap().set('Orderer', ordererGroup);
  root.getGroupsMap().set('Application', applicationGroup);
  const config = new common.Config();
  config.setChannelGroup(root);
  return buildGenesisBlock(channel.name, config);
}
