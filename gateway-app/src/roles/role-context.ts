import type { JsonObject, JsonValue } from '@flexledger/domain';
import { deriveId } from '../agents/seed';
import { RuleRejected } from '../client/errors';
import type { Ledger, Submitted } from '../client/ledger';
import {
  findSpec,
  type ContractName,
  type EvaluateName,
  type RequestFor,
  type ResponseFor,
  type SubmitName,
  type SubmitOptions,
} from '../client/ledger-types';
import type { DayPlan } from '../day/plan';
import type { PreparedStore } from './prepared-store';
import type { MeterFleet } from '../agents/meter-fleet';
import type { StepTransaction } from '../day/conductor';
import type { StepArguments, StepValue } from './protocol';

/** A submit whose request and confidential part are plain JSON; the manifest's codecs check them. */
export interface PreparedCommand {
  readonly request: JsonObject;
  readonly confidential?: JsonValue;
}

/** What a step of a role works with. */
export interface RoleContextParts {
  readonly plan: DayPlan;
  readonly ledger: Ledger;
  readonly prepared: PreparedStore;
  readonly fleet: MeterFleet;
}

/** One step: it may be asked for again at any time and then has no second effect. */
export type RoleStep = (context: RoleContext, stepArguments: StepArguments) => Promise<StepValue>;

/** The steps of a role by name. */
export type RoleSteps = Readonly<Record<string, RoleStep>>;

const TRANSIENT_TRIES_MAX = 25;
const TRANSIENT_PAUSE_MS = 200;

/** What every role does the same way: command ids from the seed, submits that wait for a peer that is behind. */
export class RoleContext {
  readonly plan: DayPlan;
  readonly ledger: Ledger;
  /** The meters behind the community's gateway. */
  readonly fleet: MeterFleet;
  readonly #prepared: PreparedStore;
  #last: StepTransaction | null = null;

  constructor(parts: RoleContextParts) {
    this.plan = parts.plan;
    this.ledger = parts.ledger;
    this.fleet = parts.fleet;
    this.#prepared = parts.prepared;
  }

  /** The command id of this label in this day. */
  commandId(label: string): string {
    return deriveId(this.plan.seed, `command/${label}`);
  }

  /**
   * Submits what `prepare` makes under the command id of `label`. What was prepared once is sent ever after, because a
   * signature made again would be another content. A refusal that may pass (an endorser behind the clock) is waited for.
   */
  async submit<C extends ContractName, N extends SubmitName<C>>(
    contract: C,
    transaction: N,
    label: string,
    prepare: (commandId: string) => PreparedCommand,
  ): Promise<ResponseFor<C, N>> {
    const commandId = this.commandId(label);
    const command = this.#prepared.getOrPrepare(commandId, () => prepare(commandId) as unknown as StepValue);
    const { request, confidential } = command as unknown as PreparedCommand;
    const submitted = await this.#patiently(() => this.send(contract, transaction, request, confidential));
    this.#remember(submitted);
    return submitted.response;
  }

  /** Submits once, without patience. */
  async send<C extends ContractName, N extends SubmitName<C>>(
    contract: C,
    transaction: N,
    request: JsonObject,
    confidential?: JsonValue,
  ): Promise<Submitted<ResponseFor<C, N>>> {
    const spec = findSpec(contract, transaction);
    const decoded = spec.request.decode(request, '') as RequestFor<C, N>;
    const transient = confidential === undefined ? undefined : spec.transient?.codec.decode(confidential, '');
    const options = (transient === undefined ? [] : [{ transient }]) as unknown as SubmitOptions<C, N>;
    return this.ledger.submit(contract, transaction, decoded, ...options);
  }

  /** Reads; the request is plain JSON. */
  async evaluate<C extends ContractName, N extends EvaluateName<C>>(
    contract: C,
    transaction: N,
    request: JsonObject,
  ): Promise<ResponseFor<C, N>> {
    const decoded = findSpec(contract, transaction).request.decode(request, '') as RequestFor<C, N>;
    return this.ledger.evaluate(contract, transaction, decoded);
  }

  /** The transaction of this step in the highest block: what the next step waits for on its own peer. */
  get lastTransaction(): StepTransaction | null {
    return this.#last;
  }

  #remember({ transactionId, blockNumber }: Submitted<unknown>): void {
    const number = Number(blockNumber);
    if (this.#last === null || number >= this.#last.blockNumber) this.#last = { transactionId, blockNumber: number };
  }

  async #patiently<T>(run: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await run();
      } catch (error) {
        const mayPass = error instanceof RuleRejected && error.transient && tries < TRANSIENT_TRIES_MAX;
        if (!mayPass) throw error;
        await new Promise((resolve) => setTimeout(resolve, TRANSIENT_PAUSE_MS));
      }
    }
  }
}

/** A number argument of a step. */
export function numberArgument(stepArguments: StepArguments, name: string): number {
  const value = stepArguments[name];
  if (typeof value !== 'number') throw new TypeError(`the step needs the number ${name}`);
  return value;
}

/** A text argument of a step. */
export function textArgument(stepArguments: StepArguments, name: string): string {
  const value = stepArguments[name];
  if (typeof value !== 'string') throw new TypeError(`the step needs the text ${name}`);
  return value;
}
