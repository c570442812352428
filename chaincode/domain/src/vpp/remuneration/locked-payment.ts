import { demand } from '../../errors';
import { imbalanceDeadline } from '../../settlement/imbalance';
import { netCreditMicro } from '../../settlement/post';
import type { PostingSet } from '../../settlement/rows';
import type { Slot } from '../../time';
import { micro, type Micro } from '../../units';
import { lastServedSlot } from '../formation/coverage';
import { demandState } from '../formation/formation';
import type { Coalition } from '../formation/rows';
import { payerOfService } from './known';

/** From which slot on what is left of a payment is free: as long as readings of the last served slot count for imbalances. */
export function paymentEndSlot(coalition: Coalition): Slot {
  return imbalanceDeadline(lastServedSlot(coalition));
}

/** True while later readings can still change what a coalition is paid: what was locked for it has not been given back. */
export function isPayable({ lockedMicro }: Pick<Coalition, 'lockedMicro'>): boolean {
  return lockedMicro !== undefined;
}

/** A coalition after a version of its remuneration, and what that took of what is locked; below zero where more came back than was paid. */
export interface PaidCoalition {
  readonly coalition: Coalition;
  readonly takenMicro: bigint;
}

/**
 * The coalition once a version of its remuneration is posted. It is paid out of what its acceptance has locked; a penalty that comes back is
 * held with the rest, for a later version may need it.
 */
export function paidOutOf(coalition: Coalition, { entries }: Pick<PostingSet, 'entries'>): PaidCoalition {
  const takenMicro = -netCreditMicro(entries, payerOfService(coalition.buyer));
  const lockedMicro = micro((coalition.lockedMicro ?? 0n) - takenMicro);
  return { coalition: { ...coalition, lockedMicro, state: 'SETTLED' }, takenMicro };
}

/** A coalition whose payment is final, and what goes back to its buyer. */
export interface ReleasedPayment {
  readonly coalition: Coalition;
  readonly amountMicro: Micro;
}

/**
 * Gives back what is left of a payment. Refuses a coalition that is not paid (VPP_COALITION_STATE), one whose rest has been given back
 * (VPP_PAYMENT_RELEASED), and one for which late readings still count (VPP_PAYMENT_HELD).
 */
export function releasePayment(before: Coalition, endHasBegun: boolean): ReleasedPayment {
  demandState(before, 'SETTLED');
  const { lockedMicro, ...coalition } = before;
  const { coalitionId } = coalition;
  demand(lockedMicro !== undefined, 'VPP_PAYMENT_RELEASED', { coalitionId });
  demand(endHasBegun, 'VPP_PAYMENT_HELD', { coalitionId, untilSlot: paymentEndSlot(before) });
  return { coalition, amountMicro: lockedMicro ?? micro(0n) };
}
