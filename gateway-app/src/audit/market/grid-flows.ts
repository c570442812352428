import {
  canonicalJson,
  contractFlowCodec,
  flowsBeside,
  hoursOf,
  rowCodec,
  sessionFlowCodec,
  slotText,
  type ContractFlow,
  type RowCodec,
  type Session,
  type SessionFlow,
  type SessionInputs,
} from '@flexledger/domain';
import { decodeRows, decodeValue, expectWrittenOnce, nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { isBefore, type Place } from '../place';
import { ROW_TYPES } from '../row-types';

/** What contracts and other sessions carried beside a session when it was cleared; what came later counts for nothing. */
export function flowsBefore(
  rows: AuditRows,
  session: Session,
  clearedAt: Place,
  findings: Findings,
): Pick<SessionInputs, 'contractFlows' | 'clearedFlows'> {
  const hours = new Set<string>(hoursOf(session).map(slotText));
  const contracts = rows
    .rows(ROW_TYPES.contractFlow)
    .filter(({ parts: [gridId, hour = ''] }) => gridId === session.gridId && hours.has(hour));
  const sessions = rows.rows(ROW_TYPES.sessionFlow).filter(({ parts: [gridId] }) => gridId === session.gridId);
  const before = <T>(found: readonly AuditRow[], codec: RowCodec<T>): readonly T[] =>
    found.flatMap((row) => {
      const value = row.history.findLast((_, index) => isBefore(row.places[index] ?? row, clearedAt));
      return value === undefined ? [] : (findings.attempt(nameOf(row), () => [decodeValue(value, codec)]) ?? []);
    });
  const contractFlows: readonly ContractFlow[] = before(contracts, rowCodec(contractFlowCodec));
  return { contractFlows, clearedFlows: flowsBeside(session, before(sessions, rowCodec(sessionFlowCodec))) };
}

/** What a session that was cleared with limits of the grid has to carry, where the audit could derive it. */
export interface DueFlows {
  readonly session: Session;
  readonly clearedAt: Place;
  /** Undefined where an interval has no outcome that is proven, which is a finding of its own. */
  readonly flows: readonly SessionFlow[] | undefined;
}

/** What sessions carry stands in rows as their outcomes say, written once and with the clearing; and no row is of another session. */
export function auditSessionFlows(rows: AuditRows, due: readonly DueFlows[], findings: Findings): void {
  const found = decodeRows(rows, ROW_TYPES.sessionFlow, rowCodec(sessionFlowCodec), findings);
  const bySession = new Map(due.map((one) => [one.session.sessionId, one]));
  for (const { row, value } of found) {
    expectWrittenOnce(row, findings);
    const owner = bySession.get(value.sessionId);
    const isInPlace =
      owner !== undefined &&
      row.parts.join('/') === `${owner.session.gridId}/${slotText(value.firstSlot)}.${value.sessionId}` &&
      row.blockNumber === owner.clearedAt.blockNumber &&
      row.transactionIndex === owner.clearedAt.transactionIndex;
    findings.expect(isInPlace, () => `${nameOf(row)} was not written by the clearing of a session with limits`);
  }
  for (const { flows, session } of due) {
    const own = found.flatMap(({ value }) => (value.sessionId === session.sessionId ? [value] : []));
    findings.expect(
      flows === undefined || textOf(own) === textOf(flows),
      () => `what ${session.sessionId} carries through the grid is not what its outcomes say`,
    );
  }
}

function textOf(flows: readonly SessionFlow[]): string {
  return flows
    .map((flow) => canonicalJson(sessionFlowCodec.encode(flow)))
    .sort()
    .join('\n');
}
