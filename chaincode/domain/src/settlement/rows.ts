import { array, integer, object, oneOf, optional, text, union, type TypeOf } from '../decode';
import { digestCodec, freeTextCodec } from '../field-codecs';
import {
  commandIdCodec,
  contractIdCodec,
  disputeIdCodec,
  meterIdCodec,
  participantIdCodec,
  requestIdCodec,
  sessionIdCodec,
  type ParticipantId,
} from '../ids';
import { flexOrderIdCodec } from '../flexibility/ids';
import { limits } from '../limits';
import { imbalancePricingCodec } from '../rule-set/settlement';
import { slotCodec, slotText } from '../time';
import { microCodec, microPerKwhCodec, signedMicroPerKwhCodec, whCodec } from '../units';
import { lineCurtailmentCodec } from './curtailment-rows';
import { lineCoalitionCodec } from './coalition-rows';
import { lineFlexibilityCodec } from './flexibility-rows';
import { coalitionIdCodec } from '../vpp/formation/ids';
import { slotPositionCodec } from './slot-position';

/** The number of a settlement run; a correction would be the next. */
export const runCodec = integer(1, 99);

/** The number of a bucket of participants. */
export const bucketNumberCodec = integer(0, 9_999);

/**
 * An account. `bank` is the money outside the platform, every debit of it is money that was issued; `escrow` holds what is locked;
 * `fees` and `dust` are what fees and roundings leave; `imbalance` stands between those who deviate and the balancing party; `rent` holds
 * what limits of the grid left between buyers and sellers until it is given back, `losses` and `grid-fees` what was paid for the way
 * through the grid. `curtailment` is what the system operator has paid in for energy that its limits hold back, `flexibility` what it has
 * paid in for orders of flexibility and for voltage support, `vpp` what system operators have paid in for services of virtual power plants.
 */
export const accountCodec = text(
  /^(?:participant\/[0-9a-hjkmnp-tv-z]{26}|escrow|bank|fees|dust|imbalance|rent|losses|grid-fees|curtailment|flexibility|vpp)$/,
  'an account',
  38,
);
export type Account = TypeOf<typeof accountCodec>;

/** The account of a participant. */
export function participantAccount(participantId: ParticipantId): Account {
  return `participant/${participantId}`;
}

/** One side of a posting set: an amount above zero, debited or credited for a reason. */
export const entryCodec = object({
  account: accountCodec,
  side: oneOf('debit', 'credit'),
  amountMicro: microCodec,
  reason: oneOf(
    'fund',
    'transfer',
    'collateral',
    'release',
    'fee',
    'dust',
    'trade',
    'reserve',
    'deviation',
    'balancing',
    'rent',
    'rent-share',
    'loss',
    'grid-fee',
    'compensation',
    'penalty',
    'flexibility',
    'reward',
    'energy-transfer',
    'correction',
    'service',
    'share',
  ),
});
export type Entry = TypeOf<typeof entryCodec>;

/** Why money moved. A cause stands once: its parts are the key of the posting set. */
export const causeCodec = union({
  fund: object({ commandId: commandIdCodec }),
  transfer: object({ commandId: commandIdCodec }),
  collateral: object({ sessionId: sessionIdCodec, participantId: participantIdCodec }),
  clearing: object({ sessionId: sessionIdCodec, chunk: integer(0, 9_999) }),
  contract: object({ contractId: contractIdCodec }),
  settlement: object({ sessionId: sessionIdCodec, run: runCodec, slot: slotCodec, bucket: bucketNumberCodec }),
  rent: object({ sessionId: sessionIdCodec, bucket: bucketNumberCodec }),
  /** The settlement of an order of flexibility; a later version posts what differs. */
  flexibility: object({ orderId: flexOrderIdCodec, version: integer(1, limits.amendmentVersionMax) }),
  /** The remuneration of a coalition of a virtual power plant; a later version posts what differs. */
  vpp: object({ coalitionId: coalitionIdCodec, version: integer(1, limits.amendmentVersionMax) }),
  /** The settlement of voltage support, a device and a period; a later version posts what differs. */
  voltage: object({ supportId: commandIdCodec, version: integer(1, limits.amendmentVersionMax) }),
  /** What a forecast was paid by its score. */
  forecast: object({ requestId: requestIdCodec }),
  /** What the ruling of a dispute corrects. */
  dispute: object({ disputeId: disputeIdCodec }),
});
export type Cause = TypeOf<typeof causeCodec>;

/**
 * A cause as one text of at most 64 characters, which is the last part of the posting set's key. Numbers have a fixed width, so that
 * the order of the bytes is the order in time.
 */
export function postingSetId(cause: Cause): string {
  switch (cause.kind) {
    case 'fund':
    case 'transfer':
      return `${cause.kind}.${cause.commandId}`;
    case 'collateral':
      return `collateral.${cause.sessionId}.${cause.participantId}`;
    case 'clearing':
      return `clearing.${cause.sessionId}.${padded(cause.chunk, 4)}`;
    case 'contract':
      return `contract.${cause.contractId}`;
    case 'settlement': {
      const { bucket, run, sessionId, slot } = cause;
      return `settlement.${sessionId}.${slotText(slot)}.${padded(run, 2)}.${padded(bucket, 4)}`;
    }
    case 'rent':
      return `rent.${cause.sessionId}.${padded(cause.bucket, 4)}`;
    default:
      return serviceSetId(cause);
  }
}

function serviceSetId(
  cause: Extract<Cause, { readonly kind: 'flexibility' | 'vpp' | 'voltage' | 'forecast' | 'dispute' }>,
): string {
  switch (cause.kind) {
    case 'flexibility':
      return `flexibility.${cause.orderId}.${padded(cause.version, 4)}`;
    case 'vpp':
      return `vpp.${cause.coalitionId}.${padded(cause.version, 4)}`;
    case 'voltage':
      return `voltage.${cause.supportId}.${padded(cause.version, 4)}`;
    case 'forecast':
      return `forecast.${cause.requestId}`;
    case 'dispute':
      return `dispute.${cause.disputeId}`;
  }
}

/** The ledger key of a posting set as text. */
export function postingSetKey(cause: Cause): string {
  return `posting/${postingSetId(cause)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** One meter's reading of a quarter hour as settlement found it. */
export const meterInputCodec = object({
  meterId: meterIdCodec,
  /** The first slot of the block, which names its row; absent where an amendment or nothing covers the slot. */
  blockStartSlot: optional(slotCodec),
  /** The amendment's version; absent where a block or nothing covers the slot. */
  version: optional(integer(1, limits.amendmentVersionMax)),
  importWh: whCodec,
  exportWh: whCodec,
  quality: oneOf('OK', 'ESTIMATED', 'BAD', 'MISSING'),
});
export type MeterInput = TypeOf<typeof meterInputCodec>;

/**
 * How a participant's quarter hour was settled. OK: against its meters. MISSING: a reading is missing or refused, so its deviation is not posted and its
 * reserve stays locked. SCHEDULED: a supplier without meters, whose energy comes from outside as scheduled. BALANCING: the balancing
 * party, which takes the other side of all deviations.
 */
export const lineStatusCodec = oneOf('OK', 'MISSING', 'SCHEDULED', 'BALANCING');

/**
 * Everything that settled one participant in one quarter hour: inputs first, then what the rule made of them. It is part of the
 * posting set, so that every amount can be recomputed from its row alone.
 */
export const lineCodec = object({
  participantId: participantIdCodec,
  status: lineStatusCodec,
  meters: array(meterInputCodec, limits.metersPerParticipantMax),
  /** The whole interval's trade of which this is a quarter hour. */
  intervalBoughtWh: whCodec,
  intervalSoldWh: whCodec,
  intervalBuyMicro: microCodec,
  intervalSellMicro: microCodec,
  /** The trades of other sessions and of contracts that the quarter hour is part of; absent where there are none. */
  positions: optional(array(slotPositionCodec, limits.positionsPerSlotMax)),
  /** The participant's day-ahead price, where deviations are priced by it. */
  dayAheadMicroPerKwh: optional(microPerKwhCodec),
  /** What was locked for the deviation of this quarter hour. */
  reserveMicro: microCodec,
  /** This quarter hour's part of all trades, of contracts what counts under their terms of partial delivery. */
  boughtWh: whCodec,
  soldWh: whCodec,
  buyMicro: microCodec,
  sellMicro: microCodec,
  /** What came back of purchases by contract that fell away, and of the fee on them; absent for nothing. */
  returnedMicro: optional(microCodec),
  returnedFeeMicro: optional(microCodec),
  /** What contracts that fell away cost their seller, and brought their buyer; absent for nothing. */
  penaltyMicro: optional(microCodec),
  penaltyGainMicro: optional(microCodec),
  /** What its meters counted. */
  importWh: whCodec,
  exportWh: whCodec,
  /** Energy taken and not bought, or sold and not delivered. */
  shortWh: whCodec,
  /** Energy bought and not taken, or delivered and not sold. */
  longWh: whCodec,
  /** Sold energy that was delivered, and that was not. */
  deliveredWh: whCodec,
  shortfallWh: whCodec,
  /** What the shortfall costs and the surplus brings. */
  shortMicro: microCodec,
  longMicro: microCodec,
  /** What the shortfall brings and the surplus costs, where prices are below zero; absent for nothing. */
  shortGainMicro: optional(microCodec),
  longCostMicro: optional(microCodec),
  /** Limits of the system operator that held and are compensated; absent for none. */
  curtailments: optional(array(lineCurtailmentCodec, 2 * limits.metersPerParticipantMax)),
  /** What was delivered of flexibility, which corrects the position; absent for nothing. */
  flexibility: optional(array(lineFlexibilityCodec, limits.flexOrdersPerSlotMax)),
  /** What its assets delivered for coalitions, which corrects the position as well; absent for nothing. */
  coalitions: optional(array(lineCoalitionCodec, limits.coalitionsPerSlotMax)),
  /** What the rule asks for beyond what was locked: not posted. */
  uncoveredMicro: microCodec,
  /** What stays locked until the missing readings are there. */
  heldMicro: microCodec,
});
export type Line = TypeOf<typeof lineCodec>;

/** One balanced posting set: debits equal credits. Settlement sets carry their lines. */
export const postingSetCodec = object({
  cause: causeCodec,
  entries: array(entryCodec, 7 * limits.accountsPerBucketMax + 12),
  reference: optional(freeTextCodec),
  /** The prices that settled the lines, from the session's rule set. */
  prices: optional(
    object({
      ruleSet: integer(1, 1_000_000),
      imbalanceShortMicroPerKwh: microPerKwhCodec,
      imbalanceLongMicroPerKwh: microPerKwhCodec,
      /** The price that was filed for the slot, and how the rule set uses it; absent where the two fixed prices settle. */
      imbalance: optional(object({ pricing: imbalancePricingCodec, priceMicroPerKwh: signedMicroPerKwhCodec })),
      /** The balancing party and its part of the cover of this bucket. */
      balancingParticipantId: optional(participantIdCodec),
      balancingReserveMicro: microCodec,
      /** Which quarter hour of its interval the slot is, from 0. */
      quarter: integer(0, 3),
      /** Quarter hours of the day-ahead intervals; absent for the four of an hour. */
      intervalSlots: optional(oneOf(1, 2)),
    }),
  ),
  lines: optional(array(lineCodec, limits.accountsPerBucketMax)),
});
export type PostingSet = TypeOf<typeof postingSetCodec>;

/**
 * The limit of an account: a safe lower bound of its balance, which only commands of its owner, fundings and foldings touch. Credits
 * of settlement count when they are folded in.
 */
export const limitRowCodec = object({ participantId: participantIdCodec, availableMicro: microCodec });
export type LimitRow = TypeOf<typeof limitRowCodec>;

/** Where a credit comes from that can be folded into the available balance. */
export const sourceCodec = union({
  transfer: object({ commandId: commandIdCodec }),
  clearing: object({ sessionId: sessionIdCodec }),
  /** What the conclusion of a contract gave back and paid to one who was displaced by it. */
  contract: object({ contractId: contractIdCodec }),
  statement: object({ sessionId: sessionIdCodec, run: runCodec }),
  rent: object({ sessionId: sessionIdCodec }),
  /** A version of the settlement of an order of flexibility. */
  flexibility: object({ orderId: flexOrderIdCodec, version: integer(1, limits.amendmentVersionMax) }),
  /** A version of the remuneration of a coalition. */
  vpp: object({ coalitionId: coalitionIdCodec, version: integer(1, limits.amendmentVersionMax) }),
  /** A version of the settlement of voltage support. */
  voltage: object({ supportId: commandIdCodec, version: integer(1, limits.amendmentVersionMax) }),
  /** What a forecast was paid. */
  forecast: object({ requestId: requestIdCodec }),
  /** What the ruling of a dispute has corrected. */
  dispute: object({ disputeId: disputeIdCodec }),
});
export type Source = TypeOf<typeof sourceCodec>;

/** A source as one text: the last part of its marker's key. */
export function sourceId(source: Source): string {
  switch (source.kind) {
    case 'transfer':
      return `transfer.${source.commandId}`;
    case 'clearing':
      return `clearing.${source.sessionId}`;
    case 'contract':
      return `contract.${source.contractId}`;
    case 'statement':
      return `statement.${source.sessionId}.${padded(source.run, 2)}`;
    case 'rent':
      return `rent.${source.sessionId}`;
    default:
      return serviceSetId(source);
  }
}

/** What of the system operator's fund for limits is not set aside yet: never more than the account `curtailment` holds. */
export const curtailmentFundCodec = object({ availableMicro: microCodec });
export type CurtailmentFund = TypeOf<typeof curtailmentFundCodec>;

/** The marker that a source has been folded into an account. */
export const foldedCodec = object({ participantId: participantIdCodec, source: sourceCodec, amountMicro: microCodec });
export type Folded = TypeOf<typeof foldedCodec>;

/** The sums of a statement. */
export const statementTotalsCodec = object({
  boughtWh: whCodec,
  soldWh: whCodec,
  importWh: whCodec,
  exportWh: whCodec,
  shortWh: whCodec,
  longWh: whCodec,
  deliveredWh: whCodec,
  shortfallWh: whCodec,
  buyMicro: microCodec,
  sellMicro: microCodec,
  feeMicro: microCodec,
  shortMicro: microCodec,
  longMicro: microCodec,
  /** What shortfalls bring and surpluses cost at prices below zero; absent for nothing. */
  shortGainMicro: optional(microCodec),
  longCostMicro: optional(microCodec),
  /** What contracts that fell away cost their seller, and brought their buyer; absent for nothing. */
  penaltyMicro: optional(microCodec),
  penaltyGainMicro: optional(microCodec),
  /** What limits of the system operator held back, and what was paid for it; absent for nothing. */
  heldBackWh: optional(whCodec),
  compensationMicro: optional(microCodec),
  uncoveredMicro: microCodec,
  heldMicro: microCodec,
  /** What the settlement credited to the account, less what it debited. */
  creditedMicro: microCodec,
  /** Quarter hours that lack a reading. */
  missingSlots: integer(0, limits.sessionIntervalsMax * 4),
  /** What the day costs in all (purchases, fees, shortfalls, penalties) and brings (sales, surpluses, penalties of others, compensation). */
  billDebitMicro: microCodec,
  billCreditMicro: microCodec,
  /** What the metered energy would have cost and brought at the prices outside the market. */
  outsideDebitMicro: microCodec,
  outsideCreditMicro: microCodec,
});
export type StatementTotals = TypeOf<typeof statementTotalsCodec>;

/** A participant's statement of a session; its lines are recomputed from the posting sets and must have the digest. */
export const statementCodec = object({
  participantId: participantIdCodec,
  sessionId: sessionIdCodec,
  run: runCodec,
  firstSlot: slotCodec,
  slots: integer(1, limits.sessionIntervalsMax * 4),
  bucket: bucketNumberCodec,
  ruleSet: integer(1, 1_000_000),
  totals: statementTotalsCodec,
  linesDigest: digestCodec,
});
export type Statement = TypeOf<typeof statementCodec>;

/** The ledger key of a posting set in JSON. */
export const postingSetKeyCodec = text(/^posting\/[0-9a-z.]{1,64}$/, 'the key of a posting set', 72);

/** The ledger key of a row in JSON, its parts joined by slashes. */
export const rowKeyCodec = text(/^[0-9a-z./-]{1,128}$/, 'the key of a row', 128);

/** One quarter hour of a statement: the line and the row that posted it. */
export const statementLineCodec = object({
  slot: slotCodec,
  /** The ledger key of the posting set. */
  postingSet: postingSetKeyCodec,
  /** The ledger keys of the positions, the deliveries of contracts, what events were tracked with, what coalitions delivered, and the readings that went in. */
  inputs: array(
    rowKeyCodec,
    limits.metersPerParticipantMax +
      2 * limits.positionsPerSlotMax +
      limits.flexOrdersPerSlotMax +
      limits.coalitionsPerSlotMax +
      2,
  ),
  priceMicroPerKwh: microPerKwhCodec,
  line: lineCodec,
  entries: array(entryCodec, 16),
});
export type StatementLine = TypeOf<typeof statementLineCodec>;
