/** A channel of a few organisations for the unit tests of this package, built with its own encoders. */
import { createHash } from 'node:crypto';

import { common, orderer } from '@hyperledger/fabric-protos';

import { ChannelConfig } from '../channel/channel-config';
import { buildGenesisBlock } from '../channel/genesis';
import type { ChaincodeDefinition } from '../lifecycle/types';
import { encodeMspConfig, type MspConfig } from '../msp/config';
import { encodeSignaturePolicy } from '../policy/encode';
import { parseSignaturePolicy } from '../policy/text';
import type { ImplicitRule } from '../policy/types';
import { buildProposal, parseProposal } from '../transaction/proposal';
import {
  buildEnvelope,
  buildProposalResponsePayload,
  buildTransactionPayload,
  endorsementMessage,
} from '../transaction/response';
import { TEST_TIME_SECONDS, testAuthority, type TestIdentity } from './test-authority';

/** One organisation with its authority, a peer, a client and an administrator. */
export interface TestOrganization {
  readonly mspId: string;
  readonly authority: TestIdentity;
  readonly peer: TestIdentity;
  readonly client: TestIdentity;
  readonly admin: TestIdentity;
  readonly config: MspConfig;
}

/** An MSP configuration with NodeOUs around an authority. */
export function testMspConfig(mspId: string, authority: TestIdentity, change: Partial<MspConfig> = {}): MspConfig {
  return {
    mspId,
    rootCertificates: [authority.pem],
    intermediateCertificates: [],
    adminCertificates: [],
    revocationLists: [],
    organizationalUnits: [],
    nodeOus: { enabled: true, client: 'client', peer: 'peer', admin: 'admin', orderer: 'orderer' },
    tlsRootCertificates: [],
    tlsIntermediateCertificates: [],
    ...change,
  };
}

/** An organisation named mspId. */
export function testOrganization(mspId: string): TestOrganization {
  const authority = testAuthority({ commonName: `root of ${mspId}` });
  return {
    mspId,
    authority,
    peer: authority.issue({ units: ['peer'] }),
    client: authority.issue({ units: ['client'], attributes: { role: mspId } }),
    admin: authority.issue({ units: ['admin'] }),
    config: testMspConfig(mspId, authority),
  };
}

function signaturePolicy(text: string): common.ConfigPolicy {
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.SIGNATURE);
  policy.setValue(encodeSignaturePolicy(parseSignaturePolicy(text)));
  return configPolicy(policy);
}

function metaPolicy(rule: ImplicitRule, subPolicy: string): common.ConfigPolicy {
  const meta = new common.ImplicitMetaPolicy();
  meta.setRule(common.ImplicitMetaPolicy.Rule[rule]);
  meta.setSubPolicy(subPolicy);
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(meta.serializeBinary());
  return configPolicy(policy);
}

function configPolicy(policy: common.Policy): common.ConfigPolicy {
  const entry = new common.ConfigPolicy();
  entry.setPolicy(policy);
  return entry;
}

function value(bytes: Uint8Array): common.ConfigValue {
  const entry = new common.ConfigValue();
  entry.setValue(bytes);
  return entry;
}

function organizationGroup({ mspId, config }: TestOrganization): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.getValuesMap().set('MSP', value(encodeMspConfig(config)));
  group.getPoliciesMap().set('Readers', signaturePolicy(`OR('${mspId}.member')`));
  group.getPoliciesMap().set('Writers', signaturePolicy(`OR('${mspId}.client', '${mspId}.admin')`));
  group.getPoliciesMap().set('Admins', signaturePolicy(`OR('${mspId}.admin')`));
  group.getPoliciesMap().set('Endorsement', signaturePolicy(`OR('${mspId}.peer')`));
  return group;
}

/** The configuration of a channel in which these organisations are members and the first one orders. */
export function testConfig(organizations: readonly TestOrganization[], sequence = 0): common.Config {
  const application = new common.ConfigGroup();
  for (const organization of organizations) {
    application.getGroupsMap().set(organization.mspId, organizationGroup(organization));
  }
  application.getPoliciesMap().set('Endorsement', metaPolicy('MAJORITY', 'Endorsement'));
  application.getPoliciesMap().set('LifecycleEndorsement', metaPolicy('MAJORITY', 'Endorsement'));
  application.getPoliciesMap().set('Readers', metaPolicy('ANY', 'Readers'));
  application.getPoliciesMap().set('Admins', metaPolicy('ALL', 'Admins'));
  const ordererGroup = new common.ConfigGroup();
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(10);
  size.setPreferredMaxBytes(2_000_000);
  size.setAbsoluteMaxBytes(10_000_000);
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout('500ms');
  ordererGroup.getValuesMap().set('BatchSize', value(size.serializeBinary()));
  ordererGroup.getValuesMap().set('BatchTimeout', value(timeout.serializeBinary()));
  const channel = new common.ConfigGroup();
  channel.getGroupsMap().set('Application', application);
  channel.getGroupsMap().set('Orderer', ordererGroup);
  const config = new common.Config();
  config.setSequence(sequence);
  config.setChannelGroup(channel);
  return config;
}

/** A chaincode that these policies rule. */
export function testDefinition(change: Partial<ChaincodeDefinition> = {}): ChaincodeDefinition {
  return {
    name: 'basic',
    sequence: 1,
    version: '1.0',
    initRequired: false,
    endorsementPlugin: 'escc',
    validationPlugin: 'vscc',
    endorsementPolicy: { kind: 'channel', reference: '/Channel/Application/Endorsement' },
    collections: [],
    ...change,
  };
}

let nonces = 0;

/** An endorsed and signed transaction of chaincode basic with this read-write set. */
export function testTransaction(
  channelId: string,
  client: { readonly mspId: string; readonly identity: TestIdentity },
  endorsers: readonly { readonly mspId: string; readonly identity: TestIdentity }[],
  readWriteSetBytes: Uint8Array,
  chaincode: { readonly name: string; readonly version: string } = { name: 'basic', version: '1.0' },
): { readonly envelope: Uint8Array; readonly transactionId: string } {
  nonces += 1;
  const { bytes, transactionId } = buildProposal({
    channelId,
    chaincodeName: chaincode.name,
    args: [Buffer.from('run')],
    creator: client.identity.serialized(client.mspId),
    nonce: createHash('sha256').update(`nonce ${nonces}`).digest().subarray(0, 24),
    timestamp: { seconds: TEST_TIME_SECONDS, nanos: 5 },
  });
  const proposal = parseProposal(bytes);
  const payload = buildProposalResponsePayload({
    proposalHash: proposal.proposalHash,
    readWriteSetBytes,
    eventBytes: new Uint8Array(0),
    response: { status: 200, message: '', payload: new Uint8Array(0) },
    chaincode,
  });
  const endorsements = endorsers.map(({ mspId, identity }) => {
    const endorser = identity.serialized(mspId);
    return { endorser, signature: identity.sign(endorsementMessage(payload, endorser)) };
  });
  const transaction = buildTransactionPayload({ proposal, proposalResponsePayload: payload, endorsements });
  return { envelope: buildEnvelope(transaction, client.identity.sign(transaction)), transactionId };
}

/** A channel configuration object for these organisations. */
export function testChannel(organizations: readonly TestOrganization[], channelId = 'test'): ChannelConfig {
  return ChannelConfig.fromBlock(buildGenesisBlock(channelId, testConfig(organizations)));
}
