import { join } from 'node:path';
import { nodeFullName } from '../topology-helpers';
import type { OrdererNode, Organization, PeerNode } from '../topology-types';

/** Folder of a local MSP and of the TLS files of one node or user, below the crypto directory. */
export interface IdentityFolders {
  readonly msp: string;
  readonly tls: string;
}

/** `organizations/peerOrganizations/DOMAIN` below the directory. */
export function peerOrganizationFolder(directory: string, organization: Organization): string {
  return join(directory, 'organizations', 'peerOrganizations', organization.domain);
}

/** `organizations/ordererOrganizations/DOMAIN` below the directory. */
export function ordererOrganizationFolder(directory: string, organization: Organization): string {
  return join(directory, 'organizations', 'ordererOrganizations', organization.domain);
}

/** Where the organisation's authorities, MSP and users live: with its peers, or with its orderers when it has no peer. */
export function homeFolder(directory: string, organization: Organization): string {
  const onlyOrders = organization.peers.length === 0 && organization.orderers.length > 0;
  return onlyOrders
    ? ordererOrganizationFolder(directory, organization)
    : peerOrganizationFolder(directory, organization);
}

/** The organisation's public MSP folder (certificates of its authorities and config.yaml). */
export function organizationMspFolder(directory: string, organization: Organization): string {
  return join(homeFolder(directory, organization), 'msp');
}

/** `peers/NAME.DOMAIN/{msp,tls}`. */
export function peerFolders(directory: string, organization: Organization, peer: PeerNode): IdentityFolders {
  const folder = join(peerOrganizationFolder(directory, organization), 'peers', nodeFullName(organization, peer));
  return { msp: join(folder, 'msp'), tls: join(folder, 'tls') };
}

/** `orderers/NAME.DOMAIN/{msp,tls}`. */
export function ordererFolders(directory: string, organization: Organization, orderer: OrdererNode): IdentityFolders {
  const folder = join(
    ordererOrganizationFolder(directory, organization),
    'orderers',
    nodeFullName(organization, orderer),
  );
  return { msp: join(folder, 'msp'), tls: join(folder, 'tls') };
}

/** `users/NAME@DOMAIN/{msp,tls}`. */
export function userFolders(directory: string, organization: Organization, user: string): IdentityFolders {
  const folder = join(homeFolder(directory, organization), 'users', `${user}@${organization.domain}`);
  return { msp: join(folder, 'msp'), tls: join(folder, 'tls') };
}

/** `chaincode/tls` of an organisation: ca.crt, server.crt and server.key of its chaincode services. */
export function chaincodeServerFolder(directory: string, organization: Organization): string {
  return join(peerOrganizationFolder(directory, organization), 'chaincode', 'tls');
}

/** `peers/NAME.DOMAIN/chaincode-tls`: ca.crt, client.crt and client.key with which a peer calls its chaincode service. */
export function chaincodeClientFolder(directory: string, organization: Organization, peer: PeerNode): string {
  return join(
    peerOrganizationFolder(directory, organization),
    'peers',
    nodeFullName(organization, peer),
    'chaincode-tls',
  );
}
