import { sha256 } from '../../digest';
import { limits } from '../../limits';
import { sum } from '../../math';
import { micro } from '../../units';
import { isInCore, roundedShares, type ExactShares } from '../sharing/game';
import { nucleolusShares } from '../sharing/nucleolus';
import { proRataShares } from '../sharing/pro-rata';
import type { SharingRule } from '../sharing/rules';
import { sampledShapleyShares, shapleyShares } from '../sharing/shapley';
import type { Remuneration } from './rows';
import { gameOfCoalition, growingCoalition, worthCost, type WorthInput } from './worth';

/** A division of what there is to share, in the order of the members. */
export type SharedPot = Pick<Remuneration, 'appliedRule' | 'inCore' | 'sample'> & {
  readonly sharesMicro: readonly bigint[];
};

/**
 * Divides what there is to share by a rule, exactly to the micro-unit. With more members, or slices, than all sets can be asked for, a nucleolus
 * becomes a Shapley value, and that is sampled: the seed is what the ledger says of the coalition, so that everybody draws the same orders.
 */
export function sharePot(rule: SharingRule, players: readonly string[], input: WorthInput, seed: string): SharedPot {
  const deliveredWh = input.members.map((member) => sum(member.map((slice) => slice.deliveredWh)));
  const proRata = proRataShares(input.potMicro, deliveredWh);
  const isSmall =
    players.length <= limits.shapleyPlayersMax && 2 ** players.length * worthCost(input) <= limits.sharingWorkMax;
  if (isSmall) {
    const game = gameOfCoalition(players, input);
    const { appliedRule, shares } = exactShares(rule, game, proRata);
    return { appliedRule, inCore: isInCore(game, shares), sharesMicro: roundedShares(players, shares) };
  }
  if (rule === 'pro-rata') {
    return { appliedRule: rule, sharesMicro: roundedShares(players, proRata) };
  }
  const orders = ordersFor(players.length * worthCost(input));
  const sampled = sampledShapleyShares(players.length, growingCoalition(input), sha256(Buffer.from(seed)), orders);
  return {
    appliedRule: 'shapley',
    sample: { orders, errorMicro: micro(sampled.errorMicro) },
    sharesMicro: roundedShares(players, sampled),
  };
}

function exactShares(
  rule: SharingRule,
  game: Parameters<typeof shapleyShares>[0],
  proRata: ExactShares,
): { readonly appliedRule: SharingRule; readonly shares: ExactShares } {
  if (rule === 'pro-rata') {
    return { appliedRule: rule, shares: proRata };
  }
  const isForNucleolus = rule === 'nucleolus' && game.players.length <= limits.nucleolusPlayersMax;
  const nucleolus = isForNucleolus ? nucleolusShares(game) : undefined;
  return nucleolus === undefined
    ? { appliedRule: 'shapley', shares: shapleyShares(game) }
    : { appliedRule: 'nucleolus', shares: nucleolus };
}

/** How many orders are drawn: an even number, as many as the work allows. */
function ordersFor(workOfOrder: number): number {
  const affordable = Math.floor(limits.sharingWorkMax / Math.max(workOfOrder, 1));
  const most = Math.min(Math.max(affordable, 4), limits.sharingOrdersMax);
  return most - (most % 2);
}
