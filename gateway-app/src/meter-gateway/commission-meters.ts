import { randomBytes } from 'node:crypto';
import {
  crockford26,
  meterEntryCodec,
  meterIdentityCodec,
  type CommandId,
  type JsonObject,
  type MeterId,
} from '@flexledger/domain';
import { RuleRejected } from '../client/errors';
import type { Ledger } from '../client/ledger';

/** A meter to be registered, and who is behind it. */
export interface MeterToCommission {
  /** The fields of a meter as `registry:registerMeters` takes them, in JSON. */
  readonly entry: JsonObject;
  /** The metering point in the operator's own books; it goes to the members of the confidential collection only. */
  readonly meteringPoint: string;
}

const ID_BYTES = 17;
const SALT_BYTES = 16;

/** A new random id, as meters and commands have it. */
export function newId(): string {
  return crockford26(randomBytes(ID_BYTES));
}

/**
 * Registers meters and puts them into service, all of them or none, at most 100 at once; answers their ids. What an earlier try has
 * done already is not done again.
 * @throws RuleRejected for a meter that cannot be registered, Uncertain | Unavailable | LedgerError as `Ledger.submit` does
 */
export async function commissionMeters(
  ledger: Pick<Ledger, 'submit'>,
  meters: readonly MeterToCommission[],
  reason: string,
): Promise<readonly MeterId[]> {
  const entries = meters.map(({ entry }, index) => meterEntryCodec.decode(entry, `/meters/${index}`));
  const identities = meters.map(({ meteringPoint }, index) => {
    const salt = randomBytes(SALT_BYTES).toString('base64url');
    const identity = { meterId: entries[index]?.meterId ?? '', meteringPoint, salt };
    return meterIdentityCodec.decode(identity, `/identities/${index}`);
  });
  await unlessDone('METER_EXISTS', () =>
    ledger.submit(
      'registry',
      'registerMeters',
      { commandId: newId() as CommandId, meters: entries },
      { transient: identities },
    ),
  );
  const meterIds = entries.map(({ meterId }) => meterId);
  await unlessDone('METER_ALREADY_COMMISSIONED', () =>
    ledger.submit('registry', 'commissionMeters', { commandId: newId() as CommandId, meterIds, reason }),
  );
  return meterIds;
}

async function unlessDone(code: string, submit: () => Promise<unknown>): Promise<void> {
  try {
    await submit();
  } catch (error) {
    if (!(error instanceof RuleRejected) || error.code !== code) throw error;
  }
}
