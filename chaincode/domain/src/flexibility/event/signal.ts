import { demand } from '../../errors';
import { exactNumber, least, mulDivCeil, sum } from '../../math';
import type { Slot } from '../../time';
import { w, type MicroPerKwh } from '../../units';
import type { Enrolment } from '../enrolment/rows';
import { bandW } from '../enrolment/enrolment';
import type { EventIsp, EventSignal, SignalKind } from './rows';

const quartersPerHour = 4n;
const levels = 3n;

/** What a signal is made from. */
export interface SignalAsked {
  readonly kind: SignalKind;
  readonly isps: readonly EventIsp[];
  readonly enrolment: Enrolment;
  readonly rewardMicroPerKwh: MicroPerKwh;
  /** The baseline of each slot in Wh of import less export; undefined where it is not known at the notice. */
  readonly baselineWh: ReadonlyMap<Slot, bigint> | undefined;
}

/**
 * What an event tells its prosumer. A set-point is the mean power of the connection at its baseline less (or with) what is ordered; a limit
 * lets it take, or give, no more than that. A level is how much of the enrolled bands the busiest slot uses, in thirds rounded up. Refuses
 * a set-point or limit without a baseline (FLEX_SIGNAL_WITHOUT_BASELINE).
 */
export function signalOf(asked: SignalAsked): EventSignal {
  const { enrolment, isps, kind, rewardMicroPerKwh } = asked;
  switch (kind) {
    case 'SIMPLE':
      return { kind, level: levelOf(isps, enrolment) };
    case 'PRICE':
      return { kind, priceMicroPerKwh: rewardMicroPerKwh };
    case 'DISPATCH_SETPOINT': {
      const values = targetsOf(asked).map(({ netW, slot }) => ({
        slot,
        importW: w(netW > 0n ? netW : 0n),
        exportW: w(netW < 0n ? -netW : 0n),
      }));
      return { kind, values };
    }
    case 'IMPORT_CAPACITY_LIMIT':
      return { kind, values: targetsOf(asked).map(({ netW, slot }) => ({ slot, powerW: w(netW > 0n ? netW : 0n) })) };
    case 'EXPORT_CAPACITY_LIMIT':
      return { kind, values: targetsOf(asked).map(({ netW, slot }) => ({ slot, powerW: w(netW < 0n ? -netW : 0n) })) };
  }
}

function targetsOf({ baselineWh, isps }: SignalAsked): readonly { readonly slot: Slot; readonly netW: bigint }[] {
  return isps.map(({ direction, energyWh, slot }) => {
    const expectedWh = baselineWh?.get(slot);
    demand(expectedWh !== undefined, 'FLEX_SIGNAL_WITHOUT_BASELINE', { slot });
    return { slot, netW: quartersPerHour * (direction === 'reduce' ? expectedWh - energyWh : expectedWh + energyWh) };
  });
}

function levelOf(isps: readonly EventIsp[], { assets }: Enrolment): number {
  const level = isps.reduce((highest, { direction, energyWh }) => {
    const widthW = sum(assets.map((asset) => bandW(asset, direction)));
    const share = widthW === 0n ? levels : mulDivCeil(quartersPerHour * energyWh, levels, widthW);
    return share > highest ? share : highest;
  }, 1n);
  return exactNumber(least(level, levels));
}
