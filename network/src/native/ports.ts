import { createServer } from 'node:net';
import { chaincodeAddress, type Topology } from '@flexledger/topology';
import { NetworkError } from '../network-error';

interface PortUse {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** @throws NetworkError NETWORK_PORT_IN_USE with the first port of the topology that something else listens on. */
export async function assertPortsFree(topology: Topology): Promise<void> {
  for (const use of portsOf(topology)) {
    if (!(await isFree(use.host, use.port))) {
      throw new NetworkError(
        'NETWORK_PORT_IN_USE',
        `${use.host}:${use.port}, which ${use.user} needs, is in use; stop that program (the network may already run) or ` +
          'change the port in the topology.',
      );
    }
  }
}

function portsOf(topology: Topology): PortUse[] {
  return topology.organizations.flatMap((organization) => [
    ...organization.peers.flatMap(({ name, host, port, operationsPort, chaincodeListenPort }) =>
      [port, operationsPort, chaincodeListenPort].map((one) => ({
        host,
        port: one,
        user: `${name}.${organization.domain}`,
      })),
    ),
    ...organization.orderers.flatMap(({ name, host, port, operationsPort, adminPort }) =>
      [port, operationsPort, adminPort].map((one) => ({ host, port: one, user: `${name}.${organization.domain}` })),
    ),
    ...(organization.peers.length === 0 ? [] : servicePorts(topology, organization.name)),
  ]);
}

function servicePorts(topology: Topology, organizationName: string): PortUse[] {
  return topology.channels.flatMap((channel) => {
    const organization = topology.organizations.find(({ name }) => name === organizationName);
    if (organization === undefined || !channel.memberOrganizations.includes(organizationName)) {
      return [];
    }
    return channel.chaincodes
      .filter(({ service }) => service.kind === 'command')
      .map(({ name }) => {
        const [host = '127.0.0.1', port = '0'] = chaincodeAddress(topology, organization, name).split(':');
        return { host, port: Number.parseInt(port, 10), user: `chaincode ${name} of ${organizationName}` };
      });
  });
}

async function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
