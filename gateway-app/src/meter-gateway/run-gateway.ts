import type { MeterId } from '@flexledger/domain';
import type { Ledger } from '../client/ledger';
import type { MeterFacts } from '../meter-agent/meter-protocol';
import { BlockBatcher } from './block-batcher';
import { GatewayServer } from './gateway-server';
import { meterOf } from './meter-of';
import { recordBlocks } from './record-blocks';

/** What the gateway of a community is made of. */
export interface GatewayOptions {
  /** The community's client; its outbox keeps commands over a restart. */
  readonly ledger: Ledger;
  readonly host: string;
  readonly port: number;
}

/** A gateway that serves. */
export interface RunningGateway {
  readonly address: string;
  stop(): Promise<void>;
}

/** Finishes what an earlier process has left open, then serves agents. */
export async function startGateway({ ledger, host, port }: GatewayOptions): Promise<RunningGateway> {
  // First of all: what is still under way must not meet the same blocks sent again.
  await ledger.resume();
  const batcher = new BlockBatcher({ record: (blocks) => recordBlocks(ledger, blocks) });
  const server = await GatewayServer.start({ host, port, batcher, facts: (meterId) => factsOf(ledger, meterId) });
  return {
    address: server.address,
    stop: async () => {
      await server.stop();
      batcher.close();
    },
  };
}

/** What the ledger says of a meter and of the end of its chain. */
async function factsOf(ledger: Ledger, meterId: string): Promise<MeterFacts | undefined> {
  const { head } = await ledger.evaluate('metering', 'getMeterHead', { meterId: meterId as MeterId });
  if (head === null) return undefined;
  const meter = await meterOf(ledger, meterId as MeterId);
  return meter === undefined ? undefined : { channel: ledger.channel, meter, head };
}
