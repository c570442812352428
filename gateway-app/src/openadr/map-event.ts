import { EXPORT_SETPOINT, eventDescriptors, REPORTS_WANTED } from './descriptors';
import type { EventView, SignalView, SupportView, TradeTerms } from './port';
import { currencyUnits, kilowatts, slotsDuration, slotStart } from './quantities';
import type { Event, Interval, Unstamped, ValuesMap } from './wire';

/** The highest rank of a rule set, which is OpenADR's highest priority: there 0 is the highest and more is lower. */
const RANK_MAX = 99;

/**
 * An event of the ledger for its prosumer, whose id is its target; undefined for one that was never signalled or was cancelled: a
 * VEN takes an event that it is not told any more for cancelled. One interval per slot in which something is asked.
 */
export function eventOf(event: EventView, { currency, eventRank }: TradeTerms): Unstamped<Event> | undefined {
  const { eventId, firstSlot, lastSlot, orderId, participantId, programmeId, signal, state } = event;
  if (signal === undefined || state === 'CANCELLED') return undefined;
  const intervals = payloadsOf(signal, slotsOf(event)).map(({ payloads, slot }): Interval => ({
    id: slot - firstSlot,
    intervalPeriod: { start: slotStart(slot), duration: slotsDuration(1) },
    payloads,
  }));
  const body: Event = {
    objectType: 'EVENT',
    programID: programmeId,
    eventName: `order ${orderId}`,
    priority: RANK_MAX - eventRank,
    targets: [participantId],
    reportDescriptors: REPORTS_WANTED,
    payloadDescriptors: eventDescriptors(signal.kind, currency),
    intervalPeriod: { start: slotStart(firstSlot), duration: slotsDuration(lastSlot - firstSlot + 1) },
    intervals,
  };
  return { id: eventId, body };
}

/**
 * Voltage support as an event with one interval. A point of its curve has the voltage in V as x, and as y the reactive power in kvar, which is
 * positive where it is injected (IEEE 1547): a point has two numbers only, and no name for a direction.
 */
export function supportEventOf(support: SupportView, { currency }: TradeTerms): Unstamped<Event> {
  const { assetId, curve, firstSlot, participantId, programmeId, slots, supportId } = support;
  const intervalPeriod = { start: slotStart(firstSlot), duration: slotsDuration(slots) };
  const values = curve.points.map(({ direction, powerVar, voltageDecivolt }) => ({
    x: Number(voltageDecivolt) / 10,
    y: direction === 'inject' ? kilowatts(powerVar) : -kilowatts(powerVar),
  }));
  const body: Event = {
    objectType: 'EVENT',
    programID: programmeId,
    eventName: `volt-var curve of ${assetId}`,
    targets: [participantId],
    reportDescriptors: REPORTS_WANTED,
    payloadDescriptors: eventDescriptors('CURVE', currency),
    intervalPeriod,
    intervals: [{ id: 0, intervalPeriod, payloads: [{ type: 'CURVE', values }] }],
  };
  return { id: supportId, body };
}

/** The slots in which something is asked of one of the assets, in order. */
function slotsOf({ assets }: EventView): readonly number[] {
  const slots = new Set(assets.flatMap(({ isps }) => isps.map(({ slot }) => slot)));
  return [...slots].sort((left, right) => left - right);
}

interface SlotPayloads {
  readonly slot: number;
  readonly payloads: readonly ValuesMap[];
}

function payloadsOf(signal: SignalView, slots: readonly number[]): readonly SlotPayloads[] {
  switch (signal.kind) {
    case 'SIMPLE':
      return slots.map((slot) => ({ slot, payloads: [{ type: 'SIMPLE', values: [signal.level] }] }));
    case 'PRICE':
      return slots.map((slot) => ({
        slot,
        payloads: [{ type: 'PRICE', values: [currencyUnits(signal.priceMicroPerKwh)] }],
      }));
    case 'DISPATCH_SETPOINT':
      return signal.values.map(({ exportW, importW, slot }) => ({
        slot,
        payloads: [
          { type: 'DISPATCH_SETPOINT', values: [kilowatts(importW)] },
          ...(exportW > 0n ? [{ type: EXPORT_SETPOINT, values: [kilowatts(exportW)] }] : []),
        ],
      }));
    case 'IMPORT_CAPACITY_LIMIT':
    case 'EXPORT_CAPACITY_LIMIT':
      return signal.values.map(({ powerW, slot }) => ({
        slot,
        payloads: [{ type: signal.kind, values: [kilowatts(powerW)] }],
      }));
  }
}
