import { accessSync, constants } from 'node:fs';
import type { Profile, Reading } from '@flexledger/domain';
import type { Command } from 'commander';
import { findingLine } from '../audit/audit-finding';
import { BlockFile, writeBlockFile } from '../audit/blocks/block-file';
import { auditLedger, type LedgerAudit, type LedgerAuditOptions } from '../audit/ledger-audit';
import { readCopyFile, writeCopyFile } from '../audit/blocks/copy-file';
import { copyProfiles } from '../audit/blocks/profile-copy';
import { placeOf, profileRequest } from '../audit/evidence/reading-rows';
import { CliError } from '../cli-errors';
import { RuleRejected } from '../client/errors';
import type { Ledger } from '../client/ledger';
import { addPeerOptions, AuditSources, DEFAULT_CHAINCODE, genesisHash, type PeerOptions } from './audit-sources';
import { addProofCommands } from './proof-command';
import { addReportCommand, requireKey, writeReports } from './report-command';

/** What a peer answers that has no values of a block. */
const WITHOUT_VALUES: ReadonlySet<string> = new Set(['READING_PURGED', 'READING_UNKNOWN']);

interface ExportOptions extends PeerOptions {
  readonly peer: string;
  readonly out: string;
}

interface AuditOptions extends PeerOptions {
  readonly blocks?: string;
  readonly peer?: string;
  readonly compare?: string;
  readonly comparePeer?: string;
  readonly copy?: string;
  readonly genesis?: string;
  readonly report?: string;
  readonly page?: string;
  readonly key?: string;
  readonly chaincode: string;
}

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
    .option('--copy <file>', 'private values that "audit copy" has written')
    .option('--genesis <hash or file>', 'block 0 that you trust: the hash of its header, or the block in a file')
    .option('--report <file>', 'write the signed report as JSON')
    .option('--page <file>', 'write the signed report as a page to read')
    .option('--key <file>', "the auditor's key (PKCS #8); made where there is none")
    .option('--chaincode <name>', 'whose rows are read', DEFAULT_CHAINCODE)
    .action(async (options: AuditOptions) => runAudit(options, print));
  addPeerOptions(audit.command('export').description('write the blocks of a peer into one file'))
    .requiredOption('--peer <organization>', 'whose peer, for example Regulator or Market/1')
    .requiredOption('--out <file>', 'the file to write; it must not exist')
    .action(async (options: ExportOptions) => runExport(options, print));
  addPeerOptions(audit.command('copy').description('write the private values that a member of their collection has'))
    .requiredOption('--peer <organization>', 'whose peer, for example Community')
    .requiredOption('--out <file>', 'the file to write; it must not exist')
    .action(async (options: ExportOptions) => runCopy(options, print));
  addProofCommands(audit, print);
  addReportCommand(audit, print);
}

async function runExport(options: ExportOptions, print: (line: string) => void): Promise<void> {
  const sources = new AuditSources(options);
  try {
    const source = await sources.ofPeer(options.peer);
    const count = await writeBlockFile(options.out, source.channel ?? '', source.blocks());
    print(`${count} blocks of ${source.name} are in ${options.out}`);
  } finally {
    sources.close();
  }
}

async function runCopy(options: ExportOptions, print: (line: string) => void): Promise<void> {
  const sources = new AuditSources(options);
  try {
    const source = await sources.ofPeer(options.peer);
    const { ledger, chaincode } = await sources.ledger(options.peer);
    const rows = copyProfiles(source.blocks(), chaincode, async (reading) => loadProfile(ledger, reading));
    const count = await writeCopyFile(options.out, source.channel ?? '', rows);
    print(`the values of ${count} blocks of readings are in ${options.out}`);
  } finally {
    sources.close();
  }
}

async function loadProfile(ledger: Ledger, reading: Reading): Promise<Profile | undefined> {
  try {
    return await ledger.evaluate('metering', 'getProfile', profileRequest(reading));
  } catch (error) {
    if (error instanceof RuleRejected && WITHOUT_VALUES.has(error.code)) {
      // The audit looks on the ledger whether they were purged.
      return undefined;
    }
    const said = error instanceof Error ? error.message : String(error);
    const block = `meter ${reading.meterId} block of readings ${placeOf(reading)}`;
    throw new Error(`the peer gives no values of ${block}: ${said}`, { cause: error });
  }
}

async function runAudit(options: AuditOptions, print: (line: string) => void): Promise<void> {
  if ((options.blocks === undefined) === (options.peer === undefined)) {
    throw new CliError('CLI_USAGE', 'name the blocks with either --blocks FILE or --peer ORGANIZATION');
  }
  requireKey(options);
  const sources = new AuditSources(options);
  try {
    const source = await sources.of(options.blocks, options.peer);
    const compare = await sources.of(options.compare, options.comparePeer);
    const trusted = options.genesis === undefined ? {} : { trustedGenesisHash: genesisHash(options.genesis) };
    const result = await auditLedger({
      source: source ?? new BlockFile(''),
      chaincode: options.chaincode,
      ...(compare === undefined ? {} : { compare }),
      ...copyOf(options.copy),
      ...trusted,
    });
    auditLines(result).forEach(print);
    writeReports(result, options, print);
    if (result.findingsTotal > 0) {
      throw new CliError('AUDIT_FINDINGS', `the audit has found ${result.findingsTotal} faults, listed above`);
    }
  } finally {
    sources.close();
  }
}

function copyOf(file: string | undefined): Pick<LedgerAuditOptions, 'copy'> {
  if (file === undefined) {
    return {};
  }
  accessSync(file, constants.R_OK);
  return { copy: (channel) => readCopyFile(file, channel) };
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
    readingsLine(audit.readings),
    ...(audit.comparedWith === undefined ? [] : [`compared ${audit.compared} blocks with ${audit.comparedWith}`]),
    ...audit.invariants.map(({ id, holds, detail }) => `${id} ${holds ? 'holds' : 'BROKEN'}: ${detail}`),
    ...audit.notes.map((note) => `note: ${note}`),
    audit.findingsTotal === 0 ? 'nothing is wrong' : `${audit.findingsTotal} findings`,
  ];
}

function readingsLine({ meters, blocks, copied, purged, readings }: LedgerAudit['readings']): string {
  const opened = `${copied} of them opened with ${readings} readings, ${purged} purged`;
  return `readings: ${blocks} blocks of ${meters} meters, ${opened}`;
}
