import {
  addSlots,
  budgetAfter,
  budgetEndSlot,
  contracts,
  demand,
  grantBudget,
  heldBudget,
  isSameSupportSettlement,
  knownProgramme,
  paidTarget,
  postVoltageSettlement,
  releaseBudget,
  setAside,
  settleSupport,
  type VoltageSettlement,
  type VoltageSupport,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { post } from '../../store/accounts/account-store';
import { hasBegun } from '../../store/clock-store';
import { loadFund, saveFund } from '../../store/flexibility/flex-settlement-store';
import { found } from '../../store/found';
import { programmes } from '../../store/flexibility/programme-store';
import {
  lastVoltageSettlement,
  loadTracked,
  voltageBudgets,
  voltageSettlements,
  voltageSupports,
} from '../../store/flexibility/voltage-store';
import { demandOperator } from './flexibility-steps';
import { FlexSettlementContract } from './settlement';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` that pays for voltage support. */
export abstract class VoltageSettlementContract extends FlexSettlementContract {
  /** Sets aside what a programme of voltage support may cost in a grid. */
  @Transaction()
  @Returns('string')
  public async grantVoltageBudget(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.grantVoltageBudget, request, async (asked) => {
      const { session: store } = context;
      const { amountMicro, firstSlot, gridId, programmeId } = asked;
      const programme = knownProgramme(await programmes.load(store, programmeId), programmeId);
      await demandOperator(context, gridId);
      const budget = grantBudget(await voltageBudgets.load(store, programmeId, gridId), programme, asked);
      saveFund(store, setAside(await loadFund(store, gridId), amountMicro));
      voltageBudgets.save(store, budget, programmeId, gridId);
      const granted = { programmeId, gridId, firstSlot, amountMicro: amountMicro.toString() };
      context.record({ type: 'VoltageBudgetGranted', ...granted });
      return budget;
    });
  }

  /** Settles support of a device and period; what is settled already and would not differ is answered again. */
  @Transaction()
  @Returns('string')
  public async settleVoltage(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.settleVoltage, request, async ({ supportId }) => {
      const support = found(await voltageSupports.load(context.session, supportId), 'FLEX_VOLTAGE_UNKNOWN', {
        supportId,
      });
      return settle(context, support);
    });
  }

  /** Gives what is left of a budget back to the fund. */
  @Transaction()
  @Returns('string')
  public async releaseVoltageBudget(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.releaseVoltageBudget, request, async ({ gridId, programmeId }) => {
      const { session: store } = context;
      const programme = knownProgramme(await programmes.load(store, programmeId), programmeId);
      const held = heldBudget(await voltageBudgets.load(store, programmeId, gridId), programmeId, gridId);
      const endHasBegun = await hasBegun(store, budgetEndSlot(programme));
      const { budget, fund } = releaseBudget(held, programme, await loadFund(store, gridId), endHasBegun);
      saveFund(store, fund);
      voltageBudgets.save(store, budget, programmeId, gridId);
      const { leftMicro } = held;
      context.record({ type: 'VoltageBudgetReleased', programmeId, gridId, amountMicro: leftMicro.toString() });
      return budget;
    });
  }

  /** What is set aside for a programme in a grid, or null. */
  @Transaction(false)
  @Returns('string')
  public async getVoltageBudget(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getVoltageBudget, request, async ({ gridId, programmeId }) => {
      return { budget: (await voltageBudgets.load(context.session, programmeId, gridId)) ?? null };
    });
  }

  /** A settlement of support. */
  @Transaction(false)
  @Returns('string')
  public async getVoltageSettlement(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getVoltageSettlement, request, async ({ supportId, version }) => {
      const { session: store } = context;
      const row =
        version === undefined
          ? await lastVoltageSettlement(store, supportId)
          : await voltageSettlements.load(store, supportId, version);
      return found(row, 'FLEX_SETTLEMENT_UNKNOWN', { supportId });
    });
  }
}

async function settle(context: GridContext, support: VoltageSupport): Promise<VoltageSettlement> {
  const { session: store } = context;
  const { firstSlot, gridId, slots, supportId } = support;
  const { programmeId } = paidTarget(support);
  demand(await hasBegun(store, addSlots(firstSlot, slots)), 'FLEX_VOLTAGE_OPEN', { supportId });
  const programme = knownProgramme(await programmes.load(store, programmeId), programmeId);
  const budget = heldBudget(await voltageBudgets.load(store, programmeId, gridId), programmeId, gridId);
  const previous = await lastVoltageSettlement(store, supportId);
  const performances = await loadTracked(store, support);
  const settlement = settleSupport({ support, programme, performances, budget }, previous);
  if (previous !== undefined && isSameSupportSettlement(previous, settlement)) {
    return previous;
  }
  const set = postVoltageSettlement(settlement, previous);
  await post(store, set);
  voltageBudgets.save(store, budgetAfter(budget, set), programmeId, gridId);
  const { aggregatorMicro, rewardMicro, uncoveredMicro, version } = settlement;
  voltageSettlements.save(store, settlement, supportId, version);
  context.record({
    type: 'VoltageSupportSettled',
    supportId,
    version,
    rewardMicro: rewardMicro.toString(),
    aggregatorMicro: aggregatorMicro.toString(),
    uncoveredMicro: uncoveredMicro.toString(),
  });
  return settlement;
}
