import {
  disaggregationAnswerCodec,
  assetPlanCodec,
  canonicalJson,
  disaggregationChunkCodec,
  disaggregationDigest,
  disaggregationPlanCodec,
  disaggregationRequestCodec,
  frozenCaseCodec,
  joinedPieces,
  meritOrder,
  prepareCase,
  proveAnswer,
  rowCodec,
  type AssetPlan,
  type DisaggregationAnswer,
  type DisaggregationCase,
  type DisaggregationPlan,
  type DisaggregationRequest,
  type FlexEvent,
} from '@flexledger/domain';
import { decodeRows, decodeValue, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { FlexibilityRows } from './rows';
import type { AuditRows } from '../fold';
import { ROW_TYPES } from '../row-types';
import { presentValue } from '../versions';

/**
 * The case of every request to split an order has its digest and never changed; a plan is the best answer, proven once more within the gap that
 * was agreed, or the merit order where nobody answered; and events ask of assets what the plan of their revision does.
 */
export function auditSplits(rows: AuditRows, known: FlexibilityRows, findings: Findings): void {
  const cases = new Map(
    decodeRows(rows, ROW_TYPES.splitCase, rowCodec(frozenCaseCodec), findings).map((one) => {
      expectWrittenOnce(one.row, findings);
      return [placeOf(one.value), one.value.asked];
    }),
  );
  const plans = new Map(
    decodeRows(rows, ROW_TYPES.splitPlan, rowCodec(disaggregationPlanCodec), findings).map((one) => {
      expectWrittenOnce(one.row, findings);
      return [placeOf(one.value), one.value];
    }),
  );
  for (const { row, value } of decodeRows(rows, ROW_TYPES.split, rowCodec(disaggregationRequestCodec), findings)) {
    findings.count();
    const asked = cases.get(placeOf(value));
    findings.expect(
      asked !== undefined && disaggregationDigest(asked) === value.dataDigest,
      () => `the case of ${nameOf(row)} does not have its digest`,
    );
    const plan = plans.get(placeOf(value));
    findings.expect(
      (plan !== undefined) === (value.state === 'PLANNED'),
      () => `${nameOf(row)} says other than its plan whether it is planned`,
    );
    if (asked !== undefined && plan !== undefined) {
      auditPlan(rows, { row, value }, asked, plan, findings);
    }
  }
  auditPlanned(known, plans, findings);
}

function placeOf({ orderId, revision }: { readonly orderId: string; readonly revision: number }): string {
  return `${orderId} ${revision}`;
}

function auditPlan(
  rows: AuditRows,
  { row, value }: DecodedRow<DisaggregationRequest>,
  asked: DisaggregationCase,
  plan: DisaggregationPlan,
  findings: Findings,
): void {
  const due = findings.attempt(nameOf(row), () => plannedAgain(rows, value, asked));
  findings.expect(
    due === undefined || (due.source === plan.source && isSamePlan(due.answer, plan)),
    () => `the plan of ${nameOf(row)} is neither its proven answer nor the merit order`,
  );
}

/** @throws RuleError where the answer is no proof, or does not have its digest */
function plannedAgain(
  rows: AuditRows,
  request: DisaggregationRequest,
  asked: DisaggregationCase,
): { readonly source: DisaggregationPlan['source']; readonly answer: DisaggregationAnswer } {
  const prepared = prepareCase(asked);
  if (request.answer === undefined) {
    return { source: 'merit-order', answer: meritOrder(prepared) };
  }
  const answer = answerOf(rows, request, request.answer);
  proveAnswer(prepared, answer, request.gapPpmMax);
  return { source: 'oracle', answer };
}

function answerOf(
  rows: AuditRows,
  { orderId, revision }: DisaggregationRequest,
  { answerDigest, mspId }: NonNullable<DisaggregationRequest['answer']>,
): DisaggregationAnswer {
  const pieces = new Map<number, string>();
  const place = [orderId, String(revision).padStart(4, '0'), mspId];
  for (;;) {
    const row = rows.row(ROW_TYPES.splitChunk, ...place, `${answerDigest}.${pieces.size}`);
    if (row === undefined) {
      return joinedPieces(disaggregationAnswerCodec, pieces, answerDigest);
    }
    const { chunk, piece } = decodeValue(row.value, rowCodec(disaggregationChunkCodec));
    pieces.set(chunk, piece);
  }
}

function isSamePlan(
  { boundNano, objectiveNano, plans }: DisaggregationAnswer,
  planned: Pick<DisaggregationPlan, 'boundNano' | 'objectiveNano' | 'plans'>,
): boolean {
  const isSameCost = boundNano === planned.boundNano && objectiveNano === planned.objectiveNano;
  return isSameCost && textOf(plans) === textOf(planned.plans);
}

function textOf(plans: readonly AssetPlan[]): string {
  return canonicalJson(plans.map((plan) => assetPlanCodec.encode(plan)));
}

function auditPlanned(
  { events }: FlexibilityRows,
  plans: ReadonlyMap<string, DisaggregationPlan>,
  findings: Findings,
): void {
  for (const versioned of events) {
    const event = presentValue(versioned);
    const plan = event === undefined ? undefined : plans.get(placeOf(event));
    findings.expect(
      event !== undefined && plan !== undefined && isPlanned(event, plan),
      () => `${nameOf(versioned.row)} asks for something else than the plan of its order`,
    );
  }
}

function isPlanned({ assets }: FlexEvent, { plans }: DisaggregationPlan): boolean {
  return assets.every(({ assetId, isps }) => {
    const calls = plans.find((plan) => plan.assetId === assetId)?.calls ?? [];
    const energies = new Map(
      calls.flatMap(({ energiesWh, firstSlot }) =>
        energiesWh.map((energyWh, index) => [firstSlot + index, energyWh] as const),
      ),
    );
    const asked = [...energies.values()].filter((energyWh) => energyWh > 0n).length;
    return asked === isps.length && isps.every(({ energyWh, slot }) => energies.get(slot) === energyWh);
  });
}
