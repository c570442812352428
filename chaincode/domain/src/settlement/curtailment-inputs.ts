import { present } from '../assert';
import { compareText } from '../canonical';
import type { GridOutcome } from '../market/grid-session/outcome';
import type { IntervalOutcome } from '../market/rows';
import { limitQuarterWh, quarterWh } from '../set-points/held-back';
import type { Limitation, SetPoint } from '../set-points/rows';
import type { MicroPerKwh } from '../units';
import type { CurtailmentCompensation } from '../rule-set/settlement';
import type { RuleSet } from '../rule-set';
import type { CurtailmentInput } from './curtailment-rows';
import type { MeterInput } from './rows';

/** A limit of a connection and what it is part of. */
export interface LimitInForce {
  readonly setPoint: SetPoint;
  readonly limitation: Limitation;
}

/** What a session paid in an interval. */
export interface IntervalPrices {
  readonly outcome: IntervalOutcome | undefined;
  readonly grid: GridOutcome | undefined;
  readonly ruleSet: Pick<RuleSet, 'feedInPriceMicroPerKwh'>;
}

/**
 * What a kWh is paid that a limit held back: the fixed price, or the clearing price at the bus of the connection. Where nothing was
 * traded in the interval there is none, and the feed-in price stands for it, which energy gets outside the market.
 */
export function curtailmentPrice(
  compensation: CurtailmentCompensation,
  { grid, outcome, ruleSet }: IntervalPrices,
  bus: string,
): MicroPerKwh {
  if (compensation.kind === 'fixed') {
    return compensation.priceMicroPerKwh;
  }
  const zone = grid?.zones.find(({ busIds }) => busIds.includes(bus));
  const price = grid === undefined ? outcome?.price : zone?.price;
  return price?.clearingMicroPerKwh ?? ruleSet.feedInPriceMicroPerKwh;
}

/**
 * The limits of a participant's connections that are compensated in a quarter hour, in the order of buses. Of several limits of one
 * connection in one direction the lowest holds, of equal ones the one whose row comes first; it is compensated where something was set
 * aside for it.
 *
 * @param inForce all limits of the participant that hold in the slot, in the order of their rows
 * @param meters what its meters told, each with its bus
 */
export function curtailmentInputsOf(
  inForce: readonly LimitInForce[],
  meters: readonly { readonly bus: string; readonly input: MeterInput }[],
  prices: IntervalPrices,
): readonly CurtailmentInput[] {
  const lowest = new Map<string, LimitInForce>();
  for (const one of inForce) {
    const key = `${one.setPoint.bus} ${one.setPoint.direction}`;
    const known = lowest.get(key);
    if (known === undefined || one.setPoint.limitW < known.setPoint.limitW) lowest.set(key, one);
  }
  const keys = [...lowest.keys()].sort(compareText);
  return keys.flatMap((key) => {
    const { limitation, setPoint } = present(lowest.get(key), 'A key is of a limit.');
    const { compensation } = limitation;
    const { bus, coverMicro, direction, limitationId, limitW, possible, presentW } = setPoint;
    if (compensation === undefined || coverMicro === undefined) return [];
    return [
      {
        limitationId,
        bus,
        direction,
        meterIds: meters.filter((meter) => meter.bus === bus).map(({ input }) => input.meterId),
        possibleWh: quarterWh(possible?.powerW ?? presentW),
        limitWh: limitQuarterWh(limitW),
        priceMicroPerKwh: curtailmentPrice(compensation, prices, bus),
        coverMicro,
      },
    ];
  });
}
