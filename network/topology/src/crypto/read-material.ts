import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPeer, nodeAddress, nodeFullName } from '../topology-helpers';
import type { Organization } from '../topology-types';
import { peerFolders, userFolders } from './crypto-layout';
import { readText } from './crypto-files';

/** An identity as a client needs it to sign. */
export interface IdentityMaterial {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A peer's gRPC endpoint as a client needs it to connect. */
export interface PeerEndpoint {
  /** `host:port`. */
  readonly address: string;
  readonly tlsRootCertificatePem: string;
  /** The name in the peer's certificate, for the `grpc.ssl_target_name_override` option. */
  readonly hostOverride: string;
}

/** Crypto material that is not there; the message names the identity and the folder. */
export class CryptoMaterialError extends Error {
  public readonly code = 'TOPOLOGY_MATERIAL_MISSING';

  public constructor(what: string, folder: string) {
    super(
      `TOPOLOGY_MATERIAL_MISSING: There is no ${what} in ${folder}; start the network once, or add it to the topology.`,
    );
    this.name = 'CryptoMaterialError';
  }
}

/**
 * Reads the certificate and key of a user (`Admin` or one of the organisation's identities).
 *
 * @param directory the crypto directory, which holds `organizations/`.
 * @throws CryptoMaterialError (TOPOLOGY_MATERIAL_MISSING).
 */
export function readIdentity(directory: string, organization: Organization, name: string): IdentityMaterial {
  return readLocalMsp(userFolders(directory, organization, name).msp, organization.mspId, `identity ${name}`);
}

/** Reads the signing certificate and key of a local MSP folder; each of its folders holds one file. */
export function readLocalMsp(folder: string, mspId: string, what: string): IdentityMaterial {
  return {
    mspId,
    certificatePem: readOnlyFile(join(folder, 'signcerts'), `certificate of ${what} of ${mspId}`),
    privateKeyPem: readOnlyFile(join(folder, 'keystore'), `private key of ${what} of ${mspId}`),
  };
}

/** The endpoint of the organisation's peer number `index`, counted from 0. @throws CryptoMaterialError, TopologyLookupError. */
export function readPeerEndpoint(directory: string, organization: Organization, index = 0): PeerEndpoint {
  const peer = findPeer(organization, index);
  const certificate = join(peerFolders(directory, organization, peer).tls, 'ca.crt');
  if (!existsSync(certificate)) {
    throw new CryptoMaterialError(`TLS certificate of ${nodeFullName(organization, peer)}`, certificate);
  }
  return {
    address: nodeAddress(peer),
    tlsRootCertificatePem: readText(certificate),
    hostOverride: nodeFullName(organization, peer),
  };
}

function readOnlyFile(folder: string, what: string): string {
  const file = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.endsWith('.new'))
        .sort()[0]
    : undefined;
  if (file === undefined) {
    throw new CryptoMaterialError(what, folder);
  }
  return readText(join(folder, file));
}
