import { compareText } from '../canonical-writer';
import type { AnswerHead, Computation, Disagreement } from './rows';

/** What an approved oracle has done about a request so far. */
export interface OracleStand {
  readonly mspId: string;
  readonly head: AnswerHead | undefined;
  readonly hasRefused: boolean;
}

/** The answers that are whole; what an oracle has begun says nothing yet. */
function completeHeads(heads: readonly (AnswerHead | undefined)[]): readonly AnswerHead[] {
  return heads.filter((head) => head !== undefined).filter(({ complete }) => complete);
}

/** How many answers are equal to one of them. */
function equalTo(answerDigest: string, heads: readonly AnswerHead[]): number {
  return heads.filter((head) => head.answerDigest === answerDigest).length;
}

/**
 * The request after an answer: settled where with it as many approved oracles have given the same answer as the request needs. What settles a
 * request stays, whatever is answered later.
 *
 * @param answered the answer with the chunk that has just arrived
 * @param stands what each approved oracle has done before
 */
export function settledBy(request: Computation, answered: AnswerHead, stands: readonly OracleStand[]): Computation {
  const { answerDigest, mspId } = answered;
  if (request.state !== 'OPEN' || !answered.complete) {
    return request;
  }
  const others = stands.filter((stand) => stand.mspId !== mspId).map(({ head }) => head);
  const equal = equalTo(answerDigest, completeHeads([answered, ...others]));
  return equal < (request.answersNeeded ?? 1)
    ? request
    : { ...request, state: 'ANSWERED', answerDigest, answeredBy: mspId };
}

/** The complete answers of the approved oracles where they differ; undefined where they are equal, or there is at most one. */
export function disagreementOf(answered: AnswerHead, stands: readonly OracleStand[]): Disagreement | undefined {
  const others = stands.filter(({ mspId }) => mspId !== answered.mspId).map(({ head }) => head);
  const complete = completeHeads([answered, ...others]);
  if (new Set(complete.map(({ answerDigest }) => answerDigest)).size < 2) {
    return undefined;
  }
  const answers = complete
    .map(({ answerDigest, model, mspId }) => ({ mspId, answerDigest, model }))
    .sort((left, right) => compareText(left.mspId, right.mspId));
  return { requestId: answered.requestId, answers };
}

/**
 * True where too few oracles are left for an answer: all have refused, or those that have neither refused nor answered cannot bring as many
 * equal answers as the request needs. Such a request may expire before its time.
 */
export function isBeyondAnswer({ answersNeeded = 1 }: Computation, stands: readonly OracleStand[]): boolean {
  const complete = completeHeads(stands.map(({ head }) => head));
  const most = Math.max(0, ...complete.map(({ answerDigest }) => equalTo(answerDigest, complete)));
  const undecided = stands.filter(({ hasRefused, head }) => !hasRefused && head?.complete !== true).length;
  return most + undecided < answersNeeded;
}
