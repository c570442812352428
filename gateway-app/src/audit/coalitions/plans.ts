import {
  canonicalJson,
  coalitionAnswerCodec,
  coalitionChunkCodec,
  coalitionDigest,
  coalitionPlanCodec,
  coalitionRequestCodec,
  frozenCoalitionCaseCodec,
  greedyCoalition,
  joinedPieces,
  prepareCoalition,
  proveCoalition,
  rowCodec,
  type CoalitionAnswer,
  type CoalitionCase,
  type CoalitionPlan,
  type CoalitionRequest,
} from '@flexledger/domain';
import { caseAgain } from './case';
import { decodeRows, decodeValue, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { LedgerTimes } from '../flexibility/rows';
import type { AuditRow, AuditRows } from '../fold';
import { ROW_TYPES } from '../row-types';

/** The plans of a ledger with the cases that they were made from. */
export interface PlannedCases {
  readonly cases: ReadonlyMap<string, CoalitionCase>;
  readonly plans: ReadonlyMap<string, CoalitionPlan>;
}

/**
 * The case of every request for coalitions is what the requests, assets, bands, mandates and promises of that moment make, has its digest and never
 * changed; a plan is the best answer, proven once more within the gap that was agreed, or the contract's own choice where nobody answered.
 */
export function auditCoalitionPlans(rows: AuditRows, times: LedgerTimes, findings: Findings): PlannedCases {
  const cases = new Map<string, { readonly row: AuditRow; readonly asked: CoalitionCase }>(
    decodeRows(rows, ROW_TYPES.coalitionCase, rowCodec(frozenCoalitionCaseCodec), findings).map(({ row, value }) => {
      expectWrittenOnce(row, findings);
      return [value.planId, { row, asked: value.asked }];
    }),
  );
  const plans = new Map<string, CoalitionPlan>(
    decodeRows(rows, ROW_TYPES.coalitionPlan, rowCodec(coalitionPlanCodec), findings).map(({ row, value }) => {
      expectWrittenOnce(row, findings);
      return [value.planId, value];
    }),
  );
  const requests = decodeRows(rows, ROW_TYPES.coalitionRequest, rowCodec(coalitionRequestCodec), findings);
  for (const { row, value } of requests) {
    findings.count();
    const { aggregatorId, planId, requestIds } = value;
    const frozen = cases.get(planId);
    findings.expect(
      frozen !== undefined && coalitionDigest(frozen.asked) === value.dataDigest,
      () => `the case of ${nameOf(row)} does not have its digest`,
    );
    const plan = plans.get(planId);
    findings.expect(
      (plan !== undefined) === (value.state === 'PLANNED'),
      () => `${nameOf(row)} says other than its plan whether it is planned`,
    );
    if (frozen !== undefined) {
      const due = findings.attempt(nameOf(row), () => caseAgain(rows, times, { aggregatorId, requestIds, groups: frozen.asked.groups }, frozen.row)); // prettier-ignore
      findings.expect(
        due === undefined || coalitionDigest(due) === value.dataDigest,
        () => `the case of ${nameOf(row)} is not what its requests and assets were`,
      );
      auditPlan(rows, { row, value }, frozen.asked, plan, findings);
    }
  }
  const asked = new Set(requests.map(({ value }) => value.planId as string));
  for (const planId of plans.keys()) {
    findings.expect(asked.has(planId), () => `nobody has asked for the plan ${planId}`);
  }
  return { cases: new Map([...cases].map(([planId, { asked: one }]) => [planId, one])), plans };
}

function auditPlan(
  rows: AuditRows,
  { row, value }: DecodedRow<CoalitionRequest>,
  asked: CoalitionCase,
  plan: CoalitionPlan | undefined,
  findings: Findings,
): void {
  if (plan === undefined) {
    return;
  }
  const due = findings.attempt(nameOf(row), () => plannedAgain(rows, value, asked));
  findings.expect(
    due === undefined || textOf(due) === textOf(plan),
    () => `the plan of ${nameOf(row)} is neither its proven answer nor the choice of the contract`,
  );
}

/** @throws RuleError where the answer is no proof, or does not have its digest */
function plannedAgain(rows: AuditRows, request: CoalitionRequest, asked: CoalitionCase): CoalitionPlan {
  const { aggregatorId, answer: best, gapPpmMax, planId } = request;
  const prepared = prepareCoalition(asked);
  const answer = best === undefined ? greedyCoalition(prepared) : answerOf(rows, planId, best);
  if (best !== undefined) {
    proveCoalition(prepared, answer, gapPpmMax);
  }
  const { assignments, boundNano, objectiveNano, served } = answer;
  const source = best === undefined ? 'greedy' : 'oracle';
  return { planId, aggregatorId, source, assignments, served, objectiveNano, boundNano };
}

function answerOf(
  rows: AuditRows,
  planId: string,
  { answerDigest, mspId }: NonNullable<CoalitionRequest['answer']>,
): CoalitionAnswer {
  const pieces = new Map<number, string>();
  for (;;) {
    const place = [planId, mspId, answerDigest, String(pieces.size).padStart(4, '0')];
    const row = rows.row(ROW_TYPES.coalitionChunk, ...place);
    if (row === undefined) {
      return joinedPieces(coalitionAnswerCodec, pieces, answerDigest);
    }
    const { chunk, piece } = decodeValue(row.value, rowCodec(coalitionChunkCodec));
    pieces.set(chunk, piece);
  }
}

function textOf(plan: CoalitionPlan): string {
  return canonicalJson(coalitionPlanCodec.encode(plan));
}
