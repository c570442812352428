import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import type { Environment, RetryPolicy } from './backoff';
import { LevelCheckpoint } from './checkpoint';
import { connectGateway } from './connect';
import { consortiumOf } from './consortium';
import type { Deadlines } from './deadlines';
import type { LedgerError } from './errors';
import { FactFeed, type FactFeedOptions } from './events';
import { FailoverPort } from './failover-port';
import type { CommitObserver, GatewayPort } from './gateway-port';
import { Ledger } from './ledger';
import { LevelOutbox, type OpenCommand } from './outbox';

/** How a role's client is opened. */
export interface RoleClientOptions {
  readonly network: NetworkHandle;
  /** Name of the organisation, for example `Market`. */
  readonly organization: string;
  /** Name of its identity, for example `market`. */
  readonly identity: string;
  /** Folder for outbox and checkpoint, of this process alone; made when absent. */
  readonly dataDirectory: string;
  readonly deadlines?: Partial<Deadlines>;
  readonly policy?: Partial<RetryPolicy>;
  readonly environment?: Environment;
  readonly onRetry?: (error: LedgerError, command: OpenCommand) => void;
}

/** How a role's client is opened from files alone, by a process that has no handle of the network. */
export type RoleClientFiles = Omit<RoleClientOptions, 'network'> & {
  readonly topologyFile: string;
  /** Holds `organizations/` in the layout of Fabric's own tools. */
  readonly cryptoDirectory: string;
};

/** A ledger client of a role with its connection, its outbox and its checkpoint on the disk. */
export class RoleClient {
  readonly ledger: Ledger;
  readonly port: GatewayPort;
  readonly #secondary: GatewayPort | undefined;
  readonly #outbox: LevelOutbox;
  readonly #checkpoint: LevelCheckpoint;
  readonly #feeds: FactFeed[] = [];

  private constructor(parts: {
    readonly ledger: Ledger;
    readonly port: GatewayPort;
    readonly secondary: GatewayPort | undefined;
    readonly outbox: LevelOutbox;
    readonly checkpoint: LevelCheckpoint;
  }) {
    this.ledger = parts.ledger;
    this.port = parts.port;
    this.#secondary = parts.secondary;
    this.#outbox = parts.outbox;
    this.#checkpoint = parts.checkpoint;
  }

  /** Connects lazily to the organisation's peers, the first of which is used while it answers; nothing is sent yet. */
  static async open(options: RoleClientOptions): Promise<RoleClient> {
    const { network, dataDirectory } = options;
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    const outbox = await LevelOutbox.open(join(dataDirectory, 'outbox'));
    const checkpoint = await LevelCheckpoint.open(join(dataDirectory, 'checkpoint'));
    const { port, observer, secondary } = openPorts(options);
    const ledger = new Ledger({
      ...options,
      port,
      ...(observer === undefined ? {} : { secondary: observer }),
      outbox,
      consortium: consortiumOf(network),
    });
    return new RoleClient({ ledger, port, secondary, outbox, checkpoint });
  }

  /** The same for a network that somebody else has started. */
  static async openFromFiles({ topologyFile, cryptoDirectory, ...options }: RoleClientFiles): Promise<RoleClient> {
    const network = await openNetwork({ mode: 'existing', topologyFile, cryptoDirectory });
    return RoleClient.open({ ...options, network });
  }

  /** Facts from this role's checkpoint; only one feed at a time moves it. */
  async facts(options: Omit<FactFeedOptions, 'port' | 'checkpoint'> = {}): Promise<FactFeed> {
    const feed = await FactFeed.open({ ...options, port: this.port, checkpoint: this.#checkpoint });
    this.#feeds.push(feed);
    return feed;
  }

  /** Closes feeds, connections and stores. Commands that run are finished by the next process. */
  async close(): Promise<void> {
    this.#feeds.forEach((feed) => feed.close());
    this.port.close();
    this.#secondary?.close();
    await this.#outbox.close();
    await this.#checkpoint.close();
  }
}

interface Ports {
  readonly port: GatewayPort;
  /** Whom the client asks when the port in use does not know a transaction. */
  readonly observer: CommitObserver | undefined;
  /** A connection to close besides the port. */
  readonly secondary: GatewayPort | undefined;
}

/** The organisation's own peers stand in for each other; where there is one only, an authority's peer can observe. */
function openPorts(options: RoleClientOptions): Ports {
  const { network, organization } = options;
  const own = network.topology.organizations.find(({ name }) => name === organization)?.peers ?? [];
  if (own.length > 1) {
    const port = new FailoverPort(own.map((_, index) => openPort(options, organization, index)));
    return { port, observer: port.other, secondary: undefined };
  }
  const authority = otherAuthority(network, organization);
  const secondary = authority === undefined ? undefined : openPort(options, authority, 0);
  return { port: openPort(options, organization, 0), observer: secondary, secondary };
}

function openPort(options: RoleClientOptions, organization: string, index: number): GatewayPort {
  const { network } = options;
  return connectGateway({
    endpoint: network.peerEndpoint(organization, index),
    identity: network.identity(options.organization, options.identity),
    channel: network.channelName,
    chaincode: network.chaincodeName,
    ...(options.deadlines === undefined ? {} : { deadlines: options.deadlines }),
  });
}

/** Another organisation that orders and has a peer. */
function otherAuthority({ topology, channelName }: NetworkHandle, organization: string): string | undefined {
  const channel = topology.channels.find(({ name }) => name === channelName);
  return channel?.ordererOrganizations.find(
    (name) =>
      name !== organization && topology.organizations.some((other) => other.name === name && other.peers.length > 0),
  );
}
