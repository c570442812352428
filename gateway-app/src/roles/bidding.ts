import { batteryPlan, type StrategyContext } from '../agents/strategies';
import type { Battery, BatteryStep, ExpectedPrice } from '../agents/battery-schedule';
import type { BiddingFrame } from '../agents/order-strategy';
import { netQuantilesOf, type QuantileForecast } from '../agents/forecast-quantiles';
import { HOURS_PER_DAY, type DayPlan, type MeterPlan, type ParticipantPlan } from '../day/plan';
import { readForecasts } from './forecasts';
import type { RoleContext } from './role-context';
import { biddingFrameOf, DAY_PRICES } from './rule-set';

/** Of what is taken a storage of the day keeps this share, and of what it held it gives this share: in ppm, about 90 % in all. */
const BATTERY_SHARE_PPM = 950_000n;
/** The schedule moves what is stored in so many steps from empty to full. */
const BATTERY_STEPS = 40n;

/** What every prosumer's agent bids from, by the participant's label: the forecasts that the ledger holds of its own meters. */
export async function biddingContexts(context: RoleContext): Promise<ReadonlyMap<string, StrategyContext>> {
  return biddingContextsOf(context.plan, await readForecasts(context));
}

/** What every prosumer's agent of a plan bids from, by the participant's label, with these forecasts by meter. */
export function biddingContextsOf(
  plan: DayPlan,
  forecasts: ReadonlyMap<string, QuantileForecast[]>,
): ReadonlyMap<string, StrategyContext> {
  const prosumers = plan.participants.filter((participant) => participant.kind === 'prosumer');
  const frame = biddingFrameOf(plan);
  const expectedPrices = expectedPricesOf([...forecasts.values()], frame);
  return new Map(
    prosumers.map((one) => [one.label, { ...contextOf(plan.seed, one, forecasts, frame), expectedPrices }]),
  );
}

/** What the storage behind each meter that has one does hour by hour, by the id of the meter. */
export async function batterySteps(context: RoleContext): Promise<ReadonlyMap<string, readonly BatteryStep[]>> {
  const contexts = await biddingContexts(context);
  const steps = new Map<string, readonly BatteryStep[]>();
  for (const meter of context.plan.meters) {
    const own = contexts.get(meter.owner);
    if (meter.battery !== undefined && own !== undefined) steps.set(meter.meterId, batteryPlan(own));
  }
  return steps;
}

/**
 * What the market is expected to cost in each hour, for the plans of storages: the forecasts of all meters stand on the ledger for all.
 * Where they lack energy together the supplier's retail price is what the last kWh costs, where they have too much its feed-in price.
 */
function expectedPricesOf(
  forecasts: readonly (readonly QuantileForecast[])[],
  { feedInPriceMicroPerKwh, retailPriceMicroPerKwh }: BiddingFrame,
): ExpectedPrice[] {
  return Array.from({ length: HOURS_PER_DAY }, (_, hour) => {
    const net = netQuantilesOf(forecasts.map((meter) => meter[hour]).filter((one) => one !== undefined));
    const price = net.middleWh > 0n ? retailPriceMicroPerKwh : feedInPriceMicroPerKwh;
    return { buyMicroPerKwh: price, sellMicroPerKwh: price };
  });
}

function contextOf(
  seed: string,
  { connectionLimitW, label, meters }: ParticipantPlan,
  forecasts: ReadonlyMap<string, QuantileForecast[]>,
  frame: BiddingFrame,
): StrategyContext {
  const storage = meters.find((meter) => meter.battery !== undefined);
  return {
    seed,
    // One interval is an hour: the connection carries as many watt-hours as watts.
    bidder: { label, connectionWh: connectionLimitW },
    frame,
    deviation: {
      shortMicroPerKwh: BigInt(DAY_PRICES.imbalanceShortMicroPerKwh),
      longMicroPerKwh: BigInt(DAY_PRICES.imbalanceLongMicroPerKwh),
    },
    ordersMax: DAY_PRICES.ordersPerParticipantMax,
    intervals: HOURS_PER_DAY,
    forecasts: meters.map(({ meterId }) => forecasts.get(meterId) ?? []),
    ...(storage === undefined ? {} : { battery: batteryOf(storage) }),
  };
}

/** A storage of the grid: half full at midnight, and at the next one again. */
function batteryOf({ battery, meterId }: MeterPlan): Battery {
  if (battery === undefined) throw new RangeError(`no storage is behind meter ${meterId}`);
  const { energyWh, ratedW } = battery;
  return {
    energyWh,
    powerWh: ratedW,
    chargePpm: BATTERY_SHARE_PPM,
    dischargePpm: BATTERY_SHARE_PPM,
    startWh: energyWh / 2n,
    endWh: energyWh / 2n,
    stepWh: energyWh / BATTERY_STEPS,
  };
}
