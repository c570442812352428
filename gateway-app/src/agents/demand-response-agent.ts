import { ispsOfEvent, netWhOf, sum, windowIntervals, type FlexEvent } from '@flexledger/domain';

/** What a prosumer's agent asks before it takes part: one wish of the people who live there. */
export interface ComfortRule {
  /** Whether an event may happen, as far as this wish goes. */
  allows(event: FlexEvent): boolean;
}

/** What a prosumer answers to an event. */
export type EventDecision =
  { readonly transaction: 'optIn' } | { readonly transaction: 'optOut'; readonly reason: 'DECLINED' | 'DEVICE_FAILED' };

/** What an agent of demand response knows of its home. */
export interface DemandResponseHome {
  readonly comfort: readonly ComfortRule[];
  /** False where the device that would be called does not work. */
  readonly deviceWorks: boolean;
}

/** Takes part where every wish allows it; tells a failed device at once, so that the aggregator can plan again. */
export function decideEvent(event: FlexEvent, { comfort, deviceWorks }: DemandResponseHome): EventDecision {
  if (!deviceWorks) return { transaction: 'optOut', reason: 'DEVICE_FAILED' };
  return comfort.every((rule) => rule.allows(event))
    ? { transaction: 'optIn' }
    : { transaction: 'optOut', reason: 'DECLINED' };
}

/** Rooms that are heated: how warm they are, how warm they shall stay, and by how much a kWh of heating less cools them. */
export interface HeatedRooms {
  readonly indoorDecikelvin: bigint;
  readonly minimumDecikelvin: bigint;
  readonly coolingDecikelvinPerKwh: bigint;
}

/** Allows an event after which the rooms are still warm enough; what is heated more (`increase`) warms them. */
export function keepsRoomsWarm({
  coolingDecikelvinPerKwh,
  indoorDecikelvin,
  minimumDecikelvin,
}: HeatedRooms): ComfortRule {
  return {
    allows(event) {
      let missingWh = 0n;
      for (const { direction, energyWh } of ispsOfEvent(event)) {
        missingWh += direction === 'reduce' ? energyWh : 0n - energyWh;
        if (indoorDecikelvin * 1_000n - missingWh * coolingDecikelvinPerKwh < minimumDecikelvin * 1_000n) return false;
      }
      return true;
    },
  };
}

/** Allows an event that asks for at most so much energy in all. */
export function asksAtMost(energyWhMax: bigint): ComfortRule {
  return { allows: (event) => sum(ispsOfEvent(event).map(({ energyWh }) => energyWh)) <= energyWhMax };
}

/** What a home's devices do in a slot of an event: toward which net energy of the connection they steer, and how far they can. */
export interface SlotTarget {
  readonly direction: 'reduce' | 'increase';
  /** Import less export that is wanted, in Wh of the quarter hour. */
  readonly targetWh: bigint;
  /** Most that the devices can move, in Wh of the quarter hour. */
  readonly mostWh: bigint;
}

/**
 * The targets of an event by slot: the set-point where it has one, else its baseline less (or with) what is ordered, as far as the baseline
 * is known at the notice, which is what the home's own meter shows to its agent too.
 */
export function targetsOfEvent(event: FlexEvent): ReadonlyMap<number, SlotTarget> {
  const { baseline, signal } = event;
  const expected = new Map(
    baseline === undefined
      ? []
      : windowIntervals(baseline).map((at, index) => [at, baseline.unadjusted[index]] as const),
  );
  const points = signal?.kind === 'DISPATCH_SETPOINT' ? signal.values : [];
  return new Map(
    ispsOfEvent(event).flatMap(({ direction, energyWh, slot }) => {
      const point = points.find((value) => value.slot === slot);
      const usual = expected.get(slot);
      if (point !== undefined) {
        // Watts of a quarter hour; the contract has made them of whole watt-hours.
        return [[slot, { direction, targetWh: (point.importW - point.exportW) / 4n, mostWh: energyWh }] as const];
      }
      if (usual === undefined) return [];
      const usualWh = netWhOf(usual);
      const targetWh = direction === 'reduce' ? usualWh - energyWh : usualWh + energyWh;
      return [[slot, { direction, targetWh, mostWh: energyWh }] as const];
    }),
  );
}

/** Net energy of a slot once the devices have steered toward their target: no further than to it, and no further than they can. */
export function followTarget(netWh: bigint, { direction, mostWh, targetWh }: SlotTarget): bigint {
  const neededWh = direction === 'reduce' ? netWh - targetWh : targetWh - netWh;
  const movedWh = neededWh <= 0n ? 0n : neededWh < mostWh ? neededWh : mostWh;
  return direction === 'reduce' ? netWh - movedWh : netWh + movedWh;
}
