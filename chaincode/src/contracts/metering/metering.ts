import {
  acceptGap,
  addSlots,
  checkQueryRange,
  contracts,
  limits,
  profilesRecorded,
  readBlocks,
  type JsonValue,
  type ReadBlock,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { amend } from './amend-readings';
import { feederBalances } from './feeder-balances';
import { GridContext } from '../../grid-context';
import { GridContract } from '../../grid-contract';
import { purge } from './purge-profiles';
import { loadAmendments } from '../../store/metering/amendment-store';
import { readBlocksAhead, recordBlocks } from './record-blocks';
import { loadBeforeGap } from '../../store/metering/chain-store';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { clones, gaps, loadProfile, purges } from '../../store/metering/meter-store';
import {
  loadHead,
  loadIntervalTotals,
  loadReadingAt,
  pageOfReadings,
  whyNoProfile,
} from '../../store/metering/reading-queries';
import { meters } from '../../store/registry/registry-store';

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
    // Unpacked once, by whichever needs them first.
    let known: readonly ReadBlock[] | undefined;
    const blocksOf = (count: number, packed: readonly JsonValue[]): readonly ReadBlock[] =>
      (known ??= readBlocks(count, packed));
    return this.submit(
      context,
      specs.recordProfiles,
      request,
      async ({ count }, { blocks }) => {
        const answer = await recordBlocks(context, blocksOf(count, blocks));
        context.record(profilesRecorded(answer));
        return answer;
      },
      async ({ count }, { blocks }) => readBlocksAhead(context, blocksOf(count, blocks)),
    );
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

  /** Gives totals of a meter a new, measured version. */
  @Transaction()
  @Returns('string')
  public async correct(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.correct, request, ({ commandId: _command, cause, ...asked }) =>
      amend(context, asked, cause),
    );
  }

  /** Gives totals of a meter a new, estimated version. */
  @Transaction()
  @Returns('string')
  public async substitute(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.substitute, request, ({ commandId: _command, ...asked }) =>
      amend(context, asked, 'substitution'),
    );
  }

  /** Purges values and salts of a meter. */
  @Transaction()
  @Returns('string')
  public async purge(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.purge, request, ({ commandId: _command, ...asked }) => purge(context, asked));
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

  /** All versions that the operator has given to totals of a meter. */
  @Transaction(false)
  @Returns('string')
  public async listAmendments(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listAmendments, request, async ({ meterId, fromSlot, toSlot }) => {
      checkQueryRange(fromSlot, toSlot);
      const rows = await loadAmendments(context.session, meterId, fromSlot, toSlot);
      return { rows: rows.slice(0, limits.amendmentsPerQueryMax) };
    });
  }

  /** The pairs of different blocks that a meter has signed under one number. */
  @Transaction(false)
  @Returns('string')
  public async listClones(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listClones, request, ({ meterId, bookmark }) =>
      clones.page(context.session, prefixes.clones(meterId), limits.listRowsMax, bookmark),
    );
  }

  /** What was purged of a meter. */
  @Transaction(false)
  @Returns('string')
  public async listPurges(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listPurges, request, ({ meterId, bookmark }) =>
      purges.page(context.session, prefixes.purges(meterId), limits.listRowsMax, bookmark),
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
      return found(await loadProfile(session, reading), await whyNoProfile(session, reading), { meterId, slot });
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
