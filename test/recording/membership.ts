/** A member that revokes a certificate, an organisation that joins and leaves; each by an update of the configuration. */
import { common } from '@hyperledger/fabric-protos';
import {
  decodeMspConfig,
  encodeMspConfig,
  encodeSignaturePolicy,
  hashKeyHex,
  parseSignaturePolicy,
  readSerializedIdentity,
  type MspConfig,
} from '@flexledger/fabric-model';
import { createAuthority, generatePrivateKey, issueCertificate } from '@flexledger/topology';
import { sendRaw, type Cast } from './cast';
import { reconfigure } from './changes';
import { forge, signatory, writing, type Forgery, type Signatory } from './forge';

/** One client and one peer of an organisation that has no nodes. */
interface Newcomer {
  readonly authorityPem: Uint8Array;
  readonly client: Signatory;
  readonly peer: Signatory;
}

/** Sends a transaction that writes a row of the lifecycle, endorsed by these. */
export async function define(cast: Cast, key: string, endorsers: readonly Signatory[]): Promise<void> {
  await transact(cast, cast.client, { namespaces: [writing('_lifecycle', key)], endorsers });
}

async function transact(cast: Cast, client: Signatory, forgery: Forgery): Promise<void> {
  const forged = forge(cast.channelId, client, forgery);
  await sendRaw(cast, forged.envelope, forged.transactionId);
}

function signaturePolicy(text: string): common.Policy {
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.SIGNATURE);
  policy.setValue(encodeSignaturePolicy(parseSignaturePolicy(text)));
  return policy;
}

function changeMsp(group: common.ConfigGroup, change: (config: MspConfig) => Partial<MspConfig>): void {
  const value = group.getValuesMap().get('MSP')!;
  const config = decodeMspConfig(value.getValue_asU8());
  value.setValue(encodeMspConfig({ ...config, ...change(config) }));
}

function membersOf(channelGroup: common.ConfigGroup) {
  return channelGroup.getGroupsMap().get('Application')!.getGroupsMap();
}

/**
 * Two revokes a certificate that its MSP names as an administrator's. An orderer still takes what this one signs, since
 * the policy for writers (that of Fabric's samples) asks for an administrator, and who is named as one is not looked at
 * further; peers look, and refuse.
 */
export async function revocation(cast: Cast): Promise<void> {
  const { leaver, client } = cast;
  const [one, , three] = cast.peers;
  const namespaces = [writing('conformance', 'leaving')];
  await transact(cast, leaver, { namespaces, endorsers: [one, three] });
  await transact(cast, client, { namespaces, endorsers: [one, leaver] });
  const list = await cast.revokeLeaver();
  await reconfigure(cast, [cast.adminKeys[1]], (channelGroup) => {
    const group = membersOf(channelGroup).get('TwoMSP')!;
    const { pem } = readSerializedIdentity(leaver.serialized);
    changeMsp(group, () => ({ adminCertificates: [pem], revocationLists: [list] }));
    group.getPoliciesMap().get('Writers')!.setPolicy(signaturePolicy("OR('TwoMSP.admin', 'TwoMSP.client')"));
  });
  await transact(cast, client, { namespaces: [writing('conformance', 'revoked')], endorsers: [one, three] });
  await transact(cast, leaver, { namespaces, endorsers: [one, three] });
  await transact(cast, client, { namespaces, endorsers: [one, leaver] });
}

async function newcomer(): Promise<Newcomer> {
  const validity = { now: new Date(), days: 365 };
  const authority = await createAuthority('ca.four.recording.example', 'four.recording.example', validity);
  const member = async (role: string): Promise<Signatory> => {
    const key = generatePrivateKey();
    const units = { organizationalUnits: [role], use: 'sign', hosts: [], attributes: {} } as const;
    const request = { ...units, commonName: `${role}.four.recording.example` };
    return signatory('FourMSP', await issueCertificate(authority, key, request, validity), key);
  };
  return {
    authorityPem: Buffer.from(authority.certificatePem),
    client: await member('client'),
    peer: await member('peer'),
  };
}

/** The group of organisation Four, made from that of Three. */
function groupOfFour(three: common.ConfigGroup, { authorityPem }: Newcomer): common.ConfigGroup {
  const group = common.ConfigGroup.deserializeBinary(three.serializeBinary());
  const certificates = { client: authorityPem, peer: authorityPem, admin: authorityPem, orderer: authorityPem };
  changeMsp(group, ({ nodeOus }) => ({
    mspId: 'FourMSP',
    rootCertificates: [authorityPem],
    tlsRootCertificates: [authorityPem],
    nodeOus: { enabled: true, ...nodeOus, certificates },
  }));
  const roles = { Readers: 'member', Writers: 'member', Admins: 'admin', Endorsement: 'peer' };
  for (const [name, role] of Object.entries(roles)) {
    group
      .getPoliciesMap()
      .get(name)!
      .setPolicy(signaturePolicy(`OR('FourMSP.${role}')`));
  }
  group.getValuesMap().del('AnchorPeers');
  return group;
}

function intoCollectionOfFour(endorser: Signatory): Forgery {
  const writes = [{ keyHashHex: hashKeyHex('forged'), valueHash: undefined, purge: false }];
  const set = {
    collection: '_implicit_org_FourMSP',
    reads: [],
    writes,
    metadataWriteCount: 0,
    privateSetHash: undefined,
  };
  return { namespaces: [{ ...writing('conformance', 'x'), writes: [], collections: [set] }], endorsers: [endorser] };
}

/** An organisation joins: its clients write, and it is asked for definitions of chaincode; then it leaves. */
export async function membership(cast: Cast): Promise<void> {
  const four = await newcomer();
  const [one, two, three] = cast.peers;
  const settled = async (key: string): Promise<void> =>
    transact(cast, cast.client, { namespaces: [writing('conformance', key)], endorsers: [one, three] });
  await reconfigure(cast, cast.adminKeys.slice(0, 2), (channelGroup) => {
    const members = membersOf(channelGroup);
    members.set('FourMSP', groupOfFour(members.get('ThreeMSP')!, four));
  });
  await settled('four has joined');
  await transact(cast, four.client, { namespaces: [writing('conformance', 'by four')], endorsers: [one, three] });
  await transact(cast, four.client, { namespaces: [writing('conformance', 'by four')], endorsers: [one, four.peer] });
  await transact(cast, four.client, intoCollectionOfFour(four.peer));
  await define(cast, 'without four', [one, two, three]);
  await define(cast, 'with four', [one, two, three, four.peer]);
  await reconfigure(cast, cast.adminKeys, (channelGroup) => membersOf(channelGroup).del('FourMSP'));
  await settled('four has left');
  await transact(cast, cast.client, intoCollectionOfFour(one));
  await define(cast, 'again without four', [one, two, three]);
}
