import {
  findOrganization,
  loadTopology,
  revokeIdentity,
  type Channel,
  type Organization,
  type RevokedCertificate,
} from '@flexledger/topology';
import type { common, msp } from '@hyperledger/fabric-protos';
import type { IdentityPlace } from '../identities';
import { updateChannel, type ChannelUpdate } from '../native/channel-update';
import { organizationMspConfig } from '../native/msp-config';

/** What a revocation did. */
export interface Revocation {
  readonly certificate: RevokedCertificate;
  /** By name of channel: the update that published the list. */
  readonly published: ReadonlyMap<string, ChannelUpdate>;
}

const TIMEOUT_MS = 60_000;

/**
 * Revokes the certificate of an identity: in the record of the organisation's authority, and in the organisation's MSP
 * definition of every channel. When this returns, every peer that is not named as being behind refuses the certificate.
 * Repeating it publishes what could not be published before.
 *
 * @throws CryptoMaterialError, TopologyError, TopologyLookupError; NetworkError when the channel could not be changed, the
 *   certificate is in the authority's own list by then.
 */
export async function revokeNetworkIdentity(
  { topologyFile, cryptoDirectory }: IdentityPlace,
  organizationName: string,
  name: string,
  timeoutMs = TIMEOUT_MS,
): Promise<Revocation> {
  const topology = loadTopology(topologyFile);
  const organization = findOrganization(topology, organizationName);
  const certificate = await revokeIdentity(organization, cryptoDirectory, name);
  const definition = organizationMspConfig(cryptoDirectory, organization);
  const published = new Map<string, ChannelUpdate>();
  for (const channel of topology.channels.filter((one) => takesPart(one, organization))) {
    const place = { topology, channel, cryptoDirectory };
    const change = (group: common.ConfigGroup): void => setMspDefinition(group, organization.mspId, definition);
    published.set(channel.name, await updateChannel(place, change, Date.now() + timeoutMs));
  }
  return { certificate, published };
}

/** Replaces the MSP definition of an organisation wherever it stands; an authority has the same bytes in both groups. */
export function setMspDefinition(channelGroup: common.ConfigGroup, mspId: string, definition: msp.MSPConfig): void {
  for (const side of ['Application', 'Orderer']) {
    const group = channelGroup.getGroupsMap().get(side)?.getGroupsMap().get(mspId);
    group?.getValuesMap().get('MSP')?.setValue(definition.serializeBinary());
  }
}

function takesPart(channel: Channel, { name }: Organization): boolean {
  return channel.memberOrganizations.includes(name) || channel.ordererOrganizations.includes(name);
}
