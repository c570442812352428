import path from 'node:path';
import type { Ledger } from '../client/ledger';
import { ClientFile, keysOf, meterKeysOf } from './clients';
import { LedgerFlexibility } from './ledger-port';
import { VtnServer, type VtnServerOptions } from './server';
import { VtnStore } from './store';

/** What a VTN of one organisation is made of. */
export interface VtnOptions extends Pick<VtnServerOptions, 'host' | 'port' | 'tls' | 'log'> {
  /** The organisation's client; its outbox keeps commands over a restart. */
  readonly ledger: Ledger;
  /** Holds the clients, the keys of custodial prosumers and the reports. */
  readonly folder: string;
}

/** A VTN that serves. */
export interface RunningVtn {
  readonly address: string;
  stop(): Promise<void>;
}

/** Finishes what an earlier process has left open, then serves VENs. */
export async function startVtn({ folder, ledger, ...options }: VtnOptions): Promise<RunningVtn> {
  // First of all: what is still under way must not meet the same report sent again.
  await ledger.resume();
  const now = (): number => Date.now();
  const [clients, keys, meterKeyOf] = [new ClientFile(folder), keysOf(folder), meterKeysOf(folder)];
  const store = await VtnStore.open(path.join(folder, 'reports'), now);
  const flexibility = new LedgerFlexibility(ledger);
  const parts = { readings: flexibility, answers: flexibility, clients, store, meterKeyOf, now };
  try {
    const server = await VtnServer.start({ ...options, ...parts, keyOf: (name) => keys.load(name) });
    return {
      address: server.address,
      stop: async () => {
        await server.stop();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
