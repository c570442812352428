import { parseSignaturePolicy, policyMspIds, SignaturePolicyError } from './signature-policy';
import { PORTS_PER_CHAINCODE } from './topology-helpers';
import type { Channel, Chaincode, Collection, Organization, Topology } from './topology-types';

/** A rule that a decoded topology breaks, with the path of the field that has to change. */
export interface Finding {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Path = readonly (string | number)[];

/** Every rule between two places of a topology that is broken: names, ports, references, policies, orderer counts. */
export function findMistakes(topology: Topology): Finding[] {
  return [
    ...duplicates(topology.organizations, ['organizations'], 'name', (one) => one.name),
    ...duplicates(topology.organizations, ['organizations'], 'mspId', (one) => one.mspId),
    ...duplicates(topology.organizations, ['organizations'], 'domain', (one) => one.domain),
    ...duplicates(topology.channels, ['channels'], 'name', (one) => one.name),
    ...topology.organizations.flatMap(checkOrganization),
    ...checkPorts(topology),
    ...topology.channels.flatMap((channel, index) => checkChannel(topology, channel, ['channels', index])),
  ];
}

/** What works but is unwise, each with its reason: single or even numbers of orderers tolerate no more failures than one less. */
export function topologyWarnings(topology: Topology): string[] {
  return topology.channels.flatMap((channel) => {
    const count = ordererCount(topology, channel);
    if (count === 1) {
      return [`channel ${channel.name} has a single orderer: when it stops, nothing commits; use 3 or 5`];
    }
    if (count > 0 && count % 2 === 0) {
      return [
        `channel ${channel.name} has ${count} orderers: Raft needs ${count / 2 + 1} of them, so it tolerates no more ` +
          `failures than ${count - 1}; use an odd number`,
      ];
    }
    return [];
  });
}

function checkOrganization(organization: Organization, index: number): Finding[] {
  const path = ['organizations', index];
  const admin = organization.identities.findIndex((identity) => identity.name === 'Admin');
  return [
    ...duplicates(organization.peers, [...path, 'peers'], 'name', (one) => one.name),
    ...duplicates(organization.orderers, [...path, 'orderers'], 'name', (one) => one.name),
    ...checkApplications(organization, [...path, 'applications']),
    ...duplicates(organization.identities, [...path, 'identities'], 'name', (one) => one.name),
    ...(admin < 0
      ? []
      : [{ path: [...path, 'identities', admin, 'name'], message: 'Admin is always enrolled; remove this entry' }]),
  ];
}

function checkApplications(organization: Organization, path: Path): Finding[] {
  const applications = organization.applications ?? [];
  const nodes = [...organization.peers, ...organization.orderers].map(({ name }) => name);
  return [
    ...duplicates(applications, path, 'name', (one) => one.name),
    ...applications.flatMap(({ name, identity }, at) => [
      ...(organization.identities.some((one) => one.name === identity)
        ? []
        : [{ path: [...path, at, 'identity'], message: `${organization.name} has no identity ${identity}` }]),
      ...(nodes.includes(name) ? [{ path: [...path, at, 'name'], message: `${name} is the name of a node` }] : []),
      ...(organization.peers.length > 0 ? [] : [{ path: [...path, at], message: 'an application needs a peer' }]),
    ]),
  ];
}

function checkPorts(topology: Topology): Finding[] {
  const taken = new Map<string, string>();
  return listPorts(topology).flatMap(({ host, port, path }) => {
    const key = `${host}:${port}`;
    const text = pathText(path);
    const other = taken.get(key);
    taken.set(key, other ?? text);
    return other === undefined ? [] : [{ path, message: `${key} is already used by ${other}` }];
  });
}

interface PortUse {
  readonly host: string;
  readonly port: number;
  readonly path: Path;
}

function listPorts(topology: Topology): PortUse[] {
  const services = topology.channels.flatMap((channel) => channel.chaincodes);
  return topology.organizations.flatMap((organization, index) => {
    const path: Path = ['organizations', index];
    const nodes = [
      ...organization.peers.flatMap((node, at) =>
        [
          ['port', node.port] as const,
          ['operationsPort', node.operationsPort] as const,
          ['chaincodeListenPort', node.chaincodeListenPort] as const,
        ].map(([field, port]) => ({ host: node.host, port, path: [...path, 'peers', at, field] })),
      ),
      ...organization.orderers.flatMap((node, at) =>
        [
          ['port', node.port] as const,
          ['adminPort', node.adminPort] as const,
          ['operationsPort', node.operationsPort] as const,
        ].map(([field, port]) => ({ host: node.host, port, path: [...path, 'orderers', at, field] })),
      ),
    ];
    const host = organization.peers[0]?.host ?? '127.0.0.1';
    const started = organization.peers.length === 0 ? [] : services;
    return [
      ...nodes,
      ...started.flatMap((chaincode, number) =>
        chaincode.service.kind === 'command'
          ? Array.from({ length: PORTS_PER_CHAINCODE }, (_, one) => ({
              host,
              port: organization.chaincodePortBase + PORTS_PER_CHAINCODE * number + one,
              path: [...path, 'chaincodePortBase'],
            }))
          : [],
      ),
    ];
  });
}

function checkChannel(topology: Topology, channel: Channel, path: Path): Finding[] {
  const members = namedOrganizations(topology, channel.memberOrganizations, [...path, 'memberOrganizations']);
  const orderers = namedOrganizations(topology, channel.ordererOrganizations, [...path, 'ordererOrganizations']);
  const peerless = members.found.filter((organization) => organization.peers.length === 0);
  return [
    ...members.findings,
    ...orderers.findings,
    ...peerless.map(({ name }) => ({ path: [...path, 'memberOrganizations'], message: `${name} has no peer` })),
    ...checkOrdererCount(topology, channel, [...path, 'ordererOrganizations'], orderers.found),
    ...(channel.batch.preferredBytes > channel.batch.absoluteBytes
      ? [{ path: [...path, 'batch', 'preferredBytes'], message: 'must not be more than absoluteBytes' }]
      : []),
    ...duplicates(channel.chaincodes, [...path, 'chaincodes'], 'name', (one) => one.name),
    ...channel.chaincodes.flatMap((chaincode, index) =>
      checkChaincode(chaincode, members.found, [...path, 'chaincodes', index]),
    ),
  ];
}

function namedOrganizations(
  topology: Topology,
  names: readonly string[],
  path: Path,
): { readonly found: Organization[]; readonly findings: Finding[] } {
  const found: Organization[] = [];
  const findings: Finding[] = [];
  names.forEach((name, index) => {
    const organization = topology.organizations.find((one) => one.name === name);
    if (organization === undefined) {
      findings.push({ path: [...path, index], message: `organisation ${name} is not under organizations` });
    } else if (names.indexOf(name) !== index) {
      findings.push({ path: [...path, index], message: `organisation ${name} is listed twice` });
    } else {
      found.push(organization);
    }
  });
  return { found, findings };
}

function checkOrdererCount(
  topology: Topology,
  channel: Channel,
  path: Path,
  ordering: readonly Organization[],
): Finding[] {
  const idle = ordering.filter((organization) => organization.orderers.length === 0);
  const count = ordererCount(topology, channel);
  return [
    ...idle.map(({ name }) => ({ path, message: `${name} orders this channel but has no orderer` })),
    ...(count === 2
      ? [{ path, message: 'two orderers stop as soon as one of them stops (Raft needs both); use 1, 3 or 5' }]
      : []),
  ];
}

function ordererCount(topology: Topology, channel: Channel): number {
  return topology.organizations
    .filter((organization) => channel.ordererOrganizations.includes(organization.name))
    .reduce((sum, organization) => sum + organization.orderers.length, 0);
}

function checkChaincode(chaincode: Chaincode, members: readonly Organization[], path: Path): Finding[] {
  const { service } = chaincode;
  const missing =
    service.kind === 'external' ? members.filter(({ name }) => service.addresses[name] === undefined) : [];
  return [
    ...checkPolicy(chaincode.endorsementPolicy, members, [...path, 'endorsementPolicy']),
    ...(service.kind === 'command' && service.command.length === 0
      ? [{ path: [...path, 'service', 'command'], message: 'a service of kind command needs a program' }]
      : []),
    ...missing.map(({ name }) => ({ path: [...path, 'service', 'addresses'], message: `no address for ${name}` })),
    ...duplicates(chaincode.collections, [...path, 'collections'], 'name', (one) => one.name),
    ...chaincode.collections.flatMap((collection, index) =>
      checkCollection(collection, members, [...path, 'collections', index]),
    ),
  ];
}

function checkCollection(collection: Collection, members: readonly Organization[], path: Path): Finding[] {
  return [
    ...checkPolicy(collection.policy, members, [...path, 'policy']),
    ...checkPolicy(collection.endorsementPolicy, members, [...path, 'endorsementPolicy']),
    ...(collection.requiredPeerCount > collection.maxPeerCount
      ? [{ path: [...path, 'requiredPeerCount'], message: 'must not be more than maxPeerCount' }]
      : []),
  ];
}

function checkPolicy(text: string, members: readonly Organization[], path: Path): Finding[] {
  if (text === '') {
    return [];
  }
  try {
    const known = members.map((organization) => organization.mspId);
    return policyMspIds(parseSignaturePolicy(text))
      .filter((mspId) => !known.includes(mspId))
      .map((mspId) => ({ path, message: `${mspId} is not the MSP of a member organisation of the channel` }));
  } catch (error) {
    if (error instanceof SignaturePolicyError) {
      return [{ path, message: error.message }];
    }
    throw error;
  }
}

function duplicates<T>(items: readonly T[], path: Path, field: string, value: (item: T) => string): Finding[] {
  const values = items.map(value);
  return values.flatMap((one, index) =>
    values.indexOf(one) === index ? [] : [{ path: [...path, index, field], message: `${one} is used twice` }],
  );
}

/** Writes a path as `channels[0].name`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') {
      return `${text}[${part}]`;
    }
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
