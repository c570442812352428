import { slotText, type RequestId, type Slot } from '@flexledger/domain';
import { composite, fourDigits, simple, type KeyPrefix } from '../keys';

/** The keys of what forecasts were worth, and of signals from outside. */
export const oracleKeys = {
  score: (requestId: RequestId, mspId: string, version: number) =>
    composite('forecast-score', requestId, mspId, fourDigits(version)),
  /** The last score of an organisation's answer in short, in the order of time: simple, because ranges are read. */
  scoreLine: (firstSlot: Slot, requestId: RequestId, mspId: string) =>
    simple('score-line', `${slotText(firstSlot)}.${requestId}.${mspId}`),
  /** Before all scores of forecasts that begin in a slot or later. */
  scoreLinesFrom: (firstSlot: Slot) => simple('score-line', slotText(firstSlot)),
  /** Behind the score whose key ends with a text, and not behind the next one: no character of a key comes before the hyphen. */
  scoreLinesAfter: (last: string) => simple('score-line', `${last}-`),
  forecastCover: (requestId: RequestId) => composite('forecast-cover', requestId),
  feed: (feedId: string) => composite('feed', feedId),
  /** Which publication of a feed is the last: apart from the feed, which is read by computations. */
  feedHead: (feedId: string) => composite('feed-head', feedId),
  feedPublication: (feedId: string, sequence: number) =>
    composite('feed-publication', feedId, String(sequence).padStart(10, '0')),
} as const;

/** The prefixes under which their rows are listed. */
export const oraclePrefixes = {
  feeds: (): KeyPrefix => ({ objectType: 'feed', parts: [] }),
} as const;
