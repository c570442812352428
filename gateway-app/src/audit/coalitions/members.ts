import {
  assetDutiesCodec,
  commitmentDayCodec,
  connectionAssetId,
  memberPromiseId,
  memberPromises,
  memberSlots,
  plannedCoalition,
  rowCodec,
  type Coalition,
  type CoalitionMember,
  type Commitment,
} from '@flexledger/domain';
import type { CoalitionRows } from './rows';
import type { PlannedCases } from './plans';
import { decodeRows, nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import { ROW_TYPES } from '../row-types';
import { presentValue, type VersionedRow } from '../versions';

/**
 * Every coalition was made of a plan: its slices and the powers of its members are those of the plan, and nobody takes part without a mandate or a
 * signature of its own. What its members promise stands in the books of their assets, once and as they say, and in the duties of the asset, which
 * serves one coalition at a time; nothing stands there of a coalition that was not accepted or of members that take no part.
 */
export function auditMembers(rows: AuditRows, known: CoalitionRows, planned: PlannedCases, findings: Findings): void {
  const booked = bookedPromises(rows, findings);
  const duties = bookedDuties(rows, findings);
  for (const coalition of known.coalitions) {
    findings.count();
    const members = known.members.filter(
      (member) => presentValue(member)?.coalitionId === presentValue(coalition)?.coalitionId,
    );
    auditPlanned(coalition, members, planned, findings);
    for (const member of members) {
      auditConsent(member, findings);
      auditPromise(coalition, member, booked, duties, findings);
    }
  }
  const dueDuties = new Set(known.members.flatMap((row) => keyOf(presentValue(row)) ?? []));
  for (const key of duties.keys()) {
    findings.expect(dueDuties.has(key), () => `${key} has duties of a coalition that it is no member of`);
  }
}

/** How a member is found in books of duties. */
function keyOf(member: Pick<CoalitionMember, 'assetId' | 'coalitionId'> | undefined): string | undefined {
  return member === undefined ? undefined : `${member.assetId} ${member.coalitionId}`;
}

function auditPlanned(
  { row, versions }: VersionedRow<Coalition>,
  members: readonly VersionedRow<CoalitionMember>[],
  { cases, plans }: PlannedCases,
  findings: Findings,
): void {
  const [first] = versions;
  if (first === undefined) {
    return;
  }
  const { memberCount, planId, requestId, slices, stepSlots, terms } = first.value;
  const [asked, plan] = [cases.get(planId), plans.get(planId)];
  const due = findings.attempt(nameOf(row), () => {
    if (asked === undefined || plan === undefined) {
      throw new RangeError('its plan is not on the ledger');
    }
    return plannedCoalition({ asked, plan }, requestId);
  });
  const begun = members.flatMap(({ versions: [one] }) => one?.value ?? []);
  findings.expect(
    due === undefined ||
      (due.firstSlot === first.value.firstSlot &&
        due.stepSlots === stepSlots &&
        due.marginPpm === terms.marginPpm &&
        due.slicesW.join() === slices.map(({ offeredW }) => offeredW).join() &&
        memberCount === begun.length &&
        powersOf(due.members) === powersOf(begun)),
    () => `${nameOf(row)} is not what its plan makes of its request`,
  );
}

interface PromisedPowers {
  readonly assetId: string;
  readonly powersW: readonly bigint[];
  readonly firmPpm: bigint;
}

function powersOf(all: readonly PromisedPowers[]): string {
  return all
    .map(({ assetId, firmPpm, powersW }) => `${assetId} ${firmPpm} ${powersW.join()}`)
    .sort()
    .join('\n');
}

function auditConsent({ row, versions }: VersionedRow<CoalitionMember>, findings: Findings): void {
  versions.forEach(({ value }, index) => {
    const isFirst = index > 0 || value.consent === 'mandate' || value.consent === 'open';
    findings.expect(hasSigned(value) && isFirst, () => `${nameOf(row)} takes part, or has left, without a signature`);
    const [first] = versions.map((one) => one.value);
    findings.expect(
      first !== undefined && powersOf([first]) === powersOf([value]),
      () => `${nameOf(row)} promises something else than it began with`,
    );
  });
}

function hasSigned({ answer, consent, leftFromSlot }: CoalitionMember): boolean {
  if (consent === 'left') {
    return answer?.transaction === 'leaveCoalition' && leftFromSlot !== undefined;
  }
  return consent !== 'signed' || answer?.transaction === 'consentCoalition';
}

function auditPromise(
  coalitionRow: VersionedRow<Coalition>,
  memberRow: VersionedRow<CoalitionMember>,
  booked: ReadonlyMap<string, string>,
  duties: ReadonlyMap<string, string>,
  findings: Findings,
): void {
  const [coalition, member] = [presentValue(coalitionRow), presentValue(memberRow)];
  if (coalition === undefined || member === undefined) {
    return;
  }
  const { assetId, coalitionId, participantId } = member;
  const promiseId = memberPromiseId(coalitionId, assetId);
  const { promised, serving } = dueOf(coalition, member);
  const own = booked.get(`${assetId} ${promiseId}`) ?? '';
  // The book of the connection is kept only where the rule set says so; what stands in it is the same.
  const connection = booked.get(`${connectionAssetId(participantId)} ${promiseId}`) ?? own;
  findings.expect(
    own === promised && connection === promised,
    () => `the books do not have what ${nameOf(memberRow.row)} promises`,
  );
  findings.expect(
    (duties.get(`${assetId} ${coalitionId}`) ?? '') === serving,
    () => `the duties of an asset are not those of ${nameOf(memberRow.row)}`,
  );
}

/** What stands in the books and duties of a member; nothing of a coalition that ended without a buyer, or of one who takes no part. */
function dueOf(coalition: Coalition, member: CoalitionMember): { readonly promised: string; readonly serving: string } {
  const isOver = coalition.state === 'EXPIRED' || coalition.state === 'REJECTED';
  if (isOver || member.consent === 'declined') {
    return { promised: '', serving: '' };
  }
  const slots = memberSlots(coalition, member).map(({ slot }) => slot);
  return { promised: textOf(memberPromises(coalition, member, anyClass)), serving: slots.join() };
}

/** The class does not matter for what is promised. */
const anyClass = { name: 'any', rank: 0 } as const;

function bookedPromises(rows: AuditRows, findings: Findings): ReadonlyMap<string, string> {
  const parts = new Map<string, Commitment[]>();
  for (const { value } of decodeRows(rows, ROW_TYPES.commitmentDay, rowCodec(commitmentDayCodec), findings)) {
    for (const entry of value.commitments.filter(({ purpose }) => purpose === 'vpp')) {
      const key = `${value.assetId} ${entry.promiseId}`;
      parts.set(key, [...(parts.get(key) ?? []), entry]);
    }
  }
  return new Map([...parts].map(([key, entries]) => [key, textOf(entries)]));
}

/** The slots in which each asset serves each coalition; an asset that serves two in one of them is a finding. */
function bookedDuties(rows: AuditRows, findings: Findings): ReadonlyMap<string, string> {
  const slots = new Map<string, number[]>();
  for (const { row, value } of decodeRows(rows, ROW_TYPES.assetDuties, rowCodec(assetDutiesCodec), findings)) {
    const all = value.duties.flatMap((duty) => duty.slots);
    findings.expect(new Set(all).size === all.length, () => `${nameOf(row)} serves two coalitions at a time`);
    for (const duty of value.duties) {
      const key = `${row.parts[0] ?? ''} ${duty.coalitionId}`;
      slots.set(key, [...(slots.get(key) ?? []), ...duty.slots]);
    }
  }
  return new Map([...slots].map(([key, found]) => [key, found.sort((left, right) => left - right).join()]));
}

/** What is promised in which slots, whatever the class. */
function textOf(entries: readonly Commitment[]): string {
  return entries
    .flatMap(({ direction, firstSlot, powersW }) =>
      powersW.flatMap((powerW, index) => (powerW === 0n ? [] : [`${direction} ${firstSlot + index} ${powerW}`])),
    )
    .sort()
    .join('\n');
}
