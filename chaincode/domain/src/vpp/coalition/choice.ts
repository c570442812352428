import { present } from '../../assert';
import { demand } from '../../errors';
import { floorQuotient } from '../../math';
import { ppmWhole } from '../../units';
import {
  amountIn,
  optionAt,
  stepsOfSlice,
  storageUnits,
  takesOf,
  unitsPerNano,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
  type PreparedDemand,
} from './prepare';
import type { CoalitionAssignment, CoalitionServed } from './rows';

/** What an asset does in a step. */
export interface PlacedPower {
  readonly step: number;
  readonly request: number;
  readonly powerW: bigint;
}

/** Who serves what. */
export interface CoalitionChoice {
  readonly assignments: readonly CoalitionAssignment[];
  readonly served: readonly CoalitionServed[];
}

/** Checks a choice against every rule of its case and answers what it earns, in units of the objective. */
export function checkChoice(prepared: PreparedCoalition, { assignments, served }: CoalitionChoice): bigint {
  let last = -1;
  for (const { assetId } of assignments) {
    const index = prepared.assetIndex.get(assetId);
    demand(index !== undefined, 'VPP_PLAN_ASSET_UNKNOWN', { assetId });
    demand(index > last, 'VPP_PLAN_ORDER', { assetId });
    last = index;
  }
  const use = new PoolUse(prepared);
  let units = 0n;
  for (const assignment of assignments) {
    const asset = preparedAsset(prepared, assignment.assetId);
    const powers = placedPowers(prepared, assignment);
    checkAsset(prepared, asset, powers);
    use.add(asset, powers);
    units -= costUnitsOf(asset, powers);
  }
  use.checkGroups();
  return units + checkServed(prepared, served, use);
}

/** An objective in thousandths of a micro-unit, rounded down. */
export function nanoOf(units: bigint): bigint {
  return floorQuotient(units, unitsPerNano);
}

function preparedAsset(prepared: PreparedCoalition, assetId: string): PreparedCoalitionAsset {
  return present(prepared.assets[prepared.assetIndex.get(assetId) ?? -1], 'An assignment is of an asset of the case.');
}

/** What an asset does, step by step; refuses duties that are of no request, out of order or outside of the case. */
export function placedPowers(
  { asked, requestIndex }: PreparedCoalition,
  { assetId, duties }: CoalitionAssignment,
): readonly PlacedPower[] {
  let free = 0;
  return duties.flatMap(({ firstStep, powersW, requestId }) => {
    const request = requestIndex.get(requestId);
    demand(request !== undefined, 'VPP_PLAN_REQUEST_UNKNOWN', { requestId });
    const isInOrder = firstStep >= free && firstStep + powersW.length <= asked.steps;
    demand(isInOrder, 'VPP_PLAN_DUTY_ORDER', { assetId, step: firstStep });
    free = firstStep + powersW.length;
    return powersW.map((powerW, index) => ({ step: firstStep + index, request, powerW }));
  });
}

/** What an asset costs, in units of the objective: its power, and each run. */
export function costUnitsOf(asset: PreparedCoalitionAsset, powers: readonly PlacedPower[]): bigint {
  let total = 0n;
  let before = -2;
  for (const { powerW, request, step } of powers) {
    if (step !== before + 1) total += asset.startUnits;
    before = step;
    total += powerW * (optionAt(asset, step, request)?.costUnits ?? 0n);
  }
  return total;
}

/** Checks the powers of one asset, in the order of steps, against its own rules. */
export function checkAsset(
  prepared: PreparedCoalition,
  asset: PreparedCoalitionAsset,
  powers: readonly PlacedPower[],
): void {
  checkRuns(asset, powers);
  const { assetId, storage } = asset.asset;
  const taken = { up: 0n, down: 0n };
  for (const { powerW, request, step } of powers) {
    const option = optionAt(asset, step, request);
    const details = { assetId, step };
    demand(option !== undefined, 'VPP_PLAN_NOT_ABLE', details);
    demand(option.lowW <= powerW && powerW <= option.highW, 'VPP_PLAN_BAND', details);
    const asked = present(prepared.requests[request], 'A power is for a request of the case.');
    const takes = takesOf(asked);
    const energy = powerW * prepared.stepSlots * asked.demand.holdPpm;
    if (takes.up) taken.up += energy;
    if (takes.down) taken.down += energy;
  }
  if (storage === undefined) return;
  const isHeld = taken.up <= storageUnits(storage.upWh) && taken.down <= storageUnits(storage.downWh);
  demand(isHeld, 'VPP_PLAN_STORAGE', { assetId });
}

function checkRuns({ asset: { assetId }, runs }: PreparedCoalitionAsset, powers: readonly PlacedPower[]): void {
  let length = 0;
  let before = -1 - runs.pause;
  for (const { step } of powers) {
    const isNext = step === before + 1 && length > 0;
    demand(isNext || step - before > runs.pause, 'VPP_PLAN_REST', { assetId, step });
    length = isNext ? length + 1 : 1;
    demand(length <= runs.longest, 'VPP_PLAN_RUN', { assetId, step });
    before = step;
  }
}

/** What assets together do: firm power and assets by request and step, and power by group and step. */
export class PoolUse {
  readonly #prepared: PreparedCoalition;
  /** In W × millionths. */
  readonly firm: bigint[][];
  readonly assets: bigint[][];
  readonly groupsW: bigint[][];

  constructor(prepared: PreparedCoalition) {
    this.#prepared = prepared;
    const zeros = (): bigint[] => Array.from({ length: prepared.asked.steps }, () => 0n);
    this.firm = prepared.requests.map(zeros);
    this.assets = prepared.requests.map(zeros);
    this.groupsW = prepared.asked.groups.map(zeros);
  }

  /** Adds what an asset does, or takes it away again. */
  add(asset: PreparedCoalitionAsset, powers: readonly PlacedPower[], sign: 1n | -1n = 1n): void {
    for (const { powerW, request, step } of powers) {
      const firmPpm = optionAt(asset, step, request)?.firmPpm ?? 0n;
      raise(this.firm[request], step, sign * powerW * firmPpm);
      raise(this.assets[request], step, sign);
      for (const group of asset.groups) {
        if (this.#prepared.counts[group]?.[request] === true) raise(this.groupsW[group], step, sign * powerW);
      }
    }
  }

  /** Demands that all groups keep their limits. */
  checkGroups(): void {
    for (const [index, { groupId, maxWByStep }] of this.#prepared.asked.groups.entries()) {
      const step = maxWByStep.findIndex((maxW, at) => (this.groupsW[index]?.[at] ?? 0n) > maxW);
      demand(step < 0, 'VPP_PLAN_GROUP', { groupId, step });
    }
  }
}

function raise(amounts: bigint[] | undefined, index: number, by: bigint): void {
  if (amounts !== undefined) amounts[index] = (amounts[index] ?? 0n) + by;
}

/** Checks what is served; answers what it earns, in units of the objective. */
function checkServed(prepared: PreparedCoalition, served: readonly CoalitionServed[], use: PoolUse): bigint {
  let units = 0n;
  let last = -1;
  for (const { requestId, slicesW } of served) {
    const index = prepared.requestIndex.get(requestId);
    demand(index !== undefined, 'VPP_PLAN_REQUEST_UNKNOWN', { requestId });
    const request = present(prepared.requests[index], 'An index is of a request of the case.');
    demand(index > last && slicesW.length === request.demand.slices, 'VPP_PLAN_SERVED', { requestId });
    last = index;
    for (const [slice, powerW] of slicesW.entries()) {
      if (powerW === 0n) continue;
      checkSlice(request, slice, powerW, use);
      units += powerW * request.priceUnits * BigInt(request.demand.sliceSteps);
    }
  }
  return units;
}

/** Checks that a slice is served with a bid that the product takes, and that it is covered in each of its steps. */
function checkSlice(request: PreparedDemand, slice: number, powerW: bigint, use: PoolUse): void {
  const { assetsMin, marginPpm, requestId, stepW } = request.demand;
  const isBid = powerW % stepW === 0n && powerW >= request.lowW && powerW <= request.highW;
  demand(isBid, 'VPP_PLAN_BID', { requestId, slice });
  for (const step of stepsOfSlice(request, slice)) {
    const needed = powerW * (ppmWhole + marginPpm);
    demand(amountIn(use.firm, request.index, step) >= needed, 'VPP_PLAN_NOT_COVERED', { requestId, step });
    const assets = amountIn(use.assets, request.index, step);
    demand(assets >= BigInt(assetsMin), 'VPP_PLAN_TOO_FEW_ASSETS', { requestId, step });
  }
}
