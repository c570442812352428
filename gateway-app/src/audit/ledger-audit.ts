import { validationCodeName } from '@flexledger/fabric-model';
import { FindingList, type Finding } from './audit-finding';
import { auditBusiness, inOrder } from './audit';
import { BlockAudit, type JudgedBlock } from './blocks/block-audit';
import { BlockComparison } from './blocks/block-comparison';
import { BlockFileError, type BlockSource } from './blocks/block-file';
import { CopyMatcher } from './blocks/copy-matcher';
import type { CopyLine } from './blocks/copy-file';
import type { FindingCode } from './finding-codes';
import type { InvariantResult } from './findings';
import { auditFeeders, feederNotes } from './meters/feeders';
import { LedgerFold } from './fold';
import { MeterAudit } from './meters/meter-audit';

/** What an audit is made of. */
export interface LedgerAuditOptions {
  readonly source: BlockSource;
  /** The chaincode whose rows are read. */
  readonly chaincode: string;
  /** A second peer's blocks. */
  readonly compare?: BlockSource;
  /** A copy of the private values of readings, for the channel that is named. */
  readonly copy?: (channel: string) => AsyncGenerator<CopyLine, void, void>;
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
  readonly readings: ReadingsSummary;
  readonly invariants: readonly InvariantResult[];
  readonly findings: readonly Finding[];
  readonly findingsTotal: number;
  readonly findingCounts: Readonly<Partial<Record<FindingCode, number>>>;
  /** What is no fault and should be known. */
  readonly notes: readonly string[];
}

/** How many readings were checked. */
export interface ReadingsSummary {
  readonly meters: number;
  /** Blocks of readings on the ledger, and how many of them have their values in the copy. */
  readonly blocks: number;
  readonly copied: number;
  /** Blocks whose values the ledger has purged. */
  readonly purged: number;
  /** Single values in one direction that were checked against commitments and totals. */
  readonly readings: number;
}

const VALID = 0;

/**
 * Audits a channel from its blocks alone, in one pass: no peer's word is taken for anything. It reads block by block and
 * keeps none of them; the fold keeps every value that each row of the contract has had.
 */
export async function auditLedger(options: LedgerAuditOptions): Promise<LedgerAudit> {
  const { source, compare } = options;
  const findings = new FindingList();
  const blocks = new BlockAudit(findings, options.trustedGenesisHash);
  const comparison = compare === undefined ? undefined : new BlockComparison(compare, findings);
  const consumers = consumersOf(options, blocks, findings);
  for await (const bytes of guarded(source, findings)) {
    const config = blocks.config;
    const number = blocks.height;
    const judged = blocks.feed(bytes);
    await comparison?.feed(number, bytes, config);
    if (judged === undefined) {
      break;
    }
    await take(judged, consumers);
  }
  const purged = await consumers.meters.finish();
  const channel = channelOf(blocks, source, findings);
  return {
    channel,
    source: source.name,
    ...blocks.ends,
    comparedWith: compare?.name,
    compared: comparison?.compared ?? 0,
    codes: Object.fromEntries(consumers.codes),
    readings: { ...consumers.meters.summary, purged },
    invariants: invariantsOf(consumers, channel, findings),
    notes: [...(await notesOf(options, blocks, comparison)), ...feederNotes(auditFeeders(consumers.fold))],
    findings: findings.all,
    findingsTotal: findings.total,
    findingCounts: findings.counts,
  };
}

/** What takes the transactions of each block once it is judged. */
interface Consumers {
  readonly fold: LedgerFold;
  readonly meters: MeterAudit;
  readonly codes: Map<string, number>;
}

function consumersOf(
  { chaincode, copy, source }: LedgerAuditOptions,
  blocks: BlockAudit,
  findings: FindingList,
): Consumers {
  const channel = (): string => blocks.config?.channelId ?? source.channel ?? '';
  const matcher =
    copy === undefined
      ? undefined
      : new CopyMatcher(
          later(() => copy(channel())),
          findings,
        );
  return {
    fold: new LedgerFold(chaincode),
    meters: new MeterAudit({ chaincode, channel, findings, copy: matcher }),
    codes: new Map(),
  };
}

/** A generator that is made when it is first read: by then the channel is known. */
async function* later<T>(make: () => AsyncGenerator<T, void, void>): AsyncGenerator<T, void, void> {
  yield* make();
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

async function take({ number, verdicts }: JudgedBlock, { fold, meters, codes }: Consumers): Promise<void> {
  for (const { code, index, transaction, transactionId } of verdicts) {
    const name = validationCodeName(code);
    codes.set(name, (codes.get(name) ?? 0) + 1);
    if (code === VALID && transaction !== undefined) {
      fold.apply(transaction, number, index);
      await meters.feed(transaction, { block: number, transaction: index, transactionId });
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

function invariantsOf({ fold, meters }: Consumers, channel: string, findings: FindingList): readonly InvariantResult[] {
  const business = auditBusiness(fold, channel);
  for (const { id, holds, detail } of business) {
    if (!holds) {
      findings.add({ code: 'INVARIANT_BROKEN', what: `${id}: ${detail}` });
    }
  }
  return inOrder([...business, ...meters.invariants]);
}

async function notesOf(
  { compare, copy, trustedGenesisHash }: LedgerAuditOptions,
  blocks: BlockAudit,
  comparison: BlockComparison | undefined,
): Promise<readonly string[]> {
  const notes: string[] = [];
  if (trustedGenesisHash === undefined) {
    notes.push(`block 0 was taken as it is; compare its hash ${blocks.ends.genesisHash} with one that you trust`);
  }
  if (copy === undefined) {
    notes.push('no copy of the private values was given: commitments were not opened');
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
