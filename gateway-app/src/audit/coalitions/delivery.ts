import {
  addSlots,
  askedOfPoolW,
  canonicalJson,
  deliveryTolerancePpm,
  droopByMinute,
  frequencyCodec,
  controlSignalCodec,
  keptOf,
  memberPowerW,
  minutesOfSlot,
  poolDeliveryCodec,
  poolTelemetryCodec,
  rowCodec,
  servesPool,
  signalByMinute,
  slotsOfActivation,
  slotText,
  sum,
  verifySlot,
  wh,
  type Activation,
  type Coalition,
  type CoalitionMember,
  type DeliveryAsked,
  type MemberMeasured,
  type PoolDelivery,
  type Slot,
} from '@flexledger/domain';
import { standing, type CoalitionRows } from './rows';
import { nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import { readingsAt } from '../flexibility/rows';
import type { AuditRows } from '../fold';
import type { Place } from '../place';
import { ROW_TYPES } from '../row-types';
import { StoodRows } from '../stood-rows';
import type { VersionedRow } from '../versions';

/**
 * What a coalition delivered in a quarter hour, each time it was verified, is what the readings that had come by then show: of each member, how far
 * its meter moved from its baseline, at most what was asked of it; of the pool, what its members moved together, or its minutes tell where they are
 * public. What was asked of each member by set-points stands under seal, so it is taken from the row, and so are minutes that are not published.
 * Reactive energy is measured by confidential profiles: only its sums are looked at.
 */
export function auditDeliveries(rows: AuditRows, known: CoalitionRows, findings: Findings): void {
  for (const delivery of known.deliveries) {
    auditVersions(delivery, findings);
    for (const { place, value } of delivery.versions) {
      findings.count();
      const due = findings.attempt(nameOf(delivery.row), () => verifiedAgain(rows, known, value, place));
      findings.expect(
        due === undefined || textOf(due) === textOf(value),
        () => `${nameOf(delivery.row)} is not what meters show of the pool`,
      );
    }
  }
}

function auditVersions({ row, versions }: VersionedRow<PoolDelivery>, findings: Findings): void {
  const isCounted = versions.every(({ value }, index) => value.version === index + 1);
  findings.expect(isCounted, () => `${nameOf(row)} does not count its versions`);
}

/** The delivery as far as it follows from what is public; the rest as it says. */
function verifiedAgain(rows: AuditRows, known: CoalitionRows, told: PoolDelivery, place: Place): PoolDelivery {
  const coalition = standing(known.coalitions, told.coalitionId, place)[0];
  if (coalition === undefined) {
    throw new RangeError('its coalition was not there');
  }
  if (coalition.kind === 'reactive') {
    return told;
  }
  const telemetry = new StoodRows(rows, place).get(rowCodec(poolTelemetryCodec), ROW_TYPES.poolTelemetry, told.coalitionId, slotText(told.slot)); // prettier-ignore
  const areHidden = telemetry?.isOpened === true && telemetry.minutes === undefined;
  const asked = askedAgain(rows, known, coalition, told, place, telemetry?.minutes);
  return withSealed(asked, verifySlot(asked), told, areHidden);
}

function askedAgain(
  rows: AuditRows,
  known: CoalitionRows,
  coalition: Coalition,
  { coalitionId, slice, slot, version }: PoolDelivery,
  place: Place,
  minutes: DeliveryAsked['minutes'],
): DeliveryAsked {
  const { referenceSlot, ...call } = callIn(rows, known, coalition, { coalitionId, slice, slot }, place);
  const members = standing(known.members, coalitionId, place)
    .filter((member) => servesPool(member) && memberPowerW(coalition, member, slot) > 0n)
    .map((member) => measuredAgain(known, coalition, member, { slot, referenceSlot, place }));
  const tolerancePpm = known.rulesAt(place)?.vpp?.deliveryTolerancePpm ?? deliveryTolerancePpm;
  return { coalition, slot, slice, members, ...call, minutes, tolerancePpm, version };
}

/** Takes what follows from sealed values alone from the row, and works out the rest with it. */
function withSealed(asked: DeliveryAsked, due: PoolDelivery, told: PoolDelivery, areHidden: boolean): PoolDelivery {
  const dueW = asked.followW ?? minutesOfSlot(asked.slot).map((minute) => sum(asked.activations.map((one) => one.sign * askedOfPoolW(one, minute)))); // prettier-ignore
  const isDown = sum(dueW) < 0n;
  const moved = new Map(asked.members.map((one) => [one.member.assetId, movedBy(one, isDown)]));
  const members = due.members.map((line) => {
    const askedWh = told.members.find(({ assetId }) => assetId === line.assetId)?.askedWh ?? line.askedWh;
    const kept = keptOf(askedWh, moved.get(line.assetId) ?? 0n, asked.tolerancePpm);
    const flags = [
      ...line.flags.filter((flag) => flag === 'SILENT_METER' || flag === 'FLAGGED_READING'),
      ...(kept.isKept ? [] : (['SHORT'] as const)),
      ...line.flags.filter((flag) => flag === 'DROPPED_OUT'),
    ];
    return { ...line, askedWh, deliveredWh: wh(kept.deliveredWh), flags };
  });
  const isExcused = asked.activations.some(({ handovers }) => handovers.length > 0);
  if (asked.followW !== undefined) {
    // The minutes decide what the pool delivered: where they are not public, only its members are looked at.
    return areHidden ? { ...told, members } : { ...due, members };
  }
  // What is excused while somebody takes over follows from sealed set-points: it only ever makes less of what was called.
  const askedWh = isExcused && told.askedWh <= due.askedWh ? told.askedWh : due.askedWh;
  const pool = keptOf(askedWh, sum([...moved.values()]), asked.tolerancePpm);
  const sealedFlags = areHidden || isExcused;
  const isShort = pool.shortfallWh > 0n;
  const flags = sealedFlags
    ? told.flags.filter((flag) => (flag === 'SHORT' ? isShort : flag !== 'UNMEASURED' || due.flags.includes(flag)))
    : due.flags;
  const minutes = sealedFlags && told.minutes !== undefined ? { minutes: told.minutes } : {};
  return {
    ...due,
    ...minutes,
    askedWh,
    deliveredWh: wh(pool.deliveredWh),
    shortfallWh: wh(pool.shortfallWh),
    flags,
    members,
  };
}

function movedBy({ baselineNetWh, isFlagged, netWh }: MemberMeasured, isDown: boolean): bigint {
  if (netWh === undefined || isFlagged) {
    return 0n;
  }
  return isDown ? baselineNetWh - netWh : netWh - baselineNetWh;
}

interface CallAgain extends Pick<DeliveryAsked, 'activations' | 'followW'> {
  readonly referenceSlot: Slot;
}

/** What was called or to be followed in a slot, without set-points. */
function callIn(
  rows: AuditRows,
  known: CoalitionRows,
  coalition: Coalition,
  told: Pick<PoolDelivery, 'coalitionId' | 'slice' | 'slot'>,
  place: Place,
): CallAgain {
  const { coalitionId, slice, slot } = told;
  const { kind, slices, terms } = coalition;
  const offered = slices[slice];
  if (terms.settledBy === 'telemetry' && offered !== undefined) {
    const referenceSlot = addSlots(offered.firstSlot, -1);
    const stood = new StoodRows(rows, place);
    const followW =
      kind === 'fcr'
        ? droopByMinute(offered.offeredW, stood.need(rowCodec(frequencyCodec), ROW_TYPES.frequency, slotText(slot)))
        : signalByMinute(offered.offeredW, stood.need(rowCodec(controlSignalCodec), ROW_TYPES.controlSignal, coalitionId, slotText(slot))); // prettier-ignore
    return { activations: [], followW, referenceSlot };
  }
  const called = standing(known.activations, coalitionId, place)
    .filter((one) => slotsOfActivation(one).includes(slot))
    .sort((left, right) => left.dueMinute - right.dueMinute);
  const [first] = called;
  if (first === undefined) {
    throw new RangeError('nothing was called in its slot');
  }
  return { activations: called.map((one) => signed(known, one)), referenceSlot: addSlots(first.signalSlot, -1) };
}

function signed({ handovers }: CoalitionRows, activation: Activation): DeliveryAsked['activations'][number] {
  const own = handovers.flatMap(({ value }) => (value.activationId === activation.activationId ? [value] : []));
  return { activation, dispatches: [], handovers: own, sign: activation.direction === 'up' ? 1n : -1n };
}

interface MeasuredAt {
  readonly slot: Slot;
  readonly referenceSlot: Slot;
  readonly place: Place;
}

function measuredAgain(
  known: CoalitionRows,
  coalition: Coalition,
  member: CoalitionMember,
  { place, referenceSlot, slot }: MeasuredAt,
): MemberMeasured {
  const { assetId, coalitionId, meterId } = member;
  const schedule = standing(known.schedules, coalitionId, place).find((one) => one.assetId === assetId);
  const declared = schedule?.slots[slot - schedule.firstSlot];
  const counted = (at: Slot) => countedAt(known, meterId, at, place);
  const now = counted(slot);
  const before = declared === undefined ? counted(referenceSlot) : undefined;
  const baselineNetWh = declared === undefined ? before?.netWh : declared.exportWh - declared.importWh;
  const isTold = now !== undefined && baselineNetWh !== undefined;
  return {
    member,
    netWh: isTold ? now.netWh : undefined,
    baselineNetWh: baselineNetWh ?? 0n,
    grossWh: now?.grossWh ?? 0n,
    isFlagged: [now, before].some((one) => one?.isFlagged === true),
    promisedW: memberPowerW(coalition, member, slot),
  };
}

function countedAt({ readings }: CoalitionRows, meterId: CoalitionMember['meterId'], at: Slot, place: Place) {
  const [total] = readingsAt(readings, [meterId], { fromSlot: at, toSlot: at }, place).totalsAt(at);
  if (total === undefined || total.quality === 'MISSING') {
    return undefined;
  }
  const { exportWh, importWh, quality } = total;
  return { netWh: exportWh - importWh, grossWh: exportWh + importWh, isFlagged: quality !== 'OK' };
}

function textOf(delivery: PoolDelivery): string {
  return canonicalJson(poolDeliveryCodec.encode(delivery));
}
