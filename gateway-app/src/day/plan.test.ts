import { localDateOfSlot, localTimeOfSlot } from '../grid/simbench';
import { planDay } from './plan';

describe('the plan of the day', () => {
  const plan = planDay('seed');

  test('is the same for the same seed, and another for another seed', () => {
    expect(planDay('seed')).toEqual(plan);
    const other = planDay('other');
    expect(other.sessionId).not.toBe(plan.sessionId);
    expect(other.participants[0]?.publicKey).not.toBe(plan.participants[0]?.publicKey);
  });

  test('has 28 prosumers, one supplier and 36 meters, each owned by one participant', () => {
    expect(plan.participants.filter((participant) => participant.kind === 'prosumer').length).toBe(28);
    expect(plan.participants.filter((participant) => participant.kind === 'supplier').length).toBe(1);
    expect(plan.participants.flatMap((participant) => participant.meters).length).toBe(36);
    expect(new Set(plan.meters.map((meter) => meter.meterId)).size).toBe(36);
  });

  test('gives storages meters of their own, and makes PV systems assets, where flexibility can be ordered', () => {
    const flexible = planDay('seed', { flexibility: true });
    expect(flexible.meters).toHaveLength(41);
    expect(flexible.storages.map(({ meterId }) => meterId)).toEqual(
      flexible.meters.filter(({ deviceType }) => deviceType === 'storage').map(({ meterId }) => meterId),
    );
    expect(flexible.pvAssets.map(({ meterId }) => meterId)).toEqual(
      flexible.meters.filter(({ kind }) => kind === 'pv').map(({ meterId }) => meterId),
    );
    expect(flexible.storages.some(({ owner }) => owner === flexible.disturbances.idle)).toBe(true);
    expect(plan.pvAssets).toEqual([]);
  });

  test('puts forecast, gate and delivery in order, in local time', () => {
    const at = (slot: number): string => `${localDateOfSlot(slot)} ${localTimeOfSlot(slot)}`;
    expect([plan.historySlot, plan.forecastSlot, plan.gateCloseSlot, plan.deliverySlot].map(at)).toEqual([
      '2016-05-12 00:00',
      '2016-05-19 12:00',
      '2016-05-19 18:00',
      '2016-05-20 00:00',
    ]);
  });

  test('disturbs three different meters in three different hours, whatever the seed', () => {
    for (let index = 0; index < 50; index += 1) {
      const plan = planDay(`seed ${index}`);
      const { silent, twice, damaged, disobedient } = plan.disturbances;
      expect(new Set([silent.meterId, twice.meterId, damaged.meterId]).size).toBe(3);
      const own = plan.meters.filter(({ owner }) => owner === disobedient);
      expect(own.some(({ kind }) => kind === 'pv')).toBe(true);
      expect(new Set([silent.hour, twice.hour, damaged.hour]).size).toBe(3);
      expect([silent, twice, damaged].every(({ hour }) => hour >= 6 && hour < 18)).toBe(true);
    }
  });
});
