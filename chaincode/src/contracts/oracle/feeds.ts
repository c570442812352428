import {
  acceptPublication,
  contracts,
  limits,
  ownFeed,
  registerFeed,
  replaceFeedKey,
  type FeedSeries,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { feedHeads, feedPublications, feeds, isStale, loadPublication } from '../../store/oracle/feed-store';
import { found } from '../../store/found';
import { oraclePrefixes } from '../../store/oracle/oracle-keys';
import { ForecastPayContract } from './forecast-pay';

const specs = contracts.oracle;

/** The part of the contract `oracle` by which signals from outside come in. */
export abstract class FeedContract extends ForecastPayContract {
  /** Registers a signal and the key that signs it. */
  @Transaction()
  @Returns('string')
  public async registerFeed(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.registerFeed, request, async ({ commandId: _command, ...asked }) => {
      const { caller, session: store } = context;
      const { feedId, kind } = asked;
      const feed = registerFeed(asked, caller.mspId, await feeds.exists(store, feedId));
      feeds.save(store, feed, feedId);
      context.record({ type: 'FeedRegistered', feedId, kind, mspId: caller.mspId });
      return feed;
    });
  }

  /** Gives a feed another key. */
  @Transaction()
  @Returns('string')
  public async replaceFeedKey(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.replaceFeedKey, request, async ({ feedId, publicKey }) => {
      const { caller, session: store } = context;
      const own = ownFeed(await feeds.load(store, feedId), feedId, caller.mspId);
      const feed = replaceFeedKey(own, publicKey, await feedHeads.load(store, feedId));
      feeds.save(store, feed, feedId);
      context.record({ type: 'FeedKeyReplaced', feedId, fromSequence: feed.keys.at(-1)?.fromSequence ?? 1 });
      return feed;
    });
  }

  /** Ends a feed. */
  @Transaction()
  @Returns('string')
  public async retireFeed(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.retireFeed, request, async ({ feedId }) => {
      const { caller, session: store } = context;
      const feed = { ...ownFeed(await feeds.load(store, feedId), feedId, caller.mspId), state: 'RETIRED' as const };
      feeds.save(store, feed, feedId);
      context.record({ type: 'FeedRetired', feedId });
      return feed;
    });
  }

  /** Publishes a signed series. */
  @Transaction()
  @Returns('string')
  public async publishFeed(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.publishFeed, request, async ({ commandId: _command, signature, ...series }) => {
      const { session: store } = context;
      const { feedId, issuedSlot, sequence } = series;
      const known = await loadKnown(context, series);
      const publication = acceptPublication(series, signature, known);
      feedPublications.save(store, publication, feedId, sequence);
      feedHeads.save(store, { sequence, issuedSlot }, feedId);
      const { digest, firstSlot, values } = publication;
      context.record({ type: 'FeedPublished', feedId, sequence, digest, firstSlot, values: values.length });
      return publication;
    });
  }

  /** A feed with one of its publications. */
  @Transaction(false)
  @Returns('string')
  public async getFeed(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFeed, request, async ({ feedId, sequence }) => {
      const { session: store } = context;
      const feed = found(await feeds.load(store, feedId), 'FEED_UNKNOWN', { feedId });
      const publication = await loadPublication(store, feedId, sequence);
      const isTooOld = await isStale(store, feed, publication);
      const isCurrent = publication !== undefined && feed.state === 'ACTIVE' && !isTooOld;
      return { feed, publication: publication ?? null, isCurrent };
    });
  }

  /** The feeds. */
  @Transaction(false)
  @Returns('string')
  public async listFeeds(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listFeeds, request, ({ bookmark }) =>
      feeds.page(context.session, oraclePrefixes.feeds(), limits.listRowsMax, bookmark),
    );
  }
}

async function loadKnown({ channel, session: store }: GridContext, series: FeedSeries) {
  const { feedId, issuedSlot } = series;
  const feed = await feeds.load(store, feedId);
  return {
    channel,
    feed,
    head: await feedHeads.load(store, feedId),
    issuedBegun: await hasBegun(store, issuedSlot),
    isStale: await isStale(store, feed, series),
  };
}
