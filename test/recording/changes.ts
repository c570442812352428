/** Changes of the channel itself: its configuration, and the definition of its chaincode. */
import { randomBytes } from 'node:crypto';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import {
  buildEnvelope,
  ChannelConfig,
  computeConfigUpdate,
  decodeBlock,
  encodeApplicationPolicy,
  parseSignaturePolicy,
} from '@flexledger/fabric-model';
import { commitStatus, type Party } from '../conformance/support/party';
import { sendRaw, type Cast } from './cast';
import type { Signatory } from './forge';

const { lifecycle } = peer;

function signatureHeader(signatory: Signatory): Uint8Array {
  const header = new common.SignatureHeader();
  header.setCreator(signatory.serialized);
  header.setNonce(randomBytes(24));
  return header.serializeBinary();
}

/** The envelope that asks the orderer for a new configuration; the first signatory sends it. */
function updateEnvelope(channelId: string, update: common.ConfigUpdate, signatories: readonly Signatory[]): Uint8Array {
  const bytes = update.serializeBinary();
  const envelope = new common.ConfigUpdateEnvelope();
  envelope.setConfigUpdate(bytes);
  for (const signatory of signatories) {
    const header = signatureHeader(signatory);
    const signature = new common.ConfigSignature();
    signature.setSignatureHeader(header);
    signature.setSignature(signatory.sign(Buffer.concat([header, bytes])));
    envelope.addSignatures(signature);
  }
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
  channelHeader.setChannelId(channelId);
  const [sender] = signatories;
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader(sender!));
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(envelope.serializeBinary());
  const payloadBytes = payload.serializeBinary();
  return buildEnvelope(payloadBytes, sender!.sign(payloadBytes));
}

/** The configuration that the peer of organisation One has. */
async function configurationOf(party: Party, channelId: string): Promise<common.Config> {
  const block = await party.network.getContract('cscc').evaluate('GetConfigBlock', {
    arguments: [channelId],
    endorsingOrganizations: [party.mspId],
  });
  return ChannelConfig.fromBlock(decodeBlock(block)).config;
}

/** Asks the orderer for a changed configuration, in the name of these administrators. */
export async function reconfigure(
  cast: Cast,
  admins: readonly Signatory[],
  change: (channelGroup: common.ConfigGroup) => void,
): Promise<void> {
  const original = await configurationOf(cast.one, cast.channelId);
  const updated = common.Config.deserializeBinary(original.serializeBinary());
  change(updated.getChannelGroup()!);
  const update = computeConfigUpdate(cast.channelId, original, updated);
  await sendRaw(cast, updateEnvelope(cast.channelId, update, admins), '', false);
}

/** Another batch timeout; needs an administrator of the orderers. */
export function setBatchTimeout(channelGroup: common.ConfigGroup, timeout: string): void {
  const batchTimeout = new orderer.BatchTimeout();
  batchTimeout.setTimeout(timeout);
  const group = channelGroup.getGroupsMap().get('Orderer')!;
  group.getValuesMap().get('BatchTimeout')!.setValue(batchTimeout.serializeBinary());
}

/** Chaincode definitions need the endorsement of all organisations; needs a majority of administrators. */
export function setStrictLifecycle(channelGroup: common.ConfigGroup): void {
  const meta = new common.ImplicitMetaPolicy();
  meta.setRule(common.ImplicitMetaPolicy.Rule.ALL);
  meta.setSubPolicy('Endorsement');
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(meta.serializeBinary());
  const group = channelGroup.getGroupsMap().get('Application')!;
  group.getPoliciesMap().get('LifecycleEndorsement')!.setPolicy(policy);
}

/** Commits sequence 2 of the chaincode: another version and policy, no collections changed, no package behind it. */
export async function upgrade(admins: readonly Party[], collections: peer.CollectionConfigPackage): Promise<void> {
  const definition = {
    kind: 'signature',
    policy: parseSignaturePolicy("OutOf(2, 'OneMSP.peer', 'TwoMSP.client', 'ThreeMSP.peer')"),
  } as const;
  type Request = peer.lifecycle.ApproveChaincodeDefinitionForMyOrgArgs | peer.lifecycle.CommitChaincodeDefinitionArgs;
  const fill = (request: Request): Uint8Array => {
    request.setName('conformance');
    request.setVersion('2.0.0');
    request.setSequence(2);
    request.setEndorsementPlugin('escc');
    request.setValidationPlugin('vscc');
    request.setValidationParameter(encodeApplicationPolicy(definition));
    request.setCollections(collections);
    return request.serializeBinary();
  };
  const submit = async (admin: Party, name: string, bytes: Uint8Array, organizations: string[]): Promise<void> => {
    const contract = admin.network.getContract('_lifecycle');
    const options = { arguments: [bytes], endorsingOrganizations: organizations };
    const transaction = await contract.newProposal(name, options).endorse();
    await (await transaction.submit()).getStatus();
    await Promise.all(admins.map(async (party) => commitStatus(party, transaction.getTransactionId())));
  };
  for (const admin of admins) {
    const request = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
    const source = new lifecycle.ChaincodeSource();
    source.setUnavailable(new lifecycle.ChaincodeSource.Unavailable());
    request.setSource(source);
    await submit(admin, 'ApproveChaincodeDefinitionForMyOrg', fill(request), [admin.mspId]);
  }
  const [first] = admins;
  const all = admins.map(({ mspId }) => mspId);
  await submit(first!, 'CommitChaincodeDefinition', fill(new lifecycle.CommitChaincodeDefinitionArgs()), all);
}
