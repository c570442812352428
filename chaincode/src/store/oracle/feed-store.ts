import {
  demandFeedsOnce,
  feedCodec,
  feedHeadCodec,
  feedInput,
  feedPublicationCodec,
  rowCodec,
  staleFrom,
  type Feed,
  type FeedInput,
  type FeedPublication,
  type FeedQuote,
} from '@flexledger/domain';
import { hasBegun } from '../clock-store';
import { oracleKeys } from './oracle-keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** Signals from outside, and who may sign them. */
export const feeds = new RowKeeper(rowCodec(feedCodec), oracleKeys.feed);
/** Which publication of a feed is the last. */
export const feedHeads = new RowKeeper(rowCodec(feedHeadCodec), oracleKeys.feedHead);
/** What was published, each written once. */
export const feedPublications = new RowKeeper(rowCodec(feedPublicationCodec), oracleKeys.feedPublication);

/** The publication of a feed with a number, or its last one; undefined where there is none. */
export async function loadPublication(
  session: StoreSession,
  feedId: string,
  sequence?: number,
): Promise<FeedPublication | undefined> {
  const wanted = sequence ?? (await feedHeads.load(session, feedId))?.sequence;
  return wanted === undefined ? undefined : feedPublications.load(session, feedId, wanted);
}

/** Whether a publication is too old to be used. */
export async function isStale(
  session: StoreSession,
  feed: Feed | undefined,
  publication: Pick<FeedPublication, 'issuedSlot'> | undefined,
): Promise<boolean> {
  return feed !== undefined && publication !== undefined && hasBegun(session, staleFrom(feed, publication.issuedSlot));
}

/** What the feeds that a request names bring, in its order. */
export async function loadFeedInputs(
  session: StoreSession,
  quotes: readonly FeedQuote[],
): Promise<readonly FeedInput[]> {
  const inputs = await Promise.all(
    quotes.map(async (quote) => {
      const feed = await feeds.load(session, quote.feedId);
      const publication = await loadPublication(session, quote.feedId, quote.publication?.sequence);
      return feedInput(quote, { feed, publication, isStale: await isStale(session, feed, publication) });
    }),
  );
  demandFeedsOnce(quotes);
  return inputs;
}
