import { demand } from '../errors';
import type { FlexOrder } from '../flexibility/order/rows';
import type { FlexSettlement } from '../flexibility/settlement/rows';
import type { VoltageSettlement } from '../flexibility/voltage/settlement-rows';
import type { ParticipantId } from '../ids';
import { participantAccount, postingSetId, type Account, type Cause, type PostingSet } from '../settlement/rows';
import type { Slot } from '../time';
import type { Respondent } from './rows';

/** What the ledger knows of a disputed posting set. */
export interface DisputedSet {
  readonly set: PostingSet;
  /** For the settlement of an order. */
  readonly flexibility?: { readonly order: FlexOrder; readonly settlement: FlexSettlement };
  /** For the settlement of voltage support. */
  readonly voltage?: VoltageSettlement;
  /** The last quarter hour that the set is about; undefined where it is about none. */
  readonly lastSlot?: Slot | undefined;
}

/** The accounts that a posting set is about: those that it moves, and those of whom it says that nothing moves. */
export function partiesOfSet({ flexibility, set, voltage }: DisputedSet): ReadonlySet<Account> {
  const { aggregatorId, payer, prosumers } = flexibility?.settlement ?? {};
  return new Set<Account>([
    ...set.entries.map(({ account }) => account),
    ...(set.lines ?? []).map(({ participantId }) => participantAccount(participantId)),
    ...(prosumers ?? []).map(({ participantId }) => participantAccount(participantId)),
    ...(aggregatorId === undefined ? [] : [participantAccount(aggregatorId)]),
    ...(payer === undefined ? [] : [payer]),
    ...(voltage === undefined ? [] : partiesOfSupport(voltage)),
  ]);
}

function partiesOfSupport({ aggregatorId, participantId }: VoltageSettlement): readonly Account[] {
  return ['flexibility', participantAccount(aggregatorId), participantAccount(participantId)];
}

/**
 * Refuses a dispute about a set twice (DISPUTE_TWICE), about a ruling (DISPUTE_FINAL), about somebody else's bill (DISPUTE_NOT_PARTY),
 * with oneself, or with somebody who has nothing to do with it (DISPUTE_RESPONDENT_UNRELATED).
 */
export function demandParties(
  participantId: ParticipantId,
  respondent: Respondent,
  sets: readonly DisputedSet[],
): void {
  const ids = sets.map(({ set }) => postingSetId(set.cause));
  demand(new Set(ids).size === ids.length, 'DISPUTE_TWICE');
  demand(
    sets.every(({ set }) => set.cause.kind !== 'dispute'),
    'DISPUTE_FINAL',
  );
  for (const disputed of sets) {
    const postingSet = postingSetId(disputed.set.cause);
    const isParty = partiesOfSet(disputed).has(participantAccount(participantId));
    demand(isParty, 'DISPUTE_NOT_PARTY', { participantId, postingSet });
    const isRelated = isRespondent(respondent, participantId, disputed);
    demand(isRelated, 'DISPUTE_RESPONDENT_UNRELATED', { respondent: respondent.kind, postingSet });
  }
}

/** The market operator settles everything; a system operator pays for the orders of its grid that no producer has placed, and for voltage support. */
function isRespondent(respondent: Respondent, claimantId: ParticipantId, disputed: DisputedSet): boolean {
  switch (respondent.kind) {
    case 'market':
      return true;
    case 'dso':
      return isPaidByGrid(disputed, respondent.gridId);
    case 'participant': {
      const { participantId } = respondent;
      return participantId !== claimantId && partiesOfSet(disputed).has(participantAccount(participantId));
    }
  }
}

/** True where the fund of a grid has paid. */
function isPaidByGrid({ flexibility, voltage }: DisputedSet, gridId: string): boolean {
  const isOrder = flexibility?.settlement.payer === 'flexibility' && flexibility.order.gridId === gridId;
  return isOrder || voltage?.gridId === gridId;
}

/** True where a posting set is the settlement of an order. */
export function isAboutOrder(about: readonly Cause[], orderId: string): boolean {
  return about.some((cause) => cause.kind === 'flexibility' && cause.orderId === orderId);
}
