import { array, integer, object, oneOf, optional, union, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, nanoCodec, ppmCodec, signedPicoPerKwhCodec, wCodec, whCodec } from '../../units';

const stepsMax = limits.coalitionStepsMax;
const powersCodec = array(wCodec, stepsMax, 1);
const pricesCodec = array(signedPicoPerKwhCodec, stepsMax, 1);

/** Seconds between a signal and the full power; half a day is longer than any product allows. */
const activationSecondsCodec = integer(0, 43_200);

/** Which way a request asks for power. Active power stands in W, reactive power (`inductive`, `capacitive`) in var. */
export const coalitionDirectionCodec = oneOf('up', 'down', 'symmetric', 'inductive', 'capacitive');
export type CoalitionDirection = TypeOf<typeof coalitionDirectionCodec>;

/** What an asset can promise in one direction in a step in which it is on, and what that costs. */
export const coalitionBandCodec = object({
  minW: wCodec,
  maxW: wCodec,
  /** A lower maximum by step; 0 where the asset is not available or what it can do is promised already. */
  maxWByStep: optional(powersCodec),
  /** What a kWh costs that is called. */
  costMicroPerKwh: microPerKwhCodec,
  /** What a kW costs that is kept ready for an hour. */
  keepMicroPerKwh: microPerKwhCodec,
  /** Which share of what is asked of it counts on being delivered. */
  firmPpm: ppmCodec,
});
export type CoalitionBand = TypeOf<typeof coalitionBandCodec>;

/** An asset with the constraints that it keeps. */
export const coalitionAssetCodec = object({
  assetId: elementIdCodec,
  participantId: elementIdCodec,
  up: optional(coalitionBandCodec),
  down: optional(coalitionBandCodec),
  /** Both directions at once; it counts against both energies of a storage and both directions of groups. */
  symmetric: optional(coalitionBandCodec),
  inductive: optional(coalitionBandCodec),
  capacitive: optional(coalitionBandCodec),
  /** Seconds from the signal to full power: response, synchronisation and ramp together. */
  activationSeconds: activationSecondsCodec,
  /** Longest run of steps in which it is on, whatever it serves in them. */
  runStepsMax: integer(1, stepsMax),
  /** Steps between two runs. */
  restSteps: integer(0, stepsMax),
  /** What each run costs beside its energy. */
  startCostMicro: microCodec,
  /** Of a storage, the energy that all its promises up and all its promises down may take. */
  storage: optional(object({ upWh: whCodec, downWh: whCodec })),
  /** The only requests that it may serve; absent for all. */
  requestIds: optional(array(elementIdCodec, limits.coalitionRequestsMax)),
  /** The most that it may promise to some requests, where that is less than its band: what it was tested with. */
  tested: optional(array(object({ requestId: elementIdCodec, maxW: wCodec }), limits.coalitionRequestsMax, 1)),
});
export type CoalitionAsset = TypeOf<typeof coalitionAssetCodec>;

/** A request for a service, as the case knows it: slices of equal length, one after the other. */
export const coalitionDemandCodec = object({
  requestId: elementIdCodec,
  direction: coalitionDirectionCodec,
  /** The step in which its first slice begins. */
  firstStep: integer(0, stepsMax - 1),
  sliceSteps: integer(1, stepsMax),
  slices: integer(1, stepsMax),
  /** Only assets that reach full power in so many seconds serve it. */
  activationSecondsMax: activationSecondsCodec,
  /** What is served in a slice is nothing, or a multiple of `stepW` from `minW` to `maxW`. */
  minW: wCodec,
  maxW: wCodec,
  stepW: wCodec,
  /** What a kW kept ready for an hour earns. */
  capacityPriceMicroPerKwh: microPerKwhCodec,
  /** What a kWh earns that is called. */
  energyPriceMicroPerKwh: microPerKwhCodec,
  /** Which share of the energy is expected to be called. */
  activationPpm: ppmCodec,
  /** By how much the firm power of the assets is to exceed what is served. */
  marginPpm: ppmCodec,
  /** Which share of the energy of a promise a storage must have. */
  holdPpm: ppmCodec,
  /** Assets that are on for it at least, in every step of a slice that is served. */
  assetsMin: integer(1, limits.coalitionAssetsMax),
});
export type CoalitionDemand = TypeOf<typeof coalitionDemandCodec>;

/** Assets whose power in one direction has a common limit in each step, such as that of a transformer. */
export const coalitionGroupCodec = object({
  groupId: elementIdCodec,
  assetIds: array(elementIdCodec, limits.coalitionAssetsMax, 1),
  direction: coalitionDirectionCodec,
  maxWByStep: powersCodec,
});
export type CoalitionGroup = TypeOf<typeof coalitionGroupCodec>;

/** Everything that a choice of coalitions is made from. */
export const coalitionCaseCodec = object({
  firstSlot: slotCodec,
  /** Quarter hours of a step. */
  stepSlots: oneOf(1, 2, 4, 16),
  steps: integer(1, stepsMax),
  assets: array(coalitionAssetCodec, limits.coalitionAssetsMax),
  requests: array(coalitionDemandCodec, limits.coalitionRequestsMax),
  groups: array(coalitionGroupCodec, limits.coalitionGroupsMax),
});
export type CoalitionCase = TypeOf<typeof coalitionCaseCodec>;

/** What an asset promises to one request in steps that follow each other. */
export const coalitionDutyCodec = object({
  requestId: elementIdCodec,
  firstStep: integer(0, stepsMax - 1),
  powersW: powersCodec,
});
export type CoalitionDuty = TypeOf<typeof coalitionDutyCodec>;

/** What one asset does, in the order of steps. Duties that follow each other without a gap are one run. */
export const coalitionAssignmentCodec = object({
  assetId: elementIdCodec,
  duties: array(coalitionDutyCodec, stepsMax, 1),
});
export type CoalitionAssignment = TypeOf<typeof coalitionAssignmentCodec>;

/** What a request is served with, by slice; 0 where it is not. */
export const coalitionServedCodec = object({ requestId: elementIdCodec, slicesW: powersCodec });
export type CoalitionServed = TypeOf<typeof coalitionServedCodec>;

/** Multipliers in millionths of a micro-unit per kWh, none below zero; those of requests, groups and storages that are absent are zero. */
const leafFields = {
  /** By step of the request: what one more kWh of firm power is worth to it. */
  coverPrices: array(object({ requestId: elementIdCodec, prices: pricesCodec }), limits.coalitionRequestsMax),
  /** By step of the request, in millionths of a micro-unit: what one more asset that is on is worth to it. */
  countPrices: array(object({ requestId: elementIdCodec, prices: pricesCodec }), limits.coalitionRequestsMax),
  /** By step of the case: what one more kWh of a group's limit is worth. */
  groupPrices: array(object({ groupId: elementIdCodec, prices: pricesCodec }), limits.coalitionGroupsMax),
  /** What one more kWh of a storage is worth. */
  storagePrices: array(
    object({ assetId: elementIdCodec, up: signedPicoPerKwhCodec, down: signedPicoPerKwhCodec }),
    limits.coalitionAssetsMax,
  ),
};

/**
 * One node of the tree that proves the bound, in preorder. A node that splits is followed by the tree of its first half and then by that of its
 * second half; together they are all answers of the node. A leaf has the multipliers that bound its answers.
 */
export const coalitionNodeCodec = union({
  /** First half: the asset is never on; second half: at least once. */
  used: object({ assetId: elementIdCodec }),
  /** First half: the asset promises at most this in the step; second half: at least a W more. */
  power: object({ assetId: elementIdCodec, step: integer(0, stepsMax - 1), atMostW: wCodec }),
  /** First half: the asset does not serve the request in the step; second half: it serves no other. */
  serves: object({ assetId: elementIdCodec, step: integer(0, stepsMax - 1), requestId: elementIdCodec }),
  /** First half: the slice (counted from 0) is served with at most this; second half: with more. */
  slice: object({ requestId: elementIdCodec, slice: integer(0, stepsMax - 1), atMostW: wCodec }),
  leaf: object(leafFields),
});
export type CoalitionNode = TypeOf<typeof coalitionNodeCodec>;
export type CoalitionLeaf = Extract<CoalitionNode, { readonly kind: 'leaf' }>;

/** What assets do, in the order of the assets of the case, and what is served, in the order of its requests. */
export const coalitionChoiceFields = {
  assignments: array(coalitionAssignmentCodec, limits.coalitionAssetsMax),
  served: array(coalitionServedCodec, limits.coalitionRequestsMax),
  /** What it earns, in thousandths of a micro-unit, rounded down once at the end. */
  objectiveNano: nanoCodec,
  /** What no other choice betters. */
  boundNano: nanoCodec,
};

/** An answer to a case: who serves what, what that earns, what no answer betters, and the proof of that. */
export const coalitionAnswerCodec = object({
  ...coalitionChoiceFields,
  certificate: array(coalitionNodeCodec, limits.certificateNodesMax, 1),
});
export type CoalitionAnswer = TypeOf<typeof coalitionAnswerCodec>;
