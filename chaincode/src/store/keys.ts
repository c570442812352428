import {
  assert,
  postingSetId,
  slotText,
  sourceId,
  type Cause,
  type AssetId,
  type CommandId,
  type CoalitionId,
  type ContractId,
  type DisputeId,
  type FlexOfferId,
  type FlexOrderId,
  type FlexPlace,
  type FlexRequestId,
  type MeterId,
  type OrderId,
  type ParticipantId,
  type ProgrammeId,
  type RequestId,
  type SessionId,
  type Slot,
  type Source,
} from '@flexledger/domain';

declare const stateKeyBrand: unique symbol;

/** A key of the state: composite as Fabric spells it, or simple where ranges are read. Only files of keys make one. */
export type StateKey = string & { readonly [stateKeyBrand]: true };

/** The characters of ids, in byte order. */
const idCharacters = '0123456789abcdefghjkmnpqrstvwxyz';

const separator = '\u0000';
const partShape = /^[A-Za-z0-9._-]{1,128}$/;

/** The composite key of an object type and its parts, byte for byte what the shim's createCompositeKey makes. */
export function composite(objectType: string, ...parts: readonly string[]): StateKey {
  assert(
    [objectType, ...parts].every((part) => partShape.test(part)),
    'A key part is short plain text.',
  );
  return `${separator}${[objectType, ...parts].join(separator)}${separator}` as StateKey;
}

/** What separates the parts of a simple key. */
const simpleSeparator = '/';

/**
 * A simple key of an object type and its parts. The shim reads a range between two keys only where they are simple; composite keys
 * begin with a byte that no simple key has, so that neither kind is ever found among the other.
 */
export function simple(objectType: string, ...parts: readonly string[]): StateKey {
  assert(
    [objectType, ...parts].every((part) => partShape.test(part)),
    'A key part is short plain text.',
  );
  return [objectType, ...parts].join(simpleSeparator) as StateKey;
}

/** The parts of a key after its object type. */
export function keyParts(key: string): readonly string[] {
  return key.startsWith(separator) ? key.split(separator).slice(2, -1) : key.split(simpleSeparator).slice(1);
}

/** All keys of the state, by what the row holds. */
export const keys = {
  command: (commandId: CommandId) => composite('command', commandId),

  governance: () => composite('governance', 'current'),
  proposal: (proposalId: string) => composite('proposal', proposalId),
  clockStart: () => composite('clock-start', 'first'),
  clockHead: () => composite('clock-head', 'last'),
  clock: (slot: Slot) => composite('clock', slotText(slot)),
  participant: (participantId: string) => composite('participant', participantId),
  grid: (gridId: string) => composite('grid', gridId),
  meter: (meterId: MeterId) => composite('meter', meterId),
  /** Which meter has a key; the key by the id that its bytes would have as an address. */
  meterKey: (keyAddress: string) => composite('meter-key', keyAddress),
  /** A change of a meter's key, by the digest of what was asked for. */
  meterKeyChange: (meterId: MeterId, changeDigest: string) => composite('meter-key-change', meterId, changeDigest),
  /** Which meters a participant has. */
  participantMeter: (participantId: ParticipantId, meterId: MeterId) =>
    composite('participant-meter', participantId, meterId),
  /** Which meters a grid has. */
  gridMeter: (gridId: string, meterId: MeterId) => composite('grid-meter', gridId, meterId),
  asset: (assetId: string) => composite('asset', assetId),
  /** Which assets a participant has that have been put into service. */
  participantAsset: (participantId: ParticipantId, assetId: AssetId) =>
    composite('participant-asset', participantId, assetId),
  /** Confidential, in `profiles`. */
  meterIdentity: (meterId: MeterId) => composite('identity', meterId),

  /** A block of a meter, packed, under its first slot: byte order is time order, and a slot's block is found by a short range. */
  block: (meterId: MeterId, startSlot: Slot) => simple('block', meterId, slotText(startSlot)),
  /** A new version of totals, under its first slot: simple, because ranges are read. */
  amendment: (meterId: MeterId, fromSlot: Slot, version: number) =>
    simple('amendment', meterId, `${slotText(fromSlot)}.${fourDigits(version)}`),
  /** Before all amendments that begin in a slot or later. */
  amendmentsFrom: (meterId: MeterId, fromSlot: Slot) => simple('amendment', meterId, slotText(fromSlot)),
  clone: (meterId: MeterId, startSlot: Slot, otherLink: string) =>
    composite('clone', meterId, `${slotText(startSlot)}.${otherLink}`),
  purge: (meterId: MeterId, fromSlot: Slot, commandId: CommandId) =>
    composite('purge', meterId, `${slotText(fromSlot)}.${commandId}`),
  gap: (meterId: MeterId, fromSlot: Slot) => composite('gap', meterId, slotText(fromSlot)),
  /** Confidential, in `profiles`. */
  profile: (meterId: MeterId, startSlot: Slot) => composite('profile', meterId, slotText(startSlot)),

  /** One time that connections were limited, by the command that did it. */
  limitation: (limitationId: CommandId) => composite('limitation', limitationId),
  /** The limit of a connection, under its first slot: simple, because ranges are read. */
  setPoint: (participantId: ParticipantId, fromSlot: Slot, limitationId: CommandId, bus: string) =>
    simple('set-point', participantId, `${slotText(fromSlot)}.${limitationId}.${bus}`),
  /** Times that connections of a grid were limited and are compensated, by first slot: simple, because ranges are read. */
  limitationSlot: (gridId: string, fromSlot: Slot, limitationId: CommandId) =>
    simple('limitation-slot', gridId, `${slotText(fromSlot)}.${limitationId}`),
  /** Before all of them that begin in a slot or later. */
  limitationSlotsFrom: (gridId: string, fromSlot: Slot) => simple('limitation-slot', gridId, slotText(fromSlot)),
  /** What of the system operator's fund is not set aside yet. */
  flexibilityFund: (gridId: string) => composite('flexibility-fund', gridId),
  flexCover: (orderId: FlexOrderId) => composite('flex-cover', orderId),
  flexSettlement: (orderId: FlexOrderId, version: number) => composite('flex-settlement', orderId, fourDigits(version)),
  remuneration: (coalitionId: CoalitionId, version: number) =>
    composite('vpp-remuneration', coalitionId, fourDigits(version)),
  curtailmentFund: () => composite('curtailment-fund', 'available'),
  /** Before all limits of a participant that begin in a slot or later. */
  setPointsFrom: (participantId: ParticipantId, fromSlot: Slot) =>
    simple('set-point', participantId, slotText(fromSlot)),

  /** What a meter was declared to count in a slot: simple, because ranges are read. */
  schedule: (meterId: MeterId, at: Slot) => simple('schedule', meterId, slotText(at)),
  programme: (programmeId: ProgrammeId) => composite('programme', programmeId),
  enrolment: (programmeId: ProgrammeId, participantId: ParticipantId) =>
    composite('enrolment', programmeId, participantId),
  /** Where an asset is enrolled. */
  assetPlace: (assetId: AssetId) => composite('asset-place', assetId),

  flexEvent: (orderId: FlexOrderId, participantId: ParticipantId) => composite('flex-event', orderId, participantId),
  /** Under which orders a prosumer has events, by their first slot: simple, because ranges are read. */
  eventPlace: (participantId: ParticipantId, firstSlot: Slot, orderId: FlexOrderId) =>
    simple('event-place', participantId, `${slotText(firstSlot)}.${orderId}`),
  /** Before all events of a prosumer that begin in a slot or later. */
  eventPlacesFrom: (participantId: ParticipantId, firstSlot: Slot) =>
    simple('event-place', participantId, slotText(firstSlot)),
  performance: (orderId: FlexOrderId, slot: Slot, participantId: ParticipantId) =>
    composite('performance', orderId, slotText(slot), participantId),

  reportHead: (meterId: MeterId, startSlot: Slot) => composite('report-head', meterId, slotText(startSlot)),
  /** Confidential, in `profiles`. */
  siteReport: (meterId: MeterId, startSlot: Slot) => composite('site-report', meterId, slotText(startSlot)),
  voltageSupport: (supportId: CommandId) => composite('voltage-support', supportId),
  voltagePerformance: (supportId: CommandId, slot: Slot) => composite('voltage-performance', supportId, slotText(slot)),
  voltageBudget: (programmeId: ProgrammeId, gridId: string) => composite('voltage-budget', programmeId, gridId),
  voltageSettlement: (supportId: CommandId, version: number) =>
    composite('voltage-settlement', supportId, fourDigits(version)),
  /** What is set at a bus, by its first slot: simple, because ranges are read. */
  supportPlace: (gridId: string, bus: string, firstSlot: Slot, supportId: CommandId) =>
    simple('support-place', gridId, bus, `${slotText(firstSlot)}.${supportId}`),
  /** Before everything that is set at a bus from a slot on. */
  supportPlacesFrom: (gridId: string, bus: string, firstSlot: Slot) =>
    simple('support-place', gridId, bus, slotText(firstSlot)),

  session: (sessionId: SessionId) => composite('session', sessionId),
  /** Which session trades the interval that begins in a slot. */
  sessionInterval: (gridId: string, kind: string, firstSlot: Slot) =>
    composite('session-interval', gridId, kind, slotText(firstSlot)),
  /** Orders stand in 32 buckets by the first character of their id, so that no range of a session grows too large. */
  order: (sessionId: SessionId, orderId: OrderId) => composite('order', sessionId, orderBucketOf(orderId), orderId),
  orderSet: (sessionId: SessionId, participantId: ParticipantId) => composite('order-set', sessionId, participantId),
  /** Confidential, in `orders`. */
  orderContent: (sessionId: SessionId, orderId: OrderId) => composite('order-content', sessionId, orderId),
  clearing: (sessionId: SessionId) => composite('clearing', sessionId),
  /** The outcome of an interval on the grid. */
  gridOutcome: (sessionId: SessionId, interval: number) =>
    composite('grid-outcome', sessionId, String(interval).padStart(2, '0')),
  /** What a cleared session carries through a grid in an interval: simple, because ranges are read. */
  sessionFlow: (gridId: string, firstSlot: Slot, sessionId: SessionId) =>
    simple('session-flow', gridId, `${slotText(firstSlot)}.${sessionId}`),
  /** Before all intervals that begin in a slot or later. */
  sessionFlowsFrom: (gridId: string, firstSlot: Slot) => simple('session-flow', gridId, slotText(firstSlot)),
  /** Behind the interval whose key ends with a text, and before the next one: ids have no such character. */
  sessionFlowsAfter: (gridId: string, last: string) => simple('session-flow', gridId, `${last}_`),
  clearingChunk: (sessionId: SessionId, chunk: number) => composite('clearing-chunk', sessionId, fourDigits(chunk)),
  bucket: (sessionId: SessionId, bucket: number) => composite('bucket', sessionId, fourDigits(bucket)),
  /** Who is listed as trading with whom in an interval, part by part. */
  tradePairs: (sessionId: SessionId, interval: number, part: number) =>
    composite('trade-pairs', sessionId, `${String(interval).padStart(2, '0')}.${fourDigits(part)}`),
  /** The terms of a grid, by their number. */
  gridTerms: (gridId: string, number: number) => composite('grid-terms', gridId, String(number).padStart(7, '0')),
  /** Which terms of a grid are the last. */
  gridTermsHead: (gridId: string) => composite('grid-terms-head', gridId),
  clearingRequest: (sessionId: SessionId) => composite('clearing-request', sessionId),
  /** Answers stand under organisation and digest, so that nobody begins the answer of another one. */
  clearingAnswer: (sessionId: SessionId, mspId: string, answerDigest: string) =>
    composite('clearing-answer', sessionId, mspId, answerDigest),
  clearingAnswerChunk: (sessionId: SessionId, mspId: string, answerDigest: string, chunk: number) =>
    composite('clearing-answer-chunk', sessionId, mspId, answerDigest, fourDigits(chunk)),
  trade: (sessionId: SessionId, interval: number, orderId: OrderId) =>
    composite('trade', sessionId, `${String(interval).padStart(2, '0')}.${orderId}`),
  position: (participantId: ParticipantId, firstSlot: Slot, sessionId: SessionId) =>
    composite('position', participantId, `${slotText(firstSlot)}.${sessionId}`),
  /** A session other than day-ahead that trades an interval: simple, because ranges are read. */
  slotSession: (gridId: string, firstSlot: Slot, sessionId: SessionId) =>
    simple('slot-session', gridId, `${slotText(firstSlot)}.${sessionId}`),
  /** Before all sessions that trade an interval that begins in a slot or later. */
  slotSessionsFrom: (gridId: string, firstSlot: Slot) => simple('slot-session', gridId, slotText(firstSlot)),
  /** Which positions beside day-ahead ones begin in a slot: simple, because ranges of participants are read. */
  slotPosition: (gridId: string, firstSlot: Slot, participantId: ParticipantId, sessionId: SessionId) =>
    simple('slot-position', gridId, slotText(firstSlot), `${participantId}.${sessionId}`),
  /** Before all positions of a participant and of those after it; with `end` after all of this participant. */
  slotPositionsFrom: (gridId: string, firstSlot: Slot, participantId: ParticipantId, end: '' | '_' = '') =>
    simple('slot-position', gridId, slotText(firstSlot), `${participantId}${end}`),
  imbalancePrice: (gridId: string, slot: Slot) => composite('imbalance-price', gridId, slotText(slot)),

  contract: (contractId: ContractId) => composite('contract', contractId),
  /** Which contracts a participant is a party of. */
  partyContract: (participantId: ParticipantId, contractId: ContractId) =>
    composite('party-contract', participantId, contractId),
  /** What a contract carries through a grid in the hour that begins in a slot. */
  contractFlow: (gridId: string, hour: Slot, contractId: ContractId) =>
    composite('contract-flow', gridId, slotText(hour), contractId),

  /** How far the contracts of a seller are delivered in a slot. */
  contractDelivery: (participantId: ParticipantId, slot: Slot, run: number, sessionId: SessionId) =>
    composite('contract-delivery', participantId, `${slotText(slot)}.${String(run).padStart(2, '0')}.${sessionId}`),

  /** What an asset has promised in the UTC day that begins in a slot. */
  commitmentDay: (assetId: AssetId, day: Slot) => composite('commitment-day', assetId, slotText(day)),
  /** Confidential, in `orders`. */
  sealedCommitmentDay: (assetId: AssetId, day: Slot) => composite('sealed-commitment-day', assetId, slotText(day)),

  /** Which organisation operates a grid. */
  gridOperator: (gridId: string) => composite('grid-operator', gridId),
  dPrognosis: (place: PlaceKey, aggregatorId: ParticipantId, revision: number) =>
    composite('d-prognosis', ...placeParts(place), `${aggregatorId}.${String(revision).padStart(7, '0')}`),
  prognosisHead: (place: PlaceKey, aggregatorId: ParticipantId) =>
    composite('d-prognosis-head', ...placeParts(place), aggregatorId),
  reservation: (place: PlaceKey, contractId: string) => composite('flex-reservation', ...placeParts(place), contractId),
  flexRequest: (requestId: FlexRequestId) => composite('flex-request', requestId),
  /** The last request of a requester at a place: a producer's id, or `dso`. */
  flexRequestHead: (place: PlaceKey, requester: string) =>
    composite('flex-request-head', ...placeParts(place), requester),
  flexRequestOf: (place: PlaceKey, requestId: FlexRequestId) =>
    composite('flex-request-of', ...placeParts(place), requestId),
  flexOffer: (offerId: FlexOfferId) => composite('flex-offer', offerId),
  /** The offers of an aggregator to a request, numbered, so that nobody makes more than so many. */
  flexOfferTo: (requestId: FlexRequestId, aggregatorId: ParticipantId, number: number) =>
    composite('flex-offer-to', requestId, `${aggregatorId}.${number}`),
  unsolicitedOffer: (place: PlaceKey, aggregatorId: ParticipantId, number: number) =>
    composite('unsolicited-offer', ...placeParts(place), `${aggregatorId}.${number}`),
  flexOrder: (orderId: FlexOrderId) => composite('flex-order', orderId),
  /** Which request to split an order is the last. */
  splitHead: (orderId: FlexOrderId) => composite('split-head', orderId),
  split: (orderId: FlexOrderId, revision: number) => composite('split', orderId, fourDigits(revision)),
  splitCase: (orderId: FlexOrderId, revision: number) => composite('split-case', orderId, fourDigits(revision)),
  splitPlan: (orderId: FlexOrderId, revision: number) => composite('split-plan', orderId, fourDigits(revision)),
  splitAnswer: (orderId: FlexOrderId, revision: number, mspId: string, answerDigest: string) =>
    composite('split-answer', orderId, fourDigits(revision), mspId, answerDigest),
  splitChunk: (orderId: FlexOrderId, revision: number, mspId: string, answerDigest: string, chunk: number) =>
    composite('split-chunk', orderId, fourDigits(revision), mspId, `${answerDigest}.${chunk}`),
  /** What a prosumer has been called for by an aggregator. */
  flexUse: (aggregatorId: ParticipantId, participantId: ParticipantId) =>
    composite('flex-use', aggregatorId, participantId),
  flexOrderOf: (place: PlaceKey, orderId: FlexOrderId) => composite('flex-order-of', ...placeParts(place), orderId),
  regime: (place: PlaceKey) => composite('regime', ...placeParts(place)),

  /** By what the rent of a session is shared in a bucket. */
  rentWeights: (sessionId: SessionId, bucket: number) => composite('rent-weights', sessionId, fourDigits(bucket)),

  posting: (cause: Cause) => composite('posting', postingSetId(cause)),
  limit: (participantId: ParticipantId) => composite('limit', participantId),
  dispute: (disputeId: DisputeId) => composite('dispute', disputeId),
  /** Which posting set a participant has disputed. */
  disputed: (participantId: ParticipantId, cause: Cause) => composite('disputed', participantId, postingSetId(cause)),
  /** Which disputes a participant has raised or is to answer. */
  partyDispute: (participantId: ParticipantId, disputeId: DisputeId) =>
    composite('party-dispute', participantId, disputeId),
  folded: (participantId: ParticipantId, source: Source) => composite('folded', participantId, sourceId(source)),
  statement: (sessionId: SessionId, run: number, participantId: ParticipantId) =>
    composite('statement', sessionId, `${String(run).padStart(2, '0')}.${participantId}`),

  computation: (requestId: RequestId) => composite('computation', requestId),
  /** Each organisation has one answer, so that nobody begins, ends or hides the answer of another one. */
  answerOf: (requestId: RequestId, mspId: string) => composite('computation-answer', requestId, mspId),
  answerChunkOf: (requestId: RequestId, mspId: string, chunk: number) =>
    composite('computation-chunk', requestId, mspId, fourDigits(chunk)),
  /** Answers of before there were several oracles: they are read, and no more written. */
  earlierAnswer: (requestId: RequestId, answerDigest: string) => composite('answer', requestId, answerDigest),
  earlierChunk: (requestId: RequestId, answerDigest: string, chunk: number) =>
    composite('answer-chunk', requestId, answerDigest, fourDigits(chunk)),
  refusal: (requestId: RequestId, mspId: string) => composite('computation-refusal', requestId, mspId),
  disagreement: (requestId: RequestId) => composite('disagreement', requestId),
} as const;

/** A congestion point and a local day. */
export type PlaceKey = Pick<FlexPlace, 'gridId' | 'congestionPointId' | 'periodSlot'>;

function placeParts({ congestionPointId, gridId, periodSlot }: PlaceKey): readonly [string, string, string] {
  return [gridId, congestionPointId, slotText(periodSlot)];
}

/** The bucket in which an order stands: the first of the 32 characters of ids. */
function orderBucketOf(orderId: OrderId): string {
  return orderId.charAt(0);
}

/** A number as it stands in a key, so that byte order is its order up to 9,999. */
export function fourDigits(value: number): string {
  return String(value).padStart(4, '0');
}

/** The object types whose rows are listed, with the fixed parts before the last one. */
export interface KeyPrefix {
  readonly objectType: string;
  readonly parts: readonly string[];
}

/** The prefixes under which rows are listed. */
export const prefixes = {
  participants: (): KeyPrefix => ({ objectType: 'participant', parts: [] }),
  meters: (): KeyPrefix => ({ objectType: 'meter', parts: [] }),
  metersOfGrid: (gridId: string): KeyPrefix => ({ objectType: 'grid-meter', parts: [gridId] }),
  assets: (): KeyPrefix => ({ objectType: 'asset', parts: [] }),
  programmes: (): KeyPrefix => ({ objectType: 'programme', parts: [] }),
  flexEvents: (orderId: FlexOrderId): KeyPrefix => ({ objectType: 'flex-event', parts: [orderId] }),
  performances: (orderId: FlexOrderId, slot: Slot): KeyPrefix => ({
    objectType: 'performance',
    parts: [orderId, slotText(slot)],
  }),
  enrolments: (programmeId: ProgrammeId): KeyPrefix => ({ objectType: 'enrolment', parts: [programmeId] }),
  clones: (meterId: MeterId): KeyPrefix => ({ objectType: 'clone', parts: [meterId] }),
  purges: (meterId: MeterId): KeyPrefix => ({ objectType: 'purge', parts: [meterId] }),
  gaps: (meterId: MeterId): KeyPrefix => ({ objectType: 'gap', parts: [meterId] }),
  metersOf: (participantId: ParticipantId): KeyPrefix => ({ objectType: 'participant-meter', parts: [participantId] }),
  assetsOf: (participantId: ParticipantId): KeyPrefix => ({ objectType: 'participant-asset', parts: [participantId] }),
  /** The orders of a session, bucket by bucket; the buckets are in the order of the ids. */
  orders: (sessionId: SessionId): readonly KeyPrefix[] =>
    [...idCharacters].map((bucket) => ({ objectType: 'order', parts: [sessionId, bucket] })),
  orderSets: (sessionId: SessionId): KeyPrefix => ({ objectType: 'order-set', parts: [sessionId] }),
  gridOutcomes: (sessionId: SessionId): KeyPrefix => ({ objectType: 'grid-outcome', parts: [sessionId] }),
  trades: (sessionId: SessionId): KeyPrefix => ({ objectType: 'trade', parts: [sessionId] }),
  tradePairs: (sessionId: SessionId): KeyPrefix => ({ objectType: 'trade-pairs', parts: [sessionId] }),
  positions: (participantId: ParticipantId): KeyPrefix => ({ objectType: 'position', parts: [participantId] }),
  contractsOf: (participantId: ParticipantId): KeyPrefix => ({ objectType: 'party-contract', parts: [participantId] }),
  contractFlows: (gridId: string, hour: Slot): KeyPrefix => ({
    objectType: 'contract-flow',
    parts: [gridId, slotText(hour)],
  }),
  prognosisHeads: (place: PlaceKey): KeyPrefix => ({ objectType: 'd-prognosis-head', parts: placeParts(place) }),
  flexRequestsOf: (place: PlaceKey): KeyPrefix => ({ objectType: 'flex-request-of', parts: placeParts(place) }),
  flexOffersTo: (requestId: FlexRequestId): KeyPrefix => ({ objectType: 'flex-offer-to', parts: [requestId] }),
  unsolicitedOffers: (place: PlaceKey): KeyPrefix => ({ objectType: 'unsolicited-offer', parts: placeParts(place) }),
  splits: (): KeyPrefix => ({ objectType: 'split', parts: [] }),
  flexUses: (aggregatorId: ParticipantId): KeyPrefix => ({ objectType: 'flex-use', parts: [aggregatorId] }),
  flexOrdersOf: (place: PlaceKey): KeyPrefix => ({ objectType: 'flex-order-of', parts: placeParts(place) }),
  disputes: (): KeyPrefix => ({ objectType: 'dispute', parts: [] }),
  disputesOf: (participantId: ParticipantId): KeyPrefix => ({ objectType: 'party-dispute', parts: [participantId] }),
  postings: (): KeyPrefix => ({ objectType: 'posting', parts: [] }),
  clearingRequests: (): KeyPrefix => ({ objectType: 'clearing-request', parts: [] }),
  computations: (): KeyPrefix => ({ objectType: 'computation', parts: [] }),
  answersTo: (requestId: RequestId): KeyPrefix => ({ objectType: 'computation-answer', parts: [requestId] }),
  refusalsOf: (requestId: RequestId): KeyPrefix => ({ objectType: 'computation-refusal', parts: [requestId] }),
  disagreements: (): KeyPrefix => ({ objectType: 'disagreement', parts: [] }),
} as const;

/** The bookmark with which Fabric continues a list after the row whose last key part is given. */
export function bookmarkAfter(prefix: KeyPrefix, lastPart: string): string {
  return composite(prefix.objectType, ...prefix.parts, lastPart) + separator;
}

/** True where a key stands under a prefix. */
export function isUnder(key: string, prefix: KeyPrefix): boolean {
  return key.startsWith(composite(prefix.objectType, ...prefix.parts));
}
