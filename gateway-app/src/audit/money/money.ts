import {
  checkFund,
  checkLimits,
  checkFlexibilityMoney,
  curtailmentFundCodec,
  flexCoverCodec,
  flexibilityFundCodec,
  foldPostingSets,
  forecastCoverCodec,
  limitRowCodec,
  postingSetCodec,
  rowCodec,
  voltageBudgetCodec,
  type PostingSet,
  type Violation,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, type DecodedRow } from '../decoded-rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRows } from '../fold';
import { auditRent } from '../market/rent';
import { ROW_TYPES } from '../row-types';

/** The money side of a ledger, read once for all invariants that need it. */
export interface MoneyRows {
  /** In the order in which they were committed. */
  readonly sets: readonly DecodedRow<PostingSet>[];
  /** What the domain's own check of the posting sets and limits has found. */
  readonly violations: readonly Violation[];
  /** Rows that do not decode: a finding of every invariant about money. */
  readonly unreadable: readonly string[];
  readonly limits: number;
}

/** Reads posting sets and limit rows and folds them. */
export function readMoney(rows: AuditRows): MoneyRows {
  const unreadable: string[] = [];
  const decoding = new Findings('decoding', 'rows', (problem) => unreadable.push(problem));
  const sets = [...decodeRows(rows, ROW_TYPES.posting, rowCodec(postingSetCodec), decoding)].sort(byCommit);
  const funds = decodeRows(rows, ROW_TYPES.curtailmentFund, rowCodec(curtailmentFundCodec), decoding);
  const flexFunds = decodeRows(rows, ROW_TYPES.flexibilityFund, rowCodec(flexibilityFundCodec), decoding);
  const covers = decodeRows(rows, ROW_TYPES.flexCover, rowCodec(flexCoverCodec), decoding);
  const budgets = decodeRows(rows, ROW_TYPES.voltageBudget, rowCodec(voltageBudgetCodec), decoding);
  const forecasts = decodeRows(rows, ROW_TYPES.forecastCover, rowCodec(forecastCoverCodec), decoding);
  const limits = decodeRows(rows, ROW_TYPES.limit, rowCodec(limitRowCodec), decoding).map(({ value }) => value);
  const books = foldPostingSets(sets.map(({ value }) => value));
  const fund = funds[0]?.value;
  const violations = [
    ...books.violations,
    ...checkLimits(books, limits),
    ...checkFund(books, fund),
    ...checkFlexibilityMoney(books, {
      funds: flexFunds.map(({ value }) => value),
      covers: covers.map(({ value }) => value),
      budgets: budgets.map(({ value }) => value),
      forecasts: forecasts.map(({ value }) => value),
      limits,
    }),
  ];
  return { sets, violations, unreadable, limits: limits.length + funds.length + flexFunds.length };
}

function byCommit({ row: left }: DecodedRow<PostingSet>, { row: right }: DecodedRow<PostingSet>): number {
  return left.blockNumber - right.blockNumber || left.transactionIndex - right.transactionIndex;
}

/** Findings of one invariant that begin with what the fold of the posting sets has found. */
export function moneyFindings(id: Violation['invariant'], subject: string, money: MoneyRows): Findings {
  const findings = new Findings(id, subject);
  money.unreadable.forEach((problem) => {
    findings.fail(problem);
  });
  money.violations
    .filter(({ invariant }) => invariant === id)
    .forEach(({ where, problem }) => {
      findings.fail(`${where}: ${problem}`);
    });
  return findings;
}

/** I1: what participants have, what is in escrow, fees and dust sum to the amount that was issued, exactly. */
export function auditTotal(money: MoneyRows): InvariantResult {
  const findings = moneyFindings('I1', 'posting sets', money);
  findings.count(money.sets.length);
  return findings.result();
}

/** I2: in every posting set debits equal credits, none was ever changed, and rent went back as the rule says. */
export function auditPostingSets(rows: AuditRows, money: MoneyRows): InvariantResult {
  const findings = moneyFindings('I2', 'posting sets', money);
  auditRent(rows, money, findings);
  findings.count(money.sets.length);
  money.sets.forEach(({ row }) => {
    expectWrittenOnce(row, findings);
  });
  return findings.result();
}

/** I3: no account is ever below zero, and nobody can dispose of more than its balance. */
export function auditLimits(money: MoneyRows): InvariantResult {
  const findings = moneyFindings('I3', 'posting sets and limits', money);
  findings.count(money.sets.length + money.limits);
  return findings.result();
}
