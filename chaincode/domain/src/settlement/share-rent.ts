import { assert } from '../assert';
import { array, object, type TypeOf } from '../decode';
import { demand } from '../errors';
import { participantIdCodec, sessionIdCodec, type ParticipantId } from '../ids';
import { limits } from '../limits';
import type { Clearing, ParticipantFills, Session } from '../market/rows';
import { apportion, sum } from '../math';
import { micro, microCodec, wh, whCodec, type Micro, type Wh } from '../units';
import { balanced, move } from './post';
import { bucketNumberCodec, participantAccount, type PostingSet } from './rows';

/** By what the rent of a session is shared in one bucket; written once. Weights are energies in Wh, or 1 for each member. */
export const rentWeightsCodec = object({
  sessionId: sessionIdCodec,
  bucket: bucketNumberCodec,
  weights: array(object({ participantId: participantIdCodec, weightWh: whCodec }), limits.accountsPerBucketMax),
});
export type RentWeights = TypeOf<typeof rentWeightsCodec>;

/** Who may get a part of the rent, and what a weight is made from. */
export interface RentMember {
  readonly participantId: ParticipantId;
  readonly isSupplier: boolean;
  readonly fills: ParticipantFills['fills'];
  /** What its meters took in the session; only `consumed` asks for it. */
  readonly importWh: Wh | undefined;
}

/** The answer of the transactions about rent. */
export const rentAnswerCodec = object({
  sessionId: sessionIdCodec,
  bucket: bucketNumberCodec,
  sharedMicro: microCodec,
});

/** The rent of a session that goes back to its members; refuses where there is none or the rule set keeps it (ACCOUNTS_RENT_NONE). */
export function rentToShare({ ruleSet, sessionId }: Session, clearing: Clearing, bucket: number): Micro {
  demand(bucket < clearing.bucketFirsts.length, 'ACCOUNTS_BUCKET_UNKNOWN', { bucket });
  const { rentMicro = micro(0n) } = clearing;
  demand(ruleSet.rentShare !== undefined && rentMicro > 0n, 'ACCOUNTS_RENT_NONE', { sessionId });
  return rentMicro;
}

/** The weights of a bucket by the rule of the session. Suppliers have none: rent goes back to members. */
export function rentWeights(
  { ruleSet, sessionId }: Session,
  bucket: number,
  members: readonly RentMember[],
): RentWeights {
  const weights = members.map(({ fills, importWh, isSupplier, participantId }) => {
    const energies = {
      traded: sum(fills.map((fill) => fill.energyWh)),
      consumed: importWh ?? 0n,
      equal: 1n,
    };
    assert(ruleSet.rentShare !== undefined, 'Rent is shared by a rule.');
    return { participantId, weightWh: wh(isSupplier ? 0n : energies[ruleSet.rentShare]) };
  });
  return { sessionId, bucket, weights };
}

/**
 * Gives one bucket its part of the rent: first split over the buckets, then over the members, both in proportion to the weights by
 * largest remainder, so that the parts of all buckets sum to the rent exactly.
 *
 * @param all the weights of every bucket of the session, in their order; refused while one is missing (ACCOUNTS_RENT_NOT_WEIGHED) or
 * nobody has a weight (ACCOUNTS_RENT_NOBODY)
 */
export function shareRent(rentMicro: bigint, all: readonly (RentWeights | undefined)[], bucket: number): PostingSet {
  const known = all.map((row, index) => {
    demand(row !== undefined, 'ACCOUNTS_RENT_NOT_WEIGHED', { bucket: index });
    return row;
  });
  const totals = known.map(({ weights }) => sum(weights.map(({ weightWh }) => weightWh)));
  demand(sum(totals) > 0n, 'ACCOUNTS_RENT_NOBODY');
  const shares = totals.map((weight, index) => ({ id: String(index).padStart(4, '0'), weight }));
  const own = known[bucket];
  assert(own !== undefined, 'A bucket is one of the clearing.');
  const parts = apportion(
    apportion(rentMicro, shares)[bucket] ?? 0n,
    own.weights.map(({ participantId, weightWh }) => ({ id: participantId, weight: weightWh })),
  );
  return balanced({
    cause: { kind: 'rent', sessionId: own.sessionId, bucket },
    entries: own.weights.flatMap(({ participantId }, index) =>
      move('rent', participantAccount(participantId), parts[index] ?? 0n, 'rent-share'),
    ),
  });
}
