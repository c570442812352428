import {
  commitmentDayCodec,
  connectionAssetId,
  eventPromises,
  ispsOfEvent,
  rowCodec,
  type Commitment,
  type FlexEvent,
} from '@flexledger/domain';
import { decodeRows, nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import type { FlexibilityRows } from './rows';
import type { AuditRows } from '../fold';
import { ROW_TYPES } from '../row-types';
import { presentValue } from '../versions';

/**
 * What events that stand ask for is promised in the books of their assets, once and as they say; what was declined, cancelled or has failed is
 * promised nowhere, and no book promises flexibility for an event that is not there.
 */
export function auditEventPromises(rows: AuditRows, { events }: FlexibilityRows, findings: Findings): void {
  const booked = bookedPromises(rows, findings);
  const due = new Map<string, string>();
  for (const versioned of events) {
    const event = presentValue(versioned);
    const promises = event === undefined ? [] : promisesOf(event, booked);
    findings.count();
    findings.expect(
      promises.every(([key, text]) => (booked.get(key) ?? '') === text),
      () => `the books do not have what ${nameOf(versioned.row)} asks for`,
    );
    promises.forEach(([key, text]) => due.set(key, text));
  }
  for (const key of booked.keys()) {
    findings.expect(due.has(key), () => `${key} is promised flexibility that no event asks for`);
  }
}

/** What the books have of an event, by asset; nothing where it was taken back. */
function promisesOf(event: FlexEvent, booked: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  const { assets, eventId, participantId } = event;
  const promised = (isps: ReturnType<typeof ispsOfEvent>): string =>
    isStanding(event) ? promiseText(event, isps) : '';
  const own = assets.map(({ assetId, isps }) => [keyOf(assetId, eventId), promised(isps)] as const);
  // The book of the connection is kept only where the rule set says so; what stands in it is the same.
  const connection = keyOf(connectionAssetId(participantId), eventId);
  return booked.has(connection) ? [...own, [connection, promised(ispsOfEvent(event))]] : own;
}

/** True where an event was signalled and nobody has taken it back; a device that failed has freed its promise for good. */
function isStanding({ baseline, reason, state }: FlexEvent): boolean {
  const isOver = state === 'OPTED_OUT' || state === 'CANCELLED' || state === 'FAILED';
  return baseline !== undefined && !isOver && reason === undefined;
}

function bookedPromises(rows: AuditRows, findings: Findings): ReadonlyMap<string, string> {
  const parts = new Map<string, Commitment[]>();
  for (const { value } of decodeRows(rows, ROW_TYPES.commitmentDay, rowCodec(commitmentDayCodec), findings)) {
    for (const entry of value.commitments.filter(({ purpose }) => purpose === 'flexibility')) {
      const key = keyOf(value.assetId, entry.promiseId);
      parts.set(key, [...(parts.get(key) ?? []), entry]);
    }
  }
  return new Map([...parts].map(([key, entries]) => [key, textOf(entries)]));
}

function keyOf(assetId: string, promiseId: string): string {
  return `${assetId} ${promiseId}`;
}

/** The class does not matter for what is promised. */
const anyClass = { name: 'any', rank: 0 } as const;

function promiseText(event: FlexEvent, isps: ReturnType<typeof ispsOfEvent>): string {
  return textOf(eventPromises(event, isps, anyClass));
}

/** What is promised to whom in which slots, whatever the class. */
function textOf(entries: readonly Commitment[]): string {
  return entries
    .flatMap(({ counterpartyId = '', direction, firstSlot, powersW }) =>
      powersW.flatMap((powerW, index) =>
        powerW === 0n ? [] : [`${direction} ${firstSlot + index} ${powerW} ${counterpartyId}`],
      ),
    )
    .sort()
    .join('\n');
}
