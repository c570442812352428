import {
  acceptAnswerPart,
  coalitionAnswerCodec,
  coalitionDigest,
  joinedPieces,
  prepareCoalition,
  proveCoalition,
  withCoalitionAnswer,
  type CoalitionAnswer,
  type CoalitionCase,
  type CoalitionHead,
  type CoalitionPlanId,
  type CoalitionRequest,
  type CommandId,
} from '@flexledger/domain';
import type { CoalitionAnswerRequest, CoalitionLedger } from '../ports';

/** A ledger in memory with one request to choose coalitions, which judges answers by the domain's own rules. */
export class MemoryCoalitionLedger implements CoalitionLedger {
  readonly mspId = 'DsoMSP';
  readonly #asked: CoalitionCase;
  #request: CoalitionRequest;
  readonly #heads = new Map<string, CoalitionHead>();
  readonly #pieces = new Map<string, Map<number, string>>();
  readonly #commands = new Set<CommandId>();
  /** Complete answers that were proven. */
  readonly answers: CoalitionAnswer[] = [];
  /** Chunks that had an effect. */
  effects = 0;

  constructor(asked: CoalitionCase, request: Omit<CoalitionRequest, 'dataDigest'>) {
    this.#asked = asked;
    this.#request = { ...request, dataDigest: coalitionDigest(asked) };
  }

  get request(): CoalitionRequest {
    return this.#request;
  }

  async getCoalitionPlan(planId: CoalitionPlanId): ReturnType<CoalitionLedger['getCoalitionPlan']> {
    await Promise.resolve();
    const isKnown = planId === this.#request.planId;
    return { request: isKnown ? this.#request : undefined, asked: isKnown ? this.#asked : undefined };
  }

  async openCoalitionRequests(): Promise<readonly CoalitionRequest[]> {
    await Promise.resolve();
    return this.#request.state === 'OPEN' ? [this.#request] : [];
  }

  async answerCoalition({ commandId, ...part }: CoalitionAnswerRequest): Promise<void> {
    await Promise.resolve();
    if (this.#commands.has(commandId)) return;
    const { answerDigest, chunk, piece } = part;
    const { head, request } = acceptAnswerPart(part, {
      request: this.#request,
      head: this.#heads.get(answerDigest),
      mspId: this.mspId,
      approved: true,
      expired: false,
    });
    const pieces = new Map(this.#pieces.get(answerDigest)).set(chunk, piece);
    if (head.complete) {
      const answer = joinedPieces(coalitionAnswerCodec, pieces, answerDigest);
      proveCoalition(prepareCoalition(this.#asked), answer, request.gapPpmMax);
      this.#request = withCoalitionAnswer(request, head, answer);
      this.answers.push(answer);
    }
    this.#heads.set(answerDigest, head);
    this.#pieces.set(answerDigest, pieces);
    this.#commands.add(commandId);
    this.effects += 1;
  }
}
