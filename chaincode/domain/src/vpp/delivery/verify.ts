import type { AssetId } from '../../ids';
import { least, sum } from '../../math';
import type { Slot } from '../../time';
import { wh } from '../../units';
import type { DeliverySample } from '../band/rows';
import type { Activation, PoolMinute } from '../dispatch/rows';
import { servesPool } from '../formation/coverage';
import type { Coalition, CoalitionMember } from '../formation/rows';
import { askedOfAssetW, askedOfPoolW, energyOfMinutesWh, minutesOfSlot, type AskedActivation } from './asked';
import { isLie, keptMinutes, keptOf, type KeptMinutes } from './measure';
import type { PoolDelivery, MemberDelivery, MemberFlag, PoolFlag } from './rows';

/** What the meter of a member counted in a slot, and what it would have counted; net is given less taken. */
export interface MemberMeasured {
  readonly member: CoalitionMember;
  /** Undefined where the meter was silent, in the slot or in its baseline. */
  readonly netWh: bigint | undefined;
  readonly baselineNetWh: bigint;
  readonly grossWh: bigint;
  /** True where a reading was estimated, substituted or found bad. */
  readonly isFlagged: boolean;
  /** What it promises in the slot. */
  readonly promisedW: bigint;
}

/** What is judged: a slot of a coalition with everything that was measured. */
export interface DeliveryAsked {
  readonly coalition: Pick<Coalition, 'coalitionId' | 'direction' | 'terms'>;
  readonly slot: Slot;
  readonly slice: number;
  readonly members: readonly MemberMeasured[];
  /** What was called in the slot; empty for a service that follows. */
  readonly activations: readonly (AskedActivation & { readonly sign: 1n | -1n })[];
  /** What a service that follows has to give in each minute, above zero up. */
  readonly followW?: readonly bigint[];
  /** The committed minutes; undefined where none were committed in time and opened. */
  readonly minutes: readonly PoolMinute[] | undefined;
  readonly tolerancePpm: bigint;
  readonly version: number;
}

/**
 * What a coalition delivered in a slot. By dispatch: each member's meter against its baseline, along the direction of what was called, at most what
 * was asked of it; the pool is kept where the members together moved as far as was called, so that one that gives less hurts nobody as long as
 * others give more. By telemetry: minute by minute. Committed minutes are compared with the meters in both; a lie counts as nothing delivered
 * where they decide, and is told where they do not.
 */
export function verifySlot(asked: DeliveryAsked): PoolDelivery {
  const { coalition, followW, slice, slot, version } = asked;
  const dueW = followW ?? dueByMinute(asked);
  const told = weighTelemetry(asked, dueW);
  const byMinute = told === 'lie' ? undefined : told;
  const pool = followW === undefined ? keptByMeters(asked, dueW) : (byMinute ?? nothingOf(dueW));
  return {
    coalitionId: coalition.coalitionId,
    slot,
    slice,
    ...directionDue(coalition, dueW),
    askedWh: wh(pool.askedWh),
    deliveredWh: wh(pool.deliveredWh),
    shortfallWh: wh(pool.shortfallWh),
    ...(byMinute === undefined ? {} : { minutes: { due: byMinute.due, kept: byMinute.kept } }),
    flags: flagsOfPool(asked, pool, told),
    members: asked.members.map((one) => memberDelivery(asked, one, dueW)),
    version,
  };
}

/**
 * What each member has shown of how reliable it is: what was asked of it and what it delivered, at most that. One whose meter was silent, or
 * whose reading does not count, has shown nothing.
 */
export function samplesOfDelivery(
  asked: DeliveryAsked,
  { members, slot }: Pick<PoolDelivery, 'members' | 'slot'>,
  kind: 'active' | 'reactive',
): ReadonlyMap<AssetId, readonly DeliverySample[]> {
  const isUp = sum(asked.followW ?? dueByMinute(asked)) > 0n;
  const [up, down] = kind === 'active' ? (['up', 'down'] as const) : (['capacitive', 'inductive'] as const);
  const direction = isUp ? up : down;
  const shown = members.filter(
    ({ askedWh, flags }) => askedWh > 0n && !flags.includes('SILENT_METER') && !flags.includes('FLAGGED_READING'),
  );
  return new Map(
    shown.map(({ askedWh, assetId, deliveredWh }) => {
      const sample: DeliverySample = { slot, direction, askedWh, deliveredWh: wh(least(deliveredWh, askedWh)) };
      return [assetId, [sample]] as const;
    }),
  );
}

/** Which way more was due of a symmetric service. */
function directionDue(
  { direction }: DeliveryAsked['coalition'],
  dueW: readonly bigint[],
): Pick<PoolDelivery, 'direction'> {
  const due = sum(dueW);
  return direction === 'symmetric' && due !== 0n ? { direction: due > 0n ? 'up' : 'down' } : {};
}

/** What the committed minutes tell: what was kept in them, that they are a lie, or nothing where there are none. */
function weighTelemetry(asked: DeliveryAsked, dueW: readonly bigint[]): KeptMinutes | 'lie' | undefined {
  const measuredNetW = asked.minutes?.map(({ exportW, importW }) => exportW - importW);
  if (measuredNetW === undefined) {
    return undefined;
  }
  if (isWhollyMeasured(asked) && isLieOf(asked, measuredNetW)) {
    return 'lie';
  }
  const baselineNetWh = sum(asked.members.map((one) => one.baselineNetWh));
  return keptMinutes({ askedW: dueW, measuredNetW, baselineNetWh, tolerancePpm: asked.tolerancePpm });
}

function isWhollyMeasured({ members }: DeliveryAsked): boolean {
  return members.every(({ netWh }) => netWh !== undefined);
}

function flagsOfPool(
  asked: DeliveryAsked,
  { shortfallWh }: PoolKept,
  told: KeptMinutes | 'lie' | undefined,
): readonly PoolFlag[] {
  const isSlow = typeof told === 'object' && told.kept < told.due;
  return raised<PoolFlag>([
    ['NO_TELEMETRY', told === undefined],
    ['TELEMETRY_LIE', told === 'lie'],
    ['SHORT', shortfallWh > 0n],
    ['SLOW', shortfallWh === 0n && isSlow],
    ['UNMEASURED', !isWhollyMeasured(asked)],
  ]);
}

/** The flags whose condition holds. */
function raised<T>(flags: readonly (readonly [T, boolean])[]): readonly T[] {
  return flags.filter(([, holds]) => holds).map(([flag]) => flag);
}

interface PoolKept {
  readonly askedWh: bigint;
  readonly deliveredWh: bigint;
  readonly shortfallWh: bigint;
}

function nothingOf(dueW: readonly bigint[]): PoolKept {
  const askedWh = energyOfMinutesWh(dueW.map((one) => (one < 0n ? -one : one)));
  return { askedWh, deliveredWh: 0n, shortfallWh: askedWh };
}

/** What is due in each minute by what was called; above zero up. */
function dueByMinute({ activations, slot }: DeliveryAsked): readonly bigint[] {
  return minutesOfSlot(slot).map((minute) =>
    sum(activations.map((activation) => activation.sign * askedOfPoolW(activation, minute))),
  );
}

function keptByMeters(asked: DeliveryAsked, dueW: readonly bigint[]): PoolKept {
  const dueWh = sum(dueW) / 60n;
  const askedWh = dueWh < 0n ? -dueWh : dueWh;
  const movedWh = sum(asked.members.map((one) => movedOf(one, dueWh)));
  const { deliveredWh, shortfallWh } = keptOf(askedWh, movedWh, asked.tolerancePpm);
  return { askedWh, deliveredWh, shortfallWh };
}

/** How far a member moved along what was due; nothing where it was not measured or its reading does not count. */
function movedOf({ baselineNetWh, isFlagged, netWh }: MemberMeasured, dueWh: bigint): bigint {
  if (netWh === undefined || isFlagged) {
    return 0n;
  }
  return dueWh < 0n ? baselineNetWh - netWh : netWh - baselineNetWh;
}

function isLieOf({ members, tolerancePpm }: DeliveryAsked, telemetryNetW: readonly bigint[]): boolean {
  return isLie({
    telemetryNetW,
    metersNetWh: sum(members.map(({ netWh }) => netWh ?? 0n)),
    metersGrossWh: sum(members.map(({ grossWh }) => grossWh)),
    meters: members.length,
    tolerancePpm,
  });
}

function memberDelivery(asked: DeliveryAsked, measured: MemberMeasured, dueW: readonly bigint[]): MemberDelivery {
  const { isFlagged, member, netWh } = measured;
  const { assetId, participantId } = member;
  const askedWh = askedOfMemberWh(asked, measured, dueW);
  const kept = keptOf(askedWh, movedOf(measured, sum(dueW)), asked.tolerancePpm);
  const hasDropped = asked.activations.some(({ handovers }) => handovers.some((one) => one.fromAssetId === assetId));
  return {
    assetId,
    participantId,
    askedWh: wh(askedWh),
    deliveredWh: wh(kept.deliveredWh),
    flags: raised<MemberFlag>([
      ['SILENT_METER', netWh === undefined],
      ['FLAGGED_READING', isFlagged],
      ['SHORT', !kept.isKept],
      ['DROPPED_OUT', hasDropped],
    ]),
  };
}

/** What was asked of a member: its set-points; where the pool follows, its part of what was due, in proportion to the promises. */
function askedOfMemberWh(asked: DeliveryAsked, { member, promisedW }: MemberMeasured, dueW: readonly bigint[]): bigint {
  const { activations, followW, members, slot } = asked;
  if (followW === undefined && activations.every(({ dispatches }) => dispatches.length > 0)) {
    return sum(activations.map((activation) => setPointWh(activation, member.assetId, slot)));
  }
  const promised = sum(members.map((one) => one.promisedW));
  const due = sum(dueW) / 60n;
  const share = (due < 0n ? -due : due) * promisedW;
  return servesPool(member) && promised > 0n ? share / promised : 0n;
}

function setPointWh(activation: AskedActivation, assetId: AssetId, slot: Slot): bigint {
  return energyOfMinutesWh(minutesOfSlot(slot).map((minute) => askedOfAssetW(activation, assetId, minute)));
}

/** What came of an activation over its slots; deviations are counted up to 1,000. */
export function resultOfActivation(deliveries: readonly PoolDelivery[]): NonNullable<Activation['result']> {
  const total = (pick: (delivery: PoolDelivery) => bigint) => wh(sum(deliveries.map(pick)));
  const flagged = deliveries.flatMap(({ flags, members }) => [...flags, ...members.flatMap((one) => one.flags)]);
  return {
    askedWh: total(({ askedWh }) => askedWh),
    deliveredWh: total(({ deliveredWh }) => deliveredWh),
    shortfallWh: total(({ shortfallWh }) => shortfallWh),
    deviations: Math.min(1_000, flagged.length),
  };
}
