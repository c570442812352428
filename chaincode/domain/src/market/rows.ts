import { array, boolean, integer, object, oneOf, optional, text, union, type TypeOf } from '../decode';
import { digestCodec, elementIdCodec, limitIdCodec, saltCodec } from '../field-codecs';
import { orderIdCodec, participantIdCodec, sessionIdCodec } from '../ids';
import { limits } from '../limits';
import { ruleSetCodec } from '../rule-set';
import { intervalSlotsCodec, sessionKindCodec } from '../rule-set/products';
import { slotCodec } from '../time';
import { microCodec, microPerKwhCodec, wCodec, whCodec } from '../units';
import { pairingCodec } from './pairing';
import { sideCodec } from './types';

/** Counts of rows, chunks and buckets. */
const countCodec = integer(0, 1_000_000);

/** The number of an interval in its session, from 0. */
export const intervalCodec = integer(0, limits.sessionIntervalsMax - 1);

/**
 * A market session: a small state machine that only its own transactions move. OPEN takes orders, CLOSED publishes them, CLEARED
 * applies the clearing, APPLIED is settled. The rule set stands in it whole, so that a later one never changes it.
 */
export const sessionCodec = object({
  sessionId: sessionIdCodec,
  kind: sessionKindCodec,
  gridId: elementIdCodec,
  firstSlot: slotCodec,
  intervals: integer(1, limits.sessionIntervalsMax),
  intervalSlots: intervalSlotsCodec,
  /** The first slot in which orders are taken; absent where they are taken at once. */
  gateOpenSlot: optional(slotCodec),
  /** The first slot in which no order is taken. */
  gateCloseSlot: slotCodec,
  /** The first slot in which no order is published any more. */
  publishDeadlineSlot: slotCodec,
  /** The terms of the grid that were the last when it was opened; absent where it had none or has no limits. */
  gridTerms: optional(integer(1, 1_000_000)),
  ruleSet: ruleSetCodec,
  state: oneOf('OPEN', 'CLOSED', 'CLEARED', 'APPLIED'),
});
export type Session = TypeOf<typeof sessionCodec>;

/** What an order says beside its id. */
const orderFields = {
  salt: saltCodec,
  side: sideCodec,
  interval: intervalCodec,
  energyWh: whCodec,
  limitPriceMicroPerKwh: microPerKwhCodec,
  /** With whom it would rather be paired; absent for no matter whom. */
  pairing: optional(pairingCodec),
  /** The first slot in which the order no longer stands: it is void where that is the gate or before; absent for no end. */
  expirySlot: optional(slotCodec),
};

/** What an order says; confidential until the gate has closed. */
export const orderContentCodec = object({ orderId: orderIdCodec, ...orderFields });
export type OrderContent = TypeOf<typeof orderContentCodec>;

/** What the channel sees of an order before the gate closes. */
export const sealedOrderCodec = object({ orderId: orderIdCodec, commitment: digestCodec });
export type SealedOrder = TypeOf<typeof sealedOrderCodec>;

/** Where an order stands: sealed, then one of the other three for good. The salt is published, so that anyone can open the seal. */
export const orderStatusCodec = union({
  sealed: object({}),
  withdrawn: object({}),
  published: object(orderFields),
  void: object({ code: text(/^[A-Z_]{1,64}$/, 'an error code', 64) }),
});
export type OrderStatus = TypeOf<typeof orderStatusCodec>;

/** One order on the channel. */
export const orderCodec = object({
  sessionId: sessionIdCodec,
  orderId: orderIdCodec,
  participantId: participantIdCodec,
  commitment: digestCodec,
  status: orderStatusCodec,
});
export type Order = TypeOf<typeof orderCodec>;

/**
 * All orders of a participant in a session and what it locked for them. Written once, and again where the participant puts other orders
 * in the place of ones that it has withdrawn.
 */
export const orderSetCodec = object({
  sessionId: sessionIdCodec,
  participantId: participantIdCodec,
  orderIds: array(orderIdCodec, limits.ordersPerCallMax, 1),
  connectionLimitW: wCodec,
  /** Where the participant stands in the grid; absent where the grid above is joined, and where limits of the grid do not act. */
  busId: optional(elementIdCodec),
  /** What is registered of it where the rule set asks for that; absent where it does not. */
  seller: optional(object({ isGreen: boolean, installedW: optional(wCodec) })),
  /** The number of the set among those that replaced each other; absent for the first. */
  placement: optional(integer(2, limits.placementsPerSessionMax)),
  /** Locked in escrow: what the orders can cost at most, and the reserve of every slot. */
  collateralMicro: microCodec,
  /** What stays locked for the deviation of each slot until that slot is settled. */
  reserveMicroPerSlot: microCodec,
});
export type OrderSet = TypeOf<typeof orderSetCodec>;

/** The prices of an interval in which energy was traded. */
export const clearingPriceCodec = object({
  lowMicroPerKwh: microPerKwhCodec,
  highMicroPerKwh: microPerKwhCodec,
  clearingMicroPerKwh: microPerKwhCodec,
});

/** The outcome of one interval; `price` is absent where nothing was traded. */
export const intervalOutcomeCodec = object({
  interval: intervalCodec,
  firstSlot: slotCodec,
  buyOrders: countCodec,
  sellOrders: countCodec,
  demandWh: whCodec,
  supplyWh: whCodec,
  tradedWh: whCodec,
  price: optional(clearingPriceCodec),
  /** The limits that bind; none where the rule set clears without limits. The outcome on the grid says more. */
  bindingLimits: array(limitIdCodec, limits.bindingLimitsMax),
});
export type IntervalOutcome = TypeOf<typeof intervalOutcomeCodec>;

/** The clearing of a session, all but the fills, which its digest covers. */
export const clearingCodec = object({
  sessionId: sessionIdCodec,
  ruleSet: integer(1, 1_000_000),
  intervals: array(intervalOutcomeCodec, limits.sessionIntervalsMax, 1),
  publishedOrders: countCodec,
  withdrawnOrders: countCodec,
  voidOrders: countCodec,
  /** Orders that stayed sealed until the deadline and are therefore void. */
  unpublishedOrders: countCodec,
  participants: countCodec,
  tradedWh: whCodec,
  /** What buyers pay and sellers get, in all; the difference is dust of rounding. */
  buyMicro: microCodec,
  sellMicro: microCodec,
  dustMicro: microCodec,
  feeMicro: microCodec,
  /** Grid fees of buyers and sellers, and what covers losses; absent for nothing. */
  gridFeeMicro: optional(microCodec),
  lossMicro: optional(microCodec),
  /** Chunks of participants, for applyClearing. */
  chunks: countCodec,
  /** The first participant of each bucket of participants, for settlement. */
  bucketFirsts: array(participantIdCodec, 1_000),
  /** Digest of all chunks. */
  fillsDigest: digestCodec,
  /** What limits of the grid leave between what buyers pay and sellers get; absent where the session clears without limits. */
  rentMicro: optional(microCodec),
  /** Digest of the outcomes on the grid, one per interval; absent where the session clears without limits. */
  gridDigest: optional(digestCodec),
});
export type Clearing = TypeOf<typeof clearingCodec>;

/** The price of a fill where not everybody pays and gets the one price of the interval. */
export const fillPriceCodec = object({
  /** At the order's bus; in pay-as-bid the mean over the order's trades. */
  priceMicroPerKwh: microPerKwhCodec,
  /** What the buyer pays or the seller gets for each kWh, losses and grid fees included. */
  dueMicroPerKwh: microPerKwhCodec,
  /** The grid fee in it. */
  gridFeeMicroPerKwh: microPerKwhCodec,
});
export type FillPrice = TypeOf<typeof fillPriceCodec>;

/** The part of an order that is traded. */
export const fillCodec = object({
  orderId: orderIdCodec,
  interval: intervalCodec,
  side: sideCodec,
  energyWh: whCodec,
  /** Absent where the fill has the one price of its interval. */
  price: optional(fillPriceCodec),
});
export type OrderFill = TypeOf<typeof fillCodec>;

const participantFillsCodec = object({
  participantId: participantIdCodec,
  fills: array(fillCodec, limits.ordersPerCallMax),
});
export type ParticipantFills = TypeOf<typeof participantFillsCodec>;

/** The fills of a few participants, in the order of their ids; those without fills stand in it too. */
export const clearingChunkCodec = object({
  sessionId: sessionIdCodec,
  chunk: countCodec,
  participants: array(participantFillsCodec, limits.accountsPerBucketMax),
});
export type ClearingChunk = TypeOf<typeof clearingChunkCodec>;

/** The participants that are settled together. */
export const bucketCodec = object({
  sessionId: sessionIdCodec,
  bucket: countCodec,
  participantIds: array(participantIdCodec, limits.accountsPerBucketMax),
});
export type Bucket = TypeOf<typeof bucketCodec>;

/** Who is listed as trading with whom: no money and no energy hangs on it. Absent is the boundary of the zone. */
export const tradePairsCodec = object({
  sessionId: sessionIdCodec,
  interval: intervalCodec,
  part: countCodec,
  pairs: array(
    object({ buyOrderId: optional(orderIdCodec), sellOrderId: optional(orderIdCodec), energyWh: whCodec }),
    limits.pairsPerRowMax,
  ),
});
export type TradePairs = TypeOf<typeof tradePairsCodec>;

/** One order's trade with the uniform pool. */
export const tradeCodec = object({
  sessionId: sessionIdCodec,
  orderId: orderIdCodec,
  participantId: participantIdCodec,
  interval: intervalCodec,
  firstSlot: slotCodec,
  side: sideCodec,
  energyWh: whCodec,
  priceMicroPerKwh: microPerKwhCodec,
  /** What the buyer pays or the seller gets for each kWh; absent where that is the price. */
  dueMicroPerKwh: optional(microPerKwhCodec),
});
export type Trade = TypeOf<typeof tradeCodec>;

/** What a participant has bought or sold in one interval, and what that costs or brings. */
export const positionCodec = object({
  sessionId: sessionIdCodec,
  participantId: participantIdCodec,
  /** The number of the interval in its session or contract. */
  interval: integer(0, limits.contractIntervalsMax - 1),
  firstSlot: slotCodec,
  /** Quarter hours of the interval; absent for the four of an hour. */
  intervalSlots: optional(oneOf(1, 2, 4)),
  boughtWh: whCodec,
  soldWh: whCodec,
  priceMicroPerKwh: microPerKwhCodec,
  /** Energy times price, rounded up for the buyer. */
  buyMicro: microCodec,
  /** Energy times price, rounded down for the seller. */
  sellMicro: microCodec,
  /** The buyer's fee, rounded up. */
  feeMicro: microCodec,
  /** What of the money above is grid fee and what covers losses, each rounded down; absent for nothing. */
  gridFeeMicro: optional(microCodec),
  lossMicro: optional(microCodec),
});
export type Position = TypeOf<typeof positionCodec>;
