import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureCryptoMaterial,
  nodeAddress,
  nodeFullName,
  ordererFolders,
  organizationMspFolder,
  ordererOrganizations,
  memberOrganizations,
  peerFolders,
  peerOrganizationFolder,
  userFolders,
  type Channel,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import { ChaincodeHost } from './chaincode/host';
import { defaultChaincodeLimits } from './chaincode/state-requests';
import type { Devnet, DevnetEndpoint, DevnetOptions } from './devnet-options';
import { Endorser } from './endorsement/endorser';
import { ensureFolder } from './ensure-folder';
import type { PeerContext } from './endorsement/peer-context';
import { Planner } from './endorsement/planner';
import { DevnetError, explainFileError } from './errors';
import { Faults, noFaults } from './faults';
import type { GatewayChannel } from './gateway/gateway-context';
import { loadSigner, newSignatureHeader, type Signer } from './identity/signer';
import { ChannelLedger } from './ledger/channel-ledger';
import { defineChaincodes } from './ledger/define-chaincodes';
import { genesisBlock } from './ledger/genesis';
import { keptBlocks, type BlockSigner } from './ledger/ledger-types';
import { RecordStore } from './ledger/record-store';
import { silentLog, type Log } from './logger';
import { createMetrics } from './metrics';
import { Sequencer, type Timers } from './ordering/sequencer';
import { ProcessFile } from './process-file';
import { seededRandom } from './seeded-random';
import { OperationsServer } from './server/operations-server';
import { ChaincodeListener, defaultServiceLimits, PeerServer } from './server/peer-server';

const realTimers: Timers = {
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};

/** Everything of the network that lives as long as it runs; stops in the reverse order of the start. */
class RunningDevnet implements Devnet {
  readonly cryptoFolder: string;
  readonly faults: Faults;
  readonly endpoints: DevnetEndpoint[] = [];
  private readonly topology: Topology;
  private readonly log: Log;
  private readonly nowMs: () => number;
  private readonly random: () => number;
  private readonly lag: Map<string, number>;
  private readonly channels = new Map<string, GatewayChannel>();
  private readonly ledgers = new Map<string, ChannelLedger>();
  private readonly stoppers: (() => Promise<void> | void)[] = [];
  private readonly gateways = new Map<string, PeerServer>();
  private readonly processes: ProcessFile;
  private readonly childIds = new Set<number>();
  private failure: string | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: DevnetOptions) {
    this.topology = options.topology;
    this.cryptoFolder = options.cryptoFolder ?? options.dataFolder;
    this.log = options.log ?? silentLog;
    this.nowMs = options.nowMs ?? (() => Date.now());
    this.random = seededRandom(options.seed ?? 1);
    this.lag = new Map(Object.entries(options.lagBlocksMax ?? {}));
    this.faults = new Faults(options.faults ?? noFaults, this.random);
    this.processes = new ProcessFile(options.dataFolder);
  }

  async start(): Promise<void> {
    requireLoopback(this.topology);
    await this.prepareFolder();
    const store = await RecordStore.open(join(this.options.dataFolder, 'ledger'));
    this.stoppers.push(async () => store.close());
    this.processes.claim();
    this.stoppers.push(() => {
      this.processes.release();
    });
    for (const channel of this.topology.channels) await this.openChannel(store, channel);
    const host = this.createHost();
    this.stoppers.push(async () => host.stop());
    await this.startPeers(host);
    host.start();
    const { chaincodeReadyMs = 60_000 } = this.options;
    if (chaincodeReadyMs > 0) await host.ready(chaincodeReadyMs);
  }

  height(channel: string): number {
    return this.channel(channel).ledger.height;
  }

  async cutBlock(channel: string): Promise<void> {
    await this.channel(channel).sequencer.cut();
  }

  setLag(mspId: string, blocksMax: number): void {
    this.lag.set(mspId, blocksMax);
  }

  chaincodeProcessIds(): readonly number[] {
    return [...this.childIds];
  }

  async stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    await this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const stop of this.stoppers.reverse()) await stop();
  }

  private channel(name: string): GatewayChannel {
    const channel = this.channels.get(name);
    if (channel === undefined) throw new Error(`there is no channel ${name}`);
    return channel;
  }

  private async prepareFolder(): Promise<void> {
    try {
      ensureFolder(this.options.dataFolder);
      await ensureCryptoMaterial(this.topology, this.cryptoFolder, { now: new Date(this.nowMs()) });
    } catch (error) {
      throw explainFileError(error, this.options.dataFolder);
    }
  }

  private async openChannel(store: RecordStore, channel: Channel): Promise<void> {
    const ledger = await ChannelLedger.open(
      {
        store,
        markFolder: this.options.dataFolder,
        channel: channel.name,
        signer: this.blockSigner(channel),
        log: this.log,
      },
      () => genesisBlock(this.topology, channel, this.cryptoFolder),
    );
    const members = memberOrganizations(this.topology, channel);
    for (const organization of members) this.requireSameAuthority(ledger, organization);
    await this.define(ledger, channel, members);
    const sequencer = new Sequencer({
      ledger,
      batch: channel.batch,
      isManual: this.options.manualBlocks ?? false,
      timers: realTimers,
      nowMs: this.nowMs,
      failed: (error) => {
        this.fail(error);
      },
    });
    this.stoppers.push(async () => sequencer.close());
    this.ledgers.set(channel.name, ledger);
    this.channels.set(channel.name, { ledger, sequencer });
  }

  private async define(ledger: ChannelLedger, channel: Channel, members: readonly Organization[]): Promise<void> {
    const [first] = members;
    if (first === undefined) return;
    const admin = loadSigner(userFolders(this.cryptoFolder, first, 'Admin').msp, first.mspId, 'identity Admin');
    const endorsers = members.flatMap((organization) => {
      const [node] = organization.peers;
      return node === undefined ? [] : [this.peerSigner(organization, node)];
    });
    await defineChaincodes(ledger, channel.chaincodes, admin, endorsers, this.nowMs());
  }

  /** The ledger and the certificates must belong together. */
  private requireSameAuthority(ledger: ChannelLedger, organization: Organization): void {
    const folder = join(organizationMspFolder(this.cryptoFolder, organization), 'cacerts');
    const [node] = organization.peers;
    if (node === undefined) return;
    const { msps } = ledger.config;
    try {
      msps.validate(msps.deserialize(this.peerSigner(organization, node).serialized));
    } catch (error) {
      throw new DevnetError(
        'DEVNET_STORE_MISMATCH',
        `the ledger of channel ${ledger.channel} was made with other certificates of ${organization.mspId} than ${folder}; ` +
          'restore those, or choose another folder with --data',
        error,
      );
    }
  }

  private blockSigner(channel: Channel): BlockSigner | undefined {
    for (const organization of ordererOrganizations(this.topology, channel)) {
      const [orderer] = organization.orderers;
      if (orderer === undefined) continue;
      const folder = ordererFolders(this.cryptoFolder, organization, orderer).msp;
      const signer = loadSigner(folder, organization.mspId, `orderer ${orderer.name}`);
      return { signatureHeader: () => newSignatureHeader(signer), sign: (message) => signer.sign(message) };
    }
    return undefined;
  }

  private peerSigner(organization: Organization, node: Organization['peers'][number]): Signer {
    return loadSigner(peerFolders(this.cryptoFolder, organization, node).msp, organization.mspId, `peer ${node.name}`);
  }

  private createHost(): ChaincodeHost {
    return new ChaincodeHost({
      topology: this.topology,
      topologyFolder: this.options.topologyFolder,
      cryptoFolder: this.cryptoFolder,
      logFolder: join(this.options.dataFolder, 'logs'),
      limits: { ...defaultChaincodeLimits, ...this.options.chaincodeLimits },
      listener: {
        started: (id) => {
          this.childIds.add(id);
          this.processes.started(id);
        },
        ended: (id) => {
          this.childIds.delete(id);
          this.processes.ended(id);
        },
      },
      log: this.log,
    });
  }

  private async startPeers(host: ChaincodeHost): Promise<void> {
    const peers = this.topology.organizations.flatMap((organization) =>
      organization.peers.map((node): PeerContext => ({
        organization,
        node,
        mspId: organization.mspId,
        address: `${nodeFullName(organization, node)}:${String(node.port)}`,
        signer: this.peerSigner(organization, node),
      })),
    );
    const endorsers = peers.map(
      (peer) =>
        new Endorser({
          peer,
          ledgers: this.ledgers,
          host,
          nowMs: this.nowMs,
          blocksBehind: () => this.blocksBehind(peer.mspId),
          isDown: () => this.faults.isDown(peer.mspId),
        }),
    );
    const planner = new Planner(endorsers, this.random);
    const registry = createMetrics({
      ledgers: this.ledgers,
      gatewayCalls: () => new Map([...this.gateways].map(([peer, server]) => [peer, server.gatewayCalls])),
      chaincodeRestarts: () => host.restarts,
    });
    for (const own of endorsers) {
      await this.startPeer(own, planner, host);
      const operations = new OperationsServer({ registry, health: () => this.health(host), nowMs: this.nowMs });
      await operations.start(own.peer.node.host, own.peer.node.operationsPort);
      this.stoppers.push(async () => operations.stop());
    }
  }

  private async startPeer(own: Endorser, planner: Planner, host: ChaincodeHost): Promise<void> {
    const { organization, node, mspId, address } = own.peer;
    const server = new PeerServer({
      gateway: { own, planner, channels: this.channels, faults: this.faults },
      deliver: { ledgers: this.ledgers, nowMs: this.nowMs, dropStream: () => this.faults.dropStream() },
      host,
      limits: { ...defaultServiceLimits, ...this.options.serviceLimits },
    });
    const { tls } = peerFolders(this.cryptoFolder, organization, node);
    await server.start(nodeAddress(node), {
      certificate: readFileSync(join(tls, 'server.crt')),
      key: readFileSync(join(tls, 'server.key')),
    });
    this.stoppers.push(() => {
      server.stop();
    });
    this.gateways.set(address, server);
    const listener = new ChaincodeListener(host, mspId);
    await listener.start(`${node.host}:${String(node.chaincodeListenPort)}`);
    this.stoppers.push(() => {
      listener.stop();
    });
    this.endpoints.push({
      organization: organization.name,
      mspId,
      address: nodeAddress(node),
      hostOverride: nodeFullName(organization, node),
      tlsRootCertificateFile: join(tls, 'ca.crt'),
      usersFolder: join(peerOrganizationFolder(this.cryptoFolder, organization), 'users'),
      operationsAddress: `${node.host}:${String(node.operationsPort)}`,
    });
  }

  private blocksBehind(mspId: string): number {
    const most = this.lag.get(mspId) ?? 0;
    return most === 0 ? 0 : Math.min(keptBlocks, Math.floor(this.random() * (most + 1)));
  }

  private health(host: ChaincodeHost): readonly { component: string; reason: string }[] {
    const ledger = this.failure === undefined ? [] : [{ component: 'ledger', reason: this.failure }];
    return [...ledger, ...host.unready().map((name) => ({ component: `chaincode ${name}`, reason: 'not connected' }))];
  }

  private fail(error: unknown): void {
    const explained = explainFileError(error, this.options.dataFolder);
    const failure = explained instanceof Error ? explained : new Error(String(explained));
    this.failure = failure.message;
    this.log('error', 'ledger', failure.message);
    this.options.onFailure?.(failure);
  }
}

function requireLoopback(topology: Topology): void {
  for (const { name, host } of topology.organizations.flatMap(({ peers }) => peers)) {
    if (host === 'localhost' || host === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(host)) continue;
    throw new DevnetError(
      'DEVNET_ADDRESS_NOT_LOOPBACK',
      `peer ${name} has the host ${host}; the embedded network only listens on loopback, use 127.0.0.1 or localhost`,
    );
  }
}

/**
 * Starts the embedded network: one process with every organisation's peers, and each organisation's chaincode processes.
 * It has no consensus: this one process orders.
 *
 * @throws DevnetError with a stable code and one sentence that says what to do; everything begun is stopped again.
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const devnet = new RunningDevnet(options);
  try {
    await devnet.start();
    return devnet;
  } catch (error) {
    await devnet.stop();
    throw error;
  }
}
