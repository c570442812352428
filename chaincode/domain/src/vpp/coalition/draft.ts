import { greatest, least } from '../../math';
import { ppmWhole, w } from '../../units';
import { PoolUse, type PlacedPower } from './choice';
import {
  amountIn,
  storageUnits,
  takesOf,
  type CoalitionOption,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
  type PreparedDemand,
} from './prepare';
import type { CoalitionAssignment, CoalitionDuty } from './rows';

/** A choice that is being made: what each asset does so far, always within its own rules and the limits of groups. */
export class CoalitionDraft {
  readonly use: PoolUse;
  readonly #prepared: PreparedCoalition;
  readonly #powers: Map<number, PlacedPower>[];
  readonly #taken: { up: bigint; down: bigint }[];

  constructor(prepared: PreparedCoalition) {
    this.#prepared = prepared;
    this.use = new PoolUse(prepared);
    this.#powers = prepared.assets.map(() => new Map<number, PlacedPower>());
    this.#taken = prepared.assets.map(() => ({ up: 0n, down: 0n }));
  }

  at({ index }: PreparedCoalitionAsset, step: number): PlacedPower | undefined {
    return this.#powers[index]?.get(step);
  }

  isOn({ index }: PreparedCoalitionAsset, step: number): boolean {
    return this.#powers[index]?.has(step) === true;
  }

  /** What an asset does, in the order of steps. */
  powersOf({ index }: PreparedCoalitionAsset): readonly PlacedPower[] {
    return [...(this.#powers[index]?.values() ?? [])].sort((left, right) => left.step - right.step);
  }

  /** The most that an asset can do for a request in a step in which it is off; undefined where it cannot. */
  roomFor(asset: PreparedCoalitionAsset, option: CoalitionOption, step: number): bigint | undefined {
    if (this.isOn(asset, step) || !this.#mayRun(asset, step)) return undefined;
    const request = this.#prepared.requests[option.request];
    if (request === undefined) return undefined;
    const room = least(this.#storageRoom(asset, request), this.#groupRoom(asset, option, step));
    const most = least(option.highW, room);
    return most < option.lowW ? undefined : most;
  }

  #groupRoom({ groups }: PreparedCoalitionAsset, option: CoalitionOption, step: number): bigint {
    const { asked, counts } = this.#prepared;
    return groups.reduce((most, group) => {
      if (counts[group]?.[option.request] !== true) return most;
      const maxW = asked.groups[group]?.maxWByStep[step] ?? 0n;
      return least(most, maxW - amountIn(this.use.groupsW, group, step));
    }, option.highW);
  }

  /** Makes an asset do something in a step, in the place of what it did there. */
  set(asset: PreparedCoalitionAsset, power: PlacedPower): void {
    this.clear(asset, power.step);
    this.#count(asset, power, 1n);
    this.#powers[asset.index]?.set(power.step, power);
  }

  /** Makes an asset do nothing in a step. */
  clear(asset: PreparedCoalitionAsset, step: number): void {
    const before = this.at(asset, step);
    if (before === undefined) return;
    this.#count(asset, before, -1n);
    this.#powers[asset.index]?.delete(step);
  }

  /** What an asset does, as an answer has it. */
  assignments(): readonly CoalitionAssignment[] {
    return this.#prepared.assets.flatMap((asset) => {
      const duties = dutiesOf(this.#prepared, this.powersOf(asset));
      return duties.length === 0 ? [] : [{ assetId: asset.asset.assetId, duties }];
    });
  }

  #count(asset: PreparedCoalitionAsset, power: PlacedPower, sign: 1n | -1n): void {
    this.use.add(asset, [power], sign);
    const request = this.#prepared.requests[power.request];
    const taken = this.#taken[asset.index];
    if (request === undefined || taken === undefined) return;
    const energy = sign * power.powerW * this.#prepared.stepSlots * request.demand.holdPpm;
    const takes = takesOf(request);
    if (takes.up) taken.up += energy;
    if (takes.down) taken.down += energy;
  }

  #storageRoom({ asset: { storage }, index }: PreparedCoalitionAsset, request: PreparedDemand): bigint {
    const most = request.highW * ppmWhole;
    const each = this.#prepared.stepSlots * request.demand.holdPpm;
    if (storage === undefined || each === 0n) return most;
    const takes = takesOf(request);
    const taken = this.#taken[index] ?? { up: 0n, down: 0n };
    const up = takes.up ? storageUnits(storage.upWh) - taken.up : most * each;
    const down = takes.down ? storageUnits(storage.downWh) - taken.down : most * each;
    return greatest(least(up, down), 0n) / each;
  }

  /** Whether one more step on keeps the longest run and the rest. */
  #mayRun(asset: PreparedCoalitionAsset, step: number): boolean {
    const { longest, pause } = asset.runs;
    let first = step;
    let last = step;
    while (this.isOn(asset, first - 1)) first -= 1;
    while (this.isOn(asset, last + 1)) last += 1;
    if (last - first + 1 > longest) return false;
    for (let away = 1; away <= pause; away += 1) {
      if (this.isOn(asset, first - away) || this.isOn(asset, last + away)) return false;
    }
    return true;
  }
}

/** Powers in the order of steps as duties. */
export function dutiesOf({ asked }: PreparedCoalition, powers: readonly PlacedPower[]): readonly CoalitionDuty[] {
  const duties: { requestId: string; firstStep: number; powersW: ReturnType<typeof w>[] }[] = [];
  for (const { powerW, request, step } of powers) {
    const requestId = asked.requests[request]?.requestId ?? '';
    const last = duties.at(-1);
    if (last?.requestId === requestId && last.firstStep + last.powersW.length === step) {
      last.powersW.push(w(powerW));
    } else {
      duties.push({ requestId, firstStep: step, powersW: [w(powerW)] });
    }
  }
  return duties;
}

/** The cost of a W of firm power, in units of the objective per millionth; how assets are compared. */
export function firmCost(option: CoalitionOption, startUnits: bigint, steps: number): bigint | undefined {
  if (option.firmPpm === 0n) return undefined;
  const start = startUnits / BigInt(Math.max(steps, 1));
  return ((option.costUnits * option.highW + start) * ppmWhole) / (option.firmPpm * option.highW);
}
