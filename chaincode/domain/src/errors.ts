import { canonicalJson } from './canonical-writer';
import { accountsErrors } from './errors/accounts';
import { contractCapacityErrors, contractErrors } from './errors/bilateral';
import { commitmentsErrors } from './errors/commitments';
import { commonErrors } from './errors/common';
import type { ErrorRow } from './errors/error-row';
import { disputeErrors } from './errors/disputes';
import { disaggregationErrors } from './errors/flexibility-disaggregation';
import { feedErrors } from './errors/feeds';
import { flexibilityBaselineErrors } from './errors/flexibility-baseline';
import { flexibilityEventErrors } from './errors/flexibility-events';
import { flexibilityProgrammeErrors } from './errors/flexibility-programmes';
import { flexibilitySettlementErrors } from './errors/flexibility-settlement';
import { flexibilityTradeErrors } from './errors/flexibility-trade';
import { marketErrors } from './errors/market';
import { meteringErrors } from './errors/metering';
import { flexibilityVoltageErrors } from './errors/flexibility-voltage';
import { oracleErrors } from './errors/oracle';
import { registryErrors } from './errors/registry';
import { setPointErrors } from './errors/set-points';
import { vppAssetErrors } from './errors/vpp-assets';
import { vppCoalitionErrors } from './errors/vpp-coalition';
import { vppOperationErrors } from './errors/vpp-operation';
import type { JsonObject } from './json';

export type { ErrorRow } from './errors/error-row';

/** Refusals that no rule makes: a mistake in the program. */
const invariantErrors = [
  {
    code: 'INVARIANT_BROKEN',
    meaning: 'The program contradicts itself; nothing was written.',
    whoFixes: 'developer',
    transient: false,
  },
] as const satisfies readonly ErrorRow[];

/** All error codes in precedence order: of two faults of one request the one that stands first is reported. */
export const errorRegistry = [
  ...commonErrors,
  ...registryErrors,
  ...meteringErrors,
  ...contractErrors,
  ...marketErrors,
  ...flexibilityProgrammeErrors,
  ...commitmentsErrors,
  ...setPointErrors,
  ...contractCapacityErrors,
  ...flexibilityTradeErrors,
  ...flexibilityBaselineErrors,
  ...flexibilityEventErrors,
  ...flexibilityVoltageErrors,
  ...disputeErrors,
  ...flexibilitySettlementErrors,
  ...vppAssetErrors,
  ...accountsErrors,
  ...feedErrors,
  ...oracleErrors,
  ...disaggregationErrors,
  ...vppCoalitionErrors,
  ...vppOperationErrors,
  ...invariantErrors,
] as const;

/** Every code that a contract may answer with. */
export type ErrorCode = (typeof errorRegistry)[number]['code'];

const rowsByCode: ReadonlyMap<string, ErrorRow> = new Map(errorRegistry.map((row) => [row.code, row]));

/** The registry's row of a code, or undefined for a code that is not ours. */
export function errorRow(code: string): ErrorRow | undefined {
  return rowsByCode.get(code);
}

/**
 * A request that the rules refuse: the caller's fault or bad luck, never ours. Its message is the whole record,
 * `CODE: one sentence {canonical JSON details}`, because Fabric carries nothing else to the client. Details are public:
 * they name fields, ids and slots, and never repeat a confidential value.
 */
export class RuleError extends Error {
  public readonly code: ErrorCode;
  public readonly details: JsonObject;

  public constructor(code: ErrorCode, details: JsonObject = {}, options?: ErrorOptions) {
    super(`${code}: ${errorRow(code)?.meaning ?? ''} ${canonicalJson(details)}`, options);
    this.name = 'RuleError';
    this.code = code;
    this.details = details;
  }
}

/** Refuses with a code where a condition does not hold. */
export function demand(condition: boolean, code: ErrorCode, details: JsonObject = {}): asserts condition {
  if (!condition) {
    throw new RuleError(code, details);
  }
}
