import { Replay } from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { Findings, type InvariantResult } from './findings';

/**
 * I8: validates every transaction again from block 0 (signatures, endorsement policy, versions, ranges), because the
 * codes in a block are covered neither by its hash nor by a signature. The commit hash that follows from the codes and
 * the folded write sets must be the one that the peer has recorded: then its state is the fold, key for key.
 */
export class Revalidation {
  readonly #replay = new Replay();
  readonly #findings = new Findings('I8', 'blocks validated again');

  /** Adds the next block; blocks come in order from number 0. */
  feed(block: common.Block): void {
    const number = block.getHeader()?.getNumber() ?? 0;
    this.#findings.count();
    const differences = this.#findings.attempt(`block ${number}`, () => this.#replay.feed(block)) ?? [];
    for (const { kind, expected, actual } of differences) {
      this.#findings.fail(`block ${number} says ${kind} ${expected}, validated again it is ${actual}`);
    }
  }

  result(): InvariantResult {
    return this.#findings.result();
  }
}
