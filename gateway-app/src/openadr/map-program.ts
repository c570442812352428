import type { Programme } from '@flexledger/domain';
import { eventDescriptors, REPORT_DESCRIPTORS } from './descriptors';
import { slotsDuration, slotStart } from './quantities';
import type { Program, Unstamped } from './wire';

/** Longest name of a program. */
const NAME_LENGTH_MAX = 128;

/**
 * A programme of the ledger as a program, for those who are enrolled in it: its id is its target. Names are unique in a VTN and need not be on
 * the ledger, so programmes of one name carry their ids behind it.
 */
export function programOf(programme: Programme, all: readonly Programme[], currency: string): Unstamped<Program> {
  const { programmeId, terms } = programme;
  const { direction, firstSlot, lastSlot, name } = terms;
  const isUnique = all.every((other) => other.programmeId === programmeId || other.terms.name !== name);
  const body: Program = {
    objectType: 'PROGRAM',
    programName: isUnique ? name.slice(0, NAME_LENGTH_MAX) : `${name.slice(0, 99)} (${programmeId})`,
    intervalPeriod: { start: slotStart(firstSlot), duration: slotsDuration(lastSlot - firstSlot + 1) },
    payloadDescriptors: [
      ...eventDescriptors('SIMPLE', currency),
      ...eventDescriptors('DISPATCH_SETPOINT', currency),
      ...eventDescriptors('IMPORT_CAPACITY_LIMIT', currency),
      ...eventDescriptors('EXPORT_CAPACITY_LIMIT', currency),
      ...eventDescriptors('PRICE', currency),
      ...eventDescriptors('CURVE', currency),
      ...REPORT_DESCRIPTORS,
    ],
    attributes: [
      { type: 'PROGRAM_LONG_NAME', values: [name.slice(0, NAME_LENGTH_MAX)] },
      { type: 'PROGRAM_TYPE', values: [direction] },
      // Who is called may decline until the event begins.
      { type: 'BINDING_EVENTS', values: [false] },
    ],
    targets: [programmeId],
  };
  return { id: programmeId, body };
}
