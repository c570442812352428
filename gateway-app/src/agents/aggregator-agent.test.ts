import {
  microPerKwh,
  ppm,
  slot,
  w,
  wh,
  type Enrolment,
  type FlexDirection,
  type FlexEvent,
  type FlexRequest,
  type Programme,
} from '@flexledger/domain';
import { costCurve, isTimeToReplan, missingOf, offerTo, type PortfolioProgramme } from './aggregator-agent';

function programme(rewardMicroPerKwh: bigint, direction: Programme['terms']['direction'] = 'reduce'): Programme {
  const terms = { direction, rewardMicroPerKwh: microPerKwh(rewardMicroPerKwh), noticeSlots: 4 };
  return { terms } as Programme;
}

function enrolment(reduceMaxW: bigint, runSlotsMax = 8, state: Enrolment['state'] = 'ACTIVE'): Enrolment {
  return { assets: [{ reduceMaxW: w(reduceMaxW), increaseMaxW: w(0n), runSlotsMax }], state } as unknown as Enrolment;
}

const portfolio: readonly PortfolioProgramme[] = [
  { programme: programme(300_000n), enrolments: [enrolment(10_000n)] },
  { programme: programme(200_000n), enrolments: [enrolment(3_000n), enrolment(2_000n), enrolment(9_000n, 8, 'LEFT')] },
  { programme: programme(100_000n, 'increase'), enrolments: [enrolment(9_000n)] },
];

function request(maxW: bigint, slots = 4, direction: FlexDirection = 'reduce'): Pick<FlexRequest, 'isps'> {
  const run = {
    startSlot: slot(1_000),
    slots,
    disposition: 'requested' as const,
    direction,
    minW: w(0n),
    maxW: w(maxW),
  };
  return { isps: [run, { ...run, startSlot: slot(1_100), disposition: 'available' }] };
}

const policy = { reliablePpm: 1_000_000n, marginPpm: 0n };

describe('the cost curve of a portfolio', () => {
  it('has the bands of who is enrolled, the cheapest first, in one direction', () => {
    expect(costCurve(portfolio, 'reduce', 4)).toEqual([
      { powerW: 5_000n, priceMicroPerKwh: 200_000n },
      { powerW: 10_000n, priceMicroPerKwh: 300_000n },
    ]);
    expect(costCurve(portfolio, 'increase', 4)).toEqual([]);
  });

  it('counts assets that cannot run through in turns', () => {
    const short = [{ programme: programme(200_000n), enrolments: [enrolment(3_000n, 2), enrolment(3_000n, 2)] }];
    expect(costCurve(short, 'reduce', 4)).toEqual([{ powerW: 3_000n, priceMicroPerKwh: 200_000n }]);
  });
});

describe('an offer', () => {
  it('is what is asked for, at the rewards that it takes, in the runs that are requested', () => {
    // An hour of 5 kW at 0.2 and 3 kW at 0.3 a kWh.
    expect(offerTo(request(8_000n), portfolio, policy)).toEqual({
      isps: [{ startSlot: 1_000, slots: 4, direction: 'reduce', powerW: 8_000n }],
      priceMicro: 1_900_000n,
    });
  });

  it('is no more than a portfolio has that is counted on, with the margin, rounded up', () => {
    const careful = { reliablePpm: 800_000n, marginPpm: 100_001n };
    const offered = offerTo(request(99_000n), portfolio, careful);
    expect(offered?.isps[0]?.powerW).toBe(12_000n);
    // 4 kWh at 0.2 and 8 kWh at 0.3 are 3.2; with the margin 3.5200032, in steps of 0.0001.
    expect(offered?.priceMicro).toBe(3_520_100n);
  });

  it('is none where there is nothing to offer', () => {
    expect(offerTo(request(8_000n, 4, 'increase'), portfolio, policy)).toBeUndefined();
    expect(offerTo({ isps: [] }, portfolio, policy)).toBeUndefined();
  });
});

describe('a plan', () => {
  const order = {
    isps: [1_000, 1_001].map((at) => ({ slot: slot(at), direction: 'reduce' as const, powerW: w(4_000n) })),
  } as const;
  const event = (energiesWh: readonly bigint[], state: FlexEvent['state']): FlexEvent => {
    const isps = energiesWh.map((energyWh, index) => ({
      slot: slot(1_000 + index),
      direction: 'reduce',
      energyWh: wh(energyWh),
    }));
    return { assets: [{ isps }], state } as unknown as FlexEvent;
  };

  it('misses what nobody carries out any more', () => {
    const events = [event([600n, 600n], 'OPTED_IN'), event([400n, 400n], 'OPTED_OUT'), event([0n, 400n], 'NOTIFIED')];
    expect([...missingOf(order, events)]).toEqual([[1_000, 400n]]);
    expect(missingOf(order, [event([1_000n, 1_200n], 'ACKNOWLEDGED')]).size).toBe(0);
  });

  it('can be made again as long as the notice of the programme allows it', () => {
    expect(
      isTimeToReplan({ ...programme(1n), terms: { ...programme(1n).terms, tolerancePpm: ppm(0n) } }, order, 996),
    ).toBe(true);
    expect(isTimeToReplan(programme(1n), order, 997)).toBe(false);
  });
});
