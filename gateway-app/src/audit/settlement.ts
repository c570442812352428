import {
  currentTotal,
  positionCodec,
  rowCodec,
  type Amendment,
  type CurrentTotal,
  type Line,
  type MeterInput,
  type Position,
  type PostingSet,
  type Slot,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from './decoded-rows';
import type { Findings, InvariantResult } from './findings';
import type { AuditRow, AuditRows } from './fold';
import { amendmentRows, readingTotals, totalKey, type LedgerTotal } from './meters';
import { moneyFindings, type MoneyRows } from './money';
import { isBefore } from './place';
import { ROW_TYPES } from './row-types';

interface SettledLine {
  readonly row: AuditRow;
  readonly line: Line;
  readonly sessionId: string;
  readonly run: number;
  readonly slot: Slot;
}

function settledSets({ sets }: MoneyRows): readonly DecodedRow<PostingSet>[] {
  return sets.filter(({ value }) => value.cause.kind === 'settlement');
}

function settledLines(money: MoneyRows): readonly SettledLine[] {
  return settledSets(money).flatMap(({ row, value: { cause, lines = [] } }) => {
    if (cause.kind !== 'settlement') {
      return [];
    }
    const { sessionId, run, slot } = cause;
    return lines.map((line) => ({ row, line, sessionId, run, slot }));
  });
}

/**
 * I4: per quarter hour and seller, sold = delivered + shortfall; per participant, what its meters counted is its position
 * and its deviation (both checked by the fold of the posting sets). The readings that went in are the versions that were in force on the ledger,
 * and the quarter hours of an interval sum to the position.
 */
export function auditBalance(rows: AuditRows, money: MoneyRows): InvariantResult {
  const findings = moneyFindings('I4', 'settled quarter hours of participants', money);
  const totals = readingTotals(rows, findings);
  const amendments = amendmentRows(rows, findings);
  const lines = settledLines(money);
  for (const { row, line, slot } of lines) {
    findings.count();
    for (const input of line.meters) {
      findings.expect(
        isSameInput(
          input,
          inForce(totals.get(totalKey(input.meterId, slot)), amendments.get(input.meterId) ?? [], slot, row),
        ),
        () =>
          `${line.participantId} in ${nameOf(row)} was settled with a reading of ${input.meterId} that the ledger did not have`,
      );
    }
  }
  auditPositions(rows, lines, findings);
  return findings.result();
}

/**
 * The total of a meter's quarter hour that was in force when a transaction was committed: a reading or an amendment that came later
 * counts for nothing.
 */
function inForce(
  total: LedgerTotal | undefined,
  amendments: readonly DecodedRow<Amendment>[],
  slot: Slot,
  settlement: AuditRow,
): CurrentTotal {
  const readings = total !== undefined && isBefore(total.row, settlement) ? [total.reading] : [];
  const earlier = amendments.filter(({ row }) => isBefore(row, settlement)).map(({ value }) => value);
  return currentTotal(readings, earlier, slot);
}

function isSameInput(input: MeterInput, total: CurrentTotal): boolean {
  return (
    input.blockStartSlot === total.blockStartSlot &&
    (input.version ?? 0) === total.version &&
    input.importWh === total.importWh &&
    input.exportWh === total.exportWh &&
    input.quality === total.quality
  );
}

/** The four quarter hours of an interval, once all are settled, sum to the traded position in energy and money. */
function auditPositions(rows: AuditRows, lines: readonly SettledLine[], findings: Findings): void {
  const positions = decodeRows(rows, ROW_TYPES.position, rowCodec(positionCodec), findings);
  for (const { row, value } of positions) {
    const own = lines.filter((settled) => isOfPosition(settled, value));
    for (const { line } of own) {
      const isItsTrade = line.intervalBoughtWh === value.boughtWh && line.intervalSoldWh === value.soldWh;
      const isItsMoney = line.intervalBuyMicro === value.buyMicro && line.intervalSellMicro === value.sellMicro;
      findings.expect(isItsTrade && isItsMoney, () => `${nameOf(row)} was settled as another position`);
    }
    if (own.length === 4) {
      const sumOf = (part: 'boughtWh' | 'soldWh' | 'buyMicro' | 'sellMicro'): bigint =>
        own.reduce((sum, { line }) => sum + line[part], 0n);
      const parts = ['boughtWh', 'soldWh', 'buyMicro', 'sellMicro'] as const;
      findings.expect(
        parts.every((part) => sumOf(part) === value[part]),
        () => `the quarter hours of ${nameOf(row)} do not sum to it`,
      );
    }
  }
}

function isOfPosition({ line, sessionId, slot }: SettledLine, position: Position): boolean {
  return (
    line.participantId === position.participantId &&
    sessionId === position.sessionId &&
    slot >= position.firstSlot &&
    slot < position.firstSlot + 4
  );
}

/** I13: each quarter hour of each participant is settled once per run, and no repetition has added or changed a posting. */
export function auditRuns(money: MoneyRows): InvariantResult {
  const findings = moneyFindings('I13', 'settled quarter hours of buckets', money);
  for (const { row } of settledSets(money)) {
    findings.count();
    expectWrittenOnce(row, findings);
  }
  const seen = new Map<string, AuditRow>();
  for (const { row, line, sessionId, run, slot } of settledLines(money)) {
    const key = [sessionId, run, slot, line.participantId].join('/');
    const earlier = seen.get(key);
    findings.expect(
      earlier === undefined,
      () => `${line.participantId} is settled for slot ${slot} in ${earlier ? nameOf(earlier) : ''} and ${nameOf(row)}`,
    );
    seen.set(key, row);
  }
  return findings.result();
}
