import {
  canonicalJson,
  coverAfter,
  coverOfOrder,
  flexCoverCodec,
  flexibilityFundCodec,
  limitRowCodec,
  releaseCover,
  rowCodec,
  type FlexCover,
  type FlexibilityFund,
  type FlexOrder,
  type LimitRow,
  type PostingSet,
} from '@flexledger/domain';
import { nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { FlexibilityRows } from './rows';
import type { AuditRows } from '../fold';
import type { Place } from '../place';
import { ROW_TYPES } from '../row-types';
import { valueBefore, versionedRows, type VersionedRow } from '../versions';

/** What is set aside for orders, and what those who pay without that had, each with all its values. */
export interface CoverRows {
  readonly covers: ReadonlyMap<string, VersionedRow<FlexCover>>;
  readonly funds: readonly VersionedRow<FlexibilityFund>[];
  readonly limits: readonly VersionedRow<LimitRow>[];
}

/** Reads it. */
export function readCovers(rows: AuditRows, findings: Findings): CoverRows {
  const covers = versionedRows(rows, ROW_TYPES.flexCover, rowCodec(flexCoverCodec), findings);
  return {
    covers: new Map(covers.map((cover) => [cover.row.parts.join('/'), cover])),
    funds: versionedRows(rows, ROW_TYPES.flexibilityFund, rowCodec(flexibilityFundCodec), findings),
    limits: versionedRows(rows, ROW_TYPES.limit, rowCodec(limitRowCodec), findings),
  };
}

/** What was set aside for an order when a transaction read it; undefined where it was placed without cover. */
export function coverBefore({ covers }: CoverRows, { orderId }: FlexOrder, place: Place): FlexCover | undefined {
  const cover = covers.get(orderId);
  return cover === undefined ? undefined : valueBefore(cover, place);
}

/** What whoever pays for an order had for it: what was set aside, or else what the fund or the producer could dispose of. */
export function payerHad(known: CoverRows, order: FlexOrder, cover: FlexCover | undefined, place: Place): bigint {
  if (cover?.state === 'HELD') {
    return cover.payerMicro;
  }
  const { gridId, requesterId } = order;
  const before =
    requesterId === undefined
      ? known.funds.map((row) => valueBefore(row, place)).find((fund) => fund?.gridId === gridId)
      : known.limits.map((row) => valueBefore(row, place)).find((limit) => limit?.participantId === requesterId);
  return before?.availableMicro ?? 0n;
}

/**
 * What is set aside for an order is what the rule set asked for when it was placed; each settlement leaves of it what its posting set does, and
 * it is given back once, whole.
 */
export function auditCovers(
  { covers }: CoverRows,
  known: FlexibilityRows,
  sets: readonly DecodedRow<PostingSet>[],
  findings: Findings,
): void {
  const settled = sets.filter(({ value }) => value.cause.kind === 'flexibility');
  for (const { row, versions } of covers.values()) {
    versions.forEach(({ place, value }, index) => {
      findings.count();
      const order = known.orders.get(value.orderId);
      const before = versions[index - 1]?.value;
      const set = settled.find(({ row: posting }) => isSamePlace(posting, place))?.value;
      const due = findings.attempt(nameOf(row), () =>
        order === undefined ? undefined : coverDue(known, order, before, set, place),
      );
      findings.expect(
        due !== undefined && textOf(due) === textOf(value),
        () => `${nameOf(row)} is not what was to be set aside, paid out of it or given back`,
      );
    });
  }
}

function coverDue(
  known: FlexibilityRows,
  order: FlexOrder,
  before: FlexCover | undefined,
  set: PostingSet | undefined,
  place: Place,
): FlexCover | undefined {
  if (before === undefined) {
    const rules = known.rulesAt(place)?.flexibility;
    return rules === undefined ? undefined : coverOfOrder(order, rules);
  }
  return set === undefined
    ? releaseCover(before, { ...order, state: 'SETTLED' }, true).cover
    : coverAfter(before, order, set);
}

function isSamePlace(left: Place, right: Place): boolean {
  return left.blockNumber === right.blockNumber && left.transactionIndex === right.transactionIndex;
}

function textOf(cover: FlexCover): string {
  return canonicalJson(flexCoverCodec.encode(cover));
}
