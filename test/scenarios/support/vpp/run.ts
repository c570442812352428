import path from 'node:path';
import { openNetwork } from '@flexledger/network';
import { scenarioMode, writeTopology } from '../scenario-network';
import { hourSlot } from './catalogue';
import { Choice, servedBy } from './choice';
import { Gathering, METERED_FROM } from './gathering';
import { Operation } from './operation';
import { VirtualPowerPlant } from './play';
import { poolGrid, PoolPhysics, poolOf } from './pool';
import { collectVppReport, type VppReport } from './report';
import { Regulation } from './regulation';
import { PoolWorld } from './world';

/** How the scenario is run. */
export interface VppOptions {
  readonly folder: string;
  /** The first two digits of the ports. */
  readonly thousands: number;
  readonly say: (line: string) => void;
}

const SEED = 'virtual-power-plant';
const CLOCK_BEGINS = hourSlot(0);

/** Plays the day of a virtual power plant of ten copies of the SimBench grid. */
export async function playVpp({ folder, say, thousands }: VppOptions): Promise<VppReport> {
  const startMs = performance.now();
  const topologyFile = writeTopology(folder, thousands);
  const handle = await openNetwork({ mode: scenarioMode, topologyFile, dataDirectory: path.join(folder, 'network') });
  say(`${handle.description} is up`);
  let world: PoolWorld | undefined;
  try {
    const founded = await PoolWorld.found(handle, folder, topologyFile, SEED, CLOCK_BEGINS);
    world = founded;
    await founded.startOracle();
    const grid = poolGrid();
    const physics = new PoolPhysics();
    const pool = new Gathering(founded, physics);
    await pool.prepare(grid);
    await pool.join('the pool', poolOf(SEED, grid), METERED_FROM);
    say(`${pool.assets.length} assets have joined`);
    await pool.awaitBands();
    say('the oracle has made bands of all of them');
    const played = new VirtualPowerPlant(founded, pool, physics, say);
    await played.publish();
    await played.prequalify();
    await played.ask();
    const choice = new Choice(founded, pool, grid);
    await pool.fileCharge('after the test');
    const morning = await choice.make('morning', played.requestsOf('morning'), hourSlot(3));
    say(`it is planned which assets serve which requests of the morning, by the ${morning.plan.source}`);
    const operation = new Operation(founded, pool, physics, say);
    const coalition = await operation.form(morning, 'mFRR of the morning', hourSlot(4) - 1);
    const operated = await operation.serve(coalition);
    const paid = [await operation.pay(operated.coalition)];
    await played.joinLate();
    const afternoon = await choice.make('afternoon', played.requestsOf('afternoon'), hourSlot(14));
    say(`it is planned which assets regulate the power factor of the afternoon, by the ${afternoon.plan.source}`);
    const regulation = new Regulation(founded, pool, physics, say);
    const regulating = await regulation.form(afternoon, 'power factor of the afternoon', hourSlot(16) - 1);
    await pool.fileCharge('before the evening');
    const evening = await choice.make('evening', played.requestsOf('evening'), hourSlot(15));
    say(`it is planned which assets serve which requests of the evening, by the ${evening.plan.source}`);
    const sold = await operation.form(evening, 'capacity of the evening', hourSlot(19));
    const regulated = await regulation.regulate(regulating, grid);
    paid.push(await regulation.pay(regulated.coalition));
    const ready = await operation.keepReady(sold);
    paid.push(await operation.pay(ready));
    const served = [morning, afternoon, evening].flatMap((chosen) => servedBy(chosen, pool));
    const audit = await founded.audit();
    const seconds = (performance.now() - startMs) / 1_000;
    return await collectVppReport(founded, pool, played, { served, operated, regulated, ready, paid }, audit, seconds);
  } finally {
    await world?.close();
    await handle.stop();
  }
}
