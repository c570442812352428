import { backoffMs, type Environment, type RetryPolicy } from './backoff';
import { uncertainAfterSubmit } from './errors';
import { GatewayFailure } from './gateway-failure';
import type { CommitObserver, CommitStatus, GatewayPort } from './gateway-port';

/** A transaction whose bytes are on the disk already. */
export interface Deliverable {
  readonly transactionId: string;
  readonly bytes: Uint8Array;
}

const DUPLICATE_TRANSACTION_ID = 9;

/**
 * Brings a signed transaction to a known end. The same bytes may be sent any number of times: of several copies with
 * one transaction id peers accept the first. Nothing here ever makes a new transaction.
 */
export class Delivery {
  readonly #port: Pick<GatewayPort, 'submit' | 'commitStatus'>;
  readonly #observers: readonly CommitObserver[];
  readonly #policy: RetryPolicy;
  readonly #environment: Environment;

  constructor(
    port: Pick<GatewayPort, 'submit' | 'commitStatus'>,
    secondary: CommitObserver | undefined,
    policy: RetryPolicy,
    environment: Environment,
  ) {
    this.#port = port;
    this.#observers = secondary === undefined ? [port] : [port, secondary];
    this.#policy = policy;
    this.#environment = environment;
  }

  /**
   * Sends and waits for the commit.
   * @param mayHaveBeenSent an earlier process may have sent it: ask before sending
   * @throws Uncertain when the outcome is still unknown after the policy's time
   */
  async bring(transaction: Deliverable, mayHaveBeenSent: boolean): Promise<CommitStatus> {
    const endMs = this.#environment.now() + this.#policy.uncertainMs;
    let failure: GatewayFailure | undefined;
    for (let attempt = 0; ; attempt += 1) {
      // After a wait for the commit everybody has just been asked.
      if (failure === undefined ? mayHaveBeenSent : failure.stage === 'submit') {
        const known = await this.#ask(transaction.transactionId, this.#policy.probeMs).catch(asFailure);
        if (!(known instanceof GatewayFailure)) {
          return known;
        }
      }
      const result = await this.#send(transaction);
      if (!(result instanceof GatewayFailure)) {
        return result;
      }
      failure = result;
      if (this.#environment.now() >= endMs) {
        throw uncertainAfterSubmit(failure, transaction.transactionId);
      }
      await this.#environment.sleep(backoffMs(attempt, this.#policy, this.#environment.random));
    }
  }

  async #send({ transactionId, bytes }: Deliverable): Promise<CommitStatus | GatewayFailure> {
    const { firstPeerMs, resendMs } = this.#policy;
    try {
      await this.#port.submit(bytes);
      const status = await this.#port.commitStatus(transactionId, firstPeerMs).catch(asFailure);
      const isKnown = !(status instanceof GatewayFailure) && status.code !== DUPLICATE_TRANSACTION_ID;
      // The peer may hang, or get its blocks from an orderer that does: another one may know already.
      return isKnown ? status : await this.#ask(transactionId, Math.max(1, resendMs - firstPeerMs));
    } catch (error) {
      return asFailure(error);
    }
  }

  /** The fate of a transaction from the first observer that knows it; an unknown id blocks until the deadline. */
  async #ask(transactionId: string, deadlineMs: number): Promise<CommitStatus> {
    const asked = this.#observers.map(async (observer) => {
      const status = await observer.commitStatus(transactionId, deadlineMs);
      if (status.code === DUPLICATE_TRANSACTION_ID) {
        throw duplicate(transactionId);
      }
      return status;
    });
    try {
      return await Promise.any(asked);
    } catch (error) {
      // Only when all have failed; the first is the peer in use.
      const [first] = (error as AggregateError).errors.map(asFailure);
      throw first ?? error;
    }
  }
}

/** A later copy was seen first: the fate of the first copy counts, and the next probe reads it. */
function duplicate(transactionId: string): GatewayFailure {
  return new GatewayFailure({
    stage: 'commitStatus',
    grpcCode: 10,
    summary: 'the status of a second copy of the transaction came first',
    transactionId,
  });
}

function asFailure(error: unknown): GatewayFailure {
  if (error instanceof GatewayFailure) {
    return error;
  }
  throw error;
}
