import {
  answerPieces,
  coalitionAnswerCodec,
  coalitionDigest,
  digestOf,
  limits,
  type CoalitionPlanId,
  type CoalitionRequest,
} from '@flexledger/domain';
import { answerWith } from './answer-with';
import { oracleCommandId } from './command-ids';
import type { CoalitionAnswerRequest, CoalitionLedger, OracleLog } from './ports';
import type { AnswerOutcome } from './send-answer';
import type { ChosenCoalitions, CoalitionService, ServiceCatalogue } from './service';

/** What answering requests to choose coalitions needs. */
export interface CoalitionParts {
  readonly ledger: CoalitionLedger;
  readonly services: ServiceCatalogue<CoalitionService>;
  /** Most characters of a chunk; what the contract takes where absent. */
  readonly charactersMax?: number;
}

/**
 * Answers one request to choose coalitions from what the ledger says.
 * @throws LedgerError when the ledger could not be asked or has refused for another reason than a closed request
 */
export async function answerCoalition(
  { charactersMax = limits.answerChunkBytesMax, ledger, services }: CoalitionParts,
  log: OracleLog,
  planId: CoalitionPlanId,
): Promise<AnswerOutcome> {
  const { asked, request } = await ledger.getCoalitionPlan(planId);
  if (request === undefined || asked === undefined || request.state === 'PLANNED') {
    return { kind: 'closed', state: request?.state ?? 'UNKNOWN' };
  }
  const way = {
    services,
    input: ({ dataDigest, gapPpmMax }: CoalitionRequest) =>
      Promise.resolve(coalitionDigest(asked) === dataDigest ? { asked, gapPpmMax } : undefined),
    chunks: (frozen: CoalitionRequest, found: ChosenCoalitions) =>
      makeAnswer(frozen, found, ledger.mspId, charactersMax),
    send: (chunk: CoalitionAnswerRequest) => ledger.answerCoalition(chunk),
  };
  return answerWith(way, log, { planId }, request);
}

function makeAnswer(
  { dataDigest, planId }: CoalitionRequest,
  { answer, solver }: ChosenCoalitions,
  mspId: string,
  charactersMax: number,
): readonly CoalitionAnswerRequest[] {
  const pieces = answerPieces(coalitionAnswerCodec, answer, charactersMax);
  const { disaggregationChunksMax: most } = limits;
  if (pieces.length > most) {
    throw new RangeError(`the answer needs ${pieces.length} chunks, and at most ${most} are taken`);
  }
  const answerDigest = digestOf(coalitionAnswerCodec.encode(answer));
  return pieces.map((piece, chunk) => {
    // The digest is part of the id: a search that ends elsewhere sends another command, which is judged by itself.
    const commandId = oracleCommandId(mspId, planId, `coalition/${answerDigest}/${chunk}`);
    return { commandId, planId, solver, dataDigest, answerDigest, chunks: pieces.length, chunk, piece };
  });
}
