import { demand } from '../../errors';
import { limits } from '../../limits';
import { greatest, least, sum } from '../../math';
import { leafBounds } from '../../proof/tree';
import { ppmWhole } from '../../units';
import { bestPlan, freeAsset, type AssetFixing, type BestPlan, type EnergyFixing, type Gain } from './best-plan';
import { nanoPerMicro } from './plans';
import { amountAt, ceilingOf, type Cell, type PreparedAsset, type PreparedCase } from './prepare';
import type { CertificateLeaf, CertificateNode } from './rows';

/** Multipliers are in millionths, and so are shares of rebound: what is multiplied with both is scaled by this. */
const scale = ppmWhole * ppmWhole;

/** What a branch allows, by asset index; an asset that is absent is free. */
export type Branch = ReadonlyMap<number, AssetFixing>;

/** Multipliers by place, by limit of comfort and by asset, in millionths of a micro-unit per kWh. */
export interface Multipliers {
  readonly slots: readonly bigint[];
  readonly comfort: ReadonlyMap<number, bigint>;
  readonly shift: ReadonlyMap<number, bigint>;
}

/** What multipliers prove, and the profiles that are worth most at them. */
export interface Relaxed {
  /** No answer in the branch costs less, in thousandths of a micro-unit; undefined where the branch allows no answer. */
  readonly boundNano: bigint | undefined;
  /** The same before it is rounded up to whole units, 10^12 times as large. */
  readonly boundScaled: bigint | undefined;
  readonly plans: readonly BestPlan[];
}

/**
 * The Lagrangian bound: what the order asks for is paid at the multipliers, and every asset does what is worth most to it alone. For any
 * multipliers no answer costs less (weak duality); it is exact in integers, and separates by asset.
 */
export function relax(prepared: PreparedCase, multipliers: Multipliers, branch: Branch): Relaxed {
  const plans: BestPlan[] = [];
  let total = paidForOrder(prepared, multipliers);
  for (const asset of prepared.assets) {
    const best = bestAt(prepared, asset, multipliers, branch.get(asset.index) ?? freeAsset);
    if (best === undefined) {
      return { boundNano: undefined, boundScaled: undefined, plans: [] };
    }
    total -= best.value;
    plans.push(best);
  }
  return { boundNano: ceilingOf(total, scale), boundScaled: total, plans };
}

/** What one asset does at multipliers; undefined where its branch allows it nothing. */
export function bestAt(
  prepared: PreparedCase,
  asset: PreparedAsset,
  multipliers: Multipliers,
  fixing: AssetFixing,
): BestPlan | undefined {
  const callCost = asset.asset.callCostMicro * nanoPerMicro * scale;
  return bestPlan(asset, gainsOf(prepared, asset, multipliers, fixing), callCost, fixing);
}

function paidForOrder({ asked, ceilingsWh, floorsWh }: PreparedCase, { comfort, slots }: Multipliers): bigint {
  const order = slots.map((price, place) => price * ((price > 0n ? floorsWh[place] : ceilingsWh[place]) ?? 0n));
  const spared = [...comfort].map(([index, price]) => price * (asked.comfort[index]?.energyWhMax ?? 0n));
  return ppmWhole * (sum(order) - sum(spared));
}

/** What being on in each slot is worth to an asset at multipliers: at its highest energy where a Wh gains, else at its lowest. */
function gainsOf(
  prepared: PreparedCase,
  { cells, comfort, index, rebounds }: PreparedAsset,
  multipliers: Multipliers,
  { energies }: AssetFixing,
): readonly (Gain | undefined)[] {
  const worth = shiftWorth(prepared, multipliers.shift.get(index) ?? 0n);
  const spared = comfort === undefined ? 0n : (multipliers.comfort.get(comfort) ?? 0n) * ppmWhole;
  return cells.map((cell, place): Gain | undefined => {
    const band = cell === undefined ? undefined : within(cell, energies.get(place));
    if (band === undefined) return undefined;
    let each = ppmWhole * amountAt(multipliers.slots, place) - scale * band.costMicroPerKwh - spared;
    each += worth[prepared.directions[place] ?? 'reduce'];
    for (const effect of rebounds[place] ?? []) {
      each += effect.sharePpm * amountAt(multipliers.slots, effect.place);
    }
    const energyWh = each > 0n ? band.highWh : band.lowWh;
    return { value: each * energyWh, energyWh };
  });
}

/** What a branch leaves of a band; undefined where nothing. */
function within(cell: NonNullable<Cell>, fixed: EnergyFixing | undefined): Cell {
  if (fixed === undefined) return cell;
  const lowWh = greatest(cell.lowWh, fixed.lowWh);
  const highWh = fixed.highWh === undefined ? cell.highWh : least(cell.highWh, fixed.highWh);
  return lowWh > highWh ? undefined : { ...cell, lowWh, highWh };
}

/** What a Wh in each direction is worth to the balance of an asset that shifts. */
function shiftWorth({ asked }: PreparedCase, price: bigint): { readonly reduce: bigint; readonly increase: bigint } {
  const kept = ppmWhole - (asked.shiftTolerancePpm ?? 0n);
  return price > 0n
    ? { reduce: -price * kept, increase: price * ppmWhole }
    : { reduce: -price * ppmWhole, increase: price * kept };
}

/**
 * What a certificate proves: the least bound of its leaves, in thousandths of a micro-unit. The leaves cover all profiles because the
 * nodes are read as a tree: one that is missing or too many is refused.
 *
 * @throws RuleError FLEX_CERTIFICATE_TOO_LARGE, FLEX_CERTIFICATE_INVALID
 */
export function provenBound(prepared: PreparedCase, nodes: readonly CertificateNode[]): bigint {
  const leaves = nodes.filter(({ kind }) => kind === 'leaf').length;
  const cells = leaves * prepared.assets.length * prepared.directions.length;
  demand(cells <= limits.certificateCellsMax, 'FLEX_CERTIFICATE_TOO_LARGE', { cellsMax: limits.certificateCellsMax });
  const bounds = leafBounds<CertificateNode, Branch>(nodes, {
    root: new Map(),
    invalid: 'FLEX_CERTIFICATE_INVALID',
    bound: (leaf, branch, index) => relax(prepared, multipliersOf(prepared, leaf, index), branch).boundNano,
    halves: (node, branch, index) => halves(prepared, branch, node, index),
  });
  const [first, ...others] = bounds;
  // Nothing that is asked for has a price below zero.
  return greatest(
    others.reduce<bigint>((lowest, bound) => least(lowest, bound), first ?? 0n),
    0n,
  );
}

/** The two halves of a branch. */
export function halves(
  prepared: PreparedCase,
  branch: Branch,
  node: Exclude<CertificateNode, CertificateLeaf>,
  index = 0,
): readonly [Branch, Branch] {
  const asset = prepared.assetIndex.get(node.assetId);
  demand(asset !== undefined, 'FLEX_CERTIFICATE_INVALID', { node: index, problem: 'an asset is not in the case' });
  const fixing = branch.get(asset) ?? freeAsset;
  const withFixing = (fixed: AssetFixing): Branch => new Map(branch).set(asset, fixed);
  if (node.kind === 'called') {
    demand(fixing.called === undefined, 'FLEX_CERTIFICATE_INVALID', {
      node: index,
      problem: 'an asset is decided twice',
    });
    const half = (called: boolean): Branch => withFixing({ ...fixing, called });
    return [half(false), half(true)];
  }
  const place = node.slot - prepared.asked.firstSlot;
  demand(0 <= place && place < prepared.directions.length, 'FLEX_CERTIFICATE_INVALID', {
    node: index,
    problem: 'a slot is not in the order',
  });
  const { highWh, lowWh } = fixing.energies.get(place) ?? { lowWh: 0n, highWh: undefined };
  const half = (low: bigint, high: bigint | undefined): Branch =>
    withFixing({ ...fixing, energies: new Map(fixing.energies).set(place, { lowWh: low, highWh: high }) });
  const firstHigh = highWh === undefined ? node.atMostWh : least<bigint>(node.atMostWh, highWh);
  return [half(lowWh, firstHigh), half(greatest(lowWh, node.atMostWh + 1n), highWh)];
}

function multipliersOf(prepared: PreparedCase, leaf: CertificateLeaf, index: number): Multipliers {
  const fault = (holds: boolean, problem: string): void => {
    demand(holds, 'FLEX_CERTIFICATE_INVALID', { node: index, problem });
  };
  const { asked, assetIndex, ceilingsWh, comfortIndex, floorsWh } = prepared;
  fault(leaf.slotPrices.length === floorsWh.length, 'there is not one price for each slot');
  const most = asked.shortfallMicroPerKwh * ppmWhole;
  for (const [place, price] of leaf.slotPrices.entries()) {
    fault(price <= most, 'a price is above that of a shortfall');
    fault(price >= 0n || ceilingsWh[place] !== undefined, 'a price is below zero where the slot has no maximum');
    fault(price <= 0n || floorsWh[place] !== undefined, 'a price is above zero where nothing is asked for');
  }
  const placed = (found: number | undefined, price: bigint): readonly [number, bigint] => {
    fault(found !== undefined, 'a price is of somebody who is not in the case');
    return [found ?? 0, price];
  };
  const comfort = leaf.comfortPrices.map(({ participantId, price }) => placed(comfortIndex.get(participantId), price));
  fault(
    comfort.every(([, price]) => price >= 0n),
    'a price of comfort is below zero',
  );
  const shift = leaf.shiftPrices.map(({ assetId, price }) => placed(assetIndex.get(assetId), price));
  fault(shift.length === 0 || asked.shiftTolerancePpm !== undefined, 'nothing is shifted');
  const [comfortPrices, shiftPrices] = [new Map(comfort), new Map(shift)];
  fault(comfortPrices.size === comfort.length && shiftPrices.size === shift.length, 'a price stands twice');
  return { slots: leaf.slotPrices, comfort: comfortPrices, shift: shiftPrices };
}
