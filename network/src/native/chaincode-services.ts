import { dirname, join, resolve } from 'node:path';
import {
  chaincodeAddress,
  chaincodeServerFolder,
  memberOrganizations,
  type Chaincode,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import type { ProcessSpec } from './process-set';

/** The chaincode services that the network has to start: one process per organisation and chaincode of kind `command`. */
export function chaincodeServices(
  topology: Topology,
  topologyFile: string,
  cryptoDirectory: string,
  packageIdOf: (chaincode: Chaincode) => string,
): ProcessSpec[] {
  return topology.channels.flatMap((channel) =>
    channel.chaincodes
      .filter((chaincode) => chaincode.service.kind === 'command')
      .flatMap((chaincode) =>
        memberOrganizations(topology, channel).map((organization) =>
          chaincodeService(topology, topologyFile, cryptoDirectory, organization, chaincode, packageIdOf(chaincode)),
        ),
      ),
  );
}

/** The name of an organisation's chaincode process, for example `flexledger.chaincode.tso.example`, later `flexledger@2.…`. */
export function chaincodeServiceName(
  { name, sequence }: Pick<Chaincode, 'name' | 'sequence'>,
  { domain }: Pick<Organization, 'domain'>,
): string {
  return `${name}${sequence === 1 ? '' : `@${sequence}`}.chaincode.${domain}`;
}

/** Whether a process is a chaincode's, of whichever definition. */
export function isServiceOf(processName: string, chaincodeName: string): boolean {
  return new RegExp(`^${chaincodeName}(@[0-9]+)?\\.chaincode\\.`).test(processName);
}

/** Variables that a program needs to run at all; nothing else of the parent's environment reaches a contract. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'];

function chaincodeService(
  topology: Topology,
  topologyFile: string,
  cryptoDirectory: string,
  organization: Organization,
  chaincode: Chaincode,
  packageId: string,
): ProcessSpec {
  const [program = '', ...parameters] = chaincode.service.command;
  const address = chaincodeAddress(topology, organization, chaincode.name);
  const [host = '', port = ''] = address.split(':');
  return {
    name: chaincodeServiceName(chaincode, organization),
    keptAlive: true,
    program: program === 'node' ? process.execPath : program,
    parameters,
    workingDirectory: resolve(dirname(topologyFile), chaincode.service.workingDirectory),
    environment: {
      ...inheritedEnvironment(),
      // Node.js from 22 on keeps compiled code there, so that a chaincode that was killed is back sooner; others ignore it.
      NODE_COMPILE_CACHE: join(dirname(cryptoDirectory), 'compile-cache'),
      ...chaincode.service.environment,
      CHAINCODE_ID: packageId,
      CHAINCODE_SERVER_ADDRESS: address,
      CORE_PEER_LOCALMSPID: organization.mspId,
      ...tlsEnvironment(chaincode, chaincodeServerFolder(cryptoDirectory, organization)),
    },
    listensOn: { host, port: Number.parseInt(port, 10) },
  };
}

/** The few variables of this process that programs need. */
export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function tlsEnvironment(chaincode: Chaincode, folder: string): Record<string, string> {
  if (!chaincode.service.tls) {
    return { CHAINCODE_TLS_DISABLED: 'true' };
  }
  return {
    CHAINCODE_TLS_DISABLED: 'false',
    CHAINCODE_TLS_KEY_FILE: join(folder, 'server.key'),
    CHAINCODE_TLS_CERT_FILE: join(folder, 'server.crt'),
    CHAINCODE_TLS_CLIENT_CACERT_FILE: join(folder, 'ca.crt'),
  };
}
