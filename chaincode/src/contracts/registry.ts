import { checkTick, contracts, slotBefore } from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../grid-context';
import { GridContract } from '../grid-contract';
import { beginSlots, clockHeads, clockStart, hasBegun } from '../store/clock-store';
import { governances } from '../store/registry-store';

const specs = contracts.registry;

/** Governance, participants, grids, meters, assets and the ledger clock. */
export class RegistryContract extends GridContract {
  public constructor() {
    super('registry');
  }

  /** Begins slots on the ledger clock. */
  @Transaction()
  @Returns('string')
  public async tick(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.tick, request, async ({ fromSlot, toSlot }) => {
      const { session, transactionSeconds } = context;
      const [start, previousHasBegun, fromHasBegun] = await Promise.all([
        clockStart(session),
        hasBegun(session, slotBefore(fromSlot)),
        hasBegun(session, fromSlot),
      ]);
      const timekeeper = context.caller.mspId;
      const { timekeepers } = context.rules;
      const clock = { clockStart: start, previousHasBegun, fromHasBegun, transactionSeconds };
      checkTick({ fromSlot, toSlot, timekeeper, timekeepers, ...clock });
      beginSlots(session, timekeeper, fromSlot, toSlot, start);
      context.record({ type: 'ClockTicked', fromSlot, toSlot });
      return { fromSlot, toSlot };
    });
  }

  /** The first and last slot that have begun. */
  @Transaction(false)
  @Returns('string')
  public async getClock(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getClock, request, async () => {
      return { clock: (await clockHeads.load(context.session)) ?? null };
    });
  }

  /** The governance in force. */
  @Transaction(false)
  @Returns('string')
  public async getGovernance(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getGovernance, request, async () => {
      return { governance: (await governances.load(context.session)) ?? null };
    });
  }
}
