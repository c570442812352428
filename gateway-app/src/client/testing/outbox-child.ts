/**
 * A process that a test kills: it runs commands from an outbox on the disk against a ledger that lives in its parent,
 * reached by messages, as a peer would be. Usage: outbox-child DIRECTORY COMMAND_ID...
 */
import type { CommandRunnerOptions } from '../commands';
import { CommandRunner } from '../commands';
import { DEFAULT_RETRY_POLICY, SYSTEM_ENVIRONMENT } from '../backoff';
import type { CommitStatus, ContractCall, EndorsedTransaction } from '../gateway-port';
import { LevelOutbox } from '../outbox';

/** What the child asks its parent. */
export interface ParentRequest {
  readonly id: number;
  readonly step: 'endorse' | 'submit' | 'commitStatus' | 'done';
  readonly call?: ContractCall;
  /** Base64. */
  readonly bytes?: string;
  readonly transactionId?: string;
  readonly deadlineMs?: number;
}

/** What the parent answers; bytes in base64, numbers of blocks as text. */
export interface ParentAnswer {
  readonly id: number;
  readonly transactionId?: string;
  readonly bytes?: string;
  readonly result?: string;
  readonly code?: number;
  readonly blockNumber?: string;
}

const waiting = new Map<number, (answer: ParentAnswer) => void>();
let lastId = 0;

function ask(request: Omit<ParentRequest, 'id'>): Promise<ParentAnswer> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    process.send?.({ ...request, id });
  });
}

const port: CommandRunnerOptions['port'] = {
  mspId: 'MarketMSP',
  async endorse(call): Promise<EndorsedTransaction> {
    const answer = await ask({ step: 'endorse', call });
    const decode = (text = ''): Buffer => Buffer.from(text, 'base64');
    return { transactionId: answer.transactionId ?? '', bytes: decode(answer.bytes), result: decode(answer.result) };
  },
  async submit(bytes): Promise<void> {
    await ask({ step: 'submit', bytes: Buffer.from(bytes).toString('base64') });
  },
  async commitStatus(transactionId, deadlineMs): Promise<CommitStatus> {
    const answer = await ask({
      step: 'commitStatus',
      transactionId,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    return { code: answer.code ?? -1, blockNumber: BigInt(answer.blockNumber ?? '0') };
  },
};

async function main(directory: string, commandIds: readonly string[]): Promise<void> {
  const outbox = await LevelOutbox.open(directory);
  const runner = new CommandRunner({
    port,
    secondary: undefined,
    outbox,
    consortium: { authorities: [], collections: {} },
    policy: { ...DEFAULT_RETRY_POLICY, probeMs: 50, baseMs: 5 },
    environment: SYSTEM_ENVIRONMENT,
    onRetry: () => undefined,
  });
  await runner.resume();
  await Promise.all(
    commandIds.map((commandId) =>
      runner.run({
        commandId,
        contract: 'counter',
        transaction: 'add',
        argument: JSON.stringify({ commandId, key: `key-${commandId}` }),
      }),
    ),
  );
  await outbox.close();
  await ask({ step: 'done' });
  process.disconnect();
}

process.on('message', (answer: ParentAnswer) => {
  waiting.get(answer.id)?.(answer);
  waiting.delete(answer.id);
});
const [directory = '', ...commandIds] = process.argv.slice(2);
main(directory, commandIds).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
