import type { common } from '@hyperledger/fabric-protos';

import { headerOf, verifyBlockChain } from '../block/block';
import { computeCommitHash } from '../block/commit-hash';
import { commitHashOf, transactionsFilter } from '../block/metadata';
import { ChannelConfig } from '../channel/channel-config';
import { toHex } from '../common/bytes';
import { messageOf } from '../common/errors';
import { MemoryState } from '../state/memory-state';
import { validationCodeName } from '../validation/codes';
import { validateBlock, type BlockValidation } from '../validation/validate-block';

/** A place where this model and the peer that wrote the block disagree. */
export interface ReplayDifference {
  readonly block: number;
  readonly kind: 'codes' | 'commitHash' | 'chain';
  /** What the block says. */
  readonly expected: string;
  /** What this model computes. */
  readonly actual: string;
}

/** Feeds recorded blocks of a real peer through the model, from block 0 on, and compares what both say. */
export class Replay {
  readonly state: MemoryState;
  private readonly known = new Set<string>();
  private previous: common.Block | undefined;
  private currentConfig: ChannelConfig | undefined;
  private currentCommitHash: Uint8Array | undefined;
  private lastValidation: BlockValidation | undefined;

  constructor(options: { readonly keepBlocks?: number } = {}) {
    this.state = new MemoryState(options);
  }

  /** Configuration after the last block fed. */
  get config(): ChannelConfig | undefined {
    return this.currentConfig;
  }

  /** Commit hash of the last block fed; undefined after block 0. */
  get commitHash(): Uint8Array | undefined {
    return this.currentCommitHash;
  }

  /** Verdicts and writes of the last block fed. */
  get validation(): BlockValidation | undefined {
    return this.lastValidation;
  }

  /** Validates, compares with the recorded metadata and commits. Returns the differences (empty = equal). */
  feed(block: common.Block): readonly ReplayDifference[] {
    const number = headerOf(block).getNumber();
    const differences: ReplayDifference[] = [];
    const compare = (kind: ReplayDifference['kind'], expected: string, actual: string): void => {
      if (expected !== actual) {
        differences.push({ block: number, kind, expected, actual });
      }
    };
    compare('chain', '', this.chainFault(block));
    const config = this.currentConfig ?? ChannelConfig.fromBlock(block);
    const validation = validateBlock({
      block,
      config,
      state: this.state,
      transactionKnown: (transactionId) => this.known.has(transactionId),
    });
    compare('codes', namesOf(transactionsFilter(block)), namesOf(validation.codes));
    if (number > 0) {
      const derived = computeCommitHash(validation.codes, validation.updates, this.currentCommitHash);
      const recorded = commitHashOf(block);
      compare('commitHash', hexOf(recorded), hexOf(derived));
      // A difference is told once, where it begins: the blocks after it are judged by what the peer went on from.
      this.currentCommitHash = recorded ?? derived;
    }
    this.commit(block, number, validation);
    return differences;
  }

  private chainFault(block: common.Block): string {
    try {
      verifyBlockChain(block, this.previous);
      return '';
    } catch (error) {
      return messageOf(error);
    }
  }

  private commit(block: common.Block, number: number, validation: BlockValidation): void {
    this.state.applyUpdates(number, validation.updates, []);
    for (const { transactionId } of validation.transactions) {
      this.known.add(transactionId);
    }
    this.currentConfig = validation.config;
    this.lastValidation = validation;
    this.previous = block;
  }
}

function namesOf(codes: readonly number[]): string {
  return codes.map(validationCodeName).join(' ');
}

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'none' : toHex(bytes);
}
