import { assert, slotText, type CommandId, type MeterId, type Slot } from '@flexledger/domain';

declare const stateKeyBrand: unique symbol;

/** A composite key as Fabric spells it. Only this file makes one. */
export type StateKey = string & { readonly [stateKeyBrand]: true };

const separator = '\u0000';
const partShape = /^[A-Za-z0-9._-]{1,128}$/;

/** The composite key of an object type and its parts, byte for byte what the shim's createCompositeKey makes. */
function composite(objectType: string, ...parts: readonly string[]): StateKey {
  assert(
    [objectType, ...parts].every((part) => partShape.test(part)),
    'A key part is short plain text.',
  );
  return `${separator}${[objectType, ...parts].join(separator)}${separator}` as StateKey;
}

/** The parts of a composite key after its object type. */
export function keyParts(key: string): readonly string[] {
  return key.split(separator).slice(2, -1);
}

/** A block's number within its meter's chain: 10 digits, so that byte order is time order. */
function sequenceText(sequence: number): string {
  return String(sequence).padStart(10, '0');
}

/** All keys of the state, by what the row holds. */
export const keys = {
  command: (commandId: CommandId) => composite('command', commandId),

  governance: () => composite('governance', 'current'),
  proposal: (proposalId: string) => composite('proposal', proposalId),
  clockStart: () => composite('clock-start', 'first'),
  clockHead: () => composite('clock-head', 'last'),
  clock: (slot: Slot) => composite('clock', slotText(slot)),
  participant: (participantId: string) => composite('participant', participantId),
  grid: (gridId: string) => composite('grid', gridId),
  meter: (meterId: MeterId) => composite('meter', meterId),
  /** Which meter has a key; the key by the id that its bytes would have as an address. */
  meterKey: (keyAddress: string) => composite('meter-key', keyAddress),
  asset: (assetId: string) => composite('asset', assetId),
  /** Confidential, in `profiles`. */
  meterIdentity: (meterId: MeterId) => composite('identity', meterId),

  meterHead: (meterId: MeterId) => composite('meter-head', meterId),
  reading: (meterId: MeterId, sequence: number) => composite('reading', meterId, sequenceText(sequence)),
  /** Which blocks have intervals in an hour, for short blocks. */
  readingsOfHour: (meterId: MeterId, hourStart: Slot) => composite('reading-hour', meterId, slotText(hourStart)),
  /** Which blocks have intervals in a UTC day, for long blocks. */
  readingsOfDay: (meterId: MeterId, dayStart: Slot) => composite('reading-day', meterId, slotText(dayStart)),
  gap: (meterId: MeterId, fromSlot: Slot) => composite('gap', meterId, slotText(fromSlot)),
  /** Confidential, in `profiles`. */
  profile: (meterId: MeterId, sequence: number) => composite('profile', meterId, sequenceText(sequence)),
} as const;

/** The object types whose rows are listed, with the fixed parts before the last one. */
export interface KeyPrefix {
  readonly objectType: string;
  readonly parts: readonly string[];
}

/** The prefixes under which rows are listed. */
export const prefixes = {
  participants: (): KeyPrefix => ({ objectType: 'participant', parts: [] }),
  meters: (): KeyPrefix => ({ objectType: 'meter', parts: [] }),
  assets: (): KeyPrefix => ({ objectType: 'asset', parts: [] }),
  readings: (meterId: MeterId): KeyPrefix => ({ objectType: 'reading', parts: [meterId] }),
  gaps: (meterId: MeterId): KeyPrefix => ({ objectType: 'gap', parts: [meterId] }),
} as const;

/** The bookmark with which Fabric continues a list after the row whose last key part is given. */
export function bookmarkAfter(prefix: KeyPrefix, lastPart: string): string {
  return composite(prefix.objectType, ...prefix.parts, lastPart) + separator;
}

/** True where a key stands under a prefix. */
export function isUnder(key: string, prefix: KeyPrefix): boolean {
  return key.startsWith(composite(prefix.objectType, ...prefix.parts));
}
