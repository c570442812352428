import {
  assert,
  requestDigestOf,
  type CommandId,
  type Fact,
  type Governance,
  type JsonObject,
} from '@flexledger/domain';
import { Context } from 'fabric-contract-api';
import { callerOf, type Caller } from './access';
import { StoreSession } from './store/session';

/** What one transaction knows: who calls, its unit of work, and the facts that it has made so far. */
export class GridContext extends Context {
  private openSession: StoreSession | undefined;
  private knownCaller: Caller | undefined;
  private readonly madeFacts: Fact[] = [];
  /** The governance in force; undefined before the founding. Set by GridContract before a transaction runs. */
  public governance: Governance | undefined;
  /** The command that the transaction carries out; undefined in an evaluate. Set by GridContract. */
  public command: CommandId | undefined;
  /** The encoded request of a submit. Set by GridContract. */
  public request: JsonObject | undefined;

  /** The unit of work over the ledger. */
  public get session(): StoreSession {
    this.openSession ??= new StoreSession(this.stub);
    return this.openSession;
  }

  /** The organisation and role of the sender, from its certificate. */
  public get caller(): Caller {
    this.knownCaller ??= callerOf(this.clientIdentity);
    return this.knownCaller;
  }

  /** Says who sends, where that is known already. */
  public useCaller(caller: Caller): void {
    this.knownCaller = caller;
  }

  /** The channel, which is part of everything that is signed. */
  public get channel(): string {
    return this.stub.getChannelID();
  }

  /** The command that the transaction carries out. */
  public get commandId(): CommandId {
    assert(this.command !== undefined, 'Only a submit has a command.');
    return this.command;
  }

  /** Digest of the request without its signature, which is what participants sign; most transactions never ask. */
  public get requestDigest(): string {
    assert(this.request !== undefined, 'Only a submit has a request that is signed.');
    return requestDigestOf(this.request);
  }

  /** The governance in force, in every transaction after the founding. */
  public get rules(): Governance {
    assert(this.governance !== undefined, 'After the founding there is governance.');
    return this.governance;
  }

  /** The client's word for when it made the transaction, in seconds since 1970 UTC: good for refusing, never for deciding. */
  public get transactionSeconds(): number {
    return this.stub.getTxTimestamp().seconds.toNumber();
  }

  /** Tells the operator's log what lies behind an error whose message tells the caller less. */
  public report(error: unknown): void {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error) {
      this.logging.getLogger('failure').error(cause.stack ?? cause.message);
    }
  }

  /** Notes what happened; all facts of a transaction travel in one event. */
  public record(fact: Fact): void {
    this.madeFacts.push(fact);
  }

  /** What has happened so far, in order. */
  public get facts(): readonly Fact[] {
    return this.madeFacts;
  }
}
