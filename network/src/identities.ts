import {
  enrolIdentity,
  findOrganization,
  listCertificates,
  loadTopology,
  TopologyLookupError,
  type IdentitySpec,
  type ListedCertificate,
} from '@flexledger/topology';

/** Whose certificates they are: a description of a network and the folder that holds `organizations/`. */
export interface IdentityPlace {
  readonly topologyFile: string;
  readonly cryptoDirectory: string;
}

/** All certificates of a network with their ends, the earliest first. @throws TopologyError. */
export function networkCertificates({ topologyFile, cryptoDirectory }: IdentityPlace): ListedCertificate[] {
  return listCertificates(loadTopology(topologyFile), cryptoDirectory);
}

/** Enrols an identity of an organisation; one that has its certificates keeps them. @throws TopologyError, TopologyLookupError. */
export async function enrolNetworkIdentity(
  { topologyFile, cryptoDirectory }: IdentityPlace,
  organization: string,
  identity: IdentitySpec,
): Promise<void> {
  await enrolIdentity(findOrganization(loadTopology(topologyFile), organization), cryptoDirectory, identity);
}

/**
 * Issues the certificates of an identity of the topology again, for the keys that it has.
 *
 * @throws TopologyError, TopologyLookupError when the organisation or the identity is not in the topology.
 */
export async function renewNetworkIdentity(
  { topologyFile, cryptoDirectory }: IdentityPlace,
  organization: string,
  name: string,
): Promise<void> {
  const owner = findOrganization(loadTopology(topologyFile), organization);
  const known = [{ name: 'Admin', type: 'admin', attributes: {} } as const, ...owner.identities];
  const identity = known.find((one) => one.name === name);
  if (identity === undefined) {
    const names = known.map((one) => one.name);
    throw new TopologyLookupError(`identity of ${organization}`, name, names);
  }
  await enrolIdentity(owner, cryptoDirectory, identity, { renew: true });
}
