import {
  contracts,
  demand,
  micro,
  rentToShare,
  rentWeights,
  shareRent,
  sideMicro,
  type Clearing,
  type Session,
  type SessionId,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { loadPosting, post } from '../../store/accounts/account-store';
import { found } from '../../store/found';
import { clearings, sessions } from '../../store/market/market-store';
import { loadRentMembers, rentWeightRows } from '../../store/accounts/rent-store';
import { CurtailmentContract } from './curtailment';

const specs = contracts.accounts;

/** The part of the contract `accounts` that gives the rent of grid limits back to the members of a session. */
export abstract class RentContract extends CurtailmentContract {
  /** Records by what the rent is shared in a bucket; what is recorded is answered again. */
  @Transaction()
  @Returns('string')
  public async weighRent(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.weighRent, request, async ({ bucket, sessionId }) => {
      const { session: store } = context;
      const { clearing, session } = await loadApplied(context, sessionId);
      rentToShare(session, clearing, bucket);
      const known = await rentWeightRows.load(store, sessionId, bucket);
      if (known !== undefined) {
        return known;
      }
      const weights = rentWeights(session, bucket, await loadRentMembers(store, session, bucket));
      rentWeightRows.save(store, weights, sessionId, bucket);
      context.record({ type: 'RentWeighed', sessionId, bucket, participants: weights.weights.length });
      return weights;
    });
  }

  /** Gives a bucket its part of the rent; what was given is answered again and posted once. */
  @Transaction()
  @Returns('string')
  public async shareRent(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.shareRent, request, async ({ bucket, sessionId }) => {
      const { session: store } = context;
      const { clearing, session } = await loadApplied(context, sessionId);
      const rentMicro = rentToShare(session, clearing, bucket);
      const before = await loadPosting(store, { kind: 'rent', sessionId, bucket });
      const buckets = [...clearing.bucketFirsts.keys()];
      const set =
        before ??
        shareRent(
          rentMicro,
          await Promise.all(buckets.map((index) => rentWeightRows.load(store, sessionId, index))),
          bucket,
        );
      const sharedMicro = micro(sideMicro(set.entries, 'debit', 'rent'));
      if (before === undefined) {
        await post(store, set);
        context.record({ type: 'RentShared', sessionId, bucket, sharedMicro: sharedMicro.toString() });
      }
      return { sessionId, bucket, sharedMicro };
    });
  }
}

/** A session whose clearing has been applied wholly. */
export async function loadApplied(
  context: GridContext,
  sessionId: SessionId,
): Promise<{ readonly session: Session; readonly clearing: Clearing }> {
  const session = found(await sessions.load(context.session, sessionId), 'MARKET_SESSION_UNKNOWN', { sessionId });
  demand(session.state === 'APPLIED', 'ACCOUNTS_CLEARING_NOT_APPLIED', { state: session.state });
  const clearing = await clearings.load(context.session, sessionId);
  return { session, clearing: found(clearing, 'ACCOUNTS_CLEARING_NOT_APPLIED', { sessionId }) };
}
