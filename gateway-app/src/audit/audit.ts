import { auditCoalitions } from './coalitions/coalitions';
import { auditCommitments } from './commitments';
import { auditContracts } from './market/contracts';
import { auditDevices } from './meters/devices';
import { auditDisputes } from './disputes';
import { auditEvidence } from './evidence/evidence';
import { auditFlexibility } from './flexibility/flexibility';
import { auditForecasts } from './oracle/forecasts';
import type { InvariantResult } from './findings';
import type { AuditRows } from './fold';
import { auditClearings } from './market/market';
import { auditChains, auditReadings } from './meters/meters';
import { auditLimits, auditPostingSets, auditTotal, readMoney } from './money/money';
import { auditBalance, auditRuns } from './money/settlement';

/**
 * Checks the invariants of money, settlement, readings, devices, evidence, forecasts, clearing, promises, contracts, flexibility, disputes and coalitions on rows that were folded from raw blocks.
 * It asks no contract and no peer's state: what it finds, anybody who has the blocks can find.
 *
 * @param channel the channel's name, which is part of what meters sign
 */
export function auditRows(rows: AuditRows, channel: string): readonly InvariantResult[] {
  return inOrder([...auditBusiness(rows, channel), auditReadings(rows), auditChains(rows, channel)]);
}

/** Results in the order of their numbers: I4 before I10. */
export function inOrder(results: readonly InvariantResult[]): readonly InvariantResult[] {
  return [...results].sort((left, right) => Number(left.id.slice(1)) - Number(right.id.slice(1)));
}

/** The same without the chains of meters, for an auditor who has followed these block by block. */
export function auditBusiness(rows: AuditRows, channel: string): readonly InvariantResult[] {
  const money = readMoney(rows);
  return [
    auditTotal(money),
    auditPostingSets(rows, money),
    auditLimits(money),
    auditBalance(rows, money),
    auditForecasts(rows, channel),
    auditClearings(rows),
    auditCommitments(rows),
    auditRuns(money),
    auditDevices(rows, channel),
    auditEvidence(rows, channel),
    auditContracts(rows, money, channel),
    auditFlexibility(rows, money),
    auditDisputes(rows, money, channel),
    auditCoalitions(rows, money),
  ];
}
