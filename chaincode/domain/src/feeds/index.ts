export {
  acceptPublication,
  demandFeedsOnce,
  feedBytes,
  feedDigestOf,
  feedInput,
  feedKeyAt,
  inputsDigest,
} from './feed';
export { ownFeed, registerFeed, replaceFeedKey, staleFrom, type PublicationKnown, type QuoteKnown } from './feed';
export {
  feedCodec,
  feedHeadCodec,
  feedInputCodec,
  feedPublicationCodec,
  feedQuoteCodec,
  feedSeriesCodec,
} from './rows';
export {
  type Feed,
  type FeedHead,
  type FeedInput,
  type FeedPublication,
  type FeedQuote,
  type FeedSeries,
} from './rows';
