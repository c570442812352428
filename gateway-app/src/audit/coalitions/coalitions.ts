import { auditCalls } from './calls';
import { auditDeliveries } from './delivery';
import { auditMembers } from './members';
import { auditRemunerations } from './money';
import { auditCoalitionPlans } from './plans';
import { readCoalitions } from './rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRows } from '../fold';
import type { MoneyRows } from '../money/money';
import { ROW_TYPES } from '../row-types';
import { auditCoalitionLines } from '../money/settlement-coalitions';

/**
 * I24: every choice of coalitions was made of what the ledger knew then and is proven once more; coalitions follow their plans, and what members
 * promise stands in the books; calls, dispatches and hand-overs are what contracts allow; deliveries are what meters show; remunerations are what
 * the rules make of them, are shared by the rule and posted once; and positions were corrected by what was delivered, no more and no less.
 */
export function auditCoalitions(rows: AuditRows, money: MoneyRows): InvariantResult {
  const findings = new Findings('I24', 'plans, coalitions, calls, deliveries and remunerations');
  const types = [ROW_TYPES.coalitionRequest, ROW_TYPES.coalition, ROW_TYPES.remuneration, ROW_TYPES.settledDelivery];
  const hasCoalitions = types.some((type) => rows.rows(type).length > 0);
  const known = hasCoalitions ? readCoalitions(rows, findings) : undefined;
  if (known !== undefined) {
    const planned = auditCoalitionPlans(rows, known, findings);
    auditMembers(rows, known, planned, findings);
    auditCalls(known, findings);
    auditDeliveries(rows, known, findings);
    auditRemunerations(rows, known, money, findings);
  }
  auditCoalitionLines(rows, known, money, findings);
  return findings.result();
}
