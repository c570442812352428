import {
  CoalitionDraft,
  checkChoice,
  completedCoalition,
  nanoOf,
  optionAt,
  RuleError,
  w,
  type CoalitionChoice,
  type PlacedPower,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
} from '@flexledger/domain';
import type { Costing } from '../proof/bound-tree';
import type { ChosenCoalition, ChosenPowers } from './choice-model';

/** A choice that keeps the rules; its cost is what it earns, below zero, in thousandths of a micro-unit. */
export interface CoalitionCandidate extends Costing {
  readonly choice: CoalitionChoice;
}

const PPM = 1_000_000n;
/** What the tolerances of a solver leave of a whole W. */
const ROUNDING_W = 1e-4;

/** A choice as a candidate; undefined where it breaks a rule. */
export function candidateOf(prepared: PreparedCoalition, choice: CoalitionChoice): CoalitionCandidate | undefined {
  try {
    return { choice, cost: -nanoOf(checkChoice(prepared, choice)) };
  } catch (error) {
    // What a solver in floating point proposes may miss a rule by a W; then it is no answer.
    if (error instanceof RuleError) return undefined;
    throw error;
  }
}

/** The best answer in whole W that is next to what a model has found. */
export function wholeCoalition(prepared: PreparedCoalition, chosen: ChosenCoalition): CoalitionCandidate | undefined {
  const draft = new CoalitionDraft(prepared);
  for (const { asset, powers } of chosen.assets) {
    for (const power of wholePowers(asset, powers)) draft.set(asset, power);
  }
  const slicesW = prepared.requests.map(({ demand: { stepW }, index }) =>
    (chosen.slicesW[index] ?? []).map((powerW) => nearestMultiple(powerW, stepW)),
  );
  fillUp(prepared, draft, slicesW);
  const choice = {
    assignments: draft.assignments(),
    served: prepared.requests.flatMap(({ demand: { requestId }, index }) => {
      const powers = (slicesW[index] ?? []).map(w);
      return powers.some((powerW) => powerW > 0n) ? [{ requestId, slicesW: powers }] : [];
    }),
  };
  const exact = candidateOf(prepared, choice);
  return exact ?? completed(prepared, choice);
}

/** The same with slices that are served as far as what is on covers them, and completed. */
export function completed(
  prepared: PreparedCoalition,
  { assignments }: Pick<CoalitionChoice, 'assignments'>,
): CoalitionCandidate | undefined {
  try {
    const { choice, units } = completedCoalition(prepared, assignments);
    return { choice, cost: -nanoOf(units) };
  } catch (error) {
    if (error instanceof RuleError) return undefined;
    throw error;
  }
}

function nearestMultiple(powerW: number, stepW: bigint): bigint {
  return BigInt(Math.max(Math.round(powerW / Number(stepW)), 0)) * stepW;
}

function wholePowers(asset: PreparedCoalitionAsset, powers: ChosenPowers['powers']): readonly PlacedPower[] {
  return powers.flatMap(({ powerW, request, step }) => {
    const option = optionAt(asset, step, request);
    if (option === undefined) return [];
    const whole = BigInt(Math.floor(powerW + ROUNDING_W));
    const atLeast = whole < option.lowW ? option.lowW : whole;
    return [{ step, request, powerW: atLeast > option.highW ? option.highW : atLeast }];
  });
}

/** Lets assets that are on anyway promise what is missing by a few W, the cheapest first, as far as bands and limits allow. */
function fillUp(prepared: PreparedCoalition, draft: CoalitionDraft, slicesW: readonly (readonly bigint[])[]): void {
  for (const request of prepared.requests) {
    const { firstStep, marginPpm, sliceSteps } = request.demand;
    for (let step = firstStep; step < request.endStep; step += 1) {
      const powerW = slicesW[request.index]?.[Math.floor((step - firstStep) / sliceSteps)] ?? 0n;
      const needed = powerW * (PPM + marginPpm);
      for (const asset of prepared.assets) {
        const missing = needed - (draft.use.firm[request.index]?.[step] ?? 0n);
        if (missing <= 0n) break;
        raise(draft, asset, { step, request: request.index, missing });
      }
    }
  }
}

function raise(
  draft: CoalitionDraft,
  asset: PreparedCoalitionAsset,
  { missing, request, step }: { readonly step: number; readonly request: number; readonly missing: bigint },
): void {
  const before = draft.at(asset, step);
  const option = optionAt(asset, step, request);
  if (before?.request !== request || option === undefined || option.firmPpm === 0n) return;
  draft.clear(asset, step);
  const room = draft.roomFor(asset, option, step) ?? before.powerW;
  const wanted = before.powerW + (missing + option.firmPpm - 1n) / option.firmPpm;
  const powerW = wanted < room ? wanted : room;
  draft.set(asset, powerW > before.powerW ? { ...before, powerW } : before);
}
