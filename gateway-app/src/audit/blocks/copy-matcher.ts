import type { FindingList } from '../audit-finding';
import type { CopiedRow, CopyLine } from './copy-file';

/**
 * Finds the row of a copy that belongs to a block of readings. Both are in the order of the ledger, so that one line at a
 * time is enough; lines that come before they are asked for are kept until they are.
 */
export class CopyMatcher {
  readonly #lines: AsyncGenerator<CopyLine, void, void>;
  readonly #findings: FindingList;
  readonly #ahead = new Map<string, CopiedRow>();
  readonly #used = new Set<string>();
  #ended = false;

  constructor(lines: AsyncGenerator<CopyLine, void, void>, findings: FindingList) {
    this.#lines = lines;
    this.#findings = findings;
  }

  /** The row, or undefined where the copy has none. */
  async take(meterId: string, place: string): Promise<CopiedRow | undefined> {
    const wanted = `${meterId} ${place}`;
    while (!this.#ahead.has(wanted) && !this.#ended) {
      await this.#readLine();
    }
    const found = this.#ahead.get(wanted);
    this.#ahead.delete(wanted);
    if (found !== undefined) {
      this.#used.add(wanted);
    }
    return found;
  }

  /** Reads what is left: rows for which the ledger has no block. */
  async finish(): Promise<void> {
    while (!this.#ended) {
      await this.#readLine();
    }
    for (const { meterId, place } of this.#ahead.values()) {
      this.#findings.add({ code: 'COPY_NOT_ON_LEDGER', meter: meterId, place, what: 'the ledger has no such block' });
    }
  }

  async #readLine(): Promise<void> {
    const next = await this.#lines.next();
    if (next.done === true) {
      this.#ended = true;
      return;
    }
    const { value } = next;
    if ('fault' in value) {
      const code = value.isEnd ? 'COPY_TRUNCATED' : 'COPY_UNREADABLE';
      this.#findings.add({ code, what: `line ${value.line} of the copy: ${value.fault}` });
      return;
    }
    const { meterId, place } = value.row;
    const name = `${meterId} ${place}`;
    if (this.#ahead.has(name) || this.#used.has(name)) {
      this.#findings.add({ code: 'COPY_DOUBLED', meter: meterId, place, what: `line ${value.line} has it again` });
      return;
    }
    this.#ahead.set(name, value.row);
  }
}
