import { acceptGap, addSlots, contracts, limits, profilesRecorded, readBlocks } from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { feederBalances } from '../feeder-balances';
import { GridContext } from '../grid-context';
import { GridContract } from '../grid-contract';
import { recordBlocks } from '../record-blocks';
import { loadBeforeGap } from '../store/chain-store';
import { hasBegun } from '../store/clock-store';
import { found } from '../store/found';
import { prefixes } from '../store/keys';
import { gaps, loadProfile } from '../store/meter-store';
import { loadHead, loadIntervalTotals, loadReadingAt, pageOfReadings } from '../store/reading-queries';
import { meters } from '../store/registry-store';

const specs = contracts.metering;

/** Signed blocks of readings, one chain per meter, and the energy of each quarter hour. */
export class MeteringContract extends GridContract {
  public constructor() {
    super('metering');
  }

  /** Records signed blocks of readings of many meters. */
  @Transaction()
  @Returns('string')
  public async recordProfiles(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.recordProfiles, request, async ({ count }, { blocks }) => {
      const answer = await recordBlocks(context, readBlocks(count, blocks));
      context.record(profilesRecorded(answer));
      return answer;
    });
  }

  /** States that a meter has no readings for a while. */
  @Transaction()
  @Returns('string')
  public async recordGap(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.recordGap, request, async ({ commandId: _command, ...gap }) => {
      const { meterId, fromSlot, toSlot } = gap;
      const { session } = context;
      const [meter, hasEnded] = await Promise.all([
        meters.load(session, meterId),
        hasBegun(session, addSlots(toSlot, 1)),
      ]);
      const { firstSlot } = found(meter, 'METER_UNKNOWN', { meterId });
      const known = await loadBeforeGap(session, gap);
      gaps.save(session, acceptGap(gap, { firstSlot, hasEnded, ...known }), meterId, fromSlot);
      context.record({ type: 'GapRecorded', meterId, fromSlot, toSlot });
      return {};
    });
  }

  /** What the channel keeps of one block. */
  @Transaction(false)
  @Returns('string')
  public async getReading(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getReading, request, async ({ meterId, slot }) => {
      return found(await loadReadingAt(context.session, meterId, slot), 'READING_UNKNOWN', { meterId, slot });
    });
  }

  /** The blocks of one meter in order. */
  @Transaction(false)
  @Returns('string')
  public async listReadings(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listReadings, request, ({ meterId, bookmark }) =>
      pageOfReadings(context.session, meterId, bookmark),
    );
  }

  /** The gaps of one meter in order. */
  @Transaction(false)
  @Returns('string')
  public async listGaps(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listGaps, request, ({ meterId, bookmark }) =>
      gaps.page(context.session, prefixes.gaps(meterId), limits.listRowsMax, bookmark),
    );
  }

  /** The energy of each quarter hour of some meters. */
  @Transaction(false)
  @Returns('string')
  public async getIntervalTotals(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getIntervalTotals, request, async ({ meterIds, fromSlot, toSlot }) => {
      const totals = await Promise.all(
        meterIds.map((meterId) => loadIntervalTotals(context.session, meterId, fromSlot, toSlot)),
      );
      return { meters: meterIds.map((meterId, index) => ({ meterId, totals: totals[index] ?? [] })) };
    });
  }

  /** A feeder meter against the meters behind it. */
  @Transaction(false)
  @Returns('string')
  public async getFeederBalance(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFeederBalance, request, async ({ meterId, fromSlot, toSlot }) => {
      return { balances: await feederBalances(context.session, meterId, fromSlot, toSlot) };
    });
  }

  /** The values and the salt of one block. */
  @Transaction(false)
  @Returns('string')
  public async getProfile(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getProfile, request, async ({ meterId, slot }) => {
      const { session } = context;
      const reading = found(await loadReadingAt(session, meterId, slot), 'READING_UNKNOWN', { meterId, slot });
      return found(await loadProfile(session, reading), 'READING_UNKNOWN', { meterId, slot });
    });
  }

  /** The end of a meter's chain. */
  @Transaction(false)
  @Returns('string')
  public async getMeterHead(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getMeterHead, request, async ({ meterId }) => {
      return { head: (await loadHead(context.session, meterId)) ?? null };
    });
  }
}
