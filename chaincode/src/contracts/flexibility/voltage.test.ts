import type { JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot, idOf, record, tick } from '../../testing/actors';
import { bandOf } from '../../testing/programme-scene';
import { codeOf } from '../../testing/refusal';
import { supportCurve as curve, supportSlot, threeSlotsOf, voltageScene } from '../../testing/voltage-scene';

describe('voltage support', () => {
  it('gives an inverter a curve, and measures the reactive energy at the voltage that was there', async () => {
    const { fields, made, meter } = await voltageScene();
    const { event, response } = await made.send(made.aggregator, 'setVoltVar', fields);
    expect(response).toMatchObject({ bus: 'bus-2', meterId: meter.meterId, target: { kind: 'asset' } });
    expect(event?.facts).toMatchObject([{ type: 'VoltageSupportSet', control: 'CURVE' }]);
    const at = { gridId: 'rural-1', bus: 'bus-2', slot: supportSlot + 7 };
    const { ledger } = made;
    expect((await ledger.evaluate(callers.dso, 'flexibility:listVoltageSupport', at)).supports).toEqual([response]);
    const track = (slot: number, label: string) =>
      ledger.submit(callers.dso, 'flexibility:trackVoltage', {
        commandId: command(label),
        supportId: response.supportId ?? '',
        slot,
      });
    expect(await codeOf(ledger, () => track(supportSlot, 'early'))).toBe('FLEX_EVENT_NOT_OVER');
    await tick(ledger, firstSlot + 1, supportSlot + 9);
    expect(await codeOf(ledger, () => track(supportSlot, 'silent'))).toBe('FLEX_VOLTAGE_UNMEASURED');
    expect(await codeOf(ledger, () => track(supportSlot + 8, 'outside'))).toBe('FLEX_EVENT_SLOT');
    const block = threeSlotsOf(meter);
    await record(ledger, 'inverter', [block]);
    // Half way up the curve 2 kvar are asked for: 500 varh in a quarter hour, all delivered, at 0.02 a kvarh.
    expect((await track(supportSlot, 'first')).response).toMatchObject({
      direction: 'absorb',
      askedVarh: '500',
      deliveredVarh: '500',
      deficiencyVarh: '0',
      rewardMicro: '10000',
    });
    const second = await track(supportSlot + 1, 'second');
    expect(second.response).toMatchObject({ askedVarh: '1000', deliveredVarh: '700', deficiencyVarh: '300' });
    expect(second.event?.facts).toMatchObject([{ type: 'VoltageSupportTracked', voltageDecivolt: '2420' }]);
    expect((await track(supportSlot + 2, 'third')).response).toMatchObject({ askedVarh: '0', deliveredVarh: '0' });
  });

  it('is refused to whom it cannot be asked of, one by one', async () => {
    const { assetId, fields, made } = await voltageScene();
    const { aggregator, ann, assetIds, rival } = made;
    const energy = await made.programme();
    await made.send(ann, 'enrol', made.enrolment(energy, [bandOf(assetIds.ann, 3_000n)]), 'energy');
    const steep = { ...curve, points: [curve.points[0], { ...curve.points[1], powerVar: '5001' }] };
    const steps = { kind: 'COMPENSATOR', steps: 1, stepVar: '1000', direction: 'absorb' };
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ programmeId: idOf('nothing') }, 'FLEX_PROGRAMME_UNKNOWN'],
      [{ prosumerId: ann.participantId }, 'FLEX_NOT_ENROLLED'],
      [{ assetId: idOf('nothing') }, 'ASSET_UNKNOWN'],
      [{ firstSlot: firstSlot + 3 }, 'FLEX_NOTICE_TOO_SHORT'],
      [{ programmeId: energy, prosumerId: ann.participantId, assetId: assetIds.ann }, 'FLEX_EVENT_DIRECTION'],
      [{ control: steps }, 'FLEX_VOLTAGE_CONTROL'],
      [{ control: steep }, 'FLEX_VOLTAGE_CURVE'],
    ];
    for (const [changes, code] of cases) {
      const refused = await made.refusal(aggregator, 'setVoltVar', { ...fields, ...changes }, code);
      expect([code, refused]).toEqual([code, code]);
    }
    expect(await made.refusal(rival, 'setVoltVar', fields)).toBe('FLEX_NOT_OWN_PROGRAMME');
    await made.send(aggregator, 'setVoltVar', fields);
    const overlapping = { ...fields, firstSlot: supportSlot + 7 };
    expect(await made.refusal(aggregator, 'setVoltVar', overlapping)).toBe('FLEX_VOLTAGE_OVERLAP');
    const after = await made.send(aggregator, 'setVoltVar', { ...fields, firstSlot: supportSlot + 8 }, 'after');
    expect(after.response).toMatchObject({ target: { assetId } });
    const wide = bandOf(assetIds.cyd, 0n, 0n, { reactiveMaxVar: '8001' });
    const { programmeId } = fields;
    await made.send(made.cyd, 'leaveProgramme', { programmeId });
    expect(await made.refusal(made.cyd, 'enrol', made.enrolment(programmeId, [wide]))).toBe('FLEX_BAND_ABOVE_RATING');
  });

  it('sets the system operator’s compensator and tap changer, in its own grid', async () => {
    const { made } = await voltageScene();
    const { ledger } = made;
    const set = (changes: JsonObject, label: string) =>
      ledger.submit(callers.dso, 'flexibility:setVoltageEquipment', {
        commandId: command(`equipment ${label}`),
        gridId: 'rural-1',
        elementId: 'bus-2',
        firstSlot: supportSlot,
        slots: 4,
        control: { kind: 'COMPENSATOR', steps: 2, stepVar: '5000', direction: 'absorb' },
        ...changes,
      });
    expect((await set({}, 'compensator')).response).toMatchObject({ bus: 'bus-2' });
    const control = { kind: 'TAP', position: 4, neutralPosition: 2, stepPpm: '25000' };
    const tap = await set({ elementId: 'transformer', control }, 'tap');
    expect(tap.response).toMatchObject({ bus: 'bus-1', target: { kind: 'equipment', elementId: 'transformer' } });
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ gridId: 'nowhere' }, 'GRID_UNKNOWN'],
      [{ meterId: idOf('nothing') }, 'METER_UNKNOWN'],
      [{ elementId: 'line-1' }, 'FLEX_VOLTAGE_ELEMENT'],
      [{ firstSlot }, 'FLEX_NOTICE_TOO_SHORT'],
      [{ control: curve }, 'FLEX_VOLTAGE_CONTROL'],
      [{}, 'FLEX_VOLTAGE_OVERLAP'],
    ];
    for (const [changes, code] of cases) {
      expect([code, await codeOf(ledger, () => set(changes, code))]).toEqual([code, code]);
    }
  });
});
