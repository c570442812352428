import {
  nodeFullName,
  type ApplicationSpec,
  type OrdererNode,
  type Organization,
  type PeerNode,
  type Topology,
} from '@flexledger/topology';
import { chaincodeHost } from './container-topology';

/** A container that keeps keys: its service name, and who it is. */
export type KeyHolder =
  | { readonly kind: 'peer'; readonly name: string; readonly organization: Organization; readonly node: PeerNode }
  | { readonly kind: 'orderer'; readonly name: string; readonly organization: Organization; readonly node: OrdererNode }
  | { readonly kind: 'chaincode'; readonly name: string; readonly organization: Organization }
  | {
      readonly kind: 'application';
      readonly name: string;
      readonly organization: Organization;
      readonly application: ApplicationSpec;
    };

/** The volume that only the container `crypto` sees: the keys of the certificate authorities, and everything made with them. */
export const AUTHORITIES_VOLUME = 'authorities';
/** The volume with administrators and public certificates, for `deploy` and for who works from the host. */
export const ADMINISTRATION_VOLUME = 'administration';

/** Every container that keeps keys, of the whole network or of one organisation. */
export function keyHolders(topology: Topology, organizationName?: string): KeyHolder[] {
  return topology.organizations
    .filter(({ name }) => organizationName === undefined || name === organizationName)
    .flatMap((organization): KeyHolder[] => [
      ...organization.orderers.map((node): KeyHolder => ({
        kind: 'orderer',
        name: nodeFullName(organization, node),
        organization,
        node,
      })),
      ...organization.peers.map((node): KeyHolder => ({
        kind: 'peer',
        name: nodeFullName(organization, node),
        organization,
        node,
      })),
      ...(startsChaincode(topology, organization)
        ? [{ kind: 'chaincode' as const, name: chaincodeHost(organization), organization }]
        : []),
      ...(organization.applications ?? []).map((application): KeyHolder => ({
        kind: 'application',
        name: `${application.name}.${organization.domain}`,
        organization,
        application,
      })),
    ]);
}

/** The volume with the configuration and the keys of a container; the container itself cannot write to it. */
export function configVolume(holder: KeyHolder): string {
  return `${holder.name}-config`;
}

/** The volume with what a container writes, if it writes anything. */
export function dataVolume(holder: KeyHolder): string | undefined {
  return holder.kind === 'chaincode' ? undefined : `${holder.name}-data`;
}

/** The names of all volumes. */
export function volumeNames(topology: Topology, organizationName?: string): string[] {
  const ofHolders = keyHolders(topology, organizationName).flatMap((holder) => {
    const data = dataVolume(holder);
    return [configVolume(holder), ...(data === undefined ? [] : [data])];
  });
  return [AUTHORITIES_VOLUME, ADMINISTRATION_VOLUME, ...ofHolders];
}

function startsChaincode(topology: Topology, organization: Organization): boolean {
  return topology.channels.some(
    (channel) =>
      channel.memberOrganizations.includes(organization.name) &&
      channel.chaincodes.some(({ service }) => service.kind === 'command'),
  );
}
