import type { RuleSet } from '../rule-set';
import { mulDivCeil, mulDivFloor } from '../math';
import type { Session } from './rows';
import { micro, ppmWhole, type Micro } from '../units';

/** Wh in a kWh, in which prices are given. */
const whPerKwh = 1_000n;

/** What a buyer pays for energy at a price: rounded up. */
export function costMicro(energyWh: bigint, priceMicroPerKwh: bigint): Micro {
  return micro(mulDivCeil(energyWh, priceMicroPerKwh, whPerKwh));
}

/** What a seller gets for energy at a price: rounded down. */
export function revenueMicro(energyWh: bigint, priceMicroPerKwh: bigint): Micro {
  return micro(mulDivFloor(energyWh, priceMicroPerKwh, whPerKwh));
}

/** The buyer's fee on what it pays: rounded up. */
export function feeMicro(paidMicro: bigint, feePpm: bigint): Micro {
  return micro(mulDivCeil(paidMicro, feePpm, ppmWhole));
}

/** The most energy that a connection carries in some quarter hours, rounded down. */
export function connectionWh(connectionLimitW: bigint, slots: number): bigint {
  return mulDivFloor(connectionLimitW, BigInt(slots), 4n);
}

/**
 * What a participant locks for the deviation of one slot. The worst it can do is to sell what its connection carries and to take as
 * much instead: twice the energy of the connection, at the price of a shortfall, rounded up. A rule set never pays more for a surplus,
 * so the reserve of the balancing party covers as much the other way.
 */
export function reserveMicroPerSlot(connectionLimitW: bigint, ruleSet: RuleSet): Micro {
  const energyWh = 2n * mulDivCeil(connectionLimitW, 1n, 4n);
  return costMicro(energyWh, ruleSet.imbalanceShortMicroPerKwh);
}

/**
 * What a participant of a session locks for the deviation of one slot. Deviations are settled with the day-ahead session of their slot and
 * covered there, so that an intraday session locks nothing for them.
 */
export function sessionReserveMicroPerSlot(
  connectionLimitW: bigint,
  session: Pick<Session, 'kind' | 'ruleSet'>,
): Micro {
  return session.kind === 'day-ahead' ? reserveMicroPerSlot(connectionLimitW, session.ruleSet) : micro(0n);
}
