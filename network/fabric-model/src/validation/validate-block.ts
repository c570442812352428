import type { common } from '@hyperledger/fabric-protos';

import { envelopesOf, headerOf } from '../block/block';
import { ChannelConfig } from '../channel/channel-config';
import { messageOf } from '../common/errors';
import { readChaincodeDefinition } from '../lifecycle/read';
import type { ChaincodeDefinition } from '../lifecycle/types';
import type { StateReader, UpdateBatch } from '../state/types';
import { parseEnvelopeHeader } from '../transaction/envelope';
import type { ParsedTransaction } from '../transaction/types';
import { ValidationCodes, type ValidationCode } from './codes';
import { checkConflicts } from './conflict-check';
import { checkEndorsements, readTransaction } from './endorsement-check';
import { checkEnvelope } from './envelope-check';
import { PendingUpdates } from './pending-updates';
import { InvalidTransaction, type TransactionVerdict } from './verdict';

/** What a block is validated against. */
export interface ValidationInput {
  readonly block: common.Block;
  /** Configuration in force before the block. */
  readonly config: ChannelConfig;
  /** State after the block before. */
  readonly state: StateReader;
  /** Is a transaction with this id, valid or not, in an earlier block? */
  readonly transactionKnown: (transactionId: string) => boolean;
  /** Default: the definition committed in the state. */
  readonly definitionOf?: (name: string) => ChaincodeDefinition | undefined;
}

/** What a block does. */
export interface BlockValidation {
  /** One code per envelope, as they go into the block's metadata. */
  readonly codes: readonly ValidationCode[];
  readonly transactions: readonly TransactionVerdict[];
  readonly updates: UpdateBatch;
  /** The configuration after this block (a new one after a config block). */
  readonly config: ChannelConfig;
}

interface Draft {
  readonly index: number;
  readonly transactionId: string;
  code: ValidationCode;
  reason: string;
  transaction: ParsedTransaction | undefined;
}

function transactionIdOf(envelope: Uint8Array): string {
  try {
    return parseEnvelopeHeader(envelope).transactionId;
  } catch {
    return '';
  }
}

/** Runs one check; what it throws becomes the code of the draft. */
function judge(draft: Draft, check: () => void): void {
  try {
    check();
  } catch (error) {
    draft.code = error instanceof InvalidTransaction ? error.code : ValidationCodes.INVALID_OTHER_REASON;
    draft.reason = messageOf(error);
  }
}

function nextConfig(input: ValidationInput, bytes: Uint8Array): ChannelConfig {
  const next = ChannelConfig.fromConfigEnvelope(input.config.channelId, bytes);
  if (headerOf(input.block).getNumber() > 0 && next.sequence !== input.config.sequence + 1) {
    throw new InvalidTransaction(
      ValidationCodes.INVALID_CONFIG_TRANSACTION,
      `The configuration has sequence ${next.sequence}, ${input.config.sequence + 1} is expected.`,
    );
  }
  return next;
}

/** First pass, per envelope: form, signatures, duplicate ids, endorsement policies. */
function judgeEnvelope(input: ValidationInput, draft: Draft, envelope: Uint8Array): ChannelConfig | undefined {
  let config: ChannelConfig | undefined;
  judge(draft, () => {
    const checked = checkEnvelope(envelope, input.config.msps);
    if (checked.kind === 'config') {
      config = nextConfig(input, checked.header.dataBytes);
      return;
    }
    if (input.transactionKnown(draft.transactionId)) {
      throw new InvalidTransaction(
        ValidationCodes.DUPLICATE_TXID,
        'An earlier block holds a transaction with this id.',
      );
    }
    draft.transaction = readTransaction(checked.header, checked.parts);
    const definitionOf = input.definitionOf ?? ((name): ChaincodeDefinition | undefined => definition(input, name));
    checkEndorsements(draft.transaction, { config: input.config, definitionOf });
  });
  return config;
}

function definition(input: ValidationInput, name: string): ChaincodeDefinition | undefined {
  return readChaincodeDefinition(input.state, name);
}

/** Of the transactions that passed, only the first with an id stays. */
function markDuplicates(drafts: readonly Draft[]): void {
  const seen = new Set<string>();
  for (const draft of drafts) {
    if (draft.code !== ValidationCodes.VALID || draft.transaction === undefined) {
      continue;
    }
    if (seen.has(draft.transactionId)) {
      draft.code = ValidationCodes.DUPLICATE_TXID;
      draft.reason = 'An earlier transaction of this block has the same id.';
    }
    seen.add(draft.transactionId);
  }
}

/** Second pass, in order: reads against the state and the block's earlier writes. */
function applyInOrder(input: ValidationInput, drafts: readonly Draft[]): UpdateBatch {
  const block = headerOf(input.block).getNumber();
  const pending = new PendingUpdates();
  for (const draft of drafts) {
    const { transaction } = draft;
    if (draft.code !== ValidationCodes.VALID || transaction === undefined) {
      continue;
    }
    judge(draft, () => {
      checkConflicts(transaction.readWriteSet, input.state, pending);
      pending.apply(transaction.readWriteSet, { block, transaction: draft.index }, input.state);
    });
  }
  return pending.batch();
}

/** Block 0 is trusted: it is the configuration itself. */
function validateGenesis(input: ValidationInput, drafts: readonly Draft[]): BlockValidation {
  const config = ChannelConfig.fromBlock(input.block);
  return { ...finish(drafts), updates: { publicUpdates: [], hashedUpdates: [] }, config };
}

function finish(drafts: readonly Draft[]): Pick<BlockValidation, 'codes' | 'transactions'> {
  return { codes: drafts.map((draft) => draft.code), transactions: drafts.map((draft) => ({ ...draft })) };
}

/**
 * Validates a block as a peer does and gives a code for each of its envelopes, the writes of the valid ones and the
 * configuration that holds afterwards. Nothing in a block makes this throw, except a block 0 without configuration.
 */
export function validateBlock(input: ValidationInput): BlockValidation {
  const envelopes = envelopesOf(input.block);
  const drafts = envelopes.map((envelope, index): Draft => {
    const transactionId = transactionIdOf(envelope);
    return { index, transactionId, code: ValidationCodes.VALID, reason: '', transaction: undefined };
  });
  if (headerOf(input.block).getNumber() === 0) {
    return validateGenesis(input, drafts);
  }
  let { config } = input;
  drafts.forEach((draft, index) => {
    config = judgeEnvelope(input, draft, envelopes[index] ?? new Uint8Array(0)) ?? config;
  });
  markDuplicates(drafts);
  const updates = applyInOrder(input, drafts);
  return { ...finish(drafts), updates, config };
}
