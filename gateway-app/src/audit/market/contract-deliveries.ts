import {
  canonicalJson,
  contractDeliveryCodec,
  decideDelivery,
  orderSetCodec,
  outcomeOf,
  participantCodec,
  positionCodec,
  rowCodec,
  sellerQuarter,
  slotText,
  type Amendment,
  type ConcludedContract,
  type ContractDelivery,
  type OrderSet,
  type Participant,
  type Position,
  type PositionSource,
  type Session,
  type Slot,
  type SlotPosition,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { amendmentRows, readingTotals, totalKey, type LedgerTotal } from '../meters/meters';
import type { MoneyRows } from '../money/money';
import { isBefore } from '../place';
import { ROW_TYPES } from '../row-types';
import {
  covers,
  groupBy,
  inForce,
  isSameInput,
  positionGrids,
  sessionsById,
  settledLines,
  type SettledLine,
} from '../money/settlement';

/** What decides about deliveries, read once. */
interface DeliveryRows {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly contracts: ReadonlyMap<string, ConcludedContract>;
  readonly positions: ReadonlyMap<string, readonly Position[]>;
  readonly grids: ReadonlyMap<string, string>;
  readonly participants: ReadonlyMap<string, Participant>;
  readonly orderSets: ReadonlyMap<string, OrderSet>;
  readonly totals: ReadonlyMap<string, LedgerTotal>;
  readonly amendments: ReadonlyMap<string, readonly DecodedRow<Amendment>[]>;
  /** The settled lines of a participant in a quarter hour; see `placeOf`. */
  readonly lines: ReadonlyMap<string, readonly SettledLine[]>;
}

/**
 * How far each contract was delivered is what the rule makes of its seller's meters as they were in force, of all its positions and of its
 * lock, written once; and each side's line has exactly that, of contracts whose rule set says so and of no others.
 */
export function auditDeliveries(
  rows: AuditRows,
  money: MoneyRows,
  accepted: readonly ConcludedContract[],
  findings: Findings,
): void {
  const contracts = new Map<string, ConcludedContract>(accepted.map((contract) => [contract.contractId, contract]));
  const deliveries = decodeRows(rows, ROW_TYPES.contractDelivery, rowCodec(contractDeliveryCodec), findings);
  const lines = settledLines(money);
  if (deliveries.length > 0) {
    const known = readKnown(rows, contracts, lines, findings);
    for (const delivery of deliveries) {
      auditDelivery(delivery, known, findings);
    }
  }
  const byPlace = new Map(deliveries.map((delivery) => [placeOf(delivery.value), delivery]));
  for (const line of lines) {
    auditLine(line, contracts, byPlace, findings);
  }
}

function placeOf(place: {
  readonly participantId: string;
  readonly run: number;
  readonly sessionId: string;
  readonly slot: Slot;
}): string {
  return `${place.participantId}/${slotText(place.slot)}.${String(place.run).padStart(2, '0')}.${place.sessionId}`;
}

function readKnown(
  rows: AuditRows,
  contracts: DeliveryRows['contracts'],
  lines: readonly SettledLine[],
  findings: Findings,
): DeliveryRows {
  const positions = decodeRows(rows, ROW_TYPES.position, rowCodec(positionCodec), findings);
  const participants = decodeRows(rows, ROW_TYPES.participant, rowCodec(participantCodec), findings);
  const orderSets = decodeRows(rows, ROW_TYPES.orderSet, rowCodec(orderSetCodec), findings);
  return {
    sessions: sessionsById(rows, findings),
    contracts,
    positions: groupBy(
      positions.map(({ value }) => value),
      ({ participantId }) => participantId,
    ),
    grids: positionGrids(rows),
    participants: new Map(participants.map(({ value }) => [value.participantId, value])),
    orderSets: new Map(orderSets.map(({ value }) => [`${value.sessionId} ${value.participantId}`, value])),
    totals: readingTotals(rows, findings),
    amendments: amendmentRows(rows, findings),
    lines: groupBy(lines, (one) => placeOf({ ...one, participantId: one.line.participantId })),
  };
}

function auditDelivery({ row, value }: DecodedRow<ContractDelivery>, known: DeliveryRows, findings: Findings): void {
  const name = nameOf(row);
  findings.count();
  expectWrittenOnce(row, findings);
  findings.expect(row.parts.join('/') === placeOf(value), () => `${name} stands in the place of another delivery`);
  for (const input of value.meters) {
    const total = known.totals.get(totalKey(input.meterId, value.slot));
    findings.expect(
      isSameInput(input, inForce(total, known.amendments.get(input.meterId) ?? [], value.slot, row)),
      () => `${name} was decided with a reading of ${input.meterId} that the ledger did not have`,
    );
  }
  for (const { line } of known.lines.get(placeOf(value)) ?? []) {
    findings.expect(
      textOf(line.meters.map(({ meterId }) => meterId)) === textOf(value.meters.map(({ meterId }) => meterId)),
      () => `${name} was decided with other meters than its seller has`,
    );
  }
  const due = findings.attempt(name, () => dueOf(value, known));
  findings.expect(
    due !== undefined && encoded(due) === encoded(value),
    () => `${name} is not what its seller's meters and positions come to`,
  );
}

/** The delivery as the rule makes it from the rows of the ledger; only the meters are those of the row. */
function dueOf(value: ContractDelivery, known: DeliveryRows): ContractDelivery | undefined {
  const { meters, participantId, run, sessionId, slot } = value;
  const session = known.sessions.get(sessionId);
  const participant = known.participants.get(participantId);
  const orderSet = known.orderSets.get(`${sessionId} ${participantId}`);
  if (session === undefined || participant === undefined || orderSet === undefined) {
    return undefined;
  }
  const own = (known.positions.get(participantId) ?? []).filter((position) =>
    covers({ sessionId, slot }, position, known.sessions, known.grids),
  );
  const positions = own.flatMap((position): readonly (readonly [Position, PositionSource])[] => {
    const contract = known.contracts.get(position.sessionId);
    const source = contract === undefined ? known.sessions.get(position.sessionId) : { contract };
    return source === undefined ? [] : [[position, source]];
  });
  const reserveMicro = orderSet.reserveMicroPerSlot;
  return decideDelivery(sellerQuarter({ session, run, slot, participant, reserveMicro, meters, positions }));
}

function auditLine(
  settled: SettledLine,
  contracts: DeliveryRows['contracts'],
  deliveries: ReadonlyMap<string, DecodedRow<ContractDelivery>>,
  findings: Findings,
): void {
  const { line, row, run, sessionId, slot } = settled;
  for (const position of line.positions ?? []) {
    const contract = contracts.get(position.sessionId);
    const isRuled = contract?.accepted.contractDelivery !== undefined && position.boughtWh + position.soldWh > 0n;
    const participantId = contract?.terms.sellerParticipantId ?? line.participantId;
    const delivery = isRuled ? deliveries.get(placeOf({ participantId, run, sessionId, slot })) : undefined;
    findings.expect(
      isRuled ? isSettledBy(delivery, row, position) : position.outcome === undefined,
      () => `${line.participantId} was settled in ${nameOf(row)} with another delivery of ${position.sessionId}`,
    );
  }
}

/** Whether a position was settled with what a delivery says that stood on the ledger by then. */
function isSettledBy(
  delivery: DecodedRow<ContractDelivery> | undefined,
  settlement: AuditRow,
  { outcome, sessionId }: SlotPosition,
): boolean {
  const due = delivery === undefined ? undefined : outcomeOf(delivery.value, sessionId);
  if (delivery === undefined || due === undefined || isBefore(settlement, delivery.row)) {
    return false;
  }
  return textOf(outcome ?? null) === textOf(due);
}

function encoded(delivery: ContractDelivery): string {
  return canonicalJson(contractDeliveryCodec.encode(delivery));
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}
