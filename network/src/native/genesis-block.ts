import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findOrganization,
  memberOrganizations,
  nodeAddress,
  ordererFolders,
  ordererOrganizations,
  type Channel,
  type Topology,
} from '@flexledger/topology';
import { common, orderer } from '@hyperledger/fabric-protos';
import {
  addPolicy,
  addStandardPolicies,
  addValue,
  batchSize,
  batchTimeout,
  memberGroup,
  newGroup,
  newOrganizationGroup,
  type Message,
} from './channel-groups';
import { implicitPolicy } from './policies';

const RAFT_TICK = '300ms';
const RAFT_ELECTION_TICKS = 10;
const MEBIBYTE = 1024 * 1024;

/**
 * The genesis block of a channel without a system channel, good for Fabric 2.5 and 3.1: capabilities Channel V2_0,
 * Orderer V2_0 and Application V2_5, Raft, orderer endpoints at organisation level, one anchor peer per peer.
 *
 * @param directory the crypto directory.
 */
export function createGenesisBlock(topology: Topology, channel: Channel, directory: string): Uint8Array {
  const config = new common.Config();
  config.setChannelGroup(channelGroup(topology, channel, directory));
  const configEnvelope = new common.ConfigEnvelope();
  configEnvelope.setConfig(config);
  const payload = new common.Payload();
  payload.setHeader(genesisHeader(channel.name));
  payload.setData(configEnvelope.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return genesisBlock(envelope.serializeBinary()).serializeBinary();
}

function genesisHeader(channelName: string): common.Header {
  const nonce = randomBytes(24);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setNonce(nonce);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setVersion(1);
  channelHeader.setChannelId(channelName);
  channelHeader.setTxId(createHash('sha256').update(nonce).digest('hex'));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  return header;
}

function genesisBlock(envelope: Uint8Array): common.Block {
  const header = new common.BlockHeader();
  header.setNumber(0);
  header.setDataHash(createHash('sha256').update(envelope).digest());
  const data = new common.BlockData();
  data.setDataList([envelope]);
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(0);
  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(lastConfig);
  const slots = [wrap(ordererMetadata), wrap(lastConfig), new Uint8Array(), new Uint8Array(), new Uint8Array()];
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(slots);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

function wrap(message: Message): Uint8Array {
  const metadata = new common.Metadata();
  metadata.setValue(message.serializeBinary());
  return metadata.serializeBinary();
}

function channelGroup(topology: Topology, channel: Channel, directory: string): common.ConfigGroup {
  const group = newGroup();
  addStandardPolicies(group);
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  addValue(group, 'HashingAlgorithm', hashing);
  const structure = new common.BlockDataHashingStructure();
  structure.setWidth(0xffffffff);
  addValue(group, 'BlockDataHashingStructure', structure);
  addValue(group, 'Capabilities', capability('V2_0'));
  group.getGroupsMap().set('Orderer', ordererGroup(topology, channel, directory));
  group.getGroupsMap().set('Application', applicationGroup(topology, channel, directory));
  return group;
}

function ordererGroup(topology: Topology, channel: Channel, directory: string): common.ConfigGroup {
  const group = newGroup();
  addStandardPolicies(group);
  addPolicy(group, 'BlockValidation', implicitPolicy('ANY', 'Writers'));
  addValue(group, 'BatchSize', batchSize(channel));
  addValue(group, 'BatchTimeout', batchTimeout(channel));
  addValue(group, 'ChannelRestrictions', new orderer.ChannelRestrictions());
  addValue(group, 'Capabilities', capability('V2_0'));
  addValue(group, 'ConsensusType', raft(topology, channel, directory));
  for (const organization of ordererOrganizations(topology, channel)) {
    const organizationGroup = newOrganizationGroup(organization, directory);
    const endpoints = new common.OrdererAddresses();
    endpoints.setAddressesList(organization.orderers.map(nodeAddress));
    addValue(organizationGroup, 'Endpoints', endpoints);
    group.getGroupsMap().set(organization.mspId, organizationGroup);
  }
  return group;
}

function raft(topology: Topology, channel: Channel, directory: string): orderer.ConsensusType {
  const consenters = channel.ordererOrganizations.flatMap((name) => {
    const organization = findOrganization(topology, name);
    return organization.orderers.map((node) => {
      const certificate = readFileSync(join(ordererFolders(directory, organization, node).tls, 'server.crt'));
      const consenter = new orderer.etcdraft.Consenter();
      consenter.setHost(node.host);
      consenter.setPort(node.port);
      consenter.setClientTlsCert(certificate);
      consenter.setServerTlsCert(certificate);
      return consenter;
    });
  });
  const options = new orderer.etcdraft.Options();
  options.setTickInterval(RAFT_TICK);
  options.setElectionTick(RAFT_ELECTION_TICKS);
  options.setHeartbeatTick(1);
  options.setMaxInflightBlocks(5);
  options.setSnapshotIntervalSize(16 * MEBIBYTE);
  const metadata = new orderer.etcdraft.ConfigMetadata();
  metadata.setConsentersList(consenters);
  metadata.setOptions(options);
  const type = new orderer.ConsensusType();
  type.setType('etcdraft');
  type.setMetadata(metadata.serializeBinary());
  return type;
}

function applicationGroup(topology: Topology, channel: Channel, directory: string): common.ConfigGroup {
  const group = newGroup();
  addStandardPolicies(group);
  addPolicy(group, 'Endorsement', implicitPolicy('MAJORITY', 'Endorsement'));
  addPolicy(group, 'LifecycleEndorsement', implicitPolicy('MAJORITY', 'Endorsement'));
  addValue(group, 'Capabilities', capability('V2_5'));
  for (const organization of memberOrganizations(topology, channel)) {
    group.getGroupsMap().set(organization.mspId, memberGroup(organization, directory));
  }
  return group;
}

function capability(name: string): common.Capabilities {
  const capabilities = new common.Capabilities();
  capabilities.getCapabilitiesMap().set(name, new common.Capability());
  return capabilities;
}
