import { validationCodeName } from '@flexledger/fabric-model';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ChannelLedger } from './ledger/channel-ledger';

/** What the gauges read when they are asked. */
export interface MetricSources {
  readonly ledgers: ReadonlyMap<string, ChannelLedger>;
  readonly gatewayCalls: () => ReadonlyMap<string, number>;
  readonly chaincodeRestarts: () => number;
}

/** The metrics of the whole process; names that Fabric has too mean the same here. */
export function createMetrics(sources: MetricSources): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'ledger_blockchain_height',
    help: 'Height of the chain in blocks.',
    labelNames: ['channel'],
    registers: [registry],
    collect() {
      for (const [channel, ledger] of sources.ledgers) this.set({ channel }, ledger.height);
    },
  });
  const transactions = new Counter({
    name: 'ledger_transaction_count',
    help: 'Number of transactions processed since the start.',
    labelNames: ['channel', 'validation_code'],
    registers: [registry],
  });
  for (const [channel, ledger] of sources.ledgers) {
    ledger.events.on('committed', ({ transactions: verdicts }) => {
      for (const { code } of verdicts) transactions.inc({ channel, validation_code: validationCodeName(code) });
    });
  }
  new Gauge({
    name: 'gateway_calls_in_flight',
    help: 'Gateway calls that a peer serves now, waiting commit status calls and event streams included.',
    labelNames: ['peer'],
    registers: [registry],
    collect() {
      for (const [peer, calls] of sources.gatewayCalls()) this.set({ peer }, calls);
    },
  });
  new Gauge({
    name: 'chaincode_restarts',
    help: 'Number of chaincode processes that ended by themselves and were started again.',
    registers: [registry],
    collect() {
      this.set(sources.chaincodeRestarts());
    },
  });
  return registry;
}
