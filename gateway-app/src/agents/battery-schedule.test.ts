import fc from 'fast-check';
import { scheduleBattery, type Battery, type BatteryStep, type ScheduleInput } from './battery-schedule';
import type { NetQuantiles } from './forecast-quantiles';

const battery: Battery = {
  energyWh: 4_000n,
  powerWh: 2_500n,
  chargePpm: 950_000n,
  dischargePpm: 900_000n,
  startWh: 1_000n,
  endWh: 1_000n,
  stepWh: 1_000n,
};

function sure(middleWh: bigint): NetQuantiles {
  return { lowWh: middleWh, middleWh, highWh: middleWh };
}

function input(nets: readonly NetQuantiles[], changes: Partial<ScheduleInput> = {}): ScheduleInput {
  return {
    battery,
    nets,
    prices: nets.map(() => ({ buyMicroPerKwh: 320_000n, sellMicroPerKwh: 80_000n })),
    bounds: nets.map(() => ({ importWh: 9_000n, exportWh: 9_000n })),
    ...changes,
  };
}

function costOf({ nets, prices }: ScheduleInput, steps: readonly BatteryStep[]): bigint {
  return steps.reduce((sum, { chargeWh, dischargeWh }, interval) => {
    const { buyMicroPerKwh, sellMicroPerKwh } = prices[interval]!;
    const at = (netWh: bigint) => {
      const flow = netWh + chargeWh - dischargeWh;
      return flow > 0n ? flow * buyMicroPerKwh : flow * sellMicroPerKwh;
    };
    const { highWh, lowWh, middleWh } = nets[interval]!;
    return sum + 3n * at(lowWh) + 4n * at(middleWh) + 3n * at(highWh);
  }, 0n);
}

/** All schedules on the grid of steps that keep power, content and the end; without bounds of the connection. */
function everySchedule({ battery: own, nets }: ScheduleInput): BatteryStep[][] {
  const levels = Number(own.energyWh / own.stepWh);
  let paths: { level: number; steps: BatteryStep[] }[] = [{ level: Number(own.startWh / own.stepWh), steps: [] }];
  for (const _ of nets) {
    paths = paths.flatMap(({ level, steps }) =>
      Array.from({ length: levels + 1 }, (_unused, next) => {
        const storedWh = BigInt(next) * own.stepWh;
        const [up, down] = [BigInt(Math.max(0, next - level)), BigInt(Math.max(0, level - next))];
        const chargeWh = (up * own.stepWh * 1_000_000n + own.chargePpm - 1n) / own.chargePpm;
        const dischargeWh = (down * own.stepWh * own.dischargePpm) / 1_000_000n;
        return { level: next, steps: [...steps, { chargeWh, dischargeWh, storedWh }] };
      }).filter(({ steps: made }) => made.at(-1)!.chargeWh <= own.powerWh && made.at(-1)!.dischargeWh <= own.powerWh),
    );
  }
  return paths.filter(({ level }) => BigInt(level) * own.stepWh >= own.endWh).map(({ steps }) => steps);
}

describe('the schedule of a battery', () => {
  it('keeps the surplus of noon for the evening, with what gets lost on the way', () => {
    const steps = scheduleBattery(input([sure(200n), sure(-4_000n), sure(0n), sure(2_000n), sure(500n)]));
    expect(steps).toEqual([
      { chargeWh: 0n, dischargeWh: 0n, storedWh: 1_000n },
      { chargeWh: 2_106n, dischargeWh: 0n, storedWh: 3_000n },
      { chargeWh: 0n, dischargeWh: 0n, storedWh: 3_000n },
      { chargeWh: 0n, dischargeWh: 1_800n, storedWh: 1_000n },
      { chargeWh: 0n, dischargeWh: 0n, storedWh: 1_000n },
    ]);
  });

  it('rests where nothing is gained, and fills up what has to be there at the end', () => {
    expect(scheduleBattery(input([sure(500n), sure(500n)])).map(({ storedWh }) => storedWh)).toEqual([1_000n, 1_000n]);
    const nets = [sure(500n), sure(500n)];
    const prices = [100_000n, 300_000n].map((price) => ({ buyMicroPerKwh: price, sellMicroPerKwh: 80_000n }));
    const more = scheduleBattery(input(nets, { prices, battery: { ...battery, endWh: 2_500n } }));
    expect(more.map(({ storedWh }) => storedWh)).toEqual([3_000n, 3_000n]);
  });

  it('does not fill a battery up because its content is no whole number of steps', () => {
    const odd = { ...battery, startWh: 1_950n, endWh: 1_950n };
    expect(scheduleBattery(input([sure(500n)], { battery: odd }))).toEqual([
      { chargeWh: 0n, dischargeWh: 0n, storedWh: 1_950n },
    ]);
  });

  it('lets through the connection no more than it carries, a set-point included', () => {
    const nets = [sure(-4_000n), sure(-500n), sure(3_000n)];
    const bounds = [9_000n, 9_000n, 3_200n].map((importWh) => ({ importWh, exportWh: 1_000n }));
    const steps = scheduleBattery(input(nets, { bounds, battery: { ...battery, endWh: 3_000n } }));
    steps.forEach(({ chargeWh, dischargeWh }, interval) => {
      const flow = nets[interval]!.middleWh + chargeWh - dischargeWh;
      // In the first interval no schedule keeps to 1,000 Wh: this battery comes as close as its power allows.
      expect(flow <= bounds[interval]!.importWh && flow >= (interval === 0 ? -2_000n : -1_000n)).toBe(true);
    });
    expect(steps[0]?.chargeWh).toBe(2_106n);
    expect(() => scheduleBattery(input(nets, { bounds: [] }))).toThrow(RangeError);
  });

  it('is feasible, and no other schedule on its grid is cheaper', () => {
    const amount = fc.bigInt({ min: -5_000n, max: 5_000n });
    const net = fc.tuple(amount, amount, amount).map((three): NetQuantiles => {
      const [lowWh, middleWh, highWh] = three.sort((left, right) => (left < right ? -1 : 1));
      return { lowWh, middleWh, highWh };
    });
    const price = fc
      .tuple(fc.bigInt({ min: 0n, max: 400_000n }), fc.bigInt({ min: 0n, max: 400_000n }))
      .map(([one, two]) => ({ buyMicroPerKwh: one > two ? one : two, sellMicroPerKwh: one > two ? two : one }));
    const hours = fc.array(fc.tuple(net, price), { minLength: 1, maxLength: 4 });
    const share = fc.bigInt({ min: 500_000n, max: 1_000_000n });
    const own = fc.record({ chargePpm: share, dischargePpm: share, powerWh: fc.bigInt({ min: 0n, max: 4_000n }) });
    fc.assert(
      fc.property(hours, own, (list, changes) => {
        const made = input(
          list.map(([one]) => one),
          { prices: list.map(([, two]) => two), battery: { ...battery, ...changes } },
        );
        const free = { ...made, bounds: list.map(() => ({ importWh: 99_000n, exportWh: 99_000n })) };
        const steps = scheduleBattery(free);
        expect(steps.at(-1)!.storedWh >= battery.endWh).toBe(true);
        const all = everySchedule(free);
        expect(all).toContainEqual(steps);
        const cheapest = all.reduce(
          (best, one) => (costOf(free, one) < best ? costOf(free, one) : best),
          costOf(free, steps),
        );
        expect(costOf(free, steps)).toBe(cheapest);
      }),
      { numRuns: 150, seed: 20_160_520 },
    );
  });
});
