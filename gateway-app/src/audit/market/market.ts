import {
  canonicalJson,
  clearingChunkCodec,
  clearingCodec,
  digestOf,
  fillPriceCodec,
  findClearingFault,
  orderCodec,
  orderCommitment,
  positionCodec,
  positionsOf,
  rowCodec,
  sessionCodec,
  tradeCodec,
  tradesOf,
  zoneFillPrices,
  type Clearing,
  type ClearingChunk,
  type ClearingOrder,
  type FillPrice,
  type JsonValue,
  type Order,
  type OrderFill,
  type Session,
} from '@flexledger/domain';

import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRows } from '../fold';
import { auditGridClearing } from './grid-clearing';
import { auditSessionFlows, type DueFlows } from './grid-flows';
import type { Place } from '../place';
import { ROW_TYPES } from '../row-types';

interface ClearedSession {
  readonly session: Session;
  readonly clearing: Clearing;
  readonly orders: readonly Order[];
  readonly chunks: readonly ClearingChunk[];
  /** Where the clearing was committed. */
  readonly clearedAt: Place;
}

/**
 * I11: one clearing per session; in every interval no buyer pays more and no seller gets less than its limit, as much
 * is bought as sold, and the result is the one that the rule prescribes, checked by the domain's second path. Published
 * orders open their seals, and trades and positions are what the fills say.
 */
export function auditClearings(rows: AuditRows): InvariantResult {
  const findings = new Findings('I11', 'intervals');
  const due: DueFlows[] = [];
  for (const cleared of clearedSessions(rows, findings)) {
    auditSeals(cleared, findings);
    if (cleared.clearing.gridDigest === undefined) {
      auditIntervals(cleared, findings);
    } else {
      due.push({ ...cleared, flows: auditGridClearing({ ...cleared, fills: fillsOf(cleared) }, rows, findings) });
    }
    auditFills(cleared, findings);
    auditFillPrices(cleared, findings);
    auditHeaderMoney(cleared, findings);
    if (cleared.session.state === 'APPLIED') {
      auditTrades(cleared, rows, findings);
    }
  }
  auditSessionFlows(rows, due, findings);
  return findings.result();
}

function clearedSessions(rows: AuditRows, findings: Findings): readonly ClearedSession[] {
  const sessions = decodeRows(rows, ROW_TYPES.session, rowCodec(sessionCodec), findings);
  const clearings = decodeRows(rows, ROW_TYPES.clearing, rowCodec(clearingCodec), findings);
  const orders = decodeRows(rows, ROW_TYPES.order, rowCodec(orderCodec), findings);
  const chunks = decodeRows(rows, ROW_TYPES.clearingChunk, rowCodec(clearingChunkCodec), findings);
  return sessions.flatMap(({ row, value: session }) => {
    const of = <T extends { readonly sessionId: string }>(
      decoded: readonly DecodedRow<T>[],
    ): readonly DecodedRow<T>[] => decoded.filter(({ value }) => value.sessionId === session.sessionId);
    const own = of(clearings);
    const isCleared = session.state === 'CLEARED' || session.state === 'APPLIED';
    findings.expect(
      own.length === (isCleared ? 1 : 0),
      () => `${nameOf(row)} is ${session.state} and has ${own.length} clearings`,
    );
    own.forEach((clearing) => expectWrittenOnce(clearing.row, findings));
    const [clearing] = own;
    return clearing === undefined
      ? []
      : [
          {
            session,
            clearing: clearing.value,
            orders: of(orders).map(valueOf),
            chunks: of(chunks).map(valueOf),
            clearedAt: clearing.row,
          },
        ];
  });
}

function fillsOf({ chunks }: ClearedSession): readonly OrderFill[] {
  return chunks.flatMap(({ participants }) => participants.flatMap((participant) => participant.fills));
}

function valueOf<T>({ value }: DecodedRow<T>): T {
  return value;
}

function auditSeals({ session, orders }: ClearedSession, findings: Findings): void {
  for (const { orderId, participantId, commitment, status } of orders) {
    if (status.kind === 'published') {
      const { salt, side, interval, energyWh, limitPriceMicroPerKwh } = status;
      const content = { orderId, salt, side, interval, energyWh, limitPriceMicroPerKwh };
      findings.expect(
        orderCommitment(session.sessionId, participantId, content) === commitment,
        () => `order ${orderId} does not open its seal`,
      );
    }
  }
}

function auditIntervals(cleared: ClearedSession, findings: Findings): void {
  const { clearing, orders, session } = cleared;
  const fills = fillsOf(cleared);
  findings.expect(
    clearing.intervals.length === session.intervals,
    () => `the clearing of ${session.sessionId} has ${clearing.intervals.length} of ${session.intervals} intervals`,
  );
  for (const { interval, tradedWh, price } of clearing.intervals) {
    findings.count();
    const entries = orders.flatMap((order) => toClearingOrder(order, interval));
    const fault = findClearingFault(
      entries,
      { tradedWh, price, fills: fills.filter((fill) => fill.interval === interval) },
      session.ruleSet.kPpm,
    );
    findings.expect(fault === undefined, () => `interval ${interval} of ${session.sessionId}: ${fault ?? ''}`);
  }
}

function toClearingOrder({ orderId, status }: Order, wanted: number): readonly ClearingOrder[] {
  if (status.kind !== 'published' || status.interval !== wanted) {
    return [];
  }
  const { side, energyWh, limitPriceMicroPerKwh } = status;
  return [{ orderId, side, energyWh, limitPriceMicroPerKwh }];
}

/** The fills are those that the header's digest covers, and each belongs to an order of the participant it stands under. */
function auditFills({ session, clearing, orders, chunks }: ClearedSession, findings: Findings): void {
  const digest = digestOf([...chunks].sort(byChunk).map((chunk) => clearingChunkCodec.encode(chunk)));
  findings.expect(digest === clearing.fillsDigest, () => `the fills of ${session.sessionId} do not have their digest`);
  const known = new Map(orders.map((order) => [order.orderId, order]));
  for (const { participantId, fills } of chunks.flatMap(({ participants }) => participants)) {
    for (const fill of fills) {
      findings.expect(
        belongsTo(fill, participantId, known.get(fill.orderId)),
        () => `a fill of ${fill.orderId} stands under ${participantId}`,
      );
    }
  }
}

/**
 * Where fills have prices of their own: no buyer pays more and no seller gets less than its limit for each kWh, losses and fees
 * included, and in a session without grid limits the prices are those of the pairs that the rule makes.
 */
function auditFillPrices({ session, clearing, orders, chunks }: ClearedSession, findings: Findings): void {
  const published = new Map(orders.map((order) => [order.orderId, order]));
  const fills = chunks.flatMap(({ participants }) => participants.flatMap((participant) => participant.fills));
  for (const fill of fills) {
    const status = published.get(fill.orderId)?.status;
    if (fill.price !== undefined && status?.kind === 'published') {
      const { dueMicroPerKwh } = fill.price;
      const limit = status.limitPriceMicroPerKwh;
      findings.expect(
        fill.side === 'buy' ? dueMicroPerKwh <= limit : dueMicroPerKwh >= limit,
        () => `order ${fill.orderId} trades beyond its limit`,
      );
    }
  }
  if (clearing.gridDigest === undefined) {
    for (const { interval, price } of clearing.intervals) {
      const own = fills.filter((fill) => fill.interval === interval);
      const due = pricesDue(session, own, published, price?.clearingMicroPerKwh);
      findings.expect(
        own.every((fill) => samePrice(fill.price, due?.get(fill.orderId))),
        () => `fills of interval ${interval} of ${session.sessionId} do not have the prices of the rule`,
      );
    }
  }
}

/** The prices that the rule gives to fills: of their own in pay-as-bid only. */
function pricesDue(
  { ruleSet }: Session,
  fills: readonly OrderFill[],
  published: ReadonlyMap<string, Order>,
  clearingMicroPerKwh: bigint | undefined,
): ReadonlyMap<string, FillPrice> | undefined {
  if (ruleSet.mechanism !== 'pay-as-bid' || clearingMicroPerKwh === undefined) {
    return undefined;
  }
  const priced = fills.flatMap(({ energyWh, orderId, side }) => {
    const status = published.get(orderId)?.status;
    return status?.kind === 'published'
      ? [{ energyWh, orderId, side, limitPriceMicroPerKwh: status.limitPriceMicroPerKwh }]
      : [];
  });
  try {
    return zoneFillPrices(ruleSet, priced, clearingMicroPerKwh);
  } catch {
    // Fills that the rule cannot pair are a finding of the intervals.
    return undefined;
  }
}

function samePrice(left: FillPrice | undefined, right: FillPrice | undefined): boolean {
  const text = (price: FillPrice | undefined): string =>
    price === undefined ? '' : canonicalJson(fillPriceCodec.encode(price));
  return text(left) === text(right);
}

/** What buyers pay is what sellers get, grid fees, losses, rent and dust; dust is less than a few micro-units for each fill. */
function auditHeaderMoney({ session, clearing, chunks }: ClearedSession, findings: Findings): void {
  const { buyMicro, dustMicro, gridFeeMicro = 0n, lossMicro = 0n, rentMicro = 0n, sellMicro } = clearing;
  const fills = chunks.flatMap(({ participants }) => participants.flatMap((participant) => participant.fills)).length;
  findings.expect(
    buyMicro === sellMicro + gridFeeMicro + lossMicro + rentMicro + dustMicro,
    () => `the money of the clearing of ${session.sessionId} does not add up`,
  );
  findings.expect(
    dustMicro <= BigInt(DUST_PER_FILL_MAX * fills + session.intervals),
    () => `the clearing of ${session.sessionId} has more dust than roundings leave`,
  );
}

/** A fill is rounded once for its money, its fee and its losses each; an interval once for its rent. */
const DUST_PER_FILL_MAX = 3;

function belongsTo(fill: OrderFill, participantId: string, order: Order | undefined): boolean {
  return (
    order?.status.kind === 'published' &&
    order.participantId === participantId &&
    order.status.side === fill.side &&
    order.status.interval === fill.interval
  );
}

function byChunk(left: ClearingChunk, right: ClearingChunk): number {
  return left.chunk - right.chunk;
}

function auditTrades({ session, clearing, chunks }: ClearedSession, rows: AuditRows, findings: Findings): void {
  const participants = chunks.flatMap((chunk) => chunk.participants);
  const expectedTrades = participants.flatMap((entry) => tradesOf(session, clearing.intervals, entry));
  const expectedPositions = participants.flatMap((entry) => positionsOf(session, clearing.intervals, entry));
  const inSession = ({ value }: DecodedRow<{ readonly sessionId: string }>): boolean =>
    value.sessionId === session.sessionId;
  const trades = decodeRows(rows, ROW_TYPES.trade, rowCodec(tradeCodec), findings).filter(inSession);
  const positions = decodeRows(rows, ROW_TYPES.position, rowCodec(positionCodec), findings).filter(inSession);
  [...trades, ...positions].forEach(({ row }) => expectWrittenOnce(row, findings));
  findings.expect(
    sameSet(
      trades.map(({ value }) => tradeCodec.encode(value)),
      expectedTrades.map((trade) => tradeCodec.encode(trade)),
    ),
    () => `the trades of ${session.sessionId} are not what its fills say`,
  );
  findings.expect(
    sameSet(
      positions.map(({ value }) => positionCodec.encode(value)),
      expectedPositions.map((position) => positionCodec.encode(position)),
    ),
    () => `the positions of ${session.sessionId} are not what its fills say`,
  );
}

function sameSet(actual: readonly JsonValue[], expected: readonly JsonValue[]): boolean {
  const text = (values: readonly JsonValue[]): string => values.map(canonicalJson).sort().join('\n');
  return text(actual) === text(expected);
}
