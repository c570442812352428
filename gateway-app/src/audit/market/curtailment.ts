import {
  canonicalJson,
  clearingCodec,
  curtailmentInputCodec,
  curtailmentInputOf,
  curtailmentInputsOf,
  gridOutcomeCodec,
  limitationCodec,
  meterCodec,
  rowCodec,
  setPointCodec,
  sum,
  type CurtailmentInput,
  type IntervalPrices,
  type Limitation,
  type LimitInForce,
  type LineCurtailment,
  type Line,
  type Session,
  type Slot,
} from '@flexledger/domain';
import { decodeRows, nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { ROW_TYPES } from '../row-types';

/** A settled line and where it stands. */
export interface LimitedLine {
  readonly row: AuditRow;
  readonly line: Line;
  readonly sessionId: string;
  readonly slot: Slot;
}

/**
 * Every line lists the limits that held for its connections in the quarter hour and are compensated, no more and no fewer, with what the
 * ledger says of them: possible energy, limit, price and cover. What was set aside for a limitation is what its limits have, and what was
 * freed again is what their settlements left of it. What the rule makes of these inputs the fold of the posting sets has checked.
 */
export function auditCurtailment(
  rows: AuditRows,
  lines: readonly LimitedLine[],
  sessions: ReadonlyMap<string, Session>,
  findings: Findings,
): void {
  const known = readLimits(rows, findings);
  const pricesOf = intervalPrices(rows, sessions, findings);
  const buses = new Map(
    decodeRows(rows, ROW_TYPES.meter, rowCodec(meterCodec), findings).map(({ value }) => [value.meterId, value.bus]),
  );
  for (const { line, row, sessionId, slot } of lines) {
    const session = sessions.get(sessionId);
    if (session !== undefined) {
      const held = (known.get(line.participantId) ?? []).filter((one) => isHolding(one, session.gridId, slot));
      const meters = line.meters.map((input) => ({ bus: buses.get(input.meterId) ?? '', input }));
      const due = held.length === 0 ? [] : curtailmentInputsOf(held, meters, pricesOf(session, slot));
      const listed = (line.curtailments ?? []).map(curtailmentInputOf);
      findings.expect(
        textOf(listed) === textOf(due),
        () => `${line.participantId} was settled in ${nameOf(row)} with other limits than those that held`,
      );
    }
  }
  const settled = lines.flatMap(({ line }) => line.curtailments ?? []);
  auditCovers(rows, [...known.values()].flat(), settled, findings);
}

function textOf(inputs: readonly CurtailmentInput[]): string {
  return canonicalJson(inputs.map((input) => curtailmentInputCodec.encode(input)));
}

/** All limits of each participant, in the order of their rows. */
function readLimits(rows: AuditRows, findings: Findings): ReadonlyMap<string, readonly LimitInForce[]> {
  const limitations = readLimitations(rows, findings);
  const limits = new Map<string, LimitInForce[]>();
  for (const { row, value: setPoint } of decodeRows(rows, ROW_TYPES.setPoint, rowCodec(setPointCodec), findings)) {
    const limitation = limitations.get(setPoint.limitationId)?.value;
    findings.expect(limitation !== undefined, () => `${nameOf(row)} is part of no limitation`);
    if (limitation !== undefined) {
      limits.set(setPoint.participantId, [...(limits.get(setPoint.participantId) ?? []), { limitation, setPoint }]);
    }
  }
  for (const own of limits.values()) own.sort(byRow);
  return limits;
}

function readLimitations(rows: AuditRows, findings: Findings) {
  const decoded = decodeRows(rows, ROW_TYPES.limitation, rowCodec(limitationCodec), findings);
  return new Map(decoded.map((one) => [one.value.limitationId, one]));
}

function byRow({ setPoint: left }: LimitInForce, { setPoint: right }: LimitInForce): number {
  const key = ({ bus, limitationId }: LimitInForce['setPoint']): string => `${limitationId}.${bus}`;
  return left.fromSlot - right.fromSlot || (key(left) < key(right) ? -1 : 1);
}

function isHolding({ limitation, setPoint }: LimitInForce, gridId: string, slot: Slot): boolean {
  const { fromSlot, slots } = setPoint;
  const end = Math.min(fromSlot + slots, limitation.liftedSlot ?? fromSlot + slots);
  return limitation.gridId === gridId && slot >= fromSlot && slot < end;
}

/** What sessions paid, by session and slot. */
function intervalPrices(rows: AuditRows, sessions: ReadonlyMap<string, Session>, findings: Findings) {
  const clearings = new Map(
    decodeRows(rows, ROW_TYPES.clearing, rowCodec(clearingCodec), findings).map(({ value }) => [
      value.sessionId,
      value,
    ]),
  );
  const outcomes = new Map(
    decodeRows(rows, ROW_TYPES.gridOutcome, rowCodec(gridOutcomeCodec), findings).map(({ value }) => [
      `${value.sessionId} ${value.interval}`,
      value,
    ]),
  );
  return ({ firstSlot, intervalSlots, ruleSet, sessionId }: Session, slot: Slot): IntervalPrices => {
    const interval = Math.floor((slot - firstSlot) / intervalSlots);
    return {
      outcome: clearings.get(sessionId)?.intervals[interval],
      grid: outcomes.get(`${sessionId} ${interval}`),
      ruleSet,
    };
  };
}

function auditCovers(
  rows: AuditRows,
  limits: readonly LimitInForce[],
  settled: readonly LineCurtailment[],
  findings: Findings,
): void {
  for (const { row, value } of readLimitations(rows, findings).values()) {
    const own = limits.filter(({ limitation }) => limitation.limitationId === value.limitationId);
    const covered = sum(own.map(({ setPoint: { coverMicro = 0n, slots } }) => coverMicro * BigInt(slots)));
    findings.expect(
      covered === (value.coveredMicro ?? 0n) && own.length === value.connections,
      () => `the limits of ${nameOf(row)} are not those for which money was set aside`,
    );
    findings.expect(isReleased(value, settled), () => `${nameOf(row)} freed other money than its limits had left`);
  }
}

function isReleased(
  { coveredMicro, limitationId, releasedMicro }: Limitation,
  settled: readonly LineCurtailment[],
): boolean {
  if (releasedMicro === undefined) return true;
  const own = settled.filter((one) => one.limitationId === limitationId);
  return releasedMicro === (coveredMicro ?? 0n) - sum(own.map((one) => one.compensationMicro + one.takeoverCostMicro));
}
