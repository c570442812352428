import {
  addressOf,
  addSlots,
  approveKeyChange,
  keyChangeDigest,
  requestKeyChange,
  RuleError,
  slotOfSeconds,
  type KeyChangeContext,
  type KeyChangeRequest,
  type MeterId,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadLastReading } from '../../store/metering/chain-store';
import { hasBegun, lastBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { isKeyUsed } from '../../store/registry/known';
import { meterKeyChanges, meterKeys, meters } from '../../store/registry/registry-store';

/** Notes a change that somebody asks for, and answers the digest that approvers name. */
export async function askForKey(
  context: GridContext,
  request: KeyChangeRequest,
): Promise<{ readonly changeDigest: string }> {
  const { session, channel, caller } = context;
  const { meterId, keyVersion, cause } = request;
  if (cause.kind === 'rotation' && (await hasBegun(session, cause.expirySlot))) {
    throw new RuleError('SIGNATURE_EXPIRED', { expirySlot: cause.expirySlot });
  }
  const known = await knownOf(context, meterId, request.publicKey);
  const changeDigest = keyChangeDigest(request);
  meterKeyChanges.save(session, requestKeyChange(request, known, channel, caller.mspId), meterId, changeDigest);
  context.record({ type: 'MeterKeyRequested', meterId, keyVersion, changeDigest, cause: cause.kind });
  return { changeDigest };
}

/** Puts a change into force. */
export async function approveKey(
  context: GridContext,
  meterId: MeterId,
  changeDigest: string,
): Promise<{ readonly keyVersion: number }> {
  const { session, caller, rules } = context;
  found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
  const pending = found(await meterKeyChanges.load(session, meterId, changeDigest), 'METER_KEY_CHANGE_UNKNOWN', {
    meterId,
  });
  const { publicKey, keyVersion, firstSequence } = pending;
  const known = await knownOf(context, meterId, publicKey);
  const { meter, change } = approveKeyChange(pending, known, caller, rules);
  meters.save(session, meter, meterId);
  meterKeys.save(session, { meterId }, addressOf(publicKey));
  meterKeyChanges.save(session, change, meterId, changeDigest);
  context.record({ type: 'MeterKeyChanged', meterId, keyVersion, firstSequence, changeDigest });
  return { keyVersion };
}

async function knownOf(context: GridContext, meterId: MeterId, publicKey: string): Promise<KeyChangeContext> {
  const { session } = context;
  const meter = found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
  const isUsed = await isKeyUsed(session, addressOf(publicKey));
  // Blocks have ended before they are recorded, so that none is behind the clock.
  const now = await lastBegun(session, meter.firstSlot, slotOfSeconds(context.transactionSeconds));
  const last =
    now === undefined ? undefined : await loadLastReading(session, meterId, meter.firstSlot, addSlots(now, 1));
  return { meter, lastSequence: last?.sequence ?? 0, isUsed };
}
