import {
  countedTrade,
  coversSlot,
  currentTotal,
  imbalancePriceCodec,
  micro,
  positionCodec,
  positionSlots,
  quarterTrade,
  rowCodec,
  sessionCodec,
  slotPositionOf,
  slotText,
  sum,
  wh,
  type Amendment,
  type CurrentTotal,
  type Line,
  type MeterInput,
  type Position,
  type PostingSet,
  type QuarterTrade,
  type Session,
  type Slot,
} from '@flexledger/domain';
import { auditCurtailment } from '../market/curtailment';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings, InvariantResult } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { amendmentRows, readingTotals, totalKey, type LedgerTotal } from '../meters/meters';
import { moneyFindings, type MoneyRows } from './money';
import { isBefore, type Place } from '../place';
import { ROW_TYPES } from '../row-types';

/** One participant's line of a settled quarter hour and where it stands. */
export interface SettledLine {
  readonly row: AuditRow;
  readonly line: Line;
  readonly sessionId: string;
  readonly run: number;
  readonly slot: Slot;
}

function settledSets({ sets }: MoneyRows): readonly DecodedRow<PostingSet>[] {
  return sets.filter(({ value }) => value.cause.kind === 'settlement');
}

/** The lines of all settlements. */
export function settledLines(money: MoneyRows): readonly SettledLine[] {
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
  auditPrices(rows, money, findings);
  auditCurtailment(rows, lines, sessionsById(rows, findings), findings);
  return findings.result();
}

/**
 * The total of a meter's quarter hour that was in force when a transaction was committed: a reading or an amendment that came later
 * counts for nothing.
 */
export function inForce(
  total: LedgerTotal | undefined,
  amendments: readonly DecodedRow<Amendment>[],
  slot: Slot,
  settlement: Place,
): CurrentTotal {
  const readings = total !== undefined && isBefore(total.row, settlement) ? [total.reading] : [];
  const earlier = amendments.filter(({ row }) => isBefore(row, settlement)).map(({ value }) => value);
  return currentTotal(readings, earlier, slot);
}

/** True where an input of a settlement is a total as it was in force. */
export function isSameInput(input: MeterInput, total: CurrentTotal): boolean {
  return (
    input.blockStartSlot === total.blockStartSlot &&
    (input.version ?? 0) === total.version &&
    input.importWh === total.importWh &&
    input.exportWh === total.exportWh &&
    input.quality === total.quality
  );
}

/** A price that settled a slot is the one that was filed for it, once, and the rule set of the session asks for one. */
function auditPrices(rows: AuditRows, money: MoneyRows, findings: Findings): void {
  const filed = decodeRows(rows, ROW_TYPES.imbalancePrice, rowCodec(imbalancePriceCodec), findings);
  filed.forEach(({ row }) => {
    expectWrittenOnce(row, findings);
  });
  const priceOf = new Map(filed.map(({ value }) => [`${value.gridId} ${value.slot}`, value.priceMicroPerKwh]));
  const sessions = sessionsById(rows, findings);
  for (const { row, value } of settledSets(money)) {
    const session = value.cause.kind === 'settlement' ? sessions.get(value.cause.sessionId) : undefined;
    if (session !== undefined && value.cause.kind === 'settlement') {
      const { pricing, priceMicroPerKwh } = value.prices?.imbalance ?? {};
      const isPriced = pricing === undefined || pricing === session.ruleSet.imbalancePricing;
      const isFiled =
        pricing === undefined || priceMicroPerKwh === priceOf.get(`${session.gridId} ${value.cause.slot}`);
      findings.expect(isPriced && isFiled, () => `${nameOf(row)} was settled with a price that nobody filed`);
    }
  }
}

/** What one quarter hour of a participant took from one position. */
interface SettledPart {
  readonly slot: Slot;
  /** The whole interval's trade as the line lists it. */
  readonly interval: QuarterTrade;
  readonly quarter: QuarterTrade;
}

/**
 * Every position is settled as it stands on the ledger, its quarter hours once all are settled sum to it in energy and money, and no
 * line leaves out a position that covers its slot or lists one that the ledger does not have.
 */
function auditPositions(rows: AuditRows, lines: readonly SettledLine[], findings: Findings): void {
  const positions = decodeRows(rows, ROW_TYPES.position, rowCodec(positionCodec), findings);
  const sessions = sessionsById(rows, findings);
  const grids = positionGrids(rows);
  const byParticipant = groupBy(lines, ({ line }) => line.participantId);
  const expected = new Map<SettledLine, number>();
  for (const position of positions) {
    const { participantId } = position.value;
    const own = (byParticipant.get(participantId) ?? []).filter((settled) =>
      covers(settled, position.value, sessions, grids),
    );
    own.forEach((settled) => expected.set(settled, (expected.get(settled) ?? 0) + 1));
    auditPosition(position, own, findings);
  }
  for (const settled of lines) {
    const listed = (settled.line.positions ?? []).length + (hasOwnTrade(settled.line) ? 1 : 0);
    findings.expect(
      listed === (expected.get(settled) ?? 0),
      () => `${settled.line.participantId} was settled in ${nameOf(settled.row)} with a position that is not there`,
    );
  }
}

/** The grids of positions beside day-ahead ones, by what `covers` finds them with. */
export function positionGrids(rows: AuditRows): ReadonlyMap<string, string> {
  return new Map(
    rows.rows(ROW_TYPES.slotPosition).map(({ parts: [gridId = '', ...place] }) => [place.join('/'), gridId]),
  );
}

function auditPosition({ row, value }: DecodedRow<Position>, own: readonly SettledLine[], findings: Findings): void {
  const parts = own.flatMap((settled) => partOf(settled, value));
  findings.expect(parts.length === own.length, () => `${nameOf(row)} was left out of a settlement of its slots`);
  findings.expect(
    parts.every(({ interval }) => TRADE_PARTS.every((key) => interval[key] === value[key])),
    () => `${nameOf(row)} was settled as another position`,
  );
  const isWhole = parts.length === positionSlots(value);
  findings.expect(
    !isWhole || TRADE_PARTS.every((key) => sum(parts.map(({ quarter }) => quarter[key])) === value[key]),
    () => `the quarter hours of ${nameOf(row)} do not sum to it`,
  );
}

const TRADE_PARTS = ['boughtWh', 'soldWh', 'buyMicro', 'sellMicro'] as const;

/** Groups things by a text. */
export function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

/** The sessions of a ledger. */
export function sessionsById(rows: AuditRows, findings: Findings): ReadonlyMap<string, Session> {
  const decoded = decodeRows(rows, ROW_TYPES.session, rowCodec(sessionCodec), findings);
  return new Map(decoded.map(({ value }) => [value.sessionId, value]));
}

/** A position is settled with the day-ahead session of its grid: its own, or the one that its session or contract stands beside. */
export function covers(
  { sessionId, slot }: Pick<SettledLine, 'sessionId' | 'slot'>,
  position: Position,
  sessions: ReadonlyMap<string, Session>,
  grids: ReadonlyMap<string, string>,
): boolean {
  const place = `${slotText(position.firstSlot)}/${position.participantId}.${position.sessionId}`;
  const gridId = grids.get(place) ?? sessions.get(position.sessionId)?.gridId;
  const isOwn = sessionId === position.sessionId;
  const isBeside = sessions.get(position.sessionId)?.kind !== 'day-ahead' && gridId === sessions.get(sessionId)?.gridId;
  return (isOwn || isBeside) && coversSlot(slotPositionOf(position), slot);
}

function hasOwnTrade({ intervalBoughtWh, intervalSoldWh }: Line): boolean {
  return intervalBoughtWh > 0n || intervalSoldWh > 0n;
}

/** What a line took from a position: the line's own trade is that of its day-ahead session, the others are listed. */
function partOf({ line, sessionId, slot }: SettledLine, position: Position): readonly SettledPart[] {
  if (sessionId === position.sessionId) {
    const interval = {
      boughtWh: line.intervalBoughtWh,
      soldWh: line.intervalSoldWh,
      buyMicro: line.intervalBuyMicro,
      sellMicro: line.intervalSellMicro,
    };
    return [{ slot, interval, quarter: ownQuarter(line, slot) }];
  }
  const listed = (line.positions ?? []).find(
    (one) => one.sessionId === position.sessionId && one.firstSlot === position.firstSlot,
  );
  return listed === undefined
    ? []
    : [{ slot, interval: listed, quarter: quarterTrade(listed, listed.intervalSlots, slot - listed.firstSlot) }];
}

/** What remains of a line's trade for its day-ahead session once the parts of all others are taken out. */
function ownQuarter({ boughtWh, buyMicro, positions = [], sellMicro, soldWh }: Line, slot: Slot): QuarterTrade {
  const others = positions.map((one) => countedTrade(one, slot));
  return {
    boughtWh: wh(boughtWh - sum(others.map((part) => part.boughtWh))),
    soldWh: wh(soldWh - sum(others.map((part) => part.soldWh))),
    buyMicro: micro(buyMicro - sum(others.map((part) => part.buyMicro))),
    sellMicro: micro(sellMicro - sum(others.map((part) => part.sellMicro))),
  };
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
