import {
  firstSlot,
  foundedLedger,
  MeterAgent,
  registerGrid,
  registerMeters,
  registerParticipants,
  Signer,
  tick,
} from './actors';
import type { MemoryLedger } from './memory-ledger';

/** A ledger with meters of one owner, on which the first day has begun and its first twelve hours have ended. */
export async function meteredLedger(owner: Signer, ...agents: readonly MeterAgent[]): Promise<MemoryLedger> {
  const ledger = await foundedLedger();
  await registerParticipants(ledger, [owner]);
  await registerGrid(ledger);
  await registerMeters(ledger, owner, agents);
  await tick(ledger, firstSlot, firstSlot + 48);
  return ledger;
}

/** Such a ledger with one meter. */
export async function oneMeter(): Promise<{
  readonly agent: MeterAgent;
  readonly ledger: MemoryLedger;
  readonly owner: Signer;
}> {
  const agent = new MeterAgent('one');
  const owner = new Signer();
  return { agent, owner, ledger: await meteredLedger(owner, agent) };
}
