import {
  canonicalJson,
  clearWithinBuses,
  contractFlowCodec,
  deriveInterval,
  digestOf,
  fillPriceCodec,
  findGridClearingFault,
  gridCodec,
  nodalPrices,
  gridOutcomeCodec,
  gridOutcomeOf,
  gridTermsCodec,
  hoursOf,
  intervalMarkets,
  orderSetCodec,
  rowCodec,
  searchInterval,
  slotText,
  type Clearing,
  type ContractFlow,
  type GridIntervalClearing,
  type GridOutcome,
  type IntervalMarket,
  type Order,
  type OrderFill,
  type Session,
  type SessionInputs,
} from '@flexledger/domain';
import { decodeRows, decodeValue, nameOf } from './decoded-rows';
import type { Findings } from './findings';
import type { AuditRows } from './fold';
import { isBefore, type Place } from './place';
import { ROW_TYPES } from './row-types';

/** A session that was cleared with the limits of its grid. */
export interface GridCleared {
  readonly session: Session;
  readonly clearing: Clearing;
  readonly orders: readonly Order[];
  readonly fills: readonly OrderFill[];
  /** Where its clearing was committed. */
  readonly clearedAt: Place;
}

/**
 * I11 with limits of the grid: in every interval the outcome is derived once more from the limits that it names, and the domain's second
 * path, which derives nothing, finds no fault with it; fills, zones, prices, rent and the price of each fill are those that are
 * written. Where a general row binds, or nothing was named, the outcome comes from the contract's own rule.
 */
export function auditGridClearing(cleared: GridCleared, rows: AuditRows, findings: Findings): void {
  const { clearing, session } = cleared;
  const of = ({ value }: { readonly value: { readonly sessionId: string } }): boolean =>
    value.sessionId === session.sessionId;
  const outcomes = decodeRows(rows, ROW_TYPES.gridOutcome, rowCodec(gridOutcomeCodec), findings)
    .filter(of)
    .map(({ value }) => value)
    .sort((left, right) => left.interval - right.interval);
  const digest = digestOf(outcomes.map((outcome) => gridOutcomeCodec.encode(outcome)));
  findings.expect(
    digest === clearing.gridDigest,
    () => `the outcomes of ${session.sessionId} on the grid do not have their digest`,
  );
  const inputs = inputsOf(cleared, rows, findings);
  if (inputs === undefined) {
    findings.fail(`the grid of ${session.sessionId} or its terms are not there`);
    return;
  }
  for (const [interval, market] of intervalMarkets(inputs).entries()) {
    findings.count();
    const fills = cleared.fills.filter((fill) => fill.interval === interval);
    const problem = findProblem(inputs, market, outcomes[interval], fills, interval);
    findings.expect(problem === undefined, () => `interval ${interval} of ${session.sessionId}: ${problem ?? ''}`);
  }
}

function inputsOf(
  { clearedAt, orders, session }: GridCleared,
  rows: AuditRows,
  findings: Findings,
): SessionInputs | undefined {
  const { gridId, gridTerms: number, sessionId } = session;
  const grid = decodeRows(rows, ROW_TYPES.grid, rowCodec(gridCodec), findings).find(
    ({ value }) => value.gridId === gridId,
  )?.value;
  const terms = decodeRows(rows, ROW_TYPES.gridTerms, rowCodec(gridTermsCodec), findings).find(
    ({ value }) => value.gridId === gridId && value.number === number,
  )?.value;
  const orderSets = decodeRows(rows, ROW_TYPES.orderSet, rowCodec(orderSetCodec), findings)
    .map(({ value }) => value)
    .filter((set) => set.sessionId === sessionId);
  return grid === undefined || (number !== undefined && terms === undefined)
    ? undefined
    : { session, grid, terms, orders, orderSets, contractFlows: flowsBefore(rows, session, clearedAt, findings) };
}

/** What contracts carried in the hours of a session when it was cleared; what came later counts for nothing. */
function flowsBefore(rows: AuditRows, session: Session, clearedAt: Place, findings: Findings): readonly ContractFlow[] {
  const codec = rowCodec(contractFlowCodec);
  const hours = new Set<string>(hoursOf(session).map(slotText));
  return rows
    .rows(ROW_TYPES.contractFlow)
    .filter(({ parts: [gridId, hour = ''] }) => gridId === session.gridId && hours.has(hour))
    .flatMap((row) => {
      const value = row.history.findLast((_, index) => isBefore(row.places[index] ?? row, clearedAt));
      const flow = value === undefined ? undefined : findings.attempt(nameOf(row), () => decodeValue(value, codec));
      return flow ?? [];
    });
}

function findProblem(
  inputs: SessionInputs,
  market: IntervalMarket,
  outcome: GridOutcome | undefined,
  fills: readonly OrderFill[],
  interval: number,
): string | undefined {
  if (outcome === undefined) {
    return 'it has no outcome on the grid';
  }
  const due = derive(market, outcome);
  if (due === undefined) {
    return 'the limits that it names prove no outcome';
  }
  const checks: readonly (readonly [string, () => boolean])[] = [
    ['the fills are not those of the rule', () => sameFills(fills, due)],
    ['its zones, prices or rent are not those of the rule', () => sameOutcome(inputs.session, interval, outcome, due)],
    ['its fills do not have the prices of the rule', () => samePrices(inputs, market, fills, due)],
  ];
  return checks.find(([, holds]) => !holds())?.[0] ?? secondLook(market, outcome, due);
}

/** The outcome that is due, or undefined where the named limits prove none. */
function derive(market: IntervalMarket, { bindingLimits, source }: GridOutcome): GridIntervalClearing | undefined {
  if (source.kind === 'fallback') {
    return clearWithinBuses(market.orders, market.grid, market.rules);
  }
  if (bindingLimits.some(({ direction }) => direction === 'row')) {
    return searchInterval(market)?.clearing;
  }
  const derived = deriveInterval(market, { bindingLimits });
  return derived.kind === 'cleared' ? derived.clearing : undefined;
}

/** The domain's second path; it has nothing to say about rows and about buses that trade within themselves. */
function secondLook(market: IntervalMarket, outcome: GridOutcome, due: GridIntervalClearing): string | undefined {
  const isOnTree =
    outcome.source.kind !== 'fallback' && due.bindingLimits.every(({ direction }) => direction !== 'row');
  return isOnTree ? findGridClearingFault(market.orders, market.grid, due, market.rules) : undefined;
}

function sameFills(fills: readonly OrderFill[], due: GridIntervalClearing): boolean {
  const text = (all: readonly { readonly orderId: string; readonly energyWh: bigint }[]): string =>
    all
      .map(({ energyWh, orderId }) => `${orderId} ${energyWh}`)
      .sort()
      .join();
  return text(fills) === text(due.fills);
}

function sameOutcome(session: Session, interval: number, outcome: GridOutcome, due: GridIntervalClearing): boolean {
  const expected = gridOutcomeOf(session, interval, { clearing: due, source: outcome.source });
  return canonicalJson(gridOutcomeCodec.encode(expected)) === canonicalJson(gridOutcomeCodec.encode(outcome));
}

function samePrices(
  inputs: SessionInputs,
  market: IntervalMarket,
  fills: readonly OrderFill[],
  due: GridIntervalClearing,
): boolean {
  const prices = nodalPrices(inputs, market, due.fills, due.zones);
  return fills.every(({ orderId, price }) => {
    const expected = prices.get(orderId);
    return (
      price !== undefined &&
      expected !== undefined &&
      canonicalJson(fillPriceCodec.encode(price)) === canonicalJson(fillPriceCodec.encode(expected))
    );
  });
}
