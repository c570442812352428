/** Changes of the channel itself: its configuration, and the definition of its chaincode. */
import { randomBytes } from 'node:crypto';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { buildEnvelope, encodeApplicationPolicy, parseSignaturePolicy } from '@flexledger/fabric-model';
import { commitStatus, type Party } from '../conformance/support/party';
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

/** An update of one group below the channel; change puts the new elements, one version higher, into the group. */
function groupUpdate(
  channelId: string,
  name: string,
  change: (group: common.ConfigGroup) => void,
): common.ConfigUpdate {
  const channel = (changed: boolean): common.ConfigGroup => {
    const inner = new common.ConfigGroup();
    if (changed) {
      change(inner);
    }
    const outer = new common.ConfigGroup();
    outer.getGroupsMap().set(name, inner);
    return outer;
  };
  const update = new common.ConfigUpdate();
  update.setChannelId(channelId);
  update.setReadSet(channel(false));
  update.setWriteSet(channel(true));
  return update;
}

/** Asks for another batch timeout; needs an administrator of the orderers. */
export function batchTimeoutUpdate(channelId: string, timeout: string, admin: Signatory): Uint8Array {
  const batchTimeout = new orderer.BatchTimeout();
  batchTimeout.setTimeout(timeout);
  const value = new common.ConfigValue();
  value.setVersion(1);
  value.setModPolicy('Admins');
  value.setValue(batchTimeout.serializeBinary());
  const update = groupUpdate(channelId, 'Orderer', (group) => group.getValuesMap().set('BatchTimeout', value));
  return updateEnvelope(channelId, update, [admin]);
}

/** Asks that chaincode definitions need the endorsement of all organisations; needs a majority of administrators. */
export function strictLifecycleUpdate(channelId: string, admins: readonly Signatory[]): Uint8Array {
  const meta = new common.ImplicitMetaPolicy();
  meta.setRule(common.ImplicitMetaPolicy.Rule.ALL);
  meta.setSubPolicy('Endorsement');
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(meta.serializeBinary());
  const entry = new common.ConfigPolicy();
  entry.setVersion(1);
  entry.setModPolicy('Admins');
  entry.setPolicy(policy);
  const update = groupUpdate(channelId, 'Application', (group) => {
    group.getPoliciesMap().set('LifecycleEndorsement', entry);
  });
  return updateEnvelope(channelId, update, admins);
}

/** Commits sequence 2 of the chaincode: another version and policy, no collections changed, no package behind it. */
export async function upgrade(admins: readonly Party[], collections: peer.CollectionConfigPackage): Promise<void> {
  const definition = {
    kind: 'signature',
    policy: parseSignaturePolicy("AND('OneMSP.peer', 'ThreeMSP.peer')"),
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
