import {
  canonicalJson,
  clearWithinBuses,
  deriveInterval,
  digestOf,
  fillPriceCodec,
  findGridClearingFault,
  gridCodec,
  nodalPrices,
  gridOutcomeCodec,
  gridOutcomeOf,
  gridTermsCodec,
  intervalMarkets,
  namesRow,
  orderSetCodec,
  rowCodec,
  searchInterval,
  sessionFlowRows,
  type Clearing,
  type GridIntervalClearing,
  type GridOutcome,
  type IntervalMarket,
  type Order,
  type OrderFill,
  type Session,
  type SessionFlow,
  type SessionInputs,
} from '@flexledger/domain';
import { decodeRows } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import { flowsBefore } from './grid-flows';
import type { Place } from '../place';
import { ROW_TYPES } from '../row-types';

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
 * written. Where general rows decide, or nothing was named, the outcome comes from the contract's own rule.
 *
 * @returns what the session has to carry through the grid; undefined where an interval has no outcome that is proven
 */
export function auditGridClearing(
  cleared: GridCleared,
  rows: AuditRows,
  findings: Findings,
): readonly SessionFlow[] | undefined {
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
    return undefined;
  }
  const derived = intervalMarkets(inputs).map((market, interval) => {
    findings.count();
    const outcome = outcomes[interval];
    const due = outcome === undefined ? undefined : derive(market, outcome);
    const fills = cleared.fills.filter((fill) => fill.interval === interval);
    const problem = findProblem(inputs, market, { outcome, due, fills, interval });
    findings.expect(problem === undefined, () => `interval ${interval} of ${session.sessionId}: ${problem ?? ''}`);
    return due?.clearing.flows;
  });
  const flows = derived.filter((one) => one !== undefined);
  return flows.length === derived.length ? sessionFlowRows(session, flows) : undefined;
}

/** The outcome that is due, and whether general rows have decided it. */
interface DueOutcome {
  readonly clearing: GridIntervalClearing;
  readonly isByRows: boolean;
}

/** What the ledger says of an interval, and what the audit has derived. */
interface AuditedInterval {
  readonly interval: number;
  readonly outcome: GridOutcome | undefined;
  readonly fills: readonly OrderFill[];
  readonly due: DueOutcome | undefined;
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
    : { session, grid, terms, orders, orderSets, ...flowsBefore(rows, session, clearedAt, findings) };
}

function findProblem(
  inputs: SessionInputs,
  market: IntervalMarket,
  { due, fills, interval, outcome }: AuditedInterval,
): string | undefined {
  if (outcome === undefined) {
    return 'it has no outcome on the grid';
  }
  if (due === undefined) {
    return 'the limits that it names prove no outcome';
  }
  const { clearing } = due;
  const isSame = (): boolean => sameOutcome(inputs.session, interval, outcome, clearing);
  const checks: readonly (readonly [string, () => boolean])[] = [
    ['the fills are not those of the rule', () => sameFills(fills, clearing)],
    ['its zones, prices or rent are not those of the rule', isSame],
    ['its fills do not have the prices of the rule', () => samePrices(inputs, market, fills, clearing)],
  ];
  return checks.find(([, holds]) => !holds())?.[0] ?? secondLook(market, outcome, due);
}

/** The outcome that is due, or undefined where the named limits prove none. */
function derive(market: IntervalMarket, { bindingLimits, source }: GridOutcome): DueOutcome | undefined {
  if (source.kind === 'fallback') {
    return { clearing: clearWithinBuses(market.orders, market.grid, market.rules), isByRows: false };
  }
  const derived = deriveInterval(market, { bindingLimits });
  const hasRows = (market.grid.rows ?? []).length > 0;
  if (derived.kind === 'cleared' && !namesRow({ bindingLimits })) {
    return { clearing: derived.clearing, isByRows: false };
  }
  // Rows may decide although none is at its bound in what they lead to, so that an outcome need not name one.
  const found = hasRows ? searchInterval(market) : undefined;
  return found === undefined ? undefined : { clearing: found.clearing, isByRows: namesRow(found.hint) };
}

/** The domain's second path; it has nothing to say about rows and about buses that trade within themselves. */
function secondLook(market: IntervalMarket, outcome: GridOutcome, due: DueOutcome): string | undefined {
  const isOnTree = outcome.source.kind !== 'fallback' && !due.isByRows;
  return isOnTree ? findGridClearingFault(market.orders, market.grid, due.clearing, market.rules) : undefined;
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
