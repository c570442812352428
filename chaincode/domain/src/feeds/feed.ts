import { canonicalBytes } from '../canonical-writer';
import { digestOf } from '../digest';
import { demand, RuleError } from '../errors';
import { limits } from '../limits';
import { publicKeyOf, verifySignature } from '../signature';
import { addSlots, type Slot } from '../time';
import { feedInputCodec, feedSeriesCodec } from './rows';
import type { Feed, FeedHead, FeedInput, FeedPublication, FeedQuote, FeedSeries } from './rows';

/** The digest by which a publication is quoted. */
export function feedDigestOf(series: FeedSeries): string {
  return digestOf(feedSeriesCodec.encode(series));
}

/** What a publisher signs: its series for one channel. */
export function feedBytes(channel: string, series: FeedSeries): Buffer {
  return canonicalBytes({ channel, purpose: 'feed', series: feedSeriesCodec.encode(series) });
}

/** The first slot in which a publication is too old to be used. */
export function staleFrom({ validSlots }: Pick<Feed, 'validSlots'>, issuedSlot: Slot): Slot {
  return addSlots(issuedSlot, validSlots + 1);
}

/** A feed as it is registered; refuses with FEED_EXISTS and SIGNATURE_KEY_INVALID. */
export function registerFeed(
  asked: Omit<Feed, 'mspId' | 'keys' | 'state'> & { readonly publicKey: string },
  mspId: string,
  isKnown: boolean,
): Feed {
  const { publicKey, ...fields } = asked;
  demand(publicKeyOf(publicKey) !== undefined, 'SIGNATURE_KEY_INVALID', { feedId: fields.feedId });
  demand(!isKnown, 'FEED_EXISTS', { feedId: fields.feedId });
  return { ...fields, mspId, keys: [{ publicKey, fromSequence: 1 }], state: 'ACTIVE' };
}

/** The feed, whose owner asks to change it; refuses with FEED_UNKNOWN, FEED_NOT_OWNER or FEED_RETIRED. */
export function ownFeed(feed: Feed | undefined, feedId: string, mspId: string): Feed {
  if (feed === undefined) {
    throw new RuleError('FEED_UNKNOWN', { feedId });
  }
  demand(feed.mspId === mspId, 'FEED_NOT_OWNER', { feedId });
  demand(feed.state === 'ACTIVE', 'FEED_RETIRED', { feedId });
  return feed;
}

/** The feed with a new key for everything after its last publication. What was signed with the old one stays as it is. */
export function replaceFeedKey(feed: Feed, publicKey: string, head: FeedHead | undefined): Feed {
  const { feedId, keys } = feed;
  demand(publicKeyOf(publicKey) !== undefined, 'SIGNATURE_KEY_INVALID', { feedId });
  const fromSequence = (head?.sequence ?? 0) + 1;
  const kept = keys.filter((key) => key.fromSequence < fromSequence);
  demand(kept.length < limits.feedKeysMax, 'FEED_KEYS_FULL', { keysMax: limits.feedKeysMax });
  return { ...feed, keys: [...kept, { publicKey, fromSequence }] };
}

/** The key of a feed that signs a publication. */
export function feedKeyAt({ keys }: Feed, sequence: number): string | undefined {
  return keys.findLast(({ fromSequence }) => fromSequence <= sequence)?.publicKey;
}

/** What the ledger knows when a publication arrives. */
export interface PublicationKnown {
  readonly channel: string;
  readonly feed: Feed | undefined;
  readonly head: FeedHead | undefined;
  readonly issuedBegun: boolean;
  /** Whether the publication is too old already. */
  readonly isStale: boolean;
}

/** The publication as it goes to the ledger; refuses with the first code in precedence order. */
export function acceptPublication(series: FeedSeries, signature: string, known: PublicationKnown): FeedPublication {
  const { channel, feed, head, isStale, issuedBegun } = known;
  const { feedId, sequence } = series;
  if (feed === undefined) {
    throw new RuleError('FEED_UNKNOWN', { feedId });
  }
  const key = feedKeyAt(feed, sequence);
  const isSigned = key !== undefined && verifySignature(key, feedBytes(channel, series), signature);
  demand(isSigned, 'SIGNATURE_INVALID', { feedId, sequence });
  demand(feed.state === 'ACTIVE', 'FEED_RETIRED', { feedId });
  const fits = series.unit === feed.unit && series.stepSlots === feed.stepSlots;
  demand(fits && series.firstSlot % feed.stepSlots === 0, 'FEED_SHAPE', { feedId });
  const due = (head?.sequence ?? 0) + 1;
  const follows = sequence === due && (head === undefined || head.issuedSlot <= series.issuedSlot);
  demand(follows, 'FEED_SEQUENCE', { feedId, due });
  demand(issuedBegun, 'FEED_FROM_FUTURE', { issuedSlot: series.issuedSlot });
  demand(!isStale, 'FEED_STALE', { feedId, staleFrom: staleFrom(feed, series.issuedSlot) });
  return { ...series, digest: feedDigestOf(series), signature };
}

/** What the ledger knows of a feed that a request names. */
export interface QuoteKnown {
  readonly feed: Feed | undefined;
  /** The publication that is quoted, or the last one. */
  readonly publication: FeedPublication | undefined;
  readonly isStale: boolean;
}

/** Refuses a request that names a feed twice (FEED_TWICE). */
export function demandFeedsOnce(quotes: readonly FeedQuote[]): void {
  demand(new Set(quotes.map(({ feedId }) => feedId)).size === quotes.length, 'FEED_TWICE');
}

/**
 * What a feed that a request names brings. A publication that is quoted by its digest must be there, unchanged and not stale; where the last
 * one is asked for, a feed that is silent or retired is left out and marked, so that nothing waits for it.
 */
export function feedInput({ feedId, publication: quoted }: FeedQuote, known: QuoteKnown): FeedInput {
  const { feed, isStale, publication } = known;
  if (feed === undefined) {
    throw new RuleError('FEED_UNKNOWN', { feedId });
  }
  if (quoted !== undefined) {
    demand(feed.state === 'ACTIVE', 'FEED_RETIRED', { feedId });
    demand(!isStale, 'FEED_STALE', { feedId });
    demand(publication !== undefined, 'FEED_PUBLICATION_UNKNOWN', { feedId, sequence: quoted.sequence });
    demand(publication.digest === quoted.digest, 'FEED_DIGEST_MISMATCH', { feedId, sequence: quoted.sequence });
    return { feedId, state: 'USED', publication: quoted };
  }
  if (publication === undefined || feed.state === 'RETIRED') {
    return { feedId, state: 'MISSING' };
  }
  const { digest, sequence } = publication;
  return { feedId, state: isStale ? 'STALE' : 'USED', publication: { sequence, digest } };
}

/** The digest of everything that a computation reads: that of its readings where it names no feeds. */
export function inputsDigest(historyDigest: string, feeds: readonly FeedInput[] | undefined): string {
  return feeds === undefined
    ? historyDigest
    : digestOf({ history: historyDigest, feeds: feeds.map((feed) => feedInputCodec.encode(feed)) });
}
