import { boolean, nullable, object, optional } from '../decode';
import { publicKeyCodec, signatureCodec } from '../field-codecs';
import {
  feedCodec,
  feedFields,
  feedIdCodec,
  feedPublicationCodec,
  feedSequenceCodec,
  feedSeriesFields,
} from '../feeds/rows';
import { commandFields, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleKey, exampleSignature } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'oracle';
const feedId = 'temperature-zurich';
const ownerRoles = ['tso', 'dso', 'market', 'regulator'] as const;

/** The transactions of the contract `oracle` by which signals from outside come in. */
export const feedTransactions = {
  registerFeed: submitSpec(contract, 'registerFeed', {
    roles: ownerRoles,
    request: object({ ...commandFields, ...feedFields, publicKey: publicKeyCodec }),
    response: feedCodec,
    errors: ['SIGNATURE_KEY_INVALID', 'FEED_EXISTS'],
    facts: ['FeedRegistered'],
    summary: 'Registers a signal from outside, such as a price or a temperature, and the key that signs it.',
    example: {
      commandId: exampleCommandId,
      feedId,
      kind: 'weather',
      unit: 'milli-celsius',
      stepSlots: 4,
      validSlots: 48,
      title: 'Air temperature, Zurich',
      publicKey: exampleKey,
    },
  }),
  replaceFeedKey: submitSpec(contract, 'replaceFeedKey', {
    roles: ownerRoles,
    request: object({ ...commandFields, feedId: feedIdCodec, publicKey: publicKeyCodec }),
    response: feedCodec,
    errors: ['SIGNATURE_KEY_INVALID', 'FEED_UNKNOWN', 'FEED_NOT_OWNER', 'FEED_RETIRED', 'FEED_KEYS_FULL'],
    facts: ['FeedKeyReplaced'],
    summary: 'Gives a feed another key for everything after its last publication.',
    example: { commandId: exampleCommandId, feedId, publicKey: exampleKey },
  }),
  retireFeed: submitSpec(contract, 'retireFeed', {
    roles: ownerRoles,
    request: object({ ...commandFields, feedId: feedIdCodec }),
    response: feedCodec,
    errors: ['FEED_UNKNOWN', 'FEED_NOT_OWNER', 'FEED_RETIRED'],
    facts: ['FeedRetired'],
    summary: 'Ends a feed: nothing more is published, and no new computation uses it.',
    example: { commandId: exampleCommandId, feedId },
  }),
  publishFeed: submitSpec(contract, 'publishFeed', {
    roles: 'anyone',
    request: object({ ...commandFields, ...feedSeriesFields, signature: signatureCodec }),
    response: feedPublicationCodec,
    errors: [
      'SIGNATURE_INVALID',
      'FEED_UNKNOWN',
      'FEED_RETIRED',
      'FEED_SHAPE',
      'FEED_SEQUENCE',
      'FEED_FROM_FUTURE',
      'FEED_STALE',
    ],
    facts: ['FeedPublished'],
    summary: 'Publishes a series of a feed, signed by its publisher; whoever sends it can change nothing.',
    example: {
      commandId: exampleCommandId,
      feedId,
      unit: 'milli-celsius',
      stepSlots: 4,
      firstSlot: 1_626_044,
      values: ['-1500', '-900', '250'],
      issuedSlot: 1_626_000,
      sequence: 1,
      signature: exampleSignature,
    },
  }),
  getFeed: evaluateSpec(contract, 'getFeed', {
    roles: 'anyone',
    request: object({ feedId: feedIdCodec, sequence: optional(feedSequenceCodec) }),
    response: object({
      feed: feedCodec,
      /** The publication of this number, or the last one; null where there is none. */
      publication: nullable(feedPublicationCodec),
      /** Whether a computation may use it now. */
      isCurrent: boolean,
    }),
    errors: ['FEED_UNKNOWN'],
    summary: 'Answers a feed and one of its publications; the last one where none is named.',
    example: { feedId },
  }),
  listFeeds: evaluateSpec(contract, 'listFeeds', {
    roles: 'anyone',
    request: object(pageFields),
    response: listAnswer(feedCodec),
    errors: [],
    summary: 'Lists the feeds.',
    example: {},
  }),
} as const;
