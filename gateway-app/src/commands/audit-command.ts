import { readFileSync } from 'node:fs';
import path from 'node:path';
import { blockHeaderHash, decodeBlock, headerOf } from '@flexledger/fabric-model';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import type { Command } from 'commander';
import { findingLine } from '../audit/audit-finding';
import { BlockFile, writeBlockFile, type BlockSource } from '../audit/block-file';
import { auditLedger, type LedgerAudit } from '../audit/ledger-audit';
import { PeerBlocks } from '../audit/peer-blocks';
import { CliError } from '../cli-errors';
import { connectGateway } from '../client/connect';
import type { GatewayPort, HeightReader } from '../client/gateway-port';
import { CONSORTIUM_FILE, DEFAULT_DAY_FOLDER } from '../paths';

/** How a peer is reached. */
interface PeerOptions {
  readonly topology: string;
  readonly crypto: string;
  readonly as?: string;
}

interface ExportOptions extends PeerOptions {
  readonly peer: string;
  readonly out: string;
}

interface AuditOptions extends PeerOptions {
  readonly blocks?: string;
  readonly peer?: string;
  readonly compare?: string;
  readonly comparePeer?: string;
  readonly genesis?: string;
  readonly chaincode: string;
}

const DEFAULT_CHAINCODE = 'flexledger';

/** `flexledger audit`: checks a ledger offline, from the blocks of any peer or from an exported file. */
export function addAuditCommand(program: Command, print: (line: string) => void): void {
  const audit = program
    .command('audit')
    .description('check a whole ledger from its blocks alone: signatures, codes, chains, readings, money');
  // The default, so that `audit --blocks FILE` is enough; options of its own, or they would hide those of its siblings.
  addPeerOptions(audit.command('check', { isDefault: true }).description('check blocks (what "audit" alone does)'))
    .option('--blocks <file>', 'blocks that "audit export" has written')
    .option('--peer <organization>', 'blocks of a running peer, for example Regulator or Market/1')
    .option('--compare <file>', 'blocks of a second peer, exported')
    .option('--compare-peer <organization>', 'blocks of a second peer that runs')
    .option('--genesis <hash or file>', 'block 0 that you trust: the hash of its header, or the block in a file')
    .option('--chaincode <name>', 'whose rows are read', DEFAULT_CHAINCODE)
    .action(async (options: AuditOptions) => runAudit(options, print));
  addPeerOptions(audit.command('export').description('write the blocks of a peer into one file'))
    .requiredOption('--peer <organization>', 'whose peer, for example Regulator or Market/1')
    .requiredOption('--out <file>', 'the file to write; it must not exist')
    .action(async (options: ExportOptions) => runExport(options, print));
}

function addPeerOptions(command: Command): Command {
  return command
    .option('--as <organization/identity>', 'whose certificate to use; default: the first of the organisation')
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'));
}

async function runExport(options: ExportOptions, print: (line: string) => void): Promise<void> {
  const sources = new Sources(options);
  try {
    const source = await sources.ofPeer(options.peer);
    const count = await writeBlockFile(options.out, source.channel ?? '', source.blocks());
    print(`${count} blocks of ${source.name} are in ${options.out}`);
  } finally {
    sources.close();
  }
}

async function runAudit(options: AuditOptions, print: (line: string) => void): Promise<void> {
  if ((options.blocks === undefined) === (options.peer === undefined)) {
    throw new CliError('CLI_USAGE', 'name the blocks with either --blocks FILE or --peer ORGANIZATION');
  }
  const sources = new Sources(options);
  try {
    const source = await sources.of(options.blocks, options.peer);
    const compare = await sources.of(options.compare, options.comparePeer);
    const trusted = options.genesis === undefined ? {} : { trustedGenesisHash: genesisHash(options.genesis) };
    const result = await auditLedger({
      source: source ?? new BlockFile(''),
      chaincode: options.chaincode,
      ...(compare === undefined ? {} : { compare }),
      ...trusted,
    });
    auditLines(result).forEach(print);
    if (result.findingsTotal > 0) {
      throw new CliError('AUDIT_FINDINGS', `the audit has found ${result.findingsTotal} faults, listed above`);
    }
  } finally {
    sources.close();
  }
}

/** What the command prints: findings first, then what was checked. */
function auditLines(audit: LedgerAudit): readonly string[] {
  const codes = Object.entries(audit.codes).map(([name, count]) => `${count} ${name}`);
  const left = audit.findingsTotal - audit.findings.length;
  return [
    ...audit.findings.map(findingLine),
    ...(left > 0 ? [`and ${left} more findings`] : []),
    `channel ${audit.channel}, ${audit.height} blocks from ${audit.source}`,
    `block 0 ${audit.genesisHash}`,
    `last block ${audit.lastHash}`,
    `commit hash ${audit.commitHash}`,
    `transactions: ${codes.join(', ')}`,
    ...(audit.comparedWith === undefined ? [] : [`compared ${audit.compared} blocks with ${audit.comparedWith}`]),
    ...audit.invariants.map(({ id, holds, detail }) => `${id} ${holds ? 'holds' : 'BROKEN'}: ${detail}`),
    ...audit.notes.map((note) => `note: ${note}`),
    audit.findingsTotal === 0 ? 'nothing is wrong' : `${audit.findingsTotal} findings`,
  ];
}

/** A hash as it is, or the hash of the block in a file. */
function genesisHash(text: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(text)) {
    return text.toLowerCase();
  }
  return Buffer.from(blockHeaderHash(headerOf(decodeBlock(readFileSync(text))))).toString('hex');
}

/** Files and peers that an audit reads, with the connections that have to be closed. */
class Sources {
  readonly #options: PeerOptions;
  readonly #ports: GatewayPort[] = [];
  #network: NetworkHandle | undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  async of(file: string | undefined, peer: string | undefined): Promise<BlockSource | undefined> {
    if (file !== undefined && peer !== undefined) {
      throw new CliError('CLI_USAGE', 'name one second peer: either --compare FILE or --compare-peer ORGANIZATION');
    }
    if (file !== undefined) {
      return new BlockFile(file);
    }
    return peer === undefined ? undefined : this.ofPeer(peer);
  }

  async ofPeer(peer: string): Promise<BlockSource> {
    return new PeerBlocks(`the peer of ${peer}`, await this.#connect(peer));
  }

  close(): void {
    this.#ports.forEach((port) => port.close());
  }

  async #connect(peer: string): Promise<GatewayPort & HeightReader> {
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
    return port;
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
