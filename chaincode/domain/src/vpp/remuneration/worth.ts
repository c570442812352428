import { greatest, least, mulDivFloor, sum } from '../../math';
import { ppmWhole } from '../../units';
import type { CoalitionGame } from '../sharing/game';
import type { GrowingCoalition } from '../sharing/shapley';
import { powerPaymentMicro } from '../service/payment';
import type { ServicePrices, SliceDelivered } from './payments';

/** What a member brought in a slice. */
export interface MemberSlice {
  /** In each step of the slice: its promise times its firm share, in millionths of a watt. */
  readonly firmMicroW: readonly bigint[];
  /** How many of its assets were on in each step. */
  readonly assets: readonly number[];
  readonly deliveredWh: bigint;
}

/** What members might have earned: the slices of their coalition, what each of them brought, and the rules of the service. */
export interface WorthInput {
  readonly slices: readonly SliceDelivered[];
  /** By member and slice. */
  readonly members: readonly (readonly MemberSlice[])[];
  readonly prices: ServicePrices;
  readonly bidMinW: bigint;
  readonly bidStepW: bigint;
  readonly assetsMin: number;
  readonly marginPpm: bigint;
  /** What all of them share: no set is worth more. */
  readonly potMicro: bigint;
  /** Which part of what they earn is left to members. */
  readonly membersPpm: bigint;
}

/** What some members bring together, slice by slice. */
interface Together {
  readonly firmMicroW: readonly (readonly bigint[])[];
  readonly assets: readonly (readonly number[])[];
  readonly deliveredWh: readonly bigint[];
}

function nobody({ slices, members }: WorthInput): Together {
  const steps = (slice: number): number => members[0]?.[slice]?.firmMicroW.length ?? 0;
  return {
    firmMicroW: slices.map((_, slice) => Array.from({ length: steps(slice) }, () => 0n)),
    assets: slices.map((_, slice) => Array.from({ length: steps(slice) }, () => 0)),
    deliveredWh: slices.map(() => 0n),
  };
}

function joined(together: Together, member: readonly MemberSlice[]): Together {
  return {
    firmMicroW: together.firmMicroW.map((steps, slice) =>
      steps.map((power, step) => power + (member[slice]?.firmMicroW[step] ?? 0n)),
    ),
    assets: together.assets.map((steps, slice) =>
      steps.map((count, step) => count + (member[slice]?.assets[step] ?? 0)),
    ),
    deliveredWh: together.deliveredWh.map((energy, slice) => energy + (member[slice]?.deliveredWh ?? 0n)),
  };
}

/**
 * What some of the members would have earned alone by the rules of the service. In each slice they could have offered what their firm power
 * covers, in whole steps of the bid and nothing below the least one, at most what the coalition offered; they would have been called in proportion,
 * and paid for what they delivered, capacity and energy. Penalties are left out: whoever causes one bears it. So nobody who joins makes a set worth
 * less, and no share is below zero. No set is worth more than there is to share.
 */
function worthOf(input: WorthInput, together: Together): bigint {
  const earned = sum(input.slices.map((slice, index) => sliceWorth(input, slice, together, index)));
  return least(mulDivFloor(earned, input.membersPpm, ppmWhole), input.potMicro);
}

function sliceWorth(input: WorthInput, slice: SliceDelivered, together: Together, index: number): bigint {
  const { askedWh, slots } = slice;
  const offeredW = offeredAlone(input, slice, together, index);
  if (offeredW === 0n) {
    return 0n;
  }
  const { capacityPriceMicroPerKwh, energyPriceMicroPerKwh } = input.prices;
  if (askedWh === 0n) {
    return powerPaymentMicro(offeredW, slots, capacityPriceMicroPerKwh);
  }
  const calledWh = mulDivFloor(askedWh, offeredW, slice.offeredW);
  const deliveredWh = least(together.deliveredWh[index] ?? 0n, calledWh);
  const wholeMicro = powerPaymentMicro(slice.offeredW, slots, capacityPriceMicroPerKwh);
  return mulDivFloor(wholeMicro, deliveredWh, askedWh) + mulDivFloor(deliveredWh, energyPriceMicroPerKwh, 1_000n);
}

function offeredAlone(input: WorthInput, slice: SliceDelivered, together: Together, index: number): bigint {
  const { assetsMin, bidMinW, bidStepW, marginPpm } = input;
  const firm = together.firmMicroW[index] ?? [];
  const counts = together.assets[index] ?? [];
  if (firm.length === 0 || counts.some((count) => count < assetsMin)) {
    return 0n;
  }
  const covered = firm.reduce((lowest, power) => least(lowest, power / (ppmWhole + marginPpm)), slice.offeredW);
  const bidW = covered - (covered % greatest<bigint>(bidStepW, 1n));
  return bidW < bidMinW ? 0n : bidW;
}

/** The game of all sets of members; all together are worth what there is to share. */
export function gameOfCoalition(players: readonly string[], input: WorthInput): CoalitionGame {
  const values = Array.from({ length: 2 ** players.length }, () => 0n);
  const fill = (player: number, set: number, together: Together): void => {
    const member = input.members[player];
    if (member === undefined) {
      values[set] = set === 0 ? 0n : worthOf(input, together);
      return;
    }
    fill(player + 1, set, together);
    fill(player + 1, set + 2 ** player, joined(together, member));
  };
  fill(0, 0, nobody(input));
  values[values.length - 1] = input.potMicro;
  return { players, values };
}

/** The same game, player by player, for as many as there are. */
export function growingCoalition(input: WorthInput): () => GrowingCoalition {
  return () => {
    let together = nobody(input);
    let count = 0;
    return {
      join: (player) => {
        together = joined(together, input.members[player] ?? []);
        count += 1;
        return count === input.members.length ? input.potMicro : worthOf(input, together);
      },
    };
  };
}

/** What working out the worth of one set costs: its slices times their steps. */
export function worthCost({ members }: WorthInput): number {
  return members[0]?.reduce((total, { firmMicroW }) => total + firmMicroW.length + 2, 0) ?? 0;
}
