import { demand } from '../../errors';
import { limits } from '../../limits';
import { greatest } from '../../math';
import { leafBounds } from '../../proof/tree';
import { relaxCoalition, type CoalitionMultipliers, type StoragePrice } from './bound';
import { coalitionHalves, freeCoalition, type CoalitionBranch } from './branch';
import type { PreparedCoalition } from './prepare';
import type { CoalitionLeaf, CoalitionNode } from './rows';

/**
 * What a certificate proves: the largest bound of its leaves, in thousandths of a micro-unit.
 *
 * @throws RuleError VPP_CERTIFICATE_TOO_LARGE, VPP_CERTIFICATE_INVALID
 */
export function provenCoalitionBound(prepared: PreparedCoalition, nodes: readonly CoalitionNode[]): bigint {
  const leaves = nodes.filter(({ kind }) => kind === 'leaf').length;
  const isSmall = leaves * prepared.choices <= limits.coalitionChoicesMax;
  demand(isSmall, 'VPP_CERTIFICATE_TOO_LARGE', { choicesMax: limits.coalitionChoicesMax });
  const bounds = leafBounds<CoalitionNode, CoalitionBranch>(nodes, {
    root: freeCoalition,
    invalid: 'VPP_CERTIFICATE_INVALID',
    halves: (node, branch, index) => coalitionHalves(prepared, branch, node, index),
    bound: (leaf, branch, index) => relaxCoalition(prepared, leafMultipliers(prepared, leaf, index), branch).boundNano,
  });
  // Nothing that is served earns nothing, and is always an answer.
  return bounds.reduce((most, bound) => greatest(most, bound), 0n);
}

/** The multipliers of a leaf; refuses those that are below zero or of nothing in the case. */
export function leafMultipliers(prepared: PreparedCoalition, leaf: CoalitionLeaf, index = 0): CoalitionMultipliers {
  const fault = (holds: boolean, problem: string): void => {
    demand(holds, 'VPP_CERTIFICATE_INVALID', { node: index, problem });
  };
  const { asked, assetIndex, groupIndex, requestIndex, requests } = prepared;
  const rows = (
    count: number,
    entries: readonly {
      readonly at: number | undefined;
      readonly prices: readonly bigint[];
      readonly first: number;
      readonly length: number;
    }[],
  ): readonly (readonly bigint[])[] => {
    const found = new Map<number, readonly bigint[]>();
    for (const { at, first, length, prices } of entries) {
      fault(at !== undefined && !found.has(at), 'a price is of nothing in the case, or stands twice');
      fault(prices.length === length, 'there is not one price for each step');
      fault(
        prices.every((price) => price >= 0n),
        'a price is below zero',
      );
      found.set(at ?? -1, [...Array.from({ length: first }, () => 0n), ...prices]);
    }
    return Array.from({ length: count }, (_, row) => found.get(row) ?? []);
  };
  const ofRequest = (requestId: string, prices: readonly bigint[]): Parameters<typeof rows>[1][number] => {
    const at = requestIndex.get(requestId);
    const request = requests[at ?? -1];
    const first = request?.demand.firstStep ?? 0;
    return { at, prices, first, length: (request?.endStep ?? 0) - first };
  };
  const storages = new Map<number, StoragePrice>();
  for (const { assetId, down, up } of leaf.storagePrices) {
    const at = assetIndex.get(assetId) ?? -1;
    fault(
      prepared.assets[at]?.asset.storage !== undefined && !storages.has(at),
      'a price is of no storage, or stands twice',
    );
    fault(up >= 0n && down >= 0n, 'a price is below zero');
    storages.set(at, { up, down });
  }
  return {
    cover: rows(
      requests.length,
      leaf.coverPrices.map(({ prices, requestId }) => ofRequest(requestId, prices)),
    ),
    count: rows(
      requests.length,
      leaf.countPrices.map(({ prices, requestId }) => ofRequest(requestId, prices)),
    ),
    groups: rows(
      asked.groups.length,
      leaf.groupPrices.map(({ groupId, prices }) => ({
        at: groupIndex.get(groupId),
        prices,
        first: 0,
        length: asked.steps,
      })),
    ),
    storages,
  };
}

/** Multipliers as a leaf; what is zero is left out. */
export function coalitionLeaf(prepared: PreparedCoalition, multipliers: CoalitionMultipliers): CoalitionLeaf {
  const isPrice = (prices: readonly bigint[]): boolean => prices.some((price) => price !== 0n);
  const ofRequest = (rows: readonly (readonly bigint[])[]) =>
    prepared.requests.flatMap(({ demand: { firstStep, requestId }, endStep, index }) => {
      const prices = Array.from({ length: endStep - firstStep }, (_, at) => rows[index]?.[firstStep + at] ?? 0n);
      return isPrice(prices) ? [{ requestId, prices }] : [];
    });
  return {
    kind: 'leaf',
    coverPrices: ofRequest(multipliers.cover),
    countPrices: ofRequest(multipliers.count),
    groupPrices: prepared.asked.groups.flatMap(({ groupId }, group) => {
      const prices = multipliers.groups[group] ?? [];
      return isPrice(prices) ? [{ groupId, prices }] : [];
    }),
    storagePrices: [...multipliers.storages].flatMap(([index, { down, up }]) => {
      const assetId = prepared.assets[index]?.asset.assetId ?? '';
      return up === 0n && down === 0n ? [] : [{ assetId, up, down }];
    }),
  };
}
