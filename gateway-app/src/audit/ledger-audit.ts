import { validationCodeName } from '@flexledger/fabric-model';
import { FindingList, type Finding } from './audit-finding';
import { auditRows } from './audit';
import { BlockAudit, type JudgedBlock } from './block-audit';
import { BlockComparison } from './block-comparison';
import { BlockFileError, type BlockSource } from './block-file';
import type { FindingCode } from './finding-codes';
import type { InvariantResult } from './findings';
import { auditFeeders, feederNotes } from './feeders';
import { LedgerFold } from './fold';

/** What an audit is made of. */
export interface LedgerAuditOptions {
  readonly source: BlockSource;
  /** The chaincode whose rows are read. */
  readonly chaincode: string;
  /** A second peer's blocks. */
  readonly compare?: BlockSource;
  /** Hash of the header of block 0, hexadecimal, from somewhere else than the source. */
  readonly trustedGenesisHash?: string;
}

/** What an audit has found out. */
export interface LedgerAudit {
  readonly channel: string;
  readonly source: string;
  readonly comparedWith: string | undefined;
  /** Number of blocks, and how many of them a second peer has too. */
  readonly height: number;
  readonly compared: number;
  readonly genesisHash: string;
  readonly lastHash: string;
  readonly commitHash: string;
  /** Transactions by derived code, configurations included. */
  readonly codes: Readonly<Record<string, number>>;
  readonly invariants: readonly InvariantResult[];
  readonly findings: readonly Finding[];
  readonly findingsTotal: number;
  readonly findingCounts: Readonly<Partial<Record<FindingCode, number>>>;
  /** What is no fault and should be known. */
  readonly notes: readonly string[];
}

const VALID = 0;

/**
 * Audits a channel from its blocks alone, in one pass: no peer's word is taken for anything. It reads block by block and
 * holds the channel's state, not its history.
 */
export async function auditLedger(options: LedgerAuditOptions): Promise<LedgerAudit> {
  const { source, compare, chaincode } = options;
  const findings = new FindingList();
  const blocks = new BlockAudit(findings, options.trustedGenesisHash);
  const comparison = compare === undefined ? undefined : new BlockComparison(compare, findings);
  const fold = new LedgerFold(chaincode);
  const codes = new Map<string, number>();
  for await (const bytes of guarded(source, findings)) {
    const config = blocks.config;
    const number = blocks.height;
    const judged = blocks.feed(bytes);
    await comparison?.feed(number, bytes, config);
    if (judged === undefined) {
      break;
    }
    take(judged, fold, codes);
  }
  const channel = channelOf(blocks, source, findings);
  return {
    channel,
    source: source.name,
    ...blocks.ends,
    comparedWith: compare?.name,
    compared: comparison?.compared ?? 0,
    codes: Object.fromEntries(codes),
    invariants: invariantsOf(fold, channel, findings),
    notes: [...(await notesOf(options, blocks, comparison)), ...feederNotes(auditFeeders(fold))],
    findings: findings.all,
    findingsTotal: findings.total,
    findingCounts: findings.counts,
  };
}

async function* guarded(source: BlockSource, findings: FindingList): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* source.blocks();
  } catch (error) {
    if (!(error instanceof BlockFileError)) {
      throw error;
    }
    findings.add({ code: error.code, what: error.message });
  }
}

function take({ number, verdicts }: JudgedBlock, fold: LedgerFold, codes: Map<string, number>): void {
  for (const { code, index, transaction } of verdicts) {
    const name = validationCodeName(code);
    codes.set(name, (codes.get(name) ?? 0) + 1);
    if (code === VALID && transaction !== undefined) {
      fold.apply(transaction, number, index);
    }
  }
}

function channelOf(blocks: BlockAudit, source: BlockSource, findings: FindingList): string {
  const channel = blocks.config?.channelId ?? source.channel ?? '';
  if (source.channel !== undefined && source.channel !== channel) {
    findings.add({
      code: 'FILE_HEADER_WRONG',
      what: `it names channel ${source.channel}, the blocks are of channel ${channel}`,
    });
  }
  return channel;
}

function invariantsOf(fold: LedgerFold, channel: string, findings: FindingList): readonly InvariantResult[] {
  const results = auditRows(fold, channel);
  for (const { id, holds, detail } of results) {
    if (!holds) {
      findings.add({ code: 'INVARIANT_BROKEN', what: `${id}: ${detail}` });
    }
  }
  return results;
}

async function notesOf(
  { compare, trustedGenesisHash }: LedgerAuditOptions,
  blocks: BlockAudit,
  comparison: BlockComparison | undefined,
): Promise<readonly string[]> {
  const notes: string[] = [];
  if (trustedGenesisHash === undefined) {
    notes.push(`block 0 was taken as it is; compare its hash ${blocks.ends.genesisHash} with one that you trust`);
  }
  if (compare === undefined || comparison === undefined) {
    notes.push('no second peer was compared');
    return notes;
  }
  const more = await comparison.countRest();
  const fewer = blocks.height - comparison.compared;
  if (more > 0) {
    notes.push(`${compare.name} has ${more} more blocks`);
  } else if (fewer > 0) {
    notes.push(`${compare.name} has ${fewer} blocks less, which were compared with nothing`);
  }
  return notes;
}
