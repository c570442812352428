import path from 'node:path';
import { collectReport, playDay, RunningDay } from '@flexledger/gateway-app';
import { scenarioMode, writeTopology } from '../scenario-network';
import { Observer } from './observer';
import { PARTS, type PartName } from './parts';
import { DemandResponse } from './play';
import { collectDemandResponse, type DemandResponseReport } from './report';

/** How the scenario is run. */
export interface ScenarioOptions {
  readonly part: PartName;
  readonly folder: string;
  /** The first two digits of the ports. */
  readonly thousands: number;
  readonly say: (line: string) => void;
}

/** The seed of the scenario: with it the storage of prosumer-00 opts in and does nothing. */
export const SCENARIO_SEED = 'demand-response';
const HISTORY_DAYS = 7;
/** Prosumers who do not want to be asked for as much as the first plan asks. */
export const DECLINERS = ['prosumer-04', 'prosumer-05'];
/** What they want to be asked for at most, in Wh. */
const MOST_WH = '1000';
/** The plans are made at 8 and at 9 in the morning; everybody is told then. */
const FIRST_PLAN_HOUR = 7;
const SECOND_PLAN_HOUR = 8;
/** The rebound after what was ordered is over by then. */
const SETTLEMENT_HOUR = 17;

/**
 * Plays a part of the scenario on 20 May of the SimBench grid.
 */
export async function playDemandResponse({
  folder,
  part,
  say,
  thousands,
}: ScenarioOptions): Promise<DemandResponseReport> {
  const startMs = performance.now();
  const { gridLimits, setPoints } = PARTS[part];
  const day = await RunningDay.start({
    seed: SCENARIO_SEED,
    mode: scenarioMode,
    dataFolder: path.join(folder, 'day'),
    topologyFile: writeTopology(folder, thousands),
    historyDays: HISTORY_DAYS,
    flexibility: true,
    gridLimits,
    setPoints,
    say,
  });
  let observer: Observer | undefined;
  try {
    const { conductor, plan } = day;
    observer = await Observer.open(day.handle, folder, plan);
    const played = new DemandResponse(day, PARTS[part], say);
    const hourSlot = (hour: number): number => plan.deliverySlot + hour * 4;
    const statements = await playDay({
      plan,
      conductor,
      say,
      afterClearing: async () => {
        await played.prepare();
        await played.trade(hourSlot(FIRST_PLAN_HOUR + 1));
      },
      beforeHour: async (hour) => {
        if (hour === FIRST_PLAN_HOUR) {
          await played.call(1, hourSlot(hour + 1));
          const mostWh = Object.fromEntries(DECLINERS.map((label) => [label, MOST_WH]));
          await played.optOut(mostWh, hourSlot(SECOND_PLAN_HOUR + 1));
        }
        if (hour === SECOND_PLAN_HOUR) {
          await played.call(2, hourSlot(hour + 1));
          await played.optIn();
        }
      },
      beforeSettlement: async (hour) => {
        if (hour > SECOND_PLAN_HOUR && hour < SETTLEMENT_HOUR) await played.track(hour);
        if (hour === SETTLEMENT_HOUR) {
          await played.settle(1);
          await played.declareGreen();
          await played.readLate();
        }
      },
    });
    const report = await collectReport(day, statements, () => (performance.now() - startMs) / 1000);
    return await collectDemandResponse({ part, plan }, observer, played, report);
  } finally {
    await observer?.close();
    await day.stop();
  }
}
