import {
  acceptTestSignal,
  addSlots,
  commitmentOfMinutes,
  contracts,
  deliveryTolerancePpm,
  demand,
  demandTestByTelemetry,
  present,
  RuleError,
  testedSlots,
  toldBySlot,
  vppRulesOf,
  type AssetId,
  type BandDirection,
  type PoolMinute,
  type Prequalification,
  type ServiceKind,
  type ServiceProduct,
  type Slot,
  type TestSignal,
  type TestTelemetry,
  type ToldTest,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import {
  loadPrequalification,
  serviceVersions,
  testMinutes,
  testSignals,
  testTelemetries,
} from '../../store/vpp/service-store';
import { ServiceContract } from './services';

const specs = contracts.vpp;

/** Whose test of what is meant. */
interface TestNamed {
  readonly subjectId: AssetId;
  readonly kind: ServiceKind;
  readonly direction: BandDirection;
}

/** A test that lasts, with the service as it was when it was announced. */
export interface KnownTest {
  readonly test: Prequalification;
  readonly product: ServiceProduct;
}

/** The part of the contract `vpp` in which tests of services that are settled by telemetry are told of. */
export abstract class TestTelemetryContract extends ServiceContract {
  /** Commits telemetry of a test. */
  @Transaction()
  @Returns('string')
  public async commitTestTelemetry(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.commitTestTelemetry, request, async (asked) => {
      const { session } = context;
      const { commitment, participantId, slot } = asked;
      await signingParticipant(context, 'vpp', 'commitTestTelemetry', asked);
      const { product, test } = await loadTest(context, asked);
      const { aggregatorId, testId } = test;
      demand(aggregatorId === participantId, 'VPP_TEST_NOT_OWN', { testId });
      demandTestByTelemetry(test, product, slot);
      await demandJustOver(context, slot);
      demand(!(await testTelemetries.exists(session, testId, slot)), 'VPP_TELEMETRY_EXISTS', { testId, slot });
      const telemetry: TestTelemetry = { testId, slot, commitment, isOpened: false };
      testTelemetries.save(session, telemetry, testId, slot);
      context.record({ type: 'TestTelemetryCommitted', testId, slot, commitment });
      return telemetry;
    });
  }

  /** Opens telemetry of a test. */
  @Transaction()
  @Returns('string')
  public async openTestTelemetry(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.openTestTelemetry, request, async (asked, opened) => {
      const { session } = context;
      const { slot } = asked;
      const { testId } = (await loadTest(context, asked)).test;
      const row = await testTelemetries.load(session, testId, slot);
      const before = found(row, 'VPP_TELEMETRY_UNKNOWN', { testId, slot });
      demand(!before.isOpened, 'VPP_TELEMETRY_EXISTS', { testId, slot });
      demand(commitmentOfMinutes(opened) === before.commitment, 'VPP_TELEMETRY_MISMATCH', { testId, slot });
      const telemetry: TestTelemetry = { ...before, isOpened: true };
      testTelemetries.save(session, telemetry, testId, slot);
      testMinutes.save(session, opened, testId, slot);
      context.record({ type: 'TestTelemetryOpened', testId, slot });
      return telemetry;
    });
  }

  /** States what a test had to follow. */
  @Transaction()
  @Returns('string')
  public async stateTestSignal(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.stateTestSignal, request, async (asked) => {
      const { caller, session } = context;
      const { slot } = asked;
      const { product, test } = await loadTest(context, asked);
      const { testId } = test;
      demand(product.publisherMspId === caller.mspId, 'VPP_TEST_NOT_OWN', { testId });
      demandTestByTelemetry(test, product, slot);
      const signal = acceptTestSignal(test, asked);
      await demandJustOver(context, slot);
      demand(!(await testSignals.exists(session, testId, slot)), 'VPP_SIGNAL_EXISTS', { testId, slot });
      testSignals.save(session, signal, testId, slot);
      context.record({ type: 'TestSignalStated', testId, slot });
      return signal;
    });
  }

  /** What is known of a test in a slot. */
  @Transaction(false)
  @Returns('string')
  public async getTestTelemetry(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getTestTelemetry, request, async ({ slot, testId }) => {
      const { session } = context;
      return {
        telemetry: (await testTelemetries.load(session, testId, slot)) ?? null,
        signal: (await testSignals.load(session, testId, slot)) ?? null,
      };
    });
  }
}

/** The test of a subject that lasts, with its service; refuses with VPP_TEST_UNKNOWN. */
export async function loadTest(
  { rules, session }: GridContext,
  { direction, kind, subjectId }: TestNamed,
): Promise<KnownTest> {
  vppRulesOf(rules.ruleSet);
  const test = await loadPrequalification(session, subjectId, kind, direction);
  if (test?.state !== 'TESTING') {
    throw new RuleError('VPP_TEST_UNKNOWN', { subjectId, kind, direction });
  }
  const product = await serviceVersions.load(session, test.serviceId, test.serviceVersion);
  return { test, product: present(product, 'A test is for a service that was published.') };
}

/**
 * What a test that is settled by telemetry is told of; refuses while signals, commitments or openings may still come (VPP_TEST_NOT_OVER).
 */
export async function loadTold(context: GridContext, test: Prequalification): Promise<ToldTest> {
  const { rules, session } = context;
  const { subjectId, testId } = test;
  const signals = new Map<Slot, TestSignal>();
  const minutes = new Map<Slot, readonly PoolMinute[]>();
  for (const slot of testedSlots(test)) {
    const [signal, telemetry] = await Promise.all([
      testSignals.load(session, testId, slot),
      testTelemetries.load(session, testId, slot),
    ]);
    const isOver = await hasBegun(
      session,
      toldBySlot(slot, { isOpened: telemetry?.isOpened, isStated: signal !== undefined }),
    );
    demand(isOver, 'VPP_TEST_NOT_OVER', { subjectId, lastSlot: slot });
    if (signal !== undefined) {
      signals.set(slot, signal);
    }
    if (telemetry?.isOpened === true) {
      const opened = await testMinutes.load(session, testId, slot);
      minutes.set(slot, present(opened, 'Opened minutes stand under seal.').minutes);
    }
  }
  const tolerancePpm = vppRulesOf(rules.ruleSet).deliveryTolerancePpm ?? deliveryTolerancePpm;
  return { signals, minutes, meterTolerancePpm: tolerancePpm };
}

/** Refuses a slot that has not ended (VPP_TELEMETRY_EARLY), or after which another slot has ended as well (VPP_TELEMETRY_LATE). */
async function demandJustOver({ session }: GridContext, slot: Slot): Promise<void> {
  demand(await hasBegun(session, addSlots(slot, 1)), 'VPP_TELEMETRY_EARLY', { slot });
  demand(!(await hasBegun(session, addSlots(slot, 2))), 'VPP_TELEMETRY_LATE', { slot });
}
