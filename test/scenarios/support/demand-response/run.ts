import path from 'node:path';
import { collectReport, playDay, RunningDay } from '@flexledger/gateway-app';
import { scenarioMode, writeTopology } from '../scenario-network';
import { Actors } from './actors';
import { positionsOf, prognosisOf } from './outlook';
import { DemandResponse, homesThatDecline, type ScenarioPart } from './play';
import { collectDemandResponse, type DemandResponseReport } from './report';

/**
 * The parts of the scenario: flexibility solves what comes; limits of the grid act in the session, so that nothing has to be requested; offers
 * cover about half, so that connections are limited.
 */
export const PARTS = {
  flexibility: {
    gridLimits: false,
    setPoints: false,
    reserveW: 17_000,
    offering: ['north', 'south'],
    prognosis: 'outlook',
  },
  limits: { gridLimits: true, setPoints: false, reserveW: 0, offering: ['north', 'south'], prognosis: 'positions' },
  orange: { gridLimits: false, setPoints: true, reserveW: 0, offering: ['north'], prognosis: 'outlook' },
} as const satisfies Readonly<Record<string, ScenarioPart>>;

/** How the scenario is run. */
export interface ScenarioOptions {
  readonly part: keyof typeof PARTS;
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
  const { gridLimits, prognosis, setPoints } = PARTS[part];
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
  let actors: Actors | undefined;
  try {
    const { plan } = day;
    const own = await Actors.open(day.handle, path.join(folder, 'actors'), plan);
    actors = own;
    const played = new DemandResponse(day, own, PARTS[part], say);
    const hourSlot = (hour: number): number => plan.deliverySlot + hour * 4;
    const statements = await playDay({
      plan,
      conductor: day.conductor,
      say,
      afterClearing: async () => {
        await played.prepare();
        await played.trade(
          (aggregator) =>
            prognosis === 'positions'
              ? positionsOf(own, plan, aggregator)
              : Promise.resolve(prognosisOf(plan, aggregator)),
          hourSlot(FIRST_PLAN_HOUR + 1),
        );
      },
      beforeHour: async (hour) => {
        if (hour === FIRST_PLAN_HOUR) {
          await played.call(1, hourSlot(hour + 1));
          await played.optOut(homesThatDecline(DECLINERS), hourSlot(SECOND_PLAN_HOUR + 1));
        }
        if (hour === SECOND_PLAN_HOUR) {
          await played.call(2, hourSlot(hour + 1));
          await played.optIn();
        }
      },
      beforeSettlement: async (hour) => {
        if (hour > SECOND_PLAN_HOUR && hour < SETTLEMENT_HOUR) await played.track(hour);
        if (hour === SETTLEMENT_HOUR) await played.settle();
      },
    });
    const report = await collectReport(day, statements, () => (performance.now() - startMs) / 1000);
    return await collectDemandResponse(day, own, played, report);
  } finally {
    await actors?.close();
    await day.stop();
  }
}
