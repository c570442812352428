import { present } from '../assert';
import { integer, object, oneOf, optional, union, type TypeOf } from '../decode';
import { digestOf } from '../digest';
import { demand } from '../errors';
import { digestCodec, freeTextCodec, mspIdCodec, publicKeyCodec, signatureCodec, type Role } from '../field-codecs';
import { commandIdCodec, meterIdCodec } from '../ids';
import { publicKeyOf } from '../signature';
import { verifySignedCommand, type SignedCommand } from '../signed-command';
import { slotCodec } from '../time';
import type { Meter } from './device-types';
import type { Governance } from './types';

/** What a change of a meter's key says, whoever asks for it. */
export const keyChangeFields = {
  meterId: meterIdCodec,
  /** The version that the new key becomes: one after the last. */
  keyVersion: integer(2, 1_000),
  publicKey: publicKeyCodec,
  /** The first block that the new key signs. */
  firstSequence: integer(1, 9_999_999_999),
};

/** Why a key is changed: the old one signs the new one, or the old one is lost. */
const causeCodec = union({
  rotation: object({ expirySlot: slotCodec, signature: signatureCodec }),
  loss: object({ reason: freeTextCodec }),
});

/** What is asked for: a new key for a meter, and why. */
export const keyChangeRequestCodec = object({ ...keyChangeFields, commandId: commandIdCodec, cause: causeCodec });
export type KeyChangeRequest = TypeOf<typeof keyChangeRequestCodec>;

/** A change of a meter's key; who approves it names its digest. */
export const keyChangeCodec = object({
  ...keyChangeFields,
  commandId: commandIdCodec,
  cause: causeCodec,
  requestedBy: mspIdCodec,
  approvedBy: optional(mspIdCodec),
  state: oneOf('PENDING', 'EFFECTIVE'),
});
export type KeyChange = TypeOf<typeof keyChangeCodec>;

/** The answer to who asks for a change: the digest that approvers name. */
export const keyChangeAnswerCodec = object({ changeDigest: digestCodec });

/** What a change is judged by when it is asked for and again when it is approved. */
export interface KeyChangeContext {
  readonly meter: Meter;
  /** The last block of the meter's chain; 0 before the first. */
  readonly lastSequence: number;
  /** Whether a meter or a participant has the new key already. */
  readonly isUsed: boolean;
}

/** Who approves a change. */
export interface Approver {
  readonly mspId: string;
  readonly role: Role | undefined;
}

/** The digest of what is asked for. */
export function keyChangeDigest(request: KeyChangeRequest): string {
  const { meterId, keyVersion, publicKey, firstSequence, commandId, cause } = request;
  return digestOf(keyChangeRequestCodec.encode({ meterId, keyVersion, publicKey, firstSequence, commandId, cause }));
}

/** What the old key signs: the transaction rotateMeterKey with its request. Undefined for a lost key, which signs nothing. */
export function rotationCommand(request: KeyChangeRequest, channel: string): SignedCommand | undefined {
  const { meterId, keyVersion, publicKey, firstSequence, commandId, cause } = request;
  if (cause.kind !== 'rotation') {
    return undefined;
  }
  const { expirySlot } = cause;
  const requestDigest = digestOf({ commandId, expirySlot, firstSequence, keyVersion, meterId, publicKey });
  return { channel, commandId, contract: 'registry', expirySlot, requestDigest, transaction: 'rotateMeterKey' };
}

/**
 * A change as it waits for its approval. Refuses a key that is not P-256, a rotation that the last key has not signed, a key that
 * is in use, a version that is not the next, a first block that is recorded already or that an older key begins with, and a
 * retired meter.
 */
export function requestKeyChange(
  request: KeyChangeRequest,
  context: KeyChangeContext,
  channel: string,
  requestedBy: string,
): KeyChange {
  const { meterId, publicKey, cause } = request;
  demand(publicKeyOf(publicKey) !== undefined, 'SIGNATURE_KEY_INVALID', { meterId });
  const command = rotationCommand(request, channel);
  if (command !== undefined && cause.kind === 'rotation') {
    verifySignedCommand(command, lastKeyOf(context.meter).publicKey, cause.signature);
  }
  checkKeyChange(request, context);
  return { ...request, requestedBy, state: 'PENDING' };
}

/**
 * The meter with its new key, and the change as it has taken effect. A rotation is approved by the system operator, the
 * replacement of a lost key by an authority that has not asked for it itself.
 */
export function approveKeyChange(
  change: KeyChange,
  context: KeyChangeContext,
  approver: Approver,
  governance: Governance,
): { readonly meter: Meter; readonly change: KeyChange } {
  const { meterId, keyVersion, publicKey, firstSequence } = change;
  demand(isEntitled(change, approver, governance), 'METER_KEY_NOT_ENTITLED', { meterId, mspId: approver.mspId });
  demand(change.state === 'PENDING', 'METER_KEY_CHANGE_CLOSED', { meterId, keyVersion });
  checkKeyChange(change, context);
  const keys = [...context.meter.keys, { version: keyVersion, publicKey, firstSequence }];
  return {
    meter: { ...context.meter, keys },
    change: { ...change, approvedBy: approver.mspId, state: 'EFFECTIVE' },
  };
}

function isEntitled(change: KeyChange, { mspId, role }: Approver, governance: Governance): boolean {
  if (change.cause.kind === 'rotation') {
    return role === 'dso';
  }
  return governance.authorities.includes(mspId) && mspId !== change.requestedBy;
}

function checkKeyChange(request: Omit<KeyChangeRequest, 'cause' | 'commandId'>, context: KeyChangeContext): void {
  const { meterId, keyVersion, firstSequence } = request;
  const { meter, isUsed, lastSequence } = context;
  const last = lastKeyOf(meter);
  demand(!isUsed, 'METER_KEY_USED', { meterId });
  demand(meter.status !== 'RETIRED', 'METER_RETIRED', { meterId });
  demand(keyVersion === last.version + 1, 'METER_KEY_VERSION', { meterId, expected: last.version + 1 });
  const free = firstSequence > lastSequence && firstSequence > last.firstSequence;
  demand(free, 'METER_KEY_SEQUENCE', { meterId, lastSequence });
}

function lastKeyOf(meter: Meter): Meter['keys'][number] {
  return present(meter.keys.at(-1), 'A meter has a key.');
}
