import {
  canonicalJson,
  flexSettlementCodec,
  orderToSettle,
  payerCover,
  postFlexSettlement,
  postingSetCodec,
  postingSetId,
  rowCodec,
  settleFlexOrder,
  type FlexSettlement,
  type ParticipantId,
  type PostingSet,
  type ProgrammeTerms,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { auditCovers, coverBefore, payerHad, readCovers, type CoverRows } from './covers';
import { readFlexibility, type FlexibilityRows } from './rows';
import { auditEventPromises } from './promises';
import { auditSplits } from './splits';
import { auditTracking } from './tracking';
import type { MoneyRows } from '../money/money';
import { ROW_TYPES } from '../row-types';
import { auditFlexibilityLines } from '../money/settlement-flexibility';
import { valueBefore } from '../versions';

/**
 * I22: every settlement of an order of flexibility is what the rule makes of the order, its events, what they were tracked with and the terms, all as they
 * stood when it was settled, and its posting set moves what differs from the version before; what events were tracked with follows from
 * frozen baselines and readings, and baselines from the readings that had come by the notice; the split of an order is the proven answer to its
 * case, or the merit order; what events ask for stands in the books; and positions were corrected by what was tracked, no more and no less.
 */
export function auditFlexibility(rows: AuditRows, money: MoneyRows): InvariantResult {
  const findings = new Findings('I22', 'settlements, events and splits of flexibility');
  const hasFlexibility = [ROW_TYPES.flexEvent, ROW_TYPES.flexSettlement, ROW_TYPES.split].some(
    (type) => rows.rows(type).length > 0,
  );
  const known = hasFlexibility ? readFlexibility(rows, findings) : undefined;
  auditOrderPostings(rows, money, findings);
  if (known !== undefined) {
    auditSettlements(rows, known, money, findings);
    auditTracking(known, findings);
    auditSplits(rows, known, findings);
    auditEventPromises(rows, known, findings);
  }
  auditFlexibilityLines(rows, known, money, findings);
  return findings.result();
}

function auditOrderPostings(rows: AuditRows, { sets }: MoneyRows, findings: Findings): void {
  for (const { row, value } of sets) {
    const { cause } = value;
    const settled =
      cause.kind !== 'flexibility' ||
      rows.row(ROW_TYPES.flexSettlement, cause.orderId, versionText(cause.version)) !== undefined;
    findings.expect(settled, () => `${nameOf(row)} belongs to no settlement of an order`);
  }
}

/** The last part of the key of a settlement's version. */
function versionText(version: number): string {
  return String(version).padStart(4, '0');
}

function auditSettlements(rows: AuditRows, known: FlexibilityRows, { sets }: MoneyRows, findings: Findings): void {
  const covers = readCovers(rows, findings);
  auditCovers(covers, known, sets, findings);
  const posted = new Map(sets.map((set) => [postingSetId(set.value.cause), set]));
  const settlements = decodeRows(rows, ROW_TYPES.flexSettlement, rowCodec(flexSettlementCodec), findings);
  const versions = new Map(settlements.map((one) => [`${one.value.orderId} ${one.value.version}`, one.value]));
  for (const settlement of settlements) {
    const { row, value } = settlement;
    findings.count();
    expectWrittenOnce(row, findings);
    const previous = versions.get(`${value.orderId} ${value.version - 1}`);
    findings.expect(value.version === 1 || previous !== undefined, () => `${nameOf(row)} follows no version before it`);
    const due = findings.attempt(nameOf(row), () => settledAgain(settlement, known, covers, previous));
    findings.expect(
      due === undefined || textOf(due) === textOf(value),
      () => `${nameOf(row)} is not what the rule makes of its order, events and terms`,
    );
    const set = posted.get(postingSetId({ kind: 'flexibility', orderId: value.orderId, version: value.version }));
    findings.expect(
      set !== undefined && isSameTransaction(set.row, row) && isPosted(set.value, value, previous),
      () => `${nameOf(row)} was not posted as it says`,
    );
  }
}

/** The settlement that follows from what stood on the ledger when this one was made. */
function settledAgain(
  { row, value }: DecodedRow<FlexSettlement>,
  known: FlexibilityRows,
  covers: CoverRows,
  previous: FlexSettlement | undefined,
): FlexSettlement {
  const { orderId } = value;
  const order = known.orders.get(orderId);
  if (order === undefined) {
    throw new RangeError('its order is not on the ledger');
  }
  const events = known.events.flatMap((event) => {
    const before = valueBefore(event, row);
    return before?.orderId === orderId ? [before] : [];
  });
  const performances = known.performances.flatMap((line) => {
    const before = valueBefore(line, row);
    return before?.orderId === orderId ? [before] : [];
  });
  const terms = new Map<ParticipantId, ProgrammeTerms>(
    events.flatMap(({ participantId, programmeId }) => {
      const own = known.terms.get(programmeId);
      return own === undefined ? [] : [[participantId, own]];
    }),
  );
  const transferPriceMicroPerKwh = known.rulesAt(row)?.flexibility?.transferPriceMicroPerKwh ?? 0n;
  const cover = coverBefore(covers, order, row);
  const payerCoverMicro = payerCover(payerHad(covers, order, cover, row), previous);
  const asked = { order, events, performances, terms, payerCoverMicro, cover, transferPriceMicroPerKwh };
  return settleFlexOrder(orderToSettle(asked), previous);
}

function isPosted(set: PostingSet, settlement: FlexSettlement, previous: FlexSettlement | undefined): boolean {
  const due = postFlexSettlement(settlement, previous);
  return canonicalJson(postingSetCodec.encode(set)) === canonicalJson(postingSetCodec.encode(due));
}

function isSameTransaction(left: AuditRow, right: AuditRow): boolean {
  return left.transactionId === right.transactionId;
}

function textOf(settlement: FlexSettlement): string {
  return canonicalJson(flexSettlementCodec.encode(settlement));
}
