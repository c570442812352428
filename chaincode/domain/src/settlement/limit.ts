import { demand } from '../errors';
import type { ParticipantId } from '../ids';
import { limits } from '../limits';
import { micro, type Micro } from '../units';
import type { LimitRow, PostingSet, Source } from './rows';
import { balanced, move, netCreditMicro } from './post';
import { participantAccount, sourceId } from './rows';

const availableEnd = 10n ** BigInt(limits.amountDigitsMax);

/** The limit row of an account, empty where it was never used. */
export function limitOf(participantId: ParticipantId, row: LimitRow | undefined): LimitRow {
  return row ?? { participantId, availableMicro: micro(0n) };
}

/** Takes an amount out of what an owner can dispose of; refuses where that is not enough. */
export function spend(limit: LimitRow, amountMicro: bigint): LimitRow {
  const { availableMicro, participantId } = limit;
  demand(amountMicro <= availableMicro, 'ACCOUNTS_BALANCE_TOO_LOW', { participantId });
  return { participantId, availableMicro: micro(availableMicro - amountMicro) };
}

/** Adds an amount to what an owner can dispose of; refuses where the sum has more than 18 digits. */
export function receive(limit: LimitRow, amountMicro: bigint): LimitRow {
  const { availableMicro, participantId } = limit;
  demand(availableMicro + amountMicro < availableEnd, 'ACCOUNTS_BALANCE_TOO_HIGH', { participantId });
  return { participantId, availableMicro: micro(availableMicro + amountMicro) };
}

/** Locks collateral: out of the owner's account into escrow. */
export function collateralSet(
  sessionId: Extract<PostingSet['cause'], { readonly kind: 'collateral' }>['sessionId'],
  participantId: ParticipantId,
  amountMicro: bigint,
): PostingSet {
  return balanced({
    cause: { kind: 'collateral', sessionId, participantId },
    entries: move(participantAccount(participantId), 'escrow', amountMicro, 'collateral'),
  });
}

/** Refuses a list that names a source twice. */
export function demandSourcesOnce(sources: readonly Source[]): void {
  const ids = sources.map(sourceId);
  demand(new Set(ids).size === ids.length, 'ACCOUNTS_SOURCE_TWICE');
}

/** A source and what is known of it. */
export interface KnownSource {
  readonly source: Source;
  /** What it credits to the participant; 0 where it does not exist. */
  readonly amountMicro: Micro;
  readonly folded: boolean;
}

/** Folds credits into what an owner can dispose of, each once. */
export function foldSources(limit: LimitRow, sources: readonly KnownSource[]): LimitRow {
  const unknown = sources.find((entry) => entry.amountMicro <= 0n);
  demand(unknown === undefined, 'ACCOUNTS_SOURCE_UNKNOWN', {
    source: unknown === undefined ? '' : sourceId(unknown.source),
  });
  const folded = sources.find((entry) => entry.folded);
  demand(folded === undefined, 'ACCOUNTS_SOURCE_FOLDED', {
    source: folded === undefined ? '' : sourceId(folded.source),
  });
  return sources.reduce((sum, entry) => receive(sum, entry.amountMicro), limit);
}

/** What a posting set credits to a participant, or 0. */
export function creditOf(set: PostingSet | undefined, participantId: ParticipantId): Micro {
  const net = set === undefined ? 0n : netCreditMicro(set.entries, participantAccount(participantId));
  return micro(net > 0n ? net : 0n);
}
