import { demand } from '../../errors';
import { limits } from '../../limits';
import { netCreditMicro } from '../../settlement/post';
import type { PostingSet } from '../../settlement/rows';
import { micro } from '../../units';
import type { FlexibilityFund, FlexSettlement } from './rows';

/** A fund that something is paid into; refuses nothing, and a sum of more than 18 digits. */
export function fundFlexibility(fund: FlexibilityFund, amountMicro: bigint): FlexibilityFund {
  demand(amountMicro > 0n, 'ACCOUNTS_AMOUNT_ZERO');
  const availableMicro = fund.availableMicro + amountMicro;
  demand(availableMicro < 10n ** BigInt(limits.amountDigitsMax), 'ACCOUNTS_BALANCE_TOO_HIGH', {
    account: 'flexibility',
  });
  return { ...fund, availableMicro: micro(availableMicro) };
}

/** What the payer has for an order: what it has now, and what earlier versions have taken already. */
export function payerCover(availableMicro: bigint, previous: FlexSettlement | undefined): bigint {
  let coverMicro = availableMicro;
  for (const { amountMicro, credit, debit } of previous?.flows ?? []) {
    if (debit === previous?.payer) coverMicro += amountMicro;
    if (credit === previous?.payer) coverMicro -= amountMicro;
  }
  return coverMicro < 0n ? 0n : coverMicro;
}

/** The fund after the posting set of a settlement; refuses with FLEX_FUND_TOO_SMALL what it does not hold. */
export function fundAfter(fund: FlexibilityFund, set: PostingSet): FlexibilityFund {
  const availableMicro = fund.availableMicro + netCreditMicro(set.entries, 'flexibility');
  demand(availableMicro >= 0n, 'FLEX_FUND_TOO_SMALL', { gridId: fund.gridId });
  return { ...fund, availableMicro: micro(availableMicro) };
}
