import { createPrivateKey, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import {
  connect,
  signers,
  type Contract,
  type Gateway,
  type Identity,
  type Network,
} from '@hyperledger/fabric-gateway';
import { readIdentity, readPeerEndpoint, type Chaincode, type Organization, type Topology } from '@flexledger/topology';
import { startDevnet } from '../devnet';
import type { Devnet, DevnetOptions } from '../devnet-options';

/** Folder of the chaincode that the tests run. */
export const fixtureFolder = join(__dirname, '..', '..', 'fixtures');

/** The one channel of the test network. */
export const testChannel = 'trial';

/** The one chaincode of the test network. */
export const testChaincode = 'ledger';

const callMs = 20_000;

/** Below the ports that systems give to outgoing connections, one of which could take a port before the network does. */
const portRange = { first: 20_000, perWorker: 3_000, workers: 2 };

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

/** Ports that nobody listens on now, all different; test files that run side by side draw from different ranges. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 1) % portRange.workers;
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = portRange.first + worker * portRange.perWorker + randomInt(portRange.perWorker);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

/** The client library sets no deadline: a call that a killed network never answers would wait for ever. */
function callOptions(): { readonly deadline: number } {
  return { deadline: Date.now() + callMs };
}

function organization(name: string, ports: readonly number[]): Organization {
  const [port = 0, operationsPort = 0, chaincodeListenPort = 0, chaincodePortBase = 0] = ports;
  return {
    name,
    mspId: `${name}MSP`,
    domain: `${name.toLowerCase()}.example`,
    peers: [{ name: 'peer0', host: '127.0.0.1', port, operationsPort, chaincodeListenPort }],
    orderers: [],
    identities: [
      { name: 'User1', type: 'client', attributes: { role: 'user' } },
      { name: 'User2', type: 'client', attributes: {} },
    ],
    chaincodePortBase,
  };
}

/** The chaincode of the test network: two of three organisations endorse, collections of Alpha and Beta and of Alpha alone. */
export function ledgerChaincode(): Chaincode {
  return {
    name: testChaincode,
    version: '1.0',
    sequence: 1,
    endorsementPolicy: "OutOf(2, 'AlphaMSP.peer', 'BetaMSP.peer', 'GammaMSP.peer')",
    collections: [
      {
        name: 'pair',
        policy: "OR('AlphaMSP.member', 'BetaMSP.member')",
        requiredPeerCount: 1,
        maxPeerCount: 1,
        blockToLive: 0,
        memberOnlyRead: true,
        memberOnlyWrite: false,
        endorsementPolicy: '',
      },
      {
        name: 'brief',
        policy: "OR('AlphaMSP.member', 'BetaMSP.member')",
        requiredPeerCount: 0,
        maxPeerCount: 1,
        blockToLive: 2,
        memberOnlyRead: true,
        memberOnlyWrite: true,
        endorsementPolicy: "OR('AlphaMSP.peer', 'BetaMSP.peer')",
      },
      {
        name: 'solo',
        policy: "OR('AlphaMSP.member')",
        requiredPeerCount: 0,
        maxPeerCount: 0,
        blockToLive: 0,
        memberOnlyRead: true,
        memberOnlyWrite: false,
        endorsementPolicy: '',
      },
    ],
    service: {
      kind: 'command',
      command: [process.execPath, join(fixtureFolder, 'ledger-chaincode.cjs')],
      workingDirectory: '.',
      environment: { CORE_CHAINCODE_LOGGING_SHIM: 'error', CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
      addresses: {},
      tls: false,
    },
  };
}

/** A network of three organisations, Alpha, Beta and Gamma, on free ports. */
export async function testTopology(chaincode: Chaincode = ledgerChaincode()): Promise<Topology> {
  const names = ['Alpha', 'Beta', 'Gamma'];
  const ports = await freePorts(names.length * 4 + 4);
  const [port = 0, adminPort = 0, operationsPort = 0, chaincodePortBase = 0] = ports.slice(names.length * 4);
  const orderer: Organization = {
    ...organization('Order', []),
    peers: [],
    orderers: [{ name: 'orderer0', host: '127.0.0.1', port, adminPort, operationsPort }],
    identities: [],
    chaincodePortBase,
  };
  return {
    format: 1,
    name: 'trial-network',
    organizations: [...names.map((name, index) => organization(name, ports.slice(index * 4, index * 4 + 4))), orderer],
    channels: [
      {
        name: testChannel,
        ordererOrganizations: ['Order'],
        memberOrganizations: names,
        batch: { timeoutMs: 40, messagesMax: 10, preferredBytes: 512 * 1024, absoluteBytes: 2 * 1024 * 1024 },
        chaincodes: [chaincode],
      },
    ],
  };
}

/** A connected client with its contract. */
export interface TestClient {
  readonly gateway: Gateway;
  readonly network: Network;
  readonly contract: Contract;
}

/** A devnet in a temporary folder and clients of it. */
export class TestNetwork {
  private readonly clients: { gateway: Gateway; client: Client }[] = [];

  private constructor(
    private readonly running: Devnet | undefined,
    readonly options: DevnetOptions,
  ) {}

  /** The network in this process. @throws Error when it runs in another one. */
  get devnet(): Devnet {
    if (this.running === undefined) throw new Error('the network runs in another process');
    return this.running;
  }

  static async start(changes: Partial<DevnetOptions> = {}): Promise<TestNetwork> {
    const folder = changes.dataFolder ?? mkdtempSync(join(tmpdir(), 'devnet-test-'));
    const options: DevnetOptions = {
      topology: changes.topology ?? (await testTopology()),
      topologyFolder: folder,
      dataFolder: folder,
      ...changes,
    };
    return new TestNetwork(await startDevnet(options), options);
  }

  /** Clients of a network that runs in another process. */
  static attach(topology: Topology, dataFolder: string): TestNetwork {
    return new TestNetwork(undefined, { topology, topologyFolder: dataFolder, dataFolder });
  }

  organization(name: string): Organization {
    const found = this.options.topology.organizations.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no organisation ${name}`);
    return found;
  }

  /** The identity of a user, for clients that sign by themselves. */
  identity(name: string, user = 'User1'): { readonly identity: Identity; readonly privateKeyPem: string } {
    const material = readIdentity(this.options.dataFolder, this.organization(name), user);
    return {
      identity: { mspId: material.mspId, credentials: Buffer.from(material.certificatePem) },
      privateKeyPem: material.privateKeyPem,
    };
  }

  /** A client of one organisation's peer, with an identity of the same or another organisation. */
  connect(name: string, signer: { organization?: string; user?: string; privateKeyPem?: string } = {}): TestClient {
    const endpoint = readPeerEndpoint(this.options.dataFolder, this.organization(name));
    const { identity, privateKeyPem } = this.identity(signer.organization ?? name, signer.user);
    const root = Buffer.from(endpoint.tlsRootCertificatePem);
    const client = new Client(endpoint.address, credentials.createSsl(root), {
      'grpc.ssl_target_name_override': endpoint.hostOverride,
    });
    const gateway = connect({
      client,
      identity,
      signer: signers.newPrivateKeySigner(createPrivateKey(signer.privateKeyPem ?? privateKeyPem)),
      evaluateOptions: callOptions,
      endorseOptions: callOptions,
      submitOptions: callOptions,
      commitStatusOptions: callOptions,
    });
    this.clients.push({ gateway, client });
    const network = gateway.getNetwork(testChannel);
    return { gateway, network, contract: network.getContract(testChaincode) };
  }

  closeClients(): void {
    for (const { gateway, client } of this.clients.splice(0)) {
      gateway.close();
      client.close();
    }
  }

  /** Ends network and clients; the folder stays. */
  async stop(): Promise<void> {
    this.closeClients();
    await this.running?.stop();
  }

  /** Ends everything and deletes the folder. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.options.dataFolder, { recursive: true, force: true });
  }
}

/** Text of result bytes. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
