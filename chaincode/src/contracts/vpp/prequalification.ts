import {
  addSlots,
  bandsCapacity,
  completeTest,
  completeTestByTelemetry,
  contracts,
  demand,
  demandUnpromised,
  loseQualification,
  mandateCovers,
  measuredSpan,
  present,
  priorityClassOf,
  reserve,
  startTest,
  subjectIdOf,
  testDays,
  testPromise,
  testWaitSlots,
  vppIdOf,
  vppRulesOf,
  type AssetBands,
  type AssetId,
  type BandDirection,
  type MeterSlot,
  type Prequalification,
  type ServiceKind,
  type TechnicalData,
  type TestAsked,
  type VppMandate,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasBegun, hasCome } from '../../store/clock-store';
import { loadOpenBook, saveOpenBook } from '../../store/commitment-store';
import { loadIntervalTotals } from '../../store/metering/reading-queries';
import { assetBands, loadMandatesOf, rowsByAsset, technicalData } from '../../store/vpp/asset-store';
import {
  loadPrequalification,
  pagePrequalifications,
  savePrequalification,
  services,
} from '../../store/vpp/service-store';
import { recordSamples } from './samples';
import { loadTest, loadTold, TestTelemetryContract } from './test-telemetry';

const specs = contracts.vpp;

/** The part of the contract `vpp` that tests assets and pools. */
export abstract class PrequalificationContract extends TestTelemetryContract {
  /** Announces a test activation. */
  @Transaction()
  @Returns('string')
  public async startTest(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.startTest, request, async (asked) => {
      const { rules, session: store } = context;
      const { commandId, expirySlot: _expiry, participantId, signature: _signature, ...said } = asked;
      const aggregator = await signingParticipant(context, 'vpp', 'startTest', asked);
      const { testTolerancePpm: tolerancePpm } = vppRulesOf(rules.ruleSet);
      const testing: TestAsked = { testId: vppIdOf(commandId), ...said };
      const assetIds = said.shares.map(({ assetId }) => assetId);
      const product = await services.load(store, said.serviceId);
      const kind = product?.kind ?? 'mfrr';
      const data = await rowsByAsset(assetIds, (assetId) => technicalData.load(store, assetId));
      const bands = await rowsByAsset(assetIds, (assetId) => assetBands.load(store, assetId));
      const started = startTest(testing, {
        aggregator,
        product,
        data,
        bands,
        tolerancePpm,
        mandates: await rowsByAsset(assetIds, (assetId) => mandateFor(context, testing, assetId, kind, participantId)),
        before: await loadPrequalification(store, subjectIdOf(testing, participantId), kind, said.direction),
        firstHasBegun: await hasCome(store, said.firstSlot),
      });
      await bookTest(context, started, data, bands);
      savePrequalification(store, started);
      recordStart(context, started);
      return started;
    });
  }

  /** Judges a test activation. */
  @Transaction()
  @Returns('string')
  public async completeTest(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.completeTest, request, async (asked) => {
      const { direction, kind, subjectId } = asked;
      const { product, test } = await loadTest(context, asked);
      const metered = await loadMeters(context, test);
      const { prequalification, samples } =
        product.settledBy === 'telemetry'
          ? completeTestByTelemetry(test, product, metered, await loadTold(context, test))
          : completeTest(test, product, metered);
      await recordSamples(context, samples);
      const { powerMaxW, state, testId } = prequalification;
      const outcome = { state, powerMaxW: powerMaxW.toString() };
      context.record({ type: 'TestCompleted', testId, subjectId, kind, direction, ...outcome });
      return savePrequalification(context.session, prequalification);
    });
  }

  /** A prequalification, or null. */
  @Transaction(false)
  @Returns('string')
  public async getPrequalification(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getPrequalification, request, async ({ direction, kind, subjectId }) => {
      const row = await loadPrequalification(context.session, subjectId, kind, direction);
      return { prequalification: row ?? null };
    });
  }

  /** The prequalifications of an asset or a pool. */
  @Transaction(false)
  @Returns('string')
  public async listPrequalifications(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listPrequalifications, request, ({ bookmark, subjectId }) =>
      pagePrequalifications(context.session, subjectId, bookmark),
    );
  }
}

/** Takes a prequalification from an asset or a pool that has failed its promises too often; refuses where there is none. */
export async function takePrequalification(
  context: GridContext,
  subjectId: AssetId,
  kind: ServiceKind,
  direction: BandDirection,
  reason: string,
): Promise<Prequalification> {
  const known = await loadPrequalification(context.session, subjectId, kind, direction);
  const lost = loseQualification(known, reason);
  context.record({ type: 'PrequalificationLost', subjectId, kind, direction, testId: lost.testId, reason });
  return savePrequalification(context.session, lost);
}

/** The mandate under which an aggregator may test an asset. */
async function mandateFor(
  { session: store }: GridContext,
  { firstSlot, slots }: TestAsked,
  assetId: AssetId,
  kind: ServiceKind,
  aggregatorId: VppMandate['aggregatorId'],
): Promise<VppMandate | undefined> {
  const slice = { assetId, aggregatorId, kind, firstSlot, lastSlot: addSlots(firstSlot, slots - 1) };
  const standing = await loadMandatesOf(store, assetId);
  return standing.find((mandate) => mandateCovers(mandate, slice));
}

/** Books a test with each asset, so that nothing else is promised then. */
async function bookTest(
  { rules, session: store }: GridContext,
  test: Prequalification,
  data: ReadonlyMap<AssetId, TechnicalData>,
  bands: ReadonlyMap<AssetId, AssetBands>,
): Promise<void> {
  const priority = priorityClassOf(rules.ruleSet, 'vpp');
  const days = testDays(test);
  for (const share of test.shares) {
    const { assetId } = share;
    const book = await loadOpenBook(store, assetId, days);
    demandUnpromised(test, assetId, book);
    const known = present(data.get(assetId), 'The data of a tested asset are known.');
    const capacity = bandsCapacity(present(bands.get(assetId), 'The bands of a tested asset are known.'), known);
    saveOpenBook(store, assetId, days, reserve(book, testPromise(test, share, priority), capacity));
  }
}

/**
 * What the meters of a test tell. Refuses while it is not over, and while a reading is missing that may still come (VPP_TEST_NOT_OVER).
 */
async function loadMeters(
  { session: store }: GridContext,
  test: Prequalification,
): Promise<ReadonlyMap<AssetId, readonly MeterSlot[]>> {
  const [firstSlot, lastSlot] = measuredSpan(test);
  const { subjectId } = test;
  demand(await hasBegun(store, addSlots(lastSlot, 1)), 'VPP_TEST_NOT_OVER', { subjectId, lastSlot });
  const metered = await rowsByAsset(
    test.shares.map(({ assetId }) => assetId),
    async (assetId) => {
      const data = present(await technicalData.load(store, assetId), 'The data of a tested asset are known.');
      const meterId = present(data.meterId, 'A tested asset has a meter.');
      return loadIntervalTotals(store, meterId, firstSlot, lastSlot);
    },
  );
  const isMissing = [...metered.values()].some((totals) => totals.some(({ quality }) => quality === 'MISSING'));
  const isWaitOver = !isMissing || (await hasBegun(store, addSlots(lastSlot, testWaitSlots)));
  demand(isWaitOver, 'VPP_TEST_NOT_OVER', { subjectId, lastSlot });
  const slots = [...metered].map(([assetId, totals]) => {
    const good = totals.map(({ exportWh, importWh, quality, slot }) => {
      return { slot, importWh, exportWh, isGood: quality === 'OK' };
    });
    return [assetId, good] as const;
  });
  return new Map(slots);
}

function recordStart(context: GridContext, started: Prequalification): void {
  const { aggregatorId, direction, firstSlot, kind, serviceId, shares, slots, subjectId, testId } = started;
  const what = { serviceId, kind, direction, firstSlot, slots, assets: shares.length };
  context.record({ type: 'TestStarted', testId, subjectId, aggregatorId, ...what });
}
