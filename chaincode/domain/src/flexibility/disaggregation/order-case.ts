import { demand } from '../../errors';
import type { ParticipantId } from '../../ids';
import { limits } from '../../limits';
import { greatest, least, mulDivFloor, sum } from '../../math';
import { addSlots, slotRange, type Slot } from '../../time';
import { micro, microPerKwh, ppm, ppmWhole, wh, type MicroPerKwh, type Wh } from '../../units';
import { bandW, isUnavailable } from '../enrolment/enrolment';
import type { EnrolledAsset, Enrolment } from '../enrolment/rows';
import { ispsOfEvent } from '../event/plan';
import type { FlexEvent } from '../event/rows';
import type { FlexDirection } from '../isps';
import type { FlexOrder } from '../order/rows';
import { callsIn } from '../programme/programme';
import type { Programme } from '../programme/rows';
import { ceilingOf } from './prepare';
import type { AssetPlan, DisaggregationCase, FlexBand, FlexibleAsset, OrderedSlot } from './rows';

/** Quarter hours of an hour: a W for one of them is a quarter of a Wh. */
const quartersPerHour = 4n;
/** Thousandths of a micro-unit in a micro-unit, and Wh in a kWh. */
const thousand = 1_000n;

/** What an order is split from: everything that the ledger knows of it. */
export interface OrderToSplit {
  readonly order: FlexOrder;
  /** In the order in which they are asked: an asset of two programmes is called by the first. */
  readonly programmes: readonly Programme[];
  readonly enrolments: readonly Enrolment[];
  /** Who is not called: those who have opted out or failed. */
  readonly excluded: ReadonlySet<ParticipantId>;
  /** What those who have opted in deliver, by slot: nothing of it is planned again. */
  readonly heldWh: ReadonlyMap<Slot, bigint>;
  /** What prosumers have been called for before. */
  readonly earlierWh: ReadonlyMap<ParticipantId, Wh>;
  /** The slot in which they are told. */
  readonly noticeSlot: Slot;
  readonly fairnessMicroPerKwh: MicroPerKwh;
}

/**
 * The case of an order. What is ordered in W is asked for in Wh, rounded up; bands are rounded down. An asset costs its part of the programme's
 * reward, and a shortfall costs the order's penalty and what is not paid for it. Refuses a programme of another direction
 * (FLEX_SPLIT_DIRECTION) and more assets than one case can have (FLEX_SPLIT_ASSETS).
 */
export function caseOfOrder(known: OrderToSplit): DisaggregationCase {
  const { fairnessMicroPerKwh, noticeSlot, order, programmes } = known;
  const other = programmes.find(({ terms }) => terms.direction !== order.direction);
  demand(other === undefined, 'FLEX_SPLIT_DIRECTION', { direction: order.direction });
  const whole = slotsOf(order);
  const slots = whole.map((one, index) => lessHeld(one, known.heldWh.get(slotAt(order, index)) ?? 0n));
  const firstSlot = firstIsp(order);
  const assets = assetsOf(known, slotRange(firstSlot, slots.length));
  demand(assets.length <= limits.disaggregationAssetsMax, 'FLEX_SPLIT_ASSETS', {
    assetsMax: limits.disaggregationAssetsMax,
  });
  const tolerances = programmes.flatMap(({ terms }) => terms.shiftTolerancePpm ?? []);
  const tolerance = tolerances.reduce<bigint>((low, value) => least<bigint>(low, value), ppmWhole);
  const orderedWh = sum(whole.map(({ requestedWh }) => requestedWh));
  return {
    firstSlot,
    slots,
    noticeSlot,
    assets,
    comfort: [],
    shortfallMicroPerKwh: microPerKwh(
      order.penaltyMicroPerKwh + mulDivFloor(order.priceMicro, thousand, greatest(orderedWh, 1n)),
    ),
    fairnessMicroPerKwh,
    ...(tolerances.length === 0 ? {} : { shiftTolerancePpm: ppm(tolerance) }),
  };
}

function slotAt(order: FlexOrder, index: number): Slot {
  return addSlots(firstIsp(order), index);
}

function lessHeld(slot: OrderedSlot, heldWh: bigint): OrderedSlot {
  return { ...slot, requestedWh: wh(greatest(slot.requestedWh - heldWh, 0n)) };
}

/** Who of an order is not planned again, and what those who have opted in deliver of it, by slot. */
export interface StandingEvents {
  /** Those who have opted out or failed, and those who have opted in: their events stand as they are. */
  readonly participantIds: ReadonlySet<ParticipantId>;
  readonly heldWh: ReadonlyMap<Slot, bigint>;
}

/** What the events of an order say of its next split: nobody who has declined or whose device has failed is asked again. */
export function standingEvents(events: readonly FlexEvent[]): StandingEvents {
  const participantIds = new Set<ParticipantId>();
  const heldWh = new Map<Slot, bigint>();
  for (const event of events) {
    const { participantId, reason, state } = event;
    const isOut = state === 'OPTED_OUT' || (state === 'FAILED' && reason === 'DEVICE_FAILED');
    if (isOut || state === 'OPTED_IN') {
      participantIds.add(participantId);
    }
    for (const { energyWh, slot } of state === 'OPTED_IN' ? ispsOfEvent(event) : []) {
      heldWh.set(slot, (heldWh.get(slot) ?? 0n) + energyWh);
    }
  }
  return { participantIds, heldWh };
}

/** The first slot of an order. */
export function firstIsp({ isps, periodSlot }: FlexOrder): Slot {
  return isps[0]?.slot ?? periodSlot;
}

/** All slots from the first of the order to its last; in those between that are not ordered nothing is asked for. */
function slotsOf({ isps }: FlexOrder): readonly OrderedSlot[] {
  const [first] = isps;
  const last = isps.at(-1);
  if (first === undefined || last === undefined) return [];
  const bySlot = new Map(isps.map((isp) => [isp.slot, isp]));
  let { direction } = first;
  return slotRange(first.slot, last.slot - first.slot + 1).map((slot) => {
    const isp = bySlot.get(slot);
    direction = isp?.direction ?? direction;
    return { direction, requestedWh: wh(ceilingOf(isp?.powerW ?? 0n, quartersPerHour)) };
  });
}

function assetsOf(known: OrderToSplit, slots: readonly Slot[]): readonly FlexibleAsset[] {
  const seen = new Set<string>();
  return known.programmes.flatMap((programme) => {
    const enrolments = known.enrolments.filter(
      ({ gridId, programmeId, state }) =>
        state === 'ACTIVE' && programmeId === programme.programmeId && gridId === known.order.gridId,
    );
    return enrolments.flatMap((enrolment) => {
      const fresh = enrolment.assets.filter(({ assetId }) => !seen.has(assetId));
      for (const { assetId } of fresh) seen.add(assetId);
      return fresh.map((asset) => assetOf(known, programme, enrolment, asset, slots));
    });
  });
}

function assetOf(
  { earlierWh, excluded }: OrderToSplit,
  { terms }: Programme,
  enrolment: Enrolment,
  asset: EnrolledAsset,
  slots: readonly Slot[],
): FlexibleAsset {
  const { comfort, participantId } = enrolment;
  const isOpen = slots.map((slot) => callsIn(terms, slot) && !isUnavailable(enrolment, [slot]));
  const bandOf = (direction: FlexDirection): FlexBand => {
    const maxWh = wh(bandW(asset, direction) / quartersPerHour);
    return {
      minWh: wh(0n),
      maxWh,
      priceMicroPerKwh: microPerKwh(
        mulDivFloor(terms.rewardMicroPerKwh, ppmWhole - terms.aggregatorSharePpm, ppmWhole),
      ),
      ...(isOpen.every((open) => open) ? {} : { maxWhBySlot: isOpen.map((open) => (open ? maxWh : wh(0n))) }),
    };
  };
  // What a prosumer wants at most in a day is shared by its assets, so that together they keep it.
  const slotsMax = Math.floor(comfort.slotsPerDayMax / enrolment.assets.length);
  const runSlotsMax = Math.max(1, Math.min(asset.runSlotsMax, slotsMax, limits.disaggregationSlotsMax));
  return {
    assetId: asset.assetId,
    participantId,
    ...(excluded.has(participantId) ? { optedOut: true } : {}),
    ...(terms.direction === 'increase' ? {} : { reduce: bandOf('reduce') }),
    ...(terms.direction === 'reduce' ? {} : { increase: bandOf('increase') }),
    noticeSlots: Math.max(asset.noticeSlots, terms.noticeSlots),
    runSlotsMax,
    restSlots: asset.restSlots,
    callsMax: Math.min(Math.floor(slotsMax / runSlotsMax), limits.disaggregationSlotsMax),
    callCostMicro: micro(0n),
    rebound: reboundOf(asset, runSlotsMax, terms.reboundSlots ?? 1),
    earlierWh: earlierWh.get(participantId) ?? wh(0n),
  };
}

/** What comes back does so in equal parts, after the longest call, over the slots in which the programme measures it. */
function reboundOf({ reboundPpm }: EnrolledAsset, runSlotsMax: number, slots: number): FlexibleAsset['rebound'] {
  const each = reboundPpm / BigInt(slots);
  return Array.from({ length: slots }, (_, index) => {
    const sharePpm = ppm(index === 0 ? reboundPpm - each * BigInt(slots - 1) : each);
    return { afterSlots: runSlotsMax + index, sharePpm };
  }).filter(({ afterSlots, sharePpm }) => sharePpm > 0n && afterSlots <= limits.disaggregationSlotsMax);
}

/** What plans have prosumers do, by prosumer. */
export function plannedWh(asked: DisaggregationCase, plans: readonly AssetPlan[]): ReadonlyMap<string, bigint> {
  const owners = new Map(asked.assets.map(({ assetId, participantId }) => [assetId, participantId]));
  const totals = new Map<string, bigint>();
  for (const { assetId, calls } of plans) {
    const owner = owners.get(assetId) ?? '';
    totals.set(owner, (totals.get(owner) ?? 0n) + sum(calls.flatMap(({ energiesWh }) => energiesWh)));
  }
  return totals;
}

/** What a prosumer has been called for after a plan that takes the place of another one of the order. */
export function useAfter(usedWh: bigint, newWh: bigint, formerWh: bigint): Wh {
  return wh(greatest(usedWh + newWh - formerWh, 0n));
}
