import { requestIdCodec, type RequestId, type Slot } from '@flexledger/domain';
import { RuleRejected } from '@flexledger/gateway-app';
import { answerRequest, type AnswerParts } from './answer-request';
import { oracleCommandId } from './command-ids';
import type { AnswerOutcome, RefusedOutcome } from './send-answer';
import { workOf, type Job, type Work } from './work';

/** Refusals of the ledger after which a request is only there to expire. */
const lateCodes: ReadonlySet<string> = new Set(['ORACLE_REQUEST_EXPIRED', 'ORACLE_PERIOD_BEGUN']);

/** The last slot that a tick has begun; none where it does not say. */
function lastSlotOf(toSlot: unknown): number {
  return typeof toSlot === 'number' ? toSlot : -1;
}

/**
 * Computations. One that this oracle refuses it refuses on the ledger, so that who has asked learns it at once; one that stays unanswered
 * (refused by too many, or the answers differ) it lets expire, as soon as it may.
 */
export class ComputationWork implements Work {
  readonly kind = 'forecast';
  readonly heard: Work['heard'];
  readonly #parts: AnswerParts;
  readonly #work: Work;
  /** Requests that were answered or refused here and may still be open, by the slot in which they expire. */
  readonly #undecided = new Map<RequestId, Slot>();

  constructor(parts: AnswerParts) {
    this.#parts = parts;
    this.#work = workOf<RequestId>({
      kind: this.kind,
      fact: 'ComputationRequested',
      placeOf: ({ requestId = null }) => requestIdCodec.decode(requestId, '/requestId'),
      waiting: async () => (await parts.ledger.openRequests()).map(({ requestId }) => requestId),
      run: (requestId) => this.#answer(requestId),
      shown: (requestId) => ({ requestId }),
    });
    this.heard = {
      ...this.#work.heard,
      ClockTicked: ({ toSlot }) => Promise.resolve(this.#toExpire(lastSlotOf(toSlot))),
    };
  }

  waiting(): Promise<readonly Job[]> {
    return this.#work.waiting();
  }

  async #answer(requestId: RequestId): Promise<AnswerOutcome> {
    if (this.#undecided.has(requestId)) {
      return { kind: 'closed', state: 'DECIDED' };
    }
    const outcome = await answerRequest(this.#parts, requestId);
    switch (outcome.kind) {
      case 'refused':
        return this.#leave(requestId, outcome);
      case 'answered':
        if (outcome.expirySlot !== undefined) this.#undecided.set(requestId, outcome.expirySlot);
        return outcome;
      case 'closed':
        return lateCodes.has(outcome.state) ? this.#expire(requestId, outcome) : outcome;
      case 'expired':
        return outcome;
    }
  }

  async #leave(requestId: RequestId, outcome: RefusedOutcome): Promise<AnswerOutcome> {
    const mayExpire = await this.#refuse(requestId, outcome.code);
    this.#undecided.set(requestId, outcome.expirySlot);
    return mayExpire ? this.#expire(requestId, outcome) : outcome;
  }

  /** Says on the ledger that there will be no answer from here. Answers whether the request may expire at once. */
  async #refuse(requestId: RequestId, reason: string): Promise<boolean> {
    const { ledger, log } = this.#parts;
    const commandId = oracleCommandId(ledger.mspId, requestId, `refuse/${reason}`);
    try {
      return await ledger.refuse({ commandId, requestId, reason });
    } catch (error) {
      // It has been decided by others or before, or this organisation is no oracle: there is nothing that could be recorded.
      if (error instanceof RuleRejected && !error.transient) {
        log.info({ requestId, code: error.code }, 'the refusal is not recorded');
        return false;
      }
      throw error;
    }
  }

  #toExpire(lastSlot: number): readonly Job[] {
    return [...this.#undecided]
      .filter(([, expirySlot]) => expirySlot <= lastSlot)
      .map(([requestId]) => ({
        place: { requestId },
        run: () => this.#expire(requestId, { kind: 'closed', state: 'CLOSED' }),
      }));
  }

  /** Lets a request expire where it is still open; answers `otherwise` where it is not. */
  async #expire(requestId: RequestId, otherwise: AnswerOutcome): Promise<AnswerOutcome> {
    const { ledger } = this.#parts;
    const { state } = await ledger.getRequest(requestId);
    const commandId = oracleCommandId(ledger.mspId, requestId, 'expire');
    const isExpired = state === 'OPEN' && (await ledger.expire(commandId, requestId));
    this.#undecided.delete(requestId);
    if (!isExpired) {
      return otherwise;
    }
    return otherwise.kind === 'refused' ? { ...otherwise, isExpired } : { kind: 'expired' };
  }
}
