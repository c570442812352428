import {
  canonicalJson,
  functionName,
  isJsonObject,
  parseJsonBytes,
  type AnyTransactionSpec,
  type ContractName,
  type EvaluateName,
  type JsonValue,
  type RequestAt,
  type ResponseAt,
  type SubmitName,
} from '@flexledger/domain';
import { DEFAULT_RETRY_POLICY, SYSTEM_ENVIRONMENT, type Environment, type RetryPolicy } from './backoff';
import { CommandRunner, type Command, type Outcome } from './commands';
import type { Consortium } from './endorsers';
import { classifyBeforeSubmit, LedgerError } from './errors';
import { GatewayFailure } from './gateway-failure';
import type { CommitObserver, ContractCall, GatewayPort } from './gateway-port';
import { findSpec, type SubmitOptions } from './ledger-types';
import type { OpenCommand, Outbox } from './outbox';
import { Retries } from './retries';

/** What a ledger client is made of. */
export interface LedgerOptions {
  readonly port: GatewayPort;
  /** A second peer that is asked for the fate of a transaction when the first does not know it. */
  readonly secondary?: CommitObserver;
  readonly outbox: Outbox;
  readonly consortium: Consortium;
  readonly policy?: Partial<RetryPolicy>;
  readonly environment?: Environment;
  /** Told whenever a command is endorsed again, with the reason. */
  readonly onRetry?: (error: LedgerError, command: OpenCommand) => void;
}

/** A committed transaction and what the contract answered. */
export interface Submitted<Response> {
  readonly response: Response;
  readonly transactionId: string;
  readonly blockNumber: bigint;
  /** 1 when the first transaction was the one that counts. */
  readonly attempts: number;
  readonly latencyMs: number;
}

/** What a client has done since it was made. */
export interface LedgerCounters {
  /** Commands that were committed. */
  readonly submitted: number;
  /** Commands that a rule refused. */
  readonly refused: number;
  /** Endorsements that had to be repeated. */
  readonly retried: number;
  /** From the first endorsement to the commit, one per committed command. */
  readonly latenciesMs: readonly number[];
  /** The highest block in which a command of this client was committed; -1 before the first. */
  readonly lastBlock: bigint;
}

/** What became of a command of an earlier process. */
export interface Resumed {
  readonly command: OpenCommand;
  /** The committed transaction, or why there is none. */
  readonly outcome: Outcome | LedgerError;
}

/**
 * The ledger, typed by the manifest: requests are encoded and answers decoded by the manifest's own codecs, so that
 * client and contract cannot drift apart. Submitting the same command id again is safe at any time.
 */
export class Ledger {
  readonly #port: GatewayPort;
  readonly #runner: CommandRunner;
  readonly #policy: RetryPolicy;
  readonly #environment: Environment;
  readonly #latenciesMs: number[] = [];
  #refused = 0;
  #retried = 0;
  #lastBlock = -1n;

  constructor(options: LedgerOptions) {
    this.#port = options.port;
    this.#policy = { ...DEFAULT_RETRY_POLICY, ...options.policy };
    this.#environment = options.environment ?? SYSTEM_ENVIRONMENT;
    this.#runner = new CommandRunner({
      port: options.port,
      secondary: options.secondary,
      outbox: options.outbox,
      consortium: options.consortium,
      policy: this.#policy,
      environment: this.#environment,
      onRetry: (error, command) => {
        this.#retried += 1;
        options.onRetry?.(error, command);
      },
    });
  }

  /** The organisation in whose name this client signs. */
  get mspId(): string {
    return this.#port.mspId;
  }

  /** The channel, which is part of what participants and meters sign. */
  get channel(): string {
    return this.#port.channel;
  }

  get counters(): LedgerCounters {
    return {
      submitted: this.#latenciesMs.length,
      refused: this.#refused,
      retried: this.#retried,
      latenciesMs: [...this.#latenciesMs],
      lastBlock: this.#lastBlock,
    };
  }

  /**
   * Writes: endorsed, ordered and committed, once per command id, with retries as the kind of each failure allows.
   * @throws RuleRejected | Conflict | Unavailable | LedgerError when nothing was or will be written
   * @throws Uncertain when that is not known; the command stays in the outbox for `resume`
   */
  async submit<C extends ContractName, N extends SubmitName<C>>(
    contract: C,
    transaction: N,
    request: RequestAt<C, N>,
    ...[options]: SubmitOptions<C, N>
  ): Promise<Submitted<ResponseAt<C, N>>> {
    const spec = findSpec(contract, transaction);
    const command = toCommand(spec, request, options?.transient, options?.endorsingOrganizations);
    const outcome = await this.#run(command);
    const { transactionId, blockNumber, attempts, latencyMs } = outcome;
    const response = spec.response.decode(parseJsonBytes(outcome.result), '') as ResponseAt<C, N>;
    return { response, transactionId, blockNumber, attempts, latencyMs };
  }

  /**
   * Reads from this organisation's peer; waits and asks again while no peer answers.
   * @throws RuleRejected | Unavailable | LedgerError
   */
  async evaluate<C extends ContractName, N extends EvaluateName<C>>(
    contract: C,
    transaction: N,
    request: RequestAt<C, N>,
  ): Promise<ResponseAt<C, N>> {
    const spec = findSpec(contract, transaction);
    const call = { transaction: functionName(spec), argument: canonicalJson(spec.request.encode(request)) };
    const result = await this.#evaluate(call);
    return spec.response.decode(parseJsonBytes(result), '') as ResponseAt<C, N>;
  }

  /** Finishes what an earlier process left open; call it once, before the first submit. */
  async resume(): Promise<readonly Resumed[]> {
    const resumed = await this.#runner.resume();
    resumed.forEach(({ outcome }) => this.#count(outcome));
    return resumed;
  }

  /**
   * Waits until this organisation's own peer has committed a transaction that another client submitted, so that what
   * is sent next is not endorsed on an older state.
   * @throws Unavailable when the peer does not come to it within the commit status deadline
   */
  async awaitTransaction(transactionId: string): Promise<bigint> {
    try {
      return (await this.#port.commitStatus(transactionId)).blockNumber;
    } catch (error) {
      throw error instanceof GatewayFailure ? classifyBeforeSubmit(error, undefined) : error;
    }
  }

  async #run(command: Command): Promise<Outcome> {
    try {
      const outcome = await this.#runner.run(command);
      this.#count(outcome);
      return outcome;
    } catch (error) {
      this.#count(error);
      throw error;
    }
  }

  #count(outcome: unknown): void {
    if (outcome instanceof LedgerError) {
      this.#refused += outcome.kind === 'rule' ? 1 : 0;
    } else if (!(outcome instanceof Error)) {
      const { latencyMs, blockNumber } = outcome as Outcome;
      this.#latenciesMs.push(latencyMs);
      this.#lastBlock = blockNumber > this.#lastBlock ? blockNumber : this.#lastBlock;
    }
  }

  async #evaluate(call: ContractCall): Promise<Uint8Array> {
    const retries = new Retries(this.#policy, this.#environment);
    for (;;) {
      try {
        return await this.#port.evaluate(call);
      } catch (error) {
        if (!(error instanceof GatewayFailure)) {
          throw error;
        }
        const classified = classifyBeforeSubmit(error, undefined);
        if (!(await retries.again(classified))) {
          throw classified;
        }
      }
    }
  }
}

function toCommand(
  spec: AnyTransactionSpec,
  request: unknown,
  confidential: unknown,
  endorsingOrganizations: readonly string[] | undefined,
): Command {
  const encoded = spec.request.encode(request);
  const transient =
    spec.transient === undefined
      ? undefined
      : { [spec.transient.key]: canonicalJson(spec.transient.codec.encode(confidential)) };
  return {
    commandId: commandIdOf(encoded, spec),
    contract: spec.contract,
    transaction: spec.name,
    argument: canonicalJson(encoded),
    ...(transient === undefined ? {} : { transient }),
    ...(spec.collection === undefined ? {} : { collection: spec.collection }),
    ...(endorsingOrganizations === undefined ? {} : { endorsingOrganizations }),
  };
}

function commandIdOf(encoded: JsonValue, spec: AnyTransactionSpec): string {
  const commandId = isJsonObject(encoded) ? encoded.commandId : undefined;
  if (typeof commandId !== 'string') {
    throw new TypeError(`a request of ${functionName(spec)} has no command id`);
  }
  return commandId;
}
