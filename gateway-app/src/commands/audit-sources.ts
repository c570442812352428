import { readFileSync } from 'node:fs';
import path from 'node:path';
import { blockHeaderHash, decodeBlock, headerOf } from '@flexledger/fabric-model';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import type { Command } from 'commander';
import { BlockFile, type BlockSource } from '../audit/blocks/block-file';
import { PeerBlocks } from '../audit/blocks/peer-blocks';
import { CliError } from '../cli-errors';
import { connectGateway } from '../client/connect';
import { consortiumOf } from '../client/consortium';
import type { GatewayPort, HeightReader } from '../client/gateway-port';
import { Ledger } from '../client/ledger';
import { MemoryOutbox } from '../client/outbox';
import { CONSORTIUM_FILE, DEFAULT_DAY_FOLDER } from '../paths';

/** Whose rows an audit reads where nothing else is said. */
export const DEFAULT_CHAINCODE = 'flexledger';

/** How a peer is reached. */
export interface PeerOptions {
  readonly topology: string;
  readonly crypto: string;
  readonly as?: string;
}

/** Adds the options with which a peer is reached. */
export function addPeerOptions(command: Command): Command {
  return command
    .option('--as <organization/identity>', 'whose certificate to use; default: the first of the organisation')
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'));
}

/** Files and peers that an audit reads, with the connections that have to be closed. */
export class AuditSources {
  readonly #options: PeerOptions;
  readonly #ports: GatewayPort[] = [];
  #network: NetworkHandle | undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  /** The blocks in a file or of a peer; undefined where neither is named. */
  async of(file: string | undefined, peer: string | undefined): Promise<BlockSource | undefined> {
    if (file !== undefined && peer !== undefined) {
      throw new CliError('CLI_USAGE', 'name one second peer: either --compare FILE or --compare-peer ORGANIZATION');
    }
    if (file !== undefined) {
      return new BlockFile(file);
    }
    return peer === undefined ? undefined : this.ofPeer(peer);
  }

  /** The blocks of a peer, `Regulator` or `Market/1`. */
  async ofPeer(peer: string): Promise<BlockSource> {
    const { port } = await this.#connect(peer);
    return new PeerBlocks(`the peer of ${peer}`, port);
  }

  /** A client that reads from this peer, and the name of the chaincode. */
  async ledger(peer: string): Promise<{ readonly ledger: Ledger; readonly chaincode: string }> {
    const { port, network } = await this.#connect(peer);
    const ledger = new Ledger({ port, outbox: new MemoryOutbox(), consortium: consortiumOf(network) });
    return { ledger, chaincode: network.chaincodeName };
  }

  close(): void {
    this.#ports.forEach((port) => port.close());
  }

  async #connect(
    peer: string,
  ): Promise<{ readonly port: GatewayPort & HeightReader; readonly network: NetworkHandle }> {
    const { topology, crypto, as } = this.#options;
    this.#network ??= await openNetwork({
      mode: 'existing',
      topologyFile: path.resolve(topology),
      cryptoDirectory: path.resolve(crypto),
    });
    const network = this.#network;
    const [organization = '', index = '0'] = peer.split('/');
    const [owner = organization, name = firstIdentity(network, organization)] = as?.split('/') ?? [];
    const port = connectGateway({
      endpoint: network.peerEndpoint(organization, Number(index)),
      identity: network.identity(owner, name),
      channel: network.channelName,
      chaincode: network.chaincodeName,
    });
    this.#ports.push(port);
    return { port, network };
  }
}

function firstIdentity({ topology }: NetworkHandle, organization: string): string {
  const found = topology.organizations.find(({ name }) => name === organization);
  if (found === undefined) {
    const names = topology.organizations.map(({ name }) => name).join(', ');
    throw new CliError('CLI_USAGE', `there is no organisation ${organization}; there are ${names}`);
  }
  return found.identities[0]?.name ?? 'Admin';
}

/** A hash as it is, or the hash of the block in a file. */
export function genesisHash(text: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(text)) {
    return text.toLowerCase();
  }
  return Buffer.from(blockHeaderHash(headerOf(decodeBlock(readFileSync(text))))).toString('hex');
}
