import type { Meter, MeterId } from '@flexledger/domain';
import type { Ledger } from '../client/ledger';
import { idBefore } from './id-before';

/** A registered meter; undefined where there is none. */
export async function meterOf(ledger: Pick<Ledger, 'evaluate'>, meterId: MeterId): Promise<Meter | undefined> {
  // A list goes on after its bookmark: after the id before this one, the first row is this meter.
  const bookmark = idBefore(meterId);
  const { rows } = await ledger.evaluate('registry', 'listMeters', bookmark === undefined ? {} : { bookmark });
  return rows.find((row) => row.meterId === meterId);
}
