import { array, boolean, integer, object, optional, union, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { flexDirectionCodec } from '../isps';
import { microCodec, microPerKwhCodec, nanoCodec, ppmCodec, signedPicoPerKwhCodec, whCodec } from '../../units';

const slotsMax = limits.disaggregationSlotsMax;

/**
 * One slot of the order. Energies are relative to the baseline, in the direction of the slot. `requestedWh` is to be delivered at least;
 * where it is zero, rebound may run against the direction up to `reboundWhMax`, without limit where that is absent.
 */
export const orderedSlotCodec = object({
  direction: flexDirectionCodec,
  requestedWh: whCodec,
  /** What is delivered at most, a hard limit; absent for none. */
  deliveredWhMax: optional(whCodec),
  /** Only where nothing is requested: what may run against the direction before it counts as a shortfall. */
  reboundWhMax: optional(whCodec),
});
export type OrderedSlot = TypeOf<typeof orderedSlotCodec>;

/** What an asset can do in one direction in a slot in which it is on, and what a kWh of it costs. */
export const flexBandCodec = object({
  minWh: whCodec,
  maxWh: whCodec,
  priceMicroPerKwh: microPerKwhCodec,
  /** A lower maximum by slot of the order; 0 where the asset is not available. */
  maxWhBySlot: optional(array(whCodec, slotsMax, 1)),
});
export type FlexBand = TypeOf<typeof flexBandCodec>;

/** An enrolled asset with the constraints that it keeps. */
export const flexibleAssetCodec = object({
  assetId: elementIdCodec,
  participantId: elementIdCodec,
  /** True where its owner has opted out: it is not called. */
  optedOut: optional(boolean),
  reduce: optional(flexBandCodec),
  increase: optional(flexBandCodec),
  /** Slots between the notice and the first slot in which it can be on. */
  noticeSlots: integer(0, limits.noticeSlotsMax),
  /** Longest call, in slots. */
  runSlotsMax: integer(1, slotsMax),
  /** Slots between two calls. */
  restSlots: integer(0, limits.noticeSlotsMax),
  /** Calls that are left. */
  callsMax: integer(0, slotsMax),
  /** What each call costs beside its energy. */
  callCostMicro: microCodec,
  /** Which share of each Wh comes back how many slots after it was delivered, against the direction in which it was. */
  rebound: array(object({ afterSlots: integer(1, slotsMax), sharePpm: ppmCodec }), limits.reboundSlotsMax),
  /** What its owner has delivered before, for fairness over time. */
  earlierWh: whCodec,
});
export type FlexibleAsset = TypeOf<typeof flexibleAssetCodec>;

/** Everything that the answer to one order is made from. */
export const disaggregationCaseCodec = object({
  firstSlot: slotCodec,
  slots: array(orderedSlotCodec, slotsMax, 1),
  /** The slot in which the prosumers are told. */
  noticeSlot: slotCodec,
  assets: array(flexibleAssetCodec, limits.disaggregationAssetsMax),
  /** What all assets of a prosumer deliver together at most. */
  comfort: array(object({ participantId: elementIdCodec, energyWhMax: whCodec }), limits.disaggregationAssetsMax),
  /** What a kWh that is not delivered costs. */
  shortfallMicroPerKwh: microPerKwhCodec,
  /** What is added to the price of an asset for each whole kWh that its owner has delivered before. */
  fairnessMicroPerKwh: microPerKwhCodec,
  /** Only for shifting: by which share of the larger one what an asset reduces and what it increases may differ. */
  shiftTolerancePpm: optional(ppmCodec),
});
export type DisaggregationCase = TypeOf<typeof disaggregationCaseCodec>;

/** One call of an asset: what it delivers slot by slot, in the direction of each slot. */
export const flexCallCodec = object({ firstSlot: slotCodec, energiesWh: array(whCodec, slotsMax, 1) });
export type FlexCall = TypeOf<typeof flexCallCodec>;

/** The profile of one asset that is chosen. */
export const assetPlanCodec = object({ assetId: elementIdCodec, calls: array(flexCallCodec, slotsMax, 1) });
export type AssetPlan = TypeOf<typeof assetPlanCodec>;

/** Multipliers, in millionths of a micro-unit per kWh. */
const pricesFields = {
  /** By slot: what one more kWh asked for there costs; below zero only where a slot has a maximum. */
  slotPrices: array(signedPicoPerKwhCodec, slotsMax, 1),
  /** By prosumer with a comfort limit: what one more kWh of it is worth; those that are absent are zero. */
  comfortPrices: array(
    object({ participantId: elementIdCodec, price: signedPicoPerKwhCodec }),
    limits.disaggregationAssetsMax,
  ),
  /** By asset: above zero what one more kWh of increase is worth to its balance, below zero one of reduction. */
  shiftPrices: array(object({ assetId: elementIdCodec, price: signedPicoPerKwhCodec }), limits.disaggregationAssetsMax),
};

/**
 * One node of the tree that proves the bound, in preorder. A node that splits is followed by the tree of its first half and then by that of
 * its second half; together they are all profiles of the node. A leaf has the multipliers that bound its profiles.
 */
export const certificateNodeCodec = union({
  /** First half: the asset is never called; second half: it is called at least once. */
  called: object({ assetId: elementIdCodec }),
  /** First half: the asset delivers at most this in the slot; second half: at least a Wh more. */
  energy: object({ assetId: elementIdCodec, slot: slotCodec, atMostWh: whCodec }),
  leaf: object(pricesFields),
});
export type CertificateNode = TypeOf<typeof certificateNodeCodec>;
export type CertificateLeaf = Extract<CertificateNode, { readonly kind: 'leaf' }>;

/** The profiles of an answer, in the order of the assets of the case. */
export const assetPlansCodec = array(assetPlanCodec, limits.disaggregationAssetsMax);

/** An answer to a case: the profiles, what they cost, what every answer costs at least, and the proof of that. */
export const disaggregationAnswerCodec = object({
  plans: assetPlansCodec,
  objectiveNano: nanoCodec,
  boundNano: nanoCodec,
  certificate: array(certificateNodeCodec, limits.certificateNodesMax, 1),
});
export type DisaggregationAnswer = TypeOf<typeof disaggregationAnswerCodec>;
