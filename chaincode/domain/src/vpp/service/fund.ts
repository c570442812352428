import { demand } from '../../errors';
import { limits } from '../../limits';
import { micro } from '../../units';
import type { ServiceFund } from './rows';

/** A fund that something is paid into; refuses nothing paid (ACCOUNTS_AMOUNT_ZERO) and a sum of more than 18 digits. */
export function payIntoServiceFund(fund: ServiceFund, amountMicro: bigint): ServiceFund {
  demand(amountMicro > 0n, 'ACCOUNTS_AMOUNT_ZERO');
  const totalMicro = fund.availableMicro + fund.lockedMicro + amountMicro;
  demand(totalMicro < 10n ** BigInt(limits.amountDigitsMax), 'ACCOUNTS_BALANCE_TOO_HIGH', { account: 'vpp' });
  return { ...fund, availableMicro: micro(fund.availableMicro + amountMicro) };
}

/** Sets aside what an accepted offer may cost; refuses with VPP_FUND_TOO_SMALL. */
export function lockServiceFund(fund: ServiceFund, amountMicro: bigint): ServiceFund {
  const { availableMicro, lockedMicro, mspId } = fund;
  demand(amountMicro <= availableMicro, 'VPP_FUND_TOO_SMALL', { mspId });
  return { mspId, availableMicro: micro(availableMicro - amountMicro), lockedMicro: micro(lockedMicro + amountMicro) };
}

/** Ends what was set aside: `paidMicro` of it leaves the fund, the rest can be promised again. */
export function unlockServiceFund(fund: ServiceFund, amountMicro: bigint, paidMicro: bigint): ServiceFund {
  const { availableMicro, lockedMicro, mspId } = fund;
  return {
    mspId,
    availableMicro: micro(availableMicro + amountMicro - paidMicro),
    lockedMicro: micro(lockedMicro - amountMicro),
  };
}
