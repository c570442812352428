import { canonicalJson } from '../canonical';
import type { FlexCover } from '../flexibility/settlement/cover';
import type { FlexibilityFund } from '../flexibility/settlement/rows';
import type { VoltageBudget } from '../flexibility/voltage/settlement-rows';
import { sum } from '../math';
import type { ForecastCover } from '../oracle/forecast-pay';
import type { LineCurtailment } from './curtailment-rows';
import { raisedByDelivered } from './coalition-rows';
import { netCreditMicro, sideMicro } from './post';
import {
  participantAccount,
  postingSetCodec,
  postingSetId,
  type Account,
  type CurtailmentFund,
  type LimitRow,
  type Line,
  type PostingSet,
} from './rows';
import { resettle } from './settle-slot';

/** A broken invariant: which one, and where. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I13';
  readonly where: string;
  readonly problem: string;
}

/** What the books say after some posting sets: credits less debits of every account, `bank` the other way round. */
export interface Books {
  readonly balances: ReadonlyMap<Account, bigint>;
  /** The money that was ever issued: the debits of the bank. */
  readonly issuedMicro: bigint;
  readonly postingSets: number;
  readonly violations: readonly Violation[];
}

/**
 * Folds posting sets in the order in which they were committed and checks the invariants of money and settlement on the way: I1 what
 * all accounts hold is what was issued; I2 every set is balanced and stands once; I3 no account is ever below zero; I4 every line
 * keeps metered = position + deviation and sold = delivered + shortfall, and the set is what the rule makes of its own inputs; I13
 * one set per slot, run and bucket. It knows nothing of contracts: an auditor runs it on rows that it took from blocks.
 */
export function foldPostingSets(sets: Iterable<PostingSet>): Books {
  const balances = new Map<Account, bigint>();
  const seen = new Set<string>();
  const violations: Violation[] = [];
  let issuedMicro = 0n;
  for (const set of sets) {
    const where = postingSetId(set.cause);
    const report = (invariant: Violation['invariant'], problem: string): void => {
      violations.push({ invariant, where, problem });
    };
    if (seen.has(where)) {
      report(set.cause.kind === 'settlement' ? 'I13' : 'I2', 'the same cause is posted twice');
    }
    seen.add(where);
    if (sideMicro(set.entries, 'debit') !== sideMicro(set.entries, 'credit')) {
      report('I2', 'debits do not equal credits');
    }
    issuedMicro += sideMicro(set.entries, 'debit', 'bank') - sideMicro(set.entries, 'credit', 'bank');
    for (const account of post(balances, set)) {
      report('I3', `the balance of ${account} is below zero`);
    }
    violations.push(...settlementViolations(set, where));
  }
  const heldMicro = [...balances.values()].reduce((total, balance) => total + balance, 0n);
  if (heldMicro !== issuedMicro) {
    violations.push({
      invariant: 'I1',
      where: 'all accounts',
      problem: `they hold ${heldMicro} of ${issuedMicro} issued`,
    });
  }
  return { balances, issuedMicro, postingSets: seen.size, violations };
}

/** Adds a set to the balances and answers the accounts that it leaves below zero. */
function post(balances: Map<Account, bigint>, set: PostingSet): readonly Account[] {
  const accounts = [...new Set(set.entries.map((entry) => entry.account))].filter((account) => account !== 'bank');
  for (const account of accounts) {
    balances.set(account, (balances.get(account) ?? 0n) + netCreditMicro(set.entries, account));
  }
  return accounts.filter((account) => (balances.get(account) ?? 0n) < 0n);
}

/** I3 for the limit rows: what an owner can dispose of is never more than what its account holds. */
export function checkLimits(books: Books, limitRows: Iterable<LimitRow>): readonly Violation[] {
  const violations: Violation[] = [];
  for (const { availableMicro, participantId } of limitRows) {
    const balance = books.balances.get(participantAccount(participantId)) ?? 0n;
    if (availableMicro > balance) {
      violations.push({
        invariant: 'I3',
        where: `limit/${participantId}`,
        problem: `${availableMicro} available of a balance of ${balance}`,
      });
    }
  }
  return violations;
}

/** I3 for the fund of the system operator: what is not set aside of it is never more than its account holds. */
export function checkFund(books: Books, fund: CurtailmentFund | undefined): readonly Violation[] {
  const availableMicro = fund?.availableMicro ?? 0n;
  const balance = books.balances.get('curtailment') ?? 0n;
  if (availableMicro <= balance) {
    return [];
  }
  const problem = `${availableMicro} available of a balance of ${balance}`;
  return [{ invariant: 'I3', where: 'curtailment-fund', problem }];
}

/** What is held for flexibility: the funds of grids, what is set aside for orders, and what participants can dispose of beside that. */
export interface FlexibilityMoney {
  readonly funds: readonly FlexibilityFund[];
  readonly covers: readonly FlexCover[];
  /** What is set aside for voltage support. */
  readonly budgets?: readonly VoltageBudget[];
  /** What is set aside for forecasts. */
  readonly forecasts?: readonly ForecastCover[];
  readonly limits: readonly LimitRow[];
}

/**
 * I3 for flexibility: what the funds of grids have, and what was set aside out of them, is together no more than their account holds; and
 * nobody has set aside and can dispose of more than its account holds.
 */
export function checkFlexibilityMoney(books: Books, money: FlexibilityMoney): readonly Violation[] {
  return [...heldMicroOf(money)].flatMap(([where, heldMicro]) => {
    const balance = books.balances.get(where) ?? 0n;
    const problem = `${heldMicro} available or set aside of a balance of ${balance}`;
    return heldMicro <= balance ? [] : [{ invariant: 'I3' as const, where, problem }];
  });
}

/** What each account has to hold, in micro-units: everything that was set aside there, and what its participant can dispose of beside that. */
function heldMicroOf({ budgets, covers, forecasts, funds, limits }: FlexibilityMoney): ReadonlyMap<Account, bigint> {
  const held = new Map<Account, bigint>();
  const hold = (account: Account, amountMicro: bigint): void => {
    held.set(account, (held.get(account) ?? 0n) + amountMicro);
  };
  for (const { availableMicro } of funds) hold('flexibility', availableMicro);
  for (const { leftMicro } of budgets ?? []) hold('flexibility', leftMicro);
  for (const { aggregatorId, aggregatorMicro, payerMicro, requesterId } of covers) {
    hold(requesterId === undefined ? 'flexibility' : participantAccount(requesterId), payerMicro);
    hold(participantAccount(aggregatorId), aggregatorMicro);
  }
  const heldFees = (forecasts ?? []).filter(({ state }) => state === 'HELD');
  for (const { feeMicro, payerId } of heldFees) hold(participantAccount(payerId), feeMicro);
  for (const { availableMicro, participantId } of limits) {
    const account = participantAccount(participantId);
    if (held.has(account)) hold(account, availableMicro);
  }
  return held;
}

function settlementViolations(set: PostingSet, where: string): readonly Violation[] {
  if (set.cause.kind !== 'settlement') {
    return [];
  }
  const { lines, prices } = set;
  if (lines === undefined || prices === undefined) {
    return [{ invariant: 'I4', where, problem: 'a settlement has no lines' }];
  }
  const violations = lines.flatMap((line) =>
    lineProblems(line, prices).map((problem): Violation => ({
      invariant: 'I4',
      where: `${where} ${line.participantId}`,
      problem,
    })),
  );
  if (violations.length === 0 && !sameSet(resettle(set), set)) {
    violations.push({ invariant: 'I4', where, problem: 'the postings are not what the rule makes of the inputs' });
  }
  return violations;
}

/** What is wrong with a line, worked out from its energies by another way than the rule's. */
function lineProblems(line: Line, prices: NonNullable<PostingSet['prices']>): readonly string[] {
  if (line.status !== 'OK') {
    const { longCostMicro = 0n, longMicro, longWh, shortGainMicro = 0n, shortMicro, shortWh } = line;
    const posted = shortMicro + shortGainMicro + longMicro + longCostMicro + shortWh + longWh;
    return posted === 0n ? [] : [`a deviation is posted although the line is ${line.status}`];
  }
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string): void => {
    if (!holds) {
      problems.push(problem);
    }
  };
  const meteredWh = line.importWh - line.exportWh;
  const positionWh = line.boughtWh - line.soldWh;
  const correctedWh = sum(
    (line.curtailments ?? []).map(({ correctedWh: part, direction }) =>
      direction === 'export' ? BigInt(part) : -BigInt(part),
    ),
  );
  const elsewhereWh = raisedByDelivered(line);
  const deviationWh = line.shortWh - line.longWh;
  expect(
    meteredWh === positionWh + correctedWh + elsewhereWh + deviationWh,
    'metered is not corrected position + deviation',
  );
  expect((line.curtailments ?? []).every(isCountedOnce), 'energy that a limit held back is not paid once');
  expect(line.shortWh === 0n || line.longWh === 0n, 'a line is both short and long');
  expect(line.soldWh === line.deliveredWh + line.shortfallWh, 'sold is not delivered + shortfall');
  expect(line.shortfallWh <= line.shortWh, 'more is missing than the participant is short');
  expect(
    line.meters.every((meter) => meter.quality === 'OK' || meter.quality === 'ESTIMATED'),
    'a missing or bad reading is settled',
  );
  expect(isPricedByRule(line, prices), 'the deviation is not priced by the rule set');
  const chargedMicro = line.shortMicro + (line.longCostMicro ?? 0n) + (line.penaltyMicro ?? 0n);
  expect(chargedMicro <= line.reserveMicro, 'more is charged than was locked');
  return problems;
}

/** Whether what a limit held back is inside the limit's shortfall, and its money inside what was set aside. */
function isCountedOnce(curtailment: LineCurtailment): boolean {
  const { compensatedWh, compensationMicro, correctedWh, coverMicro, direction, heldBackWh } = curtailment;
  const { limitWh, possibleWh, takeoverCostMicro } = curtailment;
  const isOnce = direction === 'export' ? compensatedWh + correctedWh === heldBackWh : compensatedWh === correctedWh;
  const isInside = heldBackWh === 0n || heldBackWh + limitWh <= possibleWh;
  return isOnce && isInside && correctedWh <= heldBackWh && compensationMicro + takeoverCostMicro <= coverMicro;
}

/**
 * Whether what a line posts and leaves uncovered is deviation × price. Costs are kept above and gains below zero here, so that one
 * division, rounded up, serves both signs of a price.
 */
function isPricedByRule(line: Line, prices: NonNullable<PostingSet['prices']>): boolean {
  const { longCostMicro = 0n, longMicro, longWh, shortGainMicro = 0n, shortMicro, shortWh, uncoveredMicro } = line;
  const [shortPrice, longPrice] = pricesOfLine(line, prices);
  const dueMicro = ceilPerKwh(shortWh * shortPrice - longWh * longPrice);
  const postedMicro = shortMicro + longCostMicro - shortGainMicro - longMicro;
  return dueMicro === (dueMicro < 0n ? postedMicro - uncoveredMicro : postedMicro + uncoveredMicro);
}

/** What a kWh that is missing costs and what one that is left over brings: the higher and the lower price of all that count. */
function pricesOfLine(
  { dayAheadMicroPerKwh }: Line,
  { imbalance, imbalanceLongMicroPerKwh, imbalanceShortMicroPerKwh }: NonNullable<PostingSet['prices']>,
): readonly [bigint, bigint] {
  if (imbalance === undefined) {
    return [imbalanceShortMicroPerKwh, imbalanceLongMicroPerKwh];
  }
  const filed: bigint = imbalance.priceMicroPerKwh;
  const other: bigint = imbalance.pricing === 'dual' ? (dayAheadMicroPerKwh ?? filed) : filed;
  return filed > other ? [filed, other] : [other, filed];
}

/** Wh × micro-units per kWh as micro-units, rounded up. */
function ceilPerKwh(product: bigint): bigint {
  const floor = product / 1_000n;
  return product > 0n && product % 1_000n !== 0n ? floor + 1n : floor;
}

function sameSet(left: PostingSet, right: PostingSet): boolean {
  return canonicalJson(postingSetCodec.encode(left)) === canonicalJson(postingSetCodec.encode(right));
}
