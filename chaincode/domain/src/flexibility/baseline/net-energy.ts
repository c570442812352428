import { object, type TypeOf } from '../../decode';
import { wh, whCodec } from '../../units';

/**
 * What a connection or a portfolio took or gave in an interval, the one less the other: one of the two is zero. Rows and answers
 * have this form; rules count with `netWhOf`.
 */
export const netEnergyCodec = object({ importWh: whCodec, exportWh: whCodec });
export type NetEnergy = TypeOf<typeof netEnergyCodec>;

/** Import less export in Wh, as UFTP counts: consumption is positive, generation negative. */
export function netWhOf({ importWh, exportWh }: { readonly importWh: bigint; readonly exportWh: bigint }): bigint {
  return importWh - exportWh;
}

/** Net energy of this many Wh of import less export. */
export function netEnergyOf(netWh: bigint): NetEnergy {
  return netWh < 0n ? { importWh: wh(0n), exportWh: wh(-netWh) } : { importWh: wh(netWh), exportWh: wh(0n) };
}
