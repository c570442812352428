import { demand, RuleError } from '../../errors';
import { limits } from '../../limits';
import { imbalanceDeadline } from '../../settlement/imbalance';
import { netCreditMicro } from '../../settlement/post';
import type { PostingSet } from '../../settlement/rows';
import { slot, type Slot } from '../../time';
import { micro, type Micro } from '../../units';
import type { Programme } from '../programme/rows';
import type { FlexibilityFund } from '../settlement/rows';
import type { VoltageBudget } from './settlement-rows';

/** What the system operator of a grid grants a programme. */
export interface VoltageGrant {
  readonly gridId: string;
  readonly firstSlot: Slot;
  readonly amountMicro: Micro;
}

/**
 * The budget after a grant, which adds to what there is and never takes slots back. Refuses a programme of another kind
 * (FLEX_EVENT_DIRECTION) or of other grids (FLEX_VOLTAGE_GRID), nothing (ACCOUNTS_AMOUNT_ZERO), a sum of more than 18 digits, and a budget
 * that has been given back (FLEX_VOLTAGE_BUDGET_RELEASED).
 */
export function grantBudget(
  previous: VoltageBudget | undefined,
  { aggregatorId, programmeId, terms }: Programme,
  { amountMicro, firstSlot, gridId }: VoltageGrant,
): VoltageBudget {
  demand(terms.direction === 'voltage', 'FLEX_EVENT_DIRECTION', { programmeId });
  demand(terms.gridIds.includes(gridId), 'FLEX_VOLTAGE_GRID', { gridId });
  if (previous !== undefined) {
    demandHeld(previous);
  }
  demand(amountMicro > 0n, 'ACCOUNTS_AMOUNT_ZERO');
  if (previous === undefined) {
    const place = { programmeId, gridId, aggregatorId, firstSlot };
    return { ...place, grantedMicro: amountMicro, leftMicro: amountMicro, state: 'HELD' };
  }
  const grantedMicro = previous.grantedMicro + amountMicro;
  demand(grantedMicro < 10n ** BigInt(limits.amountDigitsMax), 'ACCOUNTS_BALANCE_TOO_HIGH', { account: 'flexibility' });
  return {
    ...previous,
    firstSlot: slot(Math.min(previous.firstSlot, firstSlot)),
    grantedMicro: micro(grantedMicro),
    leftMicro: micro(previous.leftMicro + amountMicro),
  };
}

/** The budget; refuses with FLEX_VOLTAGE_NO_BUDGET where none was granted, and with FLEX_VOLTAGE_BUDGET_RELEASED one that was given back. */
export function heldBudget(budget: VoltageBudget | undefined, programmeId: string, gridId: string): VoltageBudget {
  if (budget === undefined) {
    throw new RuleError('FLEX_VOLTAGE_NO_BUDGET', { programmeId, gridId });
  }
  demandHeld(budget);
  return budget;
}

function demandHeld({ gridId, programmeId, state }: VoltageBudget): void {
  demand(state === 'HELD', 'FLEX_VOLTAGE_BUDGET_RELEASED', { programmeId, gridId });
}

/** The budget after the posting set of a settlement. */
export function budgetAfter(budget: VoltageBudget, { entries }: PostingSet): VoltageBudget {
  return { ...budget, leftMicro: micro(budget.leftMicro + netCreditMicro(entries, 'flexibility')) };
}

/** From which slot on what is left of a programme's budgets is free: as long as readings of its last slot count for imbalances. */
export function budgetEndSlot({ terms }: Programme): Slot {
  return imbalanceDeadline(terms.lastSlot);
}

/** Gives back what is left of a budget; refuses with FLEX_VOLTAGE_BUDGET_HELD before its end. */
export function releaseBudget(
  budget: VoltageBudget,
  programme: Programme,
  fund: FlexibilityFund,
  endHasBegun: boolean,
): { readonly budget: VoltageBudget; readonly fund: FlexibilityFund } {
  const { programmeId } = programme;
  demand(endHasBegun, 'FLEX_VOLTAGE_BUDGET_HELD', { programmeId, untilSlot: budgetEndSlot(programme) });
  return {
    budget: { ...budget, leftMicro: micro(0n), state: 'RELEASED' },
    fund: { ...fund, availableMicro: micro(fund.availableMicro + budget.leftMicro) },
  };
}
