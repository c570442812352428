import {
  isConfigBlock,
  parseTransaction,
  transactionsFilter,
  validationCodeName,
  verifyBlockChain,
  type ParsedTransaction,
} from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { parseJsonBytes, toBase64Url, type JsonValue } from '@flexledger/domain';
import type { Place } from './place';
import { splitKey, type RowKey } from './row-key';

/** A row of the chaincode's state as the auditor has folded it. */
export interface AuditRow extends RowKey {
  /** A JSON row, or the bytes of a packed one as base64url text. */
  readonly value: JsonValue;
  /** The transaction that wrote the present value. */
  readonly transactionId: string;
  readonly blockNumber: number;
  /** Number of that transaction in its block. */
  readonly transactionIndex: number;
  /** Every value that was ever written under this key, the present one last. */
  readonly history: readonly JsonValue[];
  /** Where each of them was written. */
  readonly places: readonly Place[];
}

/** Rows to be audited, wherever they come from. */
export interface AuditRows {
  /** Rows of one type, in the order of their keys. */
  rows(type: string): readonly AuditRow[];
  /** The row of this type and these parts, or undefined. */
  row(type: string, ...parts: readonly string[]): AuditRow | undefined;
}

/** What a fold has seen. */
export interface FoldSummary {
  /** Number of blocks. */
  readonly height: number;
  /** Endorser transactions, invalid ones included. */
  readonly transactions: number;
  /** How many transactions (configuration included) ended with each validation code, by name. */
  readonly codes: Readonly<Record<string, number>>;
  /** What was wrong with the chain of blocks itself; empty when nothing was. */
  readonly problems: readonly string[];
}

interface Cell {
  readonly value: JsonValue | undefined;
  readonly transactionId: string;
  readonly blockNumber: number;
  readonly transactionIndex: number;
  readonly history: readonly JsonValue[];
  readonly places: readonly Place[];
}

const VALID = 0;

/**
 * Folds the write sets of valid transactions into rows, from raw blocks alone: nothing that a peer says about its state
 * is believed. The rows of one chaincode are kept; keys of other namespaces are not ours.
 */
export class LedgerFold implements AuditRows {
  readonly #chaincode: string;
  readonly #cells = new Map<string, Cell>();
  readonly #codes = new Map<string, number>();
  readonly #problems: string[] = [];
  #previous: common.Block | undefined;
  #height = 0;
  #transactions = 0;

  constructor(chaincode: string) {
    this.#chaincode = chaincode;
  }

  /** Adds the next block; blocks come in order from number 0. */
  feed(block: common.Block): void {
    try {
      verifyBlockChain(block, this.#previous);
    } catch (error) {
      this.#problems.push(error instanceof Error ? error.message : String(error));
    }
    const codes = transactionsFilter(block);
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    envelopes.forEach((envelope, index) => {
      const code = codes[index] ?? -1;
      const name = validationCodeName(code);
      this.#codes.set(name, (this.#codes.get(name) ?? 0) + 1);
      if (!isConfigBlock(block)) {
        this.#feedEnvelope(envelope, code, block.getHeader()?.getNumber() ?? 0, index);
      }
    });
    this.#previous = block;
    this.#height += 1;
  }

  /** Adds the writes of one valid transaction. */
  apply({ transactionId, readWriteSet }: ParsedTransaction, blockNumber: number, transactionIndex: number): void {
    const writes = readWriteSet.namespaces.filter(({ namespace }) => namespace === this.#chaincode);
    for (const { key, value: bytes } of writes.flatMap(({ writes: keyWrites }) => keyWrites)) {
      const value = bytes === undefined ? undefined : valueOf(bytes);
      const { history = [], places = [] } = this.#cells.get(key) ?? {};
      const written =
        value === undefined
          ? { history, places }
          : { history: [...history, value], places: [...places, { blockNumber, transactionIndex }] };
      this.#cells.set(key, { value, transactionId, blockNumber, transactionIndex, ...written });
    }
  }

  rows(type: string): readonly AuditRow[] {
    return [...this.#rows()].filter((row) => row.type === type).sort(byParts);
  }

  row(type: string, ...parts: readonly string[]): AuditRow | undefined {
    const cell =
      this.#cells.get(`\u0000${[type, ...parts].join('\u0000')}\u0000`) ?? this.#cells.get([type, ...parts].join('/'));
    return cell?.value === undefined ? undefined : { type, parts, ...cell, value: cell.value };
  }

  /** The types of rows that exist. */
  types(): readonly string[] {
    return [...new Set([...this.#rows()].map(({ type }) => type))].sort();
  }

  get summary(): FoldSummary {
    return {
      height: this.#height,
      transactions: this.#transactions,
      codes: Object.fromEntries(this.#codes),
      problems: [...this.#problems],
    };
  }

  #feedEnvelope(envelope: Uint8Array, code: number, blockNumber: number, transactionIndex: number): void {
    // Configuration stands in blocks of its own; what cannot even be read is an invalid transaction too.
    this.#transactions += 1;
    if (code === VALID) {
      this.apply(parseTransaction(envelope), blockNumber, transactionIndex);
    }
  }

  *#rows(): IterableIterator<AuditRow> {
    for (const [key, cell] of this.#cells) {
      const split = splitKey(key);
      if (split !== undefined && cell.value !== undefined) {
        yield { ...split, ...cell, value: cell.value };
      }
    }
  }
}

/** JSON rows begin with a brace; packed rows begin with the number of their format. */
function valueOf(bytes: Uint8Array): JsonValue {
  return bytes[0] === '{'.charCodeAt(0) ? parseJsonBytes(bytes) : toBase64Url(bytes);
}

function byParts(left: RowKey, right: RowKey): number {
  const [a, b] = [left.parts.join('\u0000'), right.parts.join('\u0000')];
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
