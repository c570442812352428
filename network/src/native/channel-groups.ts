import type { Channel, Organization } from '@flexledger/topology';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { organizationMspConfig } from './msp-config';
import { implicitPolicy, signaturePolicy } from './policies';

/** Anything with a protobuf form. */
export interface Message {
  serializeBinary(): Uint8Array;
}

const ADMINS = 'Admins';

/** A member organisation as it stands in the Application group: its MSP, its policies, one anchor peer per peer. */
export function memberGroup(organization: Organization, directory: string): common.ConfigGroup {
  const group = newOrganizationGroup(organization, directory);
  addPolicy(group, 'Endorsement', signaturePolicy(`OR('${organization.mspId}.peer')`));
  addValue(group, 'AnchorPeers', anchorPeers(organization));
  return group;
}

/** The peers of an organisation through which peers of others find it. */
export function anchorPeers(organization: Organization): peer.AnchorPeers {
  const anchors = new peer.AnchorPeers();
  anchors.setAnchorPeersList(
    organization.peers.map((node) => {
      const anchor = new peer.AnchorPeer();
      anchor.setHost(node.host);
      anchor.setPort(node.port);
      return anchor;
    }),
  );
  return anchors;
}

/** How large a block may become. */
export function batchSize(channel: Channel): orderer.BatchSize {
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(channel.batch.messagesMax);
  size.setAbsoluteMaxBytes(channel.batch.absoluteBytes);
  size.setPreferredMaxBytes(channel.batch.preferredBytes);
  return size;
}

/** How long the orderer waits for more transactions. */
export function batchTimeout(channel: Channel): orderer.BatchTimeout {
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout(`${channel.batch.timeoutMs}ms`);
  return timeout;
}

/** An organisation's MSP with the policies that every group of an organisation has. */
export function newOrganizationGroup(organization: Organization, directory: string): common.ConfigGroup {
  const group = newGroup();
  const { mspId } = organization;
  addPolicy(group, 'Readers', signaturePolicy(`OR('${mspId}.member')`));
  addPolicy(group, 'Writers', signaturePolicy(`OR('${mspId}.member')`));
  addPolicy(group, ADMINS, signaturePolicy(`OR('${mspId}.admin')`));
  addValue(group, 'MSP', organizationMspConfig(directory, organization));
  return group;
}

/** An empty group that its administrators may change. */
export function newGroup(): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy(ADMINS);
  return group;
}

/** The policies that look at those of the groups below. */
export function addStandardPolicies(group: common.ConfigGroup): void {
  addPolicy(group, 'Readers', implicitPolicy('ANY', 'Readers'));
  addPolicy(group, 'Writers', implicitPolicy('ANY', 'Writers'));
  addPolicy(group, ADMINS, implicitPolicy('MAJORITY', ADMINS));
}

/** Sets a policy of a group. */
export function addPolicy(group: common.ConfigGroup, name: string, policy: common.Policy): void {
  const configPolicy = new common.ConfigPolicy();
  configPolicy.setPolicy(policy);
  configPolicy.setModPolicy(ADMINS);
  group.getPoliciesMap().set(name, configPolicy);
}

/** Sets a value of a group. */
export function addValue(group: common.ConfigGroup, name: string, value: Message): void {
  const configValue = new common.ConfigValue();
  configValue.setValue(value.serializeBinary());
  configValue.setModPolicy(ADMINS);
  group.getValuesMap().set(name, configValue);
}
