import type { Environment, RetryPolicy } from './backoff';
import { Delivery } from './delivery';
import { alternativeSets, endorserSets, type Consortium } from './endorsers';
import {
  classifyBeforeSubmit,
  classifyCommit,
  ENDORSEMENT_MISMATCH,
  LedgerError,
  Unavailable,
  Uncertain,
} from './errors';
import { GatewayFailure } from './gateway-failure';
import type { CommitObserver, ContractCall, GatewayPort } from './gateway-port';
import type { OpenCommand, Outbox, SentTransaction } from './outbox';
import { Retries } from './retries';
import { validationCodeName } from '@flexledger/fabric-model';

/** A command before its first send. */
export type Command = Omit<OpenCommand, 'format' | 'sent'> & {
  /** Overrides the client's own choice of endorsers. */
  readonly endorsingOrganizations?: readonly string[];
};

/** A command that is committed. */
export interface Outcome {
  /** What the contract answered. */
  readonly result: Uint8Array;
  readonly transactionId: string;
  readonly blockNumber: bigint;
  /** 1 when the first transaction was the one that counts. */
  readonly attempts: number;
  /** From the first endorsement of this process to the commit. */
  readonly latencyMs: number;
}

/** What the runner works with. */
export interface CommandRunnerOptions {
  readonly port: Pick<GatewayPort, 'mspId' | 'endorse' | 'submit' | 'commitStatus'>;
  readonly secondary: CommitObserver | undefined;
  readonly outbox: Outbox;
  readonly consortium: Consortium;
  readonly policy: RetryPolicy;
  readonly environment: Environment;
  readonly onRetry: (error: LedgerError, command: OpenCommand) => void;
}

interface Running {
  readonly content: string;
  readonly promise: Promise<Outcome>;
}

/**
 * Runs commands to a known end, each on the disk before anything of it is sent, so that a killed process finishes it
 * when it comes back. One command id has one effect: the contract keeps the command ids it has seen.
 */
export class CommandRunner {
  readonly #options: CommandRunnerOptions;
  readonly #delivery: Delivery;
  readonly #running = new Map<string, Running>();

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
    this.#delivery = new Delivery(options.port, options.secondary, options.policy, options.environment);
  }

  /**
   * Runs one command. The same command given again while it runs gets the same outcome.
   * @throws RuleRejected | Conflict | Unavailable | LedgerError when nothing of it was or will be written
   * @throws Uncertain when that is unknown; the command stays in the outbox, and `resume` or the same call finishes it
   */
  async run(command: Command): Promise<Outcome> {
    const content = contentOf(command);
    for (;;) {
      const running = this.#running.get(command.commandId);
      if (running === undefined) {
        return this.#start(command, content);
      }
      if (running.content === content) {
        return running.promise;
      }
      // Another content under the same id: its fate first, then the contract decides about this one.
      await running.promise.catch(ignoreKnownFate);
    }
  }

  /** Finishes every open command of an earlier process; answers how each ended. */
  async resume(): Promise<readonly { readonly command: OpenCommand; readonly outcome: Outcome | LedgerError }[]> {
    const commands = await this.#options.outbox.list();
    return Promise.all(
      commands.map(async (command) => ({ command, outcome: await this.run(command).catch(ledgerErrorOnly) })),
    );
  }

  #start(command: Command, content: string): Promise<Outcome> {
    const promise = this.#open(command, content).finally(() => this.#running.delete(command.commandId));
    this.#running.set(command.commandId, { content, promise });
    return promise;
  }

  async #open(command: Command, content: string): Promise<Outcome> {
    const { outbox } = this.#options;
    // Before the command is on the disk: a collection that nobody knows is a mistake of the caller, not a fate.
    this.#endorserSets(command);
    const stored = await outbox.get(command.commandId);
    if (stored !== undefined && contentOf(stored) === content) {
      return this.#finish(stored, command.endorsingOrganizations);
    }
    if (stored !== undefined) {
      await this.#finish(stored, undefined).catch(ignoreKnownFate);
    }
    const open = toOpenCommand(command);
    await outbox.put(open);
    return this.#finish(open, command.endorsingOrganizations);
  }

  async #finish(open: OpenCommand, endorsers: readonly string[] | undefined): Promise<Outcome> {
    const { outbox, environment, policy, onRetry } = this.#options;
    const startMs = environment.now();
    const retries = new Retries(policy, environment);
    let sets = endorsers === undefined ? this.#endorserSets(open) : [endorsers];
    let sent = open.sent;
    for (;;) {
      try {
        const mayHaveBeenSent = sent !== undefined;
        sent ??= await this.#endorse(open, sets?.[retries.count % sets.length]);
        const blockNumber = await this.#commit(sent, mayHaveBeenSent);
        await outbox.remove(open.commandId);
        const latencyMs = environment.now() - startMs;
        return { ...resultOf(sent), blockNumber, attempts: retries.count + 1, latencyMs };
      } catch (error) {
        if (error instanceof Uncertain || !(error instanceof LedgerError)) {
          throw error;
        }
        if (!(await retries.again(error))) {
          await outbox.remove(open.commandId);
          throw error;
        }
        onRetry(error, open);
        sent = undefined;
        sets ??= this.#setsAfter(error, open);
      }
    }
  }

  #endorserSets({ collection }: Pick<Command, 'collection'>): readonly (readonly string[])[] | undefined {
    return endorserSets(this.#options.consortium, collection, this.#options.port.mspId);
  }

  /** After endorsers have disagreed the client names them itself: the gateway would choose the same ones again. */
  #setsAfter({ code }: LedgerError, { collection }: OpenCommand): readonly (readonly string[])[] | undefined {
    const { consortium, port } = this.#options;
    return code === ENDORSEMENT_MISMATCH ? alternativeSets(consortium, collection, port.mspId) : undefined;
  }

  /** Endorses, and writes the signed transaction to the disk before anybody can have it. */
  async #endorse(open: OpenCommand, endorsers: readonly string[] | undefined): Promise<SentTransaction> {
    const endorsed = await this.#options.port.endorse(toCall(open), endorsers).catch((error: unknown) => {
      throw error instanceof GatewayFailure ? classifyBeforeSubmit(error, endorsers) : error;
    });
    const sent = {
      transactionId: endorsed.transactionId,
      bytes: Buffer.from(endorsed.bytes).toString('base64'),
      result: Buffer.from(endorsed.result).toString('base64'),
    };
    await this.#options.outbox.put({ ...open, sent });
    return sent;
  }

  async #commit(sent: SentTransaction, mayHaveBeenSent: boolean): Promise<bigint> {
    const transaction = { transactionId: sent.transactionId, bytes: Buffer.from(sent.bytes, 'base64') };
    const { code, blockNumber } = await this.#delivery.bring(transaction, mayHaveBeenSent);
    if (code !== 0) {
      throw classifyCommit(code, validationCodeName(code), sent.transactionId, blockNumber);
    }
    return blockNumber;
  }
}

function toCall({ contract, transaction, argument, transient }: OpenCommand): ContractCall {
  return { transaction: `${contract}:${transaction}`, argument, ...(transient === undefined ? {} : { transient }) };
}

function toOpenCommand({ commandId, contract, transaction, argument, transient, collection }: Command): OpenCommand {
  return {
    format: 1,
    commandId,
    contract,
    transaction,
    argument,
    ...(transient === undefined ? {} : { transient }),
    ...(collection === undefined ? {} : { collection }),
  };
}

function contentOf({ contract, transaction, argument, transient }: Command): string {
  const entries = Object.entries(transient ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([contract, transaction, argument, entries]);
}

function resultOf(sent: SentTransaction): Pick<Outcome, 'result' | 'transactionId'> {
  return { transactionId: sent.transactionId, result: Buffer.from(sent.result, 'base64') };
}

/** The fate of the other content is known and does not concern this caller; an unknown fate does. */
function ignoreKnownFate(error: unknown): void {
  if (error instanceof Uncertain || error instanceof Unavailable || !(error instanceof LedgerError)) {
    throw error;
  }
}

function ledgerErrorOnly(error: unknown): LedgerError {
  if (error instanceof LedgerError) {
    return error;
  }
  throw error;
}
