import { createHash } from 'node:crypto';
import {
  blockBytes,
  commitmentOf,
  gapCodec,
  genesisLink,
  intervalsOf,
  isJsonObject,
  meterCodec,
  parseJsonBytes,
  rowCodec,
  totalsOf,
  verifySignature,
  type Gap,
  type IntervalTotal,
  type Meter,
  type Reading,
  type RowCodec,
} from '@flexledger/domain';
import {
  hashKeyHex,
  type HashedWrite,
  type NamespaceReadWriteSet,
  type ParsedTransaction,
} from '@flexledger/fabric-model';
import type { Finding, FindingList } from '../audit-finding';
import type { CopyMatcher } from '../blocks/copy-matcher';
import type { FindingCode } from '../finding-codes';
import type { InvariantResult } from '../findings';
import {
  placeOf,
  PROFILES_COLLECTION,
  profileKey,
  profileOf,
  writtenReading,
  type WrittenReading,
} from '../evidence/reading-rows';
import { splitKey } from '../row-key';
import { ROW_TYPES } from '../row-types';

const meters = rowCodec(meterCodec);
const gaps = rowCodec(gapCodec);

/** What is known of a meter's chain after its last block. */
interface Chain {
  meter: Meter | undefined;
  sequence: number;
  link: string;
  /** The slot after the last block. */
  nextSlot: number | undefined;
  /** Gaps that the operator has stated behind the last block, in order. */
  gaps: readonly Gap[];
}

/** Notes a finding at the block of readings at hand. */
type Find = (code: FindingCode, what: string) => void;

/** Where a transaction stands. */
export interface TransactionPlace {
  readonly block: number;
  readonly transaction: number;
  readonly transactionId: string;
}

/** Findings that break I5 (each reading exactly once) and I6 (chains verify). */
const ONCE: readonly FindingCode[] = ['READING_MISSING', 'READING_DOUBLED', 'READING_UNREADABLE'];
const CHAINED: readonly FindingCode[] = ['READING_LINK_WRONG', 'READING_SIGNATURE_WRONG', 'READING_METER_UNKNOWN'];

/**
 * Follows the chains of all meters through the write sets of valid transactions, as they come, and holds one line per
 * meter and not its history: sequence, links, signatures by the key in force, slots, and, where a copy of the private
 * values is at hand, commitments, totals and the hashes of the confidential rows.
 */
export class MeterAudit {
  readonly #chaincode: string;
  readonly #channel: () => string;
  readonly #findings: FindingList;
  readonly #copy: CopyMatcher | undefined;
  readonly #chains = new Map<string, Chain>();
  /** Key hashes of what the ledger has purged. */
  readonly #purged = new Set<string>();
  /** Blocks without values in the copy, by key hash: a purge that comes later explains them. */
  readonly #missing = new Map<string, Omit<Finding, 'code' | 'what'>>();
  #blocks = 0;
  #readings = 0;
  #copied = 0;

  constructor(options: {
    readonly chaincode: string;
    /** The channel's name, which is part of what meters sign. */
    readonly channel: () => string;
    readonly findings: FindingList;
    readonly copy?: CopyMatcher | undefined;
  }) {
    this.#chaincode = options.chaincode;
    this.#channel = options.channel;
    this.#findings = options.findings;
    this.#copy = options.copy;
  }

  /** Takes the writes of the next valid transaction. */
  async feed({ readWriteSet }: Pick<ParsedTransaction, 'readWriteSet'>, at: TransactionPlace): Promise<void> {
    const set = readWriteSet.namespaces.find(({ namespace }) => namespace === this.#chaincode);
    if (set === undefined) {
      return;
    }
    const hashes = privateHashes(set);
    for (const { keyHashHex, purge } of hashes.values()) {
      if (purge) {
        this.#purged.add(keyHashHex);
      }
    }
    for (const { key, value } of set.writes) {
      const written = writtenReading(key, value);
      if (written !== undefined) {
        await this.#judge(written, hashes, at);
      } else if (value !== undefined) {
        this.#note(key, value);
      }
    }
  }

  /** Ends the comparison with the copy. Returns how many blocks have no values because the ledger has purged them. */
  async finish(): Promise<number> {
    await this.#copy?.finish();
    let purged = 0;
    for (const [keyHashHex, where] of this.#missing) {
      if (this.#purged.has(keyHashHex)) {
        purged += 1;
      } else {
        this.#findings.add({ code: 'COPY_MISSING', ...where, what: 'the copy has no values of it' });
      }
    }
    return purged;
  }

  /** What the chains come to, as the invariants I5 and I6. */
  get invariants(): readonly InvariantResult[] {
    const result = (id: string, codes: readonly FindingCode[], subject: string): InvariantResult => {
      const wrong = codes.reduce((sum, code) => sum + (this.#findings.counts[code] ?? 0), 0);
      const detail = wrong === 0 ? `${this.#blocks} ${subject}` : `${wrong} findings, listed above`;
      return { id, holds: wrong === 0, checked: this.#blocks, detail };
    };
    return [result('I5', ONCE, 'blocks of readings'), result('I6', CHAINED, 'signatures of meters')];
  }

  /** How much was checked. */
  get summary(): {
    readonly meters: number;
    readonly blocks: number;
    readonly readings: number;
    readonly copied: number;
  } {
    return { meters: this.#chains.size, blocks: this.#blocks, readings: this.#readings, copied: this.#copied };
  }

  async #judge(written: WrittenReading, hashes: ReadonlyMap<string, HashedWrite>, at: TransactionPlace): Promise<void> {
    const { meterId, place } = written;
    const find = (code: FindingCode, what: string): void =>
      this.#findings.add({ code, ...at, meter: meterId, place, what });
    if ('fault' in written) {
      find('READING_UNREADABLE', written.fault);
      return;
    }
    const { reading } = written;
    this.#blocks += 1;
    const chain = this.#chainOf(meterId);
    if (reading.sequence <= chain.sequence) {
      find('READING_DOUBLED', `block ${reading.sequence} comes again, block ${chain.sequence + 1} is due`);
      return;
    }
    judgeSequence(chain, reading, find);
    judgeChain(chain, reading, this.#channel(), find);
    chain.sequence = reading.sequence;
    chain.link = reading.link;
    chain.nextSlot = reading.startSlot + reading.totals.length;
    chain.gaps = [];
    if (this.#copy !== undefined) {
      await this.#judgeCopy(this.#copy, reading, hashes, at);
    }
  }

  async #judgeCopy(
    copy: CopyMatcher,
    reading: Reading,
    hashes: ReadonlyMap<string, HashedWrite>,
    at: TransactionPlace,
  ): Promise<void> {
    const place = placeOf(reading);
    const where = { ...at, meter: reading.meterId, place };
    const find = (code: FindingCode, what: string): void => this.#findings.add({ code, ...where, what });
    const row = await copy.take(reading.meterId, place);
    const keyHashHex = hashKeyHex(profileKey(reading.meterId, place));
    if (row === undefined) {
      this.#missing.set(keyHashHex, where);
      return;
    }
    this.#copied += 1;
    const recorded = hashes.get(keyHashHex)?.valueHash;
    if (recorded === undefined || !createHash('sha256').update(row.bytes).digest().equals(recorded)) {
      find('COPY_CHANGED', 'its row is not the one whose hash the transaction has written');
    }
    try {
      const profile = profileOf(reading, row.bytes);
      this.#readings += profile.importWh.length;
      judgeValues(reading, profile, find);
    } catch (error) {
      find('COPY_UNREADABLE', error instanceof Error ? error.message : String(error));
    }
  }

  #chainOf(meterId: string): Chain {
    let chain = this.#chains.get(meterId);
    if (chain === undefined) {
      chain = { meter: undefined, sequence: 0, link: genesisLink, nextSlot: undefined, gaps: [] };
      this.#chains.set(meterId, chain);
    }
    return chain;
  }

  /** Meters and gaps decide how the blocks behind them are judged. */
  #note(key: string, value: Uint8Array): void {
    const type = splitKey(key)?.type;
    if (type === ROW_TYPES.meter) {
      this.#noteMeter(decoded(meters, value));
    } else if (type === ROW_TYPES.gap) {
      this.#noteGap(decoded(gaps, value));
    }
  }

  #noteMeter(meter: Meter | undefined): void {
    if (meter !== undefined) {
      const chain = this.#chainOf(meter.meterId);
      chain.meter = meter;
      chain.nextSlot ??= meter.firstSlot;
    }
  }

  #noteGap(gap: Gap | undefined): void {
    if (gap !== undefined) {
      const chain = this.#chainOf(gap.meterId);
      chain.gaps = [...chain.gaps, gap];
    }
  }
}

function judgeSequence(chain: Chain, reading: Reading, find: Find): void {
  const due = chain.sequence + 1;
  if (reading.sequence > due) {
    const last = reading.sequence - 1;
    find('READING_MISSING', due === last ? `block ${due} is missing` : `blocks ${due} to ${last} are missing`);
  }
  judgeSlots(chain, reading, find);
}

/** A block begins where the one before it ended, or behind the gaps that were stated there, whichever its meter has. */
function judgeSlots({ nextSlot, gaps: stated }: Chain, { startSlot }: Reading, find: Find): void {
  if (nextSlot === undefined || nextSlot === startSlot) {
    return;
  }
  const due = stated.reduce((next, { fromSlot, toSlot }) => (fromSlot === next ? toSlot + 1 : next), nextSlot);
  if (startSlot > due) {
    find('READING_MISSING', `slots ${due} to ${startSlot - 1} have no readings and no recorded gap`);
  } else if (startSlot < due) {
    find('READING_DOUBLED', `it begins in slot ${startSlot}, slot ${due} is due`);
  }
}

function judgeChain(chain: Chain, reading: Reading, channel: string, find: Find): void {
  if (reading.previousLink !== chain.link) {
    find('READING_LINK_WRONG', 'it does not name the link of the block before it');
  }
  if (chain.meter === undefined) {
    find('READING_METER_UNKNOWN', 'its meter was not registered before');
    return;
  }
  const key = chain.meter.keys.findLast(({ firstSequence }) => firstSequence <= reading.sequence);
  if (key?.version !== reading.keyVersion) {
    find('READING_SIGNATURE_WRONG', `it names key ${reading.keyVersion}, in force is key ${key?.version ?? 'none'}`);
  } else if (!verifySignature(key.publicKey, blockBytes(channel, reading), reading.signature)) {
    find('READING_SIGNATURE_WRONG', `the signature of key ${key.version} does not hold`);
  }
}

/** The values must open the commitment and sum to the totals; where they do not, the totals tell in which slots. */
function judgeValues(
  reading: Reading,
  profile: Parameters<typeof intervalsOf>[0] & { readonly salt: string },
  find: Find,
): void {
  const intervals = intervalsOf(profile);
  const totals = intervals === undefined ? [] : totalsOf(intervals);
  const changed = reading.totals.filter((total, index) => !isSameTotal(total, totals[index]));
  if (changed.length > 0 || totals.length !== reading.totals.length) {
    const slots = changed.map(({ slot }) => slot).join(', ');
    find('COPY_TOTALS_WRONG', `the values of slot ${slots} do not sum to the totals on the ledger`);
  }
  if (intervals === undefined || commitmentOf(profile.salt, intervals) !== reading.commitment) {
    find('COPY_COMMITMENT_WRONG', 'its values and salt do not open the commitment that the meter has signed');
  }
}

function isSameTotal(one: IntervalTotal, other: IntervalTotal | undefined): boolean {
  return other?.slot === one.slot && other.importWh === one.importWh && other.exportWh === one.exportWh;
}

function privateHashes(set: NamespaceReadWriteSet): ReadonlyMap<string, HashedWrite> {
  const collection = set.collections.find(({ collection: name }) => name === PROFILES_COLLECTION);
  return new Map((collection?.writes ?? []).map((write) => [write.keyHashHex, write]));
}

function decoded<T>(codec: RowCodec<T>, bytes: Uint8Array): T | undefined {
  try {
    const json = parseJsonBytes(bytes);
    return isJsonObject(json) ? codec.decode(json) : undefined;
  } catch {
    // A row that does not decode is a finding of the invariants, which read all rows.
    return undefined;
  }
}
