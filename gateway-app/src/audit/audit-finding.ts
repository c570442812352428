import type { FindingCode } from './finding-codes';

/** One thing that is wrong, with the place where it is. */
export interface Finding {
  readonly code: FindingCode;
  /** Number of the block. */
  readonly block?: number;
  /** Number of the transaction in its block, from 0. */
  readonly transaction?: number;
  readonly transactionId?: string;
  /** Pseudonym of the meter, and what names the block of readings among those of the meter. */
  readonly meter?: string;
  readonly place?: string;
  /** What is wrong, for people. */
  readonly what: string;
}

/** More findings than this are counted and not kept: one altered block near the beginning can make thousands. */
const KEPT_MAX = 10_000;

/** What an audit has found so far. */
export class FindingList {
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<FindingCode, number>();
  #total = 0;

  /** Notes one finding. */
  add(finding: Finding): void {
    this.#total += 1;
    this.#counts.set(finding.code, (this.#counts.get(finding.code) ?? 0) + 1);
    if (this.#kept.length < KEPT_MAX) {
      this.#kept.push(finding);
    }
  }

  /** All that are kept, in the order in which they were found. */
  get all(): readonly Finding[] {
    return this.#kept;
  }

  /** How many were found, those that are not kept included. */
  get total(): number {
    return this.#total;
  }

  /** How many were found by code. */
  get counts(): Readonly<Partial<Record<FindingCode, number>>> {
    return Object.fromEntries(this.#counts);
  }
}

/** One line for a finding: code, place, sentence. */
export function findingLine({ code, block, transaction, transactionId, meter, place, what }: Finding): string {
  const where = [
    ...(block === undefined ? [] : [`block ${block}`]),
    ...(transaction === undefined ? [] : [`transaction ${transaction}`]),
    ...(transactionId === undefined || transactionId === '' ? [] : [`(${transactionId})`]),
    ...(meter === undefined ? [] : [`meter ${meter}`]),
    ...(place === undefined ? [] : [`block of readings ${place}`]),
  ].join(' ');
  return `${code}: ${where === '' ? '' : `${where}: `}${what}`;
}
