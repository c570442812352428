import {
  feedBytes,
  feedCodec,
  feedDigestOf,
  feedHeadCodec,
  feedKeyAt,
  feedPublicationCodec,
  rowCodec,
  verifySignature,
  type Computation,
  type Feed,
  type FeedPublication,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import { ROW_TYPES } from '../row-types';

/**
 * Signals from outside are numbered without a gap, written once, signed for this channel by the key that their feed had then, and in the form
 * that it states; what computations have used of them stands on the ledger with the digest that they name.
 */
export function checkFeeds(
  rows: AuditRows,
  channel: string,
  requests: readonly DecodedRow<Computation>[],
  findings: Findings,
): void {
  const feeds = decodeRows(rows, ROW_TYPES.feed, rowCodec(feedCodec), findings).map(({ value }) => value);
  const published = decodeRows(rows, ROW_TYPES.feedPublication, rowCodec(feedPublicationCodec), findings);
  const heads = decodeRows(rows, ROW_TYPES.feedHead, rowCodec(feedHeadCodec), findings);
  const known = new Map<string, FeedPublication>();
  const last = new Map<string, FeedPublication>();
  for (const { row, value } of published) {
    const { feedId, sequence } = value;
    findings.count();
    expectWrittenOnce(row, findings);
    const feed = feeds.find((one) => one.feedId === feedId);
    for (const problem of problemsOf(value, feed, channel)) findings.fail(`${nameOf(row)} ${problem}`);
    const isNext = sequence === (last.get(feedId)?.sequence ?? 0) + 1;
    findings.expect(isNext, () => `${nameOf(row)} is not the next publication of its feed`);
    known.set(`${feedId} ${sequence}`, value);
    last.set(feedId, value);
  }
  findings.expect(heads.length === last.size, () => `${last.size} feeds have publications, ${heads.length} a head`);
  for (const { row, value } of heads) {
    const isLast = last.get(row.parts[0] ?? '')?.sequence === value.sequence;
    findings.expect(isLast, () => `${nameOf(row)} does not name the last publication`);
  }
  checkQuotes(requests, known, findings);
}

function problemsOf(
  { digest, signature, ...series }: FeedPublication,
  feed: Feed | undefined,
  channel: string,
): readonly string[] {
  if (feed === undefined) {
    return ['is of a feed that nobody has registered'];
  }
  const key = feedKeyAt(feed, series.sequence);
  const isSigned = key !== undefined && verifySignature(key, feedBytes(channel, series), signature);
  return [
    ...(isSigned ? [] : ['is not signed by the publisher of its feed']),
    ...(digest === feedDigestOf(series) ? [] : ['has another digest than its values']),
    ...(feed.unit === series.unit && feed.stepSlots === series.stepSlots ? [] : ['has another unit or step']),
  ];
}

function checkQuotes(
  requests: readonly DecodedRow<Computation>[],
  known: ReadonlyMap<string, FeedPublication>,
  findings: Findings,
): void {
  for (const { row, value } of requests) {
    for (const { feedId, publication, state } of value.feeds ?? []) {
      findings.count();
      const there = publication === undefined ? undefined : known.get(`${feedId} ${publication.sequence}`);
      findings.expect(
        publication === undefined ? state === 'MISSING' : there?.digest === publication.digest,
        () => `${nameOf(row)} has used something else of feed ${feedId} than was published`,
      );
    }
  }
}
