import { array, integer, object, optional, type TypeOf } from '../decode';
import { RuleError } from '../errors';
import { limits } from '../limits';
import { assetKindCodec } from '../registry/device-types';
import type { RuleSet } from '../rule-set';
import { microPerKwhCodec, ppm, ppmCodec } from '../units';
import { sharingRuleCodec } from './sharing/rules';

/** What counts how much where an answer chooses who serves what: shares of the price that each aim can move it by. */
export const vppWeightsCodec = object({
  /** What is earned. */
  profitPpm: ppmCodec,
  /** What of the community's own demand is served by its own generation. */
  selfSupplyPpm: ppmCodec,
  /** That those who have been chosen less come first. */
  fairnessPpm: ppmCodec,
  /** What use takes off the life of an asset. */
  wearPpm: ppmCodec,
  /** What the climate pays. */
  carbonPpm: ppmCodec,
});
export type VppWeights = TypeOf<typeof vppWeightsCodec>;

/** How reliable an asset of a kind is taken to be while it has delivered too seldom to know. */
export const firmDefaultCodec = object({ kind: assetKindCodec, firmPpm: ppmCodec });

/** The part of a rule set by which virtual power plants work. */
export const vppRulesCodec = object({
  weights: vppWeightsCodec,
  /** By which share of its value a plan may be below its proven bound. */
  gapPpm: ppmCodec,
  /** With which probability an asset delivers at least its firm share: the quantile of what it has delivered. */
  firmPpm: ppmCodec,
  /** Samples of an asset from which on they, and not the default of its kind, say how reliable it is. */
  samplesMin: integer(1, limits.deliverySamplesMax),
  /** The defaults; a kind that is not named has none and serves nothing until it has been tested. */
  firmDefaults: array(firmDefaultCodec, limits.assetKindsMax),
  /** Which share of what was asked each quarter hour of a test activation has to bring. */
  testTolerancePpm: ppmCodec,
  /** Quarter hours after which a proposal to which somebody has not answered expires. */
  proposalSlots: integer(1, limits.noticeSlotsMax),
  /** Slices in a row below what was promised after which a prequalification is lost. */
  failuresMax: integer(1, limits.slicesPerRequestMax),
  /** What a kWh below the promise costs beside the penalty of the service; absent: nothing. */
  deficiencyMicroPerKwh: optional(microPerKwhCodec),
  /** By which share of what was asked a delivery may stay below it, and telemetry differ from the meters; absent: 5 %. */
  deliveryTolerancePpm: optional(ppmCodec),
  /** By which rule members share what their coalition earns; absent: pro rata by delivered energy. */
  sharing: optional(sharingRuleCodec),
  /** What the aggregator keeps of it for its work; absent: nothing. */
  operatorSharePpm: optional(ppmCodec),
  /** What a kWh costs that a member had bought and gave instead; absent: as for flexibility, and nothing where that has no price either. */
  transferPriceMicroPerKwh: optional(microPerKwhCodec),
});
export type VppRules = TypeOf<typeof vppRulesCodec>;

/** The tolerance of deliveries where the rule set does not say. */
export const deliveryTolerancePpm = ppm(50_000n);

/** The rules of virtual power plants of the rule set in force; refuses with VPP_OFF where it has none. */
export function vppRulesOf({ number, vpp }: Pick<RuleSet, 'vpp' | 'number'>): VppRules {
  if (vpp === undefined) {
    throw new RuleError('VPP_OFF', { ruleSet: number });
  }
  return vpp;
}
