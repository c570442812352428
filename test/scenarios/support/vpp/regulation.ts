import {
  calledVar,
  slotsOfActivation,
  w,
  ppm,
  type Activation,
  type Coalition,
  type PoolDelivery,
  type PowerFactorCall,
} from '@flexledger/domain';
import type { SimbenchGrid } from '@flexledger/gateway-app';
import { minutesOf, Operation, type Dispatched } from './operation';

const MINUTES = 15;
/** Quarter hours after the begin of the slice, and minutes after that, at which it is called: what is called is due with the next quarter hour. */
const SIGNAL_QUARTER = 9;
const SIGNAL_MINUTE = 10;
const PERIODS = 4;
const FULL_ACTIVATION_SECONDS = 300;
/** The power factor that the distribution system operator wants where the copies are connected. */
const WANTED_PPM = 950_000n;

/** What came of power-factor regulation. */
export interface Regulated extends Dispatched {
  readonly coalition: Coalition;
  readonly activation: Activation;
  /** What was measured where the copies are connected, and which power factor was asked for. */
  readonly powerFactor: PowerFactorCall;
  readonly deliveries: readonly PoolDelivery[];
}

/** Power-factor regulation: while PV gives what the copies take, they take hardly anything but reactive power, which inverters give beside it. */
export class Regulation extends Operation {
  /** The distribution system operator calls what its power factor lacks; the reactive registers of the members' meters show what was delivered. */
  async regulate(coalition: Coalition, grid: SimbenchGrid): Promise<Regulated> {
    const { world } = this;
    const { coalitionId, firstSlot, slices, sliceSlots } = coalition;
    const signalSlot = firstSlot + SIGNAL_QUARTER;
    await world.tickTo(signalSlot);
    const powerFactor = this.measured(grid, signalSlot - 1);
    const activation = await world.submit('dso', 'vpp', 'activate', 'power factor', {
      coalitionId,
      slice: 0,
      direction: 'capacitive',
      powerW: calledVar(powerFactor, slices[0]?.offeredW ?? 0n).toString(),
      powerFactor: {
        activeW: powerFactor.activeW.toString(),
        reactiveVar: powerFactor.reactiveVar.toString(),
        powerFactorPpm: powerFactor.powerFactorPpm.toString(),
      },
      signalMinute: signalSlot * MINUTES + SIGNAL_MINUTE,
      periods: PERIODS,
    });
    const members = await this.dispatchables(coalitionId, activation);
    const { acknowledged, dispatched } = await this.dispatch(
      'power factor',
      activation,
      members,
      FULL_ACTIVATION_SECONDS,
    );
    const called = slotsOfActivation(activation);
    for (const slot of called) {
      this.give(slot);
      await world.tickTo(slot + 1);
      await this.tell(coalitionId, slot);
    }
    await world.tickTo(firstSlot + sliceSlots);
    await this.pool.measureTo(firstSlot + sliceSlots);
    const deliveries: PoolDelivery[] = [];
    for (const slot of called) {
      deliveries.push(await world.submit('dso', 'vpp', 'verifyReactive', `${slot}`, { coalitionId, slot }));
    }
    const { activationId } = activation;
    const completed = await world.submit('dso', 'vpp', 'completeActivation', 'power factor', { activationId });
    const verified = await world.submit('dso', 'vpp', 'verifyCoalition', 'power factor', { coalitionId });
    this.say(`the reactive power that the power factor lacked has been given by inverters, ${dispatched} in number`);
    return { coalition: verified, activation: completed, powerFactor, dispatched, acknowledged, deliveries };
  }

  /** What the operator has measured in a quarter hour where the copies are connected. */
  private measured(grid: SimbenchGrid, slot: number): PowerFactorCall {
    const { activeWh, reactiveVarh } = this.physics.connectionWh(grid, slot);
    return {
      activeW: w(4n * (activeWh < 0n ? -activeWh : activeWh)),
      reactiveVar: w(4n * reactiveVarh),
      powerFactorPpm: ppm(WANTED_PPM),
    };
  }

  /** The inverters give what they are told, minute by minute. */
  private give(slot: number): void {
    const minutes = minutesOf(slot).map((minute) => this.powersIn(minute));
    for (const assetId of new Set(minutes.flatMap((powers) => [...powers.keys()]))) {
      const sum = minutes.reduce((total, powers) => total + (powers.get(assetId) ?? 0n), 0n);
      this.physics.callReactive(assetId, slot, sum / 60n);
    }
  }
}
