import {
  acceptCoalition,
  canonicalJson,
  coalitionToRemunerate,
  highestCostMicro,
  netCreditMicro,
  paidOutOf,
  postingSetCodec,
  postingSetId,
  postRemuneration,
  releasePayment,
  remunerate,
  remunerationCodec,
  rowCodec,
  serviceFundCodec,
  sum,
  type Coalition,
  type PostingSet,
  type Remuneration,
} from '@flexledger/domain';
import { standing, type CoalitionRows } from './rows';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import type { MoneyRows } from '../money/money';
import type { Place } from '../place';
import { isBefore } from '../place';
import { ROW_TYPES } from '../row-types';
import { presentValue, type VersionedRow } from '../versions';

/**
 * Every remuneration is what the rule makes of its coalition, its members, its verified deliveries and the positions that were corrected, all as they
 * stood when it was made, shared once more by the same rule; its posting set moves what differs from the version before. What is locked for a
 * coalition is what its acceptance set aside less what was paid; and what organisations have for services is what they paid in.
 */
export function auditRemunerations(rows: AuditRows, known: CoalitionRows, money: MoneyRows, findings: Findings): void {
  auditSets(rows, money, findings);
  const posted = new Map(money.sets.map((set) => [postingSetId(set.value.cause), set]));
  const versions = new Map(known.remunerations.map(({ value }) => [`${value.coalitionId} ${value.version}`, value]));
  for (const remuneration of known.remunerations) {
    const { row, value } = remuneration;
    findings.count();
    expectWrittenOnce(row, findings);
    const previous = versions.get(`${value.coalitionId} ${value.version - 1}`);
    findings.expect(value.version === 1 || previous !== undefined, () => `${nameOf(row)} follows no version before it`);
    const due = findings.attempt(nameOf(row), () => remuneratedAgain(remuneration, known, previous));
    findings.expect(
      due === undefined || textOf(due) === textOf(value),
      () => `${nameOf(row)} is not what the rule makes of its coalition and deliveries`,
    );
    const set = posted.get(postingSetId({ kind: 'vpp', coalitionId: value.coalitionId, version: value.version }));
    findings.expect(
      set?.row.transactionId === row.transactionId && isPosted(set.value, value, previous),
      () => `${nameOf(row)} was not posted as it says`,
    );
  }
  for (const coalition of known.coalitions) {
    auditLocked(coalition, known, posted, findings);
  }
  auditFunds(rows, known, money, findings);
}

function auditSets(rows: AuditRows, { sets }: MoneyRows, findings: Findings): void {
  for (const { row, value } of sets) {
    const { cause } = value;
    const version = cause.kind === 'vpp' ? String(cause.version).padStart(4, '0') : '';
    const isPaid = cause.kind !== 'vpp' || rows.row(ROW_TYPES.remuneration, cause.coalitionId, version) !== undefined;
    findings.expect(isPaid, () => `${nameOf(row)} belongs to no remuneration of a coalition`);
  }
}

function remuneratedAgain(
  { row, value }: DecodedRow<Remuneration>,
  known: CoalitionRows,
  previous: Remuneration | undefined,
): Remuneration {
  const { coalitionId } = value;
  const coalition = standing(known.coalitions, coalitionId, row)[0];
  const rules = known.rulesAt(row);
  if (coalition === undefined || rules?.vpp === undefined) {
    throw new RangeError('its coalition or the rules were not there');
  }
  const settled = known.settled.filter((one) => one.value.coalitionId === coalitionId && isBefore(one.row, row));
  const asked = coalitionToRemunerate({
    coalition,
    members: standing(known.members, coalitionId, row),
    deliveries: standing(known.deliveries, coalitionId, row),
    settled: settled.map((one) => one.value),
    rules: rules.vpp,
    flexibilityTransferMicroPerKwh: rules.flexibility?.transferPriceMicroPerKwh ?? 0n,
    previous,
  });
  return remunerate(asked, previous);
}

function isPosted(set: PostingSet, remuneration: Remuneration, previous: Remuneration | undefined): boolean {
  const due = postRemuneration(remuneration, previous);
  return canonicalJson(postingSetCodec.encode(set)) === canonicalJson(postingSetCodec.encode(due));
}

/** Each value of a coalition follows from the one before: its lock when it is accepted, paid and given back. */
function auditLocked(
  { row, versions }: VersionedRow<Coalition>,
  { remunerations }: CoalitionRows,
  posted: ReadonlyMap<string, DecodedRow<PostingSet>>,
  findings: Findings,
): void {
  versions.forEach(({ place, value }, index) => {
    const before = versions[index - 1]?.value;
    const paid = remunerations.find(
      (one) => one.value.coalitionId === value.coalitionId && isSamePlace(one.row, place),
    );
    const set = paid === undefined ? undefined : posted.get(postingSetId({ kind: 'vpp', coalitionId: value.coalitionId, version: paid.value.version })); // prettier-ignore
    const due = findings.attempt(nameOf(row), () => lockedAfter(before, value, set?.value));
    findings.expect(
      due === value.lockedMicro,
      () => `${nameOf(row)} has other money set aside than it was given and paid`,
    );
  });
}

function lockedAfter(before: Coalition | undefined, now: Coalition, set: PostingSet | undefined): bigint | undefined {
  if (before === undefined) {
    return undefined;
  }
  if (set !== undefined) {
    return paidOutOf(before, set).coalition.lockedMicro;
  }
  if (before.state === 'OFFERED' && now.state === 'ACCEPTED' && before.offer !== undefined) {
    return highestCostMicro(acceptCoalition(before, false), before.offer);
  }
  if (before.state === 'SETTLED' && now.lockedMicro === undefined) {
    return releasePayment(before, true).coalition.lockedMicro;
  }
  return before.lockedMicro;
}

function auditFunds(rows: AuditRows, { coalitions }: CoalitionRows, { sets }: MoneyRows, findings: Findings): void {
  const funds = decodeRows(rows, ROW_TYPES.serviceFund, rowCodec(serviceFundCodec), findings);
  const held = sum(funds.map(({ value }) => value.availableMicro + value.lockedMicro));
  const balance = sum(sets.map(({ value }) => netCreditMicro(value.entries, 'vpp')));
  findings.expect(held === balance, () => `organisations have ${held} for services of the ${balance} of their account`);
  for (const { row, value } of funds) {
    const own = coalitions.flatMap((one) => presentValue(one) ?? []).filter(({ buyer }) => buyer.mspId === value.mspId);
    const locked = sum(own.map(({ lockedMicro }) => lockedMicro ?? 0n));
    findings.expect(locked === value.lockedMicro, () => `${nameOf(row)} has other money locked than its coalitions`);
  }
}

function isSamePlace(left: Place, right: Place): boolean {
  return left.blockNumber === right.blockNumber && left.transactionIndex === right.transactionIndex;
}

function textOf(remuneration: Remuneration): string {
  return canonicalJson(remunerationCodec.encode(remuneration));
}
