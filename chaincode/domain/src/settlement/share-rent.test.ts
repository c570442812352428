import * as fc from 'fast-check';
import type { ParticipantId } from '../ids';
import { sum } from '../math';
import { clearSession } from '../market/clear-session';
import type { Clearing, OrderFill, Session } from '../market/rows';
import { idOf, testSession } from '../testing/session-fixture';
import { micro, wh } from '../units';
import { foldPostingSets } from './invariants';
import { move, netCreditMicro } from './post';
import { participantAccount, postingSetId, type PostingSet } from './rows';
import { rentToShare, rentWeights, shareRent, type RentMember, type RentWeights } from './share-rent';

const ann = idOf<ParticipantId>('ann');
const bob = idOf<ParticipantId>('bob');
const supplier = idOf<ParticipantId>('supplier');

function ruled(rentShare: Session['ruleSet']['rentShare']): Session {
  const { ruleSet } = testSession;
  return { ...testSession, ruleSet: rentShare === undefined ? ruleSet : { ...ruleSet, rentShare } };
}

function member(participantId: ParticipantId, tradedWh: bigint, importWh: bigint): RentMember {
  const fill = { orderId: idOf(participantId), interval: 0, side: 'buy', energyWh: wh(tradedWh) } as OrderFill;
  return { participantId, isSupplier: participantId === supplier, fills: [fill], importWh: wh(importWh) };
}

const members = [member(ann, 3_000n, 100n), member(bob, 1_000n, 300n), member(supplier, 9_000n, 0n)];

function sharesOf(rentShare: 'traded' | 'consumed' | 'equal', rentMicro: bigint): readonly bigint[] {
  const set = shareRent(rentMicro, [rentWeights(ruled(rentShare), 0, members)], 0);
  return [ann, bob, supplier].map((id) => netCreditMicro(set.entries, participantAccount(id)));
}

describe('the rent of grid limits', () => {
  it.each([
    ['traded', [751n, 250n, 0n]],
    ['consumed', [250n, 751n, 0n]],
    ['equal', [501n, 500n, 0n]],
  ] as const)('goes back by %s, to the last micro-unit, and never to a supplier', (rule, expected) => {
    const shares = sharesOf(rule, 1_001n);
    expect(sum(shares)).toBe(1_001n);
    expect(shares[2]).toBe(0n);
    if (rule === 'equal') {
      expect([...shares].sort()).toEqual([...expected].sort());
    } else {
      expect(shares).toEqual(expected);
    }
  });

  it('is split over buckets and members exactly, whatever the weights', () => {
    const anyBucket = fc.array(fc.bigInt({ min: 0n, max: 9_999n }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(anyBucket, { minLength: 1, maxLength: 5 }),
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        (all, rent) => {
          fc.pre(all.flat().some((weight) => weight > 0n));
          const rows = all.map((weights, bucket): RentWeights => ({
            sessionId: testSession.sessionId,
            bucket,
            weights: weights.map((weight, at) => ({
              participantId: idOf<ParticipantId>(`${bucket} ${at}`),
              weightWh: wh(weight),
            })),
          }));
          const sets = rows.map((_, bucket) => shareRent(rent, rows, bucket));
          const fund: PostingSet = {
            cause: { kind: 'fund', commandId: idOf('fund') },
            entries: move('bank', 'rent', rent, 'fund'),
          };
          const books = foldPostingSets([fund, ...sets]);
          expect(books.violations).toEqual([]);
          expect(books.balances.get('rent')).toBe(0n);
        },
      ),
      { seed: 20_261_127 },
    );
  });

  it('waits until every bucket is weighed, and stays where nobody has a weight', () => {
    const weights = rentWeights(ruled('traded'), 0, members);
    expect(() => shareRent(5n, [weights, undefined], 0)).toThrow('ACCOUNTS_RENT_NOT_WEIGHED');
    const none = rentWeights(ruled('traded'), 0, [member(supplier, 5n, 5n)]);
    expect(() => shareRent(5n, [none], 0)).toThrow('ACCOUNTS_RENT_NOBODY');
  });

  it('is shared once per bucket, where there is any and the rule set gives it back', () => {
    const cleared = clearSession(testSession, [], [ann], true).clearing;
    const clearing: Clearing = { ...cleared, rentMicro: micro(7n) };
    expect(rentToShare(ruled('equal'), clearing, 0)).toBe(7n);
    expect(() => rentToShare(ruled('equal'), clearing, 1)).toThrow('ACCOUNTS_BUCKET_UNKNOWN');
    expect(() => rentToShare(ruled(undefined), clearing, 0)).toThrow('ACCOUNTS_RENT_NONE');
    expect(() => rentToShare(ruled('equal'), cleared, 0)).toThrow('ACCOUNTS_RENT_NONE');
    const { cause } = shareRent(7n, [rentWeights(ruled('equal'), 0, members)], 0);
    expect(postingSetId(cause)).toBe(`rent.${testSession.sessionId}.0000`);
  });
});
