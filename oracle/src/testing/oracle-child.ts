/**
 * An oracle process that a test kills: the ledger lives in its parent and is reached by messages, as a peer would be.
 * It deals with the open requests and ends.
 */
import type { answerChunks, Computation } from '@flexledger/domain';
import { Oracle } from '../oracle';
import type { OracleLedger } from '../ports';
import { ServiceCatalogue } from '../service';
import { forecastDayAhead } from '../services/forecast-day-ahead';

/** A call of the ledger; the channel between the processes carries bigint. */
export interface LedgerCall {
  readonly id: number;
  readonly method: Exclude<keyof OracleLedger, 'mspId'>;
  readonly values: readonly unknown[];
}

/** What the ledger answered. */
export interface LedgerAnswer {
  readonly id: number;
  readonly value: unknown;
}

const waiting = new Map<number, (value: unknown) => void>();

function ask(method: LedgerCall['method'], ...values: readonly unknown[]): Promise<unknown> {
  const id = waiting.size + 1;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    process.send?.({ id, method, values } satisfies LedgerCall);
  });
}

const ledger: OracleLedger = {
  mspId: 'DsoMSP',
  getRequest: async (requestId) => (await ask('getRequest', requestId)) as Computation,
  openRequests: async () => (await ask('openRequests')) as readonly Computation[],
  history: async (request) => (await ask('history', request)) as Awaited<ReturnType<OracleLedger['history']>>,
  publications: async (request) =>
    (await ask('publications', request)) as Awaited<ReturnType<OracleLedger['publications']>>,
  answer: async (request) => {
    await ask('answer', request);
  },
  refuse: async (request) => (await ask('refuse', request)) === true,
  expire: async (commandId, requestId) => (await ask('expire', commandId, requestId)) === true,
};

/** Every meter in a chunk of its own, so that there is something between the chunks. */
const cut: typeof answerChunks = (series) => series.map((one) => [one]);

async function main(): Promise<void> {
  const nothing = (): void => undefined;
  const oracle = new Oracle({
    ledger,
    services: new ServiceCatalogue([forecastDayAhead]),
    log: { info: nothing, warn: nothing, error: nothing },
    pause: () => Promise.resolve(),
    cut,
  });
  await oracle.catchUp();
  process.disconnect();
}

process.on('message', ({ id, value }: LedgerAnswer) => waiting.get(id)?.(value));
main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
