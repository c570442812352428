import {
  answerChunkCodec,
  answerDigestOf,
  answerHeadCodec,
  applyChunk,
  blockBytes,
  clearingChunkCodec,
  clearingCodec,
  clearSession,
  collateralSet,
  commitmentOf,
  computationCodec,
  digestOf,
  forecastMean,
  forecastModel,
  genesisLink,
  historyDigest,
  historyOf,
  intervalsOf,
  limitRowCodec,
  linkOf,
  meterCodec,
  meterInputAt,
  micro,
  move,
  orderCodec,
  orderCommitment,
  packReading,
  participantAccount,
  positionCodec,
  postingSetCodec,
  postingSetId,
  rowCodec,
  sessionCodec,
  settleSlot,
  slot,
  slotText,
  totalsOf,
  tradeCodec,
  w,
  wh,
  type CommandId,
  type Meter,
  type MeterId,
  type OrderId,
  type ParticipantId,
  type PostingSet,
  type Reading,
  type Session,
} from '@flexledger/domain';
import { SigningKey } from '../../client/keys';
import { ROW_TYPES } from '../row-types';
import { MemoryRows } from './memory-rows';

/** The channel whose name the meters have signed. */
export const SAMPLE_CHANNEL = 'community';

const HISTORY_SLOT = 9_600;
const DELIVERY_SLOT = 9_696;
const SALT = Buffer.alloc(16, 7).toString('base64url');
/** The rule set of the sample. */
export const SAMPLE_RULE_SET = {
  number: 1,
  marketTimeUnitSlots: 4,
  mechanism: 'uniform',
  kPpm: '500000',
  priceCapMicroPerKwh: '1000000',
  priceFloorMicroPerKwh: '0',
  tickMicroPerKwh: '1000',
  quantityMinWh: '1',
  ordersPerParticipantMax: 24,
  retailPriceMicroPerKwh: '300000',
  feedInPriceMicroPerKwh: '80000',
  imbalanceShortMicroPerKwh: '400000',
  imbalanceLongMicroPerKwh: '50000',
  feePpm: '10000',
  currency: 'EUR',
} as const;

interface Party {
  readonly participantId: ParticipantId;
  readonly meterId: MeterId;
  readonly meterKey: SigningKey;
  readonly side: 'buy' | 'sell';
  readonly orderedWh: bigint;
  readonly limitMicroPerKwh: string;
  /** Energy of each quarter hour, in the direction of the side. */
  readonly measuredWh: bigint;
}

function id(name: string): string {
  return name.padStart(26, '0');
}

/**
 * A small ledger whose every row the domain's own rules have made: a buyer that takes more than it bought, a seller that
 * delivers less than it sold, one session of an hour, its settlement, and a forecast of both meters.
 */
export function sampleLedger(): MemoryRows {
  const rows = new MemoryRows();
  const parties: readonly Party[] = [
    party('b', 'buy', 1_000n, '250000', 300n),
    party('s', 'sell', 2_000n, '100000', 200n),
  ];
  const readings = parties.map((one) => putReadings(rows, one));
  putForecast(
    rows,
    parties,
    readings.map(([history]) => history),
  );
  putFundings(rows, parties);
  putMarket(rows, parties, readings.flat());
  return rows;
}

function party(name: string, side: Party['side'], orderedWh: bigint, limit: string, measuredWh: bigint): Party {
  const meterKey = SigningKey.generate();
  const participantId = SigningKey.generate().address;
  return {
    participantId,
    meterId: id(name) as MeterId,
    meterKey,
    side,
    orderedWh,
    limitMicroPerKwh: limit,
    measuredWh,
  };
}

function putReadings(rows: MemoryRows, one: Party): readonly [Reading, Reading] {
  const meter: Meter = meterCodec.decode(
    {
      meterId: one.meterId,
      participantId: one.participantId,
      gridId: 'grid',
      bus: 'bus',
      deviceType: 'load',
      measurementType: 'active-energy',
      unit: 'Wh',
      resolutionMinutes: 15,
      obisImport: '1-0:1.8.0',
      obisExport: '1-0:2.8.0',
      phases: 3,
      accuracyClass: 'MID-B',
      fuseLimitW: '43000',
      firstSlot: HISTORY_SLOT,
      keys: [{ version: 1, publicKey: one.meterKey.publicKey, firstSequence: 1 }],
      status: 'REGISTERED',
    },
    '',
  );
  rows.put(rowCodec(meterCodec), meter, ROW_TYPES.meter, one.meterId);
  rows.put(rowCodec(meterCodec), { ...meter, status: 'COMMISSIONED' }, ROW_TYPES.meter, one.meterId);
  const history = readingOf(one, 1, HISTORY_SLOT, DELIVERY_SLOT - HISTORY_SLOT, genesisLink);
  const delivery = readingOf(one, 2, DELIVERY_SLOT, 4, history.link);
  for (const reading of [history, delivery]) {
    rows.putPacked(packReading(reading), ROW_TYPES.block, one.meterId, slotText(reading.startSlot));
  }
  return [history, delivery];
}

function readingOf(one: Party, sequence: number, start: number, count: number, previousLink: string): Reading {
  const values = (side: Party['side']) =>
    Array.from({ length: count }, () => wh(one.side === side ? one.measuredWh : 0n));
  const measured = {
    startSlot: slot(start),
    resolutionMinutes: 15,
    importWh: values('buy'),
    exportWh: values('sell'),
  } as const;
  const intervals = intervalsOf(measured) ?? [];
  const block = {
    meterId: one.meterId,
    keyVersion: 1,
    sequence,
    startSlot: measured.startSlot,
    resolutionMinutes: measured.resolutionMinutes,
    commitment: commitmentOf(SALT, intervals),
    previousLink,
    totals: totalsOf(intervals),
  };
  const signature = one.meterKey.sign(blockBytes(SAMPLE_CHANNEL, block));
  const quality = intervals.map(() => 'OK' as const);
  return { ...block, quality, findings: [], zeroSlots: 0, link: linkOf(block), signature };
}

function putForecast(rows: MemoryRows, parties: readonly Party[], histories: readonly Reading[]): void {
  const inputs = parties.map(({ meterId }) => ({ meterId, toSlot: slot(DELIVERY_SLOT) }));
  const history = histories.map(({ meterId, totals }) =>
    historyOf(
      meterId,
      totals.map((total) => ({ ...total, quality: 'OK' as const })),
      slot(DELIVERY_SLOT),
    ),
  );
  const period = { firstSlot: slot(DELIVERY_SLOT), intervals: 1, intervalSlots: 4 as const };
  const series = forecastMean(history, period);
  const answerDigest = answerDigestOf(series);
  const request = computationCodec.decode(
    {
      requestId: id('r'),
      service: 'forecast-day-ahead',
      version: '1',
      meterIds: parties.map(({ meterId }) => meterId),
      ...period,
      historyFromSlot: HISTORY_SLOT,
      historyToSlot: DELIVERY_SLOT,
      expirySlot: DELIVERY_SLOT,
      state: 'ANSWERED',
      inputs,
      dataDigest: historyDigest(history),
      answerDigest,
      answeredBy: 'DsoMSP',
      fallback: 'own-history',
    },
    '',
  );
  const { requestId, service, version, dataDigest } = request;
  rows.put(rowCodec(computationCodec), request, ROW_TYPES.computation, requestId);
  const head = { requestId, answerDigest, service, version, model: forecastModel, dataDigest, mspId: 'DsoMSP' };
  const complete = answerHeadCodec.decode({ ...head, chunks: 1, received: [0], complete: true }, '');
  rows.put(rowCodec(answerHeadCodec), complete, ROW_TYPES.computationAnswer, requestId, 'DsoMSP');
  const chunk = { requestId, answerDigest, chunk: 0, series, mspId: 'DsoMSP' };
  rows.put(rowCodec(answerChunkCodec), chunk, ROW_TYPES.computationChunk, requestId, 'DsoMSP', '0000');
}

const FUNDED_MICRO = 50_000_000n;
const COLLATERAL_MICRO = 9_000_000n;

function putFundings(rows: MemoryRows, parties: readonly Party[]): void {
  parties.forEach(({ participantId }, index) => {
    const commandId = id(String(index + 1)) as CommandId;
    const entries = move('bank', participantAccount(participantId), FUNDED_MICRO, 'fund');
    putSet(rows, { cause: { kind: 'fund', commandId }, entries });
  });
}

function putSet(rows: MemoryRows, set: PostingSet): void {
  rows.put(rowCodec(postingSetCodec), set, ROW_TYPES.posting, postingSetId(set.cause));
}

function sampleSession(): Session {
  return sessionCodec.decode(
    {
      sessionId: id('z'),
      kind: 'day-ahead',
      gridId: 'grid',
      firstSlot: DELIVERY_SLOT,
      intervals: 1,
      intervalSlots: 4,
      gateCloseSlot: DELIVERY_SLOT - 8,
      publishDeadlineSlot: DELIVERY_SLOT - 4,
      ruleSet: SAMPLE_RULE_SET,
      state: 'APPLIED',
    },
    '',
  );
}

function putMarket(rows: MemoryRows, parties: readonly Party[], readings: readonly Reading[]): void {
  const session = sampleSession();
  const { sessionId } = session;
  rows.put(rowCodec(sessionCodec), session, ROW_TYPES.session, sessionId);
  const orders = parties.map((one) => {
    const { participantId, side, orderedWh, limitMicroPerKwh } = one;
    const orderId = id(side === 'buy' ? '7' : '8') as OrderId;
    const content = { side, interval: 0, energyWh: String(orderedWh), limitPriceMicroPerKwh: limitMicroPerKwh };
    const status = { kind: 'published', salt: SALT, ...content };
    const blank = { sessionId, orderId, participantId, commitment: digestOf('none'), status };
    const sealed = orderCodec.decode(blank, '');
    if (sealed.status.kind !== 'published') {
      throw new TypeError('the sample orders are published');
    }
    const { kind: _kind, ...open } = sealed.status;
    const order = { ...sealed, commitment: orderCommitment(sessionId, participantId, { orderId, ...open }) };
    rows.put(rowCodec(orderCodec), order, ROW_TYPES.order, sessionId, '0', orderId);
    putSet(rows, collateralSet(sessionId, participantId, COLLATERAL_MICRO));
    return order;
  });
  const participantIds = parties.map(({ participantId }) => participantId);
  const { clearing, chunks } = clearSession(session, orders, participantIds, true);
  rows.put(rowCodec(clearingCodec), clearing, ROW_TYPES.clearing, sessionId);
  for (const chunk of chunks) {
    rows.put(rowCodec(clearingChunkCodec), chunk, ROW_TYPES.clearingChunk, sessionId, '0000');
    const orderSets = chunk.participants.map(({ participantId }) => ({
      sessionId,
      participantId,
      orderIds: orders.filter((order) => order.participantId === participantId).map(({ orderId }) => orderId),
      connectionLimitW: w(43_000n),
      collateralMicro: micro(COLLATERAL_MICRO),
      reserveMicroPerSlot: micro(1_000_000n),
    }));
    const applied = applyChunk(session, clearing, chunk, orderSets);
    putSet(rows, applied.postingSet);
    for (const trade of applied.trades) {
      rows.put(rowCodec(tradeCodec), trade, ROW_TYPES.trade, sessionId, `00.${trade.orderId}`);
    }
    for (const position of applied.positions) {
      const place = `${String(DELIVERY_SLOT).padStart(8, '0')}.${sessionId}`;
      rows.put(rowCodec(positionCodec), position, ROW_TYPES.position, position.participantId, place);
    }
    settle(rows, session, parties, readings, applied.positions);
  }
  for (const { participantId } of parties) {
    const limit = { participantId, availableMicro: micro(FUNDED_MICRO - COLLATERAL_MICRO) };
    rows.put(rowCodec(limitRowCodec), limit, ROW_TYPES.limit, participantId);
  }
}

function settle(
  rows: MemoryRows,
  session: Session,
  parties: readonly Party[],
  readings: readonly Reading[],
  positions: ReturnType<typeof applyChunk>['positions'],
): void {
  for (let quarter = 0; quarter < 4; quarter += 1) {
    const at = slot(DELIVERY_SLOT + quarter);
    const participants = parties.map(({ participantId, meterId }) => {
      const position = positions.find((one) => one.participantId === participantId);
      const own = readings.filter((reading) => reading.meterId === meterId);
      return {
        participantId,
        scheduled: false,
        intervalBoughtWh: position?.boughtWh ?? wh(0n),
        intervalSoldWh: position?.soldWh ?? wh(0n),
        intervalBuyMicro: position?.buyMicro ?? micro(0n),
        intervalSellMicro: position?.sellMicro ?? micro(0n),
        reserveMicro: micro(1_000_000n),
        meters: [meterInputAt(meterId, own, [], at)],
      };
    });
    const { ruleSet, sessionId } = session;
    putSet(
      rows,
      settleSlot({ sessionId, run: 1, slot: at, bucket: 0, quarter, ruleSet, participants, balancing: undefined }),
    );
  }
}
