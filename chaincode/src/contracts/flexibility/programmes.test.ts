import type { JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot, idOf } from '../../testing/actors';
import { bandOf, flexRequest, programmeSlots, ProgrammeScene } from '../../testing/programme-scene';
import { codeOf } from '../../testing/refusal';

describe('a programme', () => {
  it('is created by its aggregator, read by anyone, and closed for good', async () => {
    const made = await ProgrammeScene.create();
    const { aggregator, ledger, rival } = made;
    const created = await made.send(aggregator, 'createProgramme', { terms: ProgrammeScene.terms() });
    const { programmeId } = created.response;
    expect(created.response).toMatchObject({ aggregatorId: aggregator.participantId, state: 'OPEN' });
    expect(created.event?.facts).toMatchObject([{ type: 'ProgrammeCreated', programmeId, direction: 'reduce' }]);
    const { programme } = await ledger.evaluate(callers.tso, 'flexibility:getProgramme', { programmeId: programmeId! });
    expect(programme).toEqual(created.response);
    const fields = { programmeId: programmeId! };
    expect(await made.refusal(rival, 'closeProgramme', fields)).toBe('FLEX_NOT_OWN_PROGRAMME');
    expect((await made.send(aggregator, 'closeProgramme', fields)).response).toMatchObject({ state: 'CLOSED' });
    expect(await made.refusal(aggregator, 'closeProgramme', fields)).toBe('FLEX_PROGRAMME_CLOSED');
    const enrolment = made.enrolment(String(programmeId), [bandOf(made.assetIds.ann, 3_000n)]);
    expect(await made.refusal(made.ann, 'enrol', enrolment)).toBe('FLEX_PROGRAMME_CLOSED');
  });

  it('is refused with terms that contradict themselves, one by one', async () => {
    const made = await ProgrammeScene.create();
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ gridIds: ['nowhere'] }, 'GRID_UNKNOWN'],
      [{ firstSlot: programmeSlots.lastSlot + 1 }, 'FLEX_PERIOD'],
      [{ windows: [{ weekdays: [1], fromQuarter: 70, toQuarter: 70 }] }, 'FLEX_PERIOD'],
      [{ gridIds: ['rural-1', 'rural-1'] }, 'FLEX_TERMS'],
      [{ direction: 'shift' }, 'FLEX_TERMS'],
      [{ shiftTolerancePpm: '100000' }, 'FLEX_TERMS'],
      [{ reboundSlots: 4 }, 'FLEX_TERMS'],
      [{ direction: 'sideways' }, 'INPUT_FIELD_INVALID'],
    ];
    for (const [changes, code] of cases) {
      const fields = { terms: ProgrammeScene.terms(changes) };
      expect([changes, await made.refusal(made.aggregator, 'createProgramme', fields)]).toEqual([changes, code]);
    }
    const fields = { terms: ProgrammeScene.terms() };
    const byProsumer = flexRequest(made.ann, 'createProgramme', fields, 'prosumer');
    const { ledger } = made;
    const send = (caller: (typeof callers)['aggregator' | 'community'], request: JsonObject) =>
      codeOf(ledger, () => ledger.submit(caller, 'flexibility:createProgramme', request));
    expect(await send(callers.aggregator, byProsumer)).toBe('FLEX_ROLE_MISMATCH');
    const good = flexRequest(made.aggregator, 'createProgramme', fields, 'good');
    expect(await send(callers.community, good)).toBe('ACCESS_ROLE_REFUSED');
    expect(await send(callers.aggregator, { ...good, terms: ProgrammeScene.terms({ noticeSlots: 5 }) })).toBe(
      'SIGNATURE_INVALID',
    );
  });
});

describe('an enrolment', () => {
  it('is signed by the prosumer and says what its assets can do', async () => {
    const made = await ProgrammeScene.create();
    const programmeId = await made.programme();
    const fields = made.enrolment(programmeId, [bandOf(made.assetIds.ann, 3_000n)]);
    const { event, response } = await made.send(made.ann, 'enrol', fields);
    expect(response).toMatchObject({
      aggregatorId: made.aggregator.participantId,
      gridId: 'rural-1',
      assets: [{ assetId: made.assetIds.ann, kind: 'heat-pump', bus: 'bus-2', reduceMaxW: '3000' }],
      state: 'ACTIVE',
    });
    expect(event?.facts).toMatchObject([{ type: 'Enrolled', assetIds: [made.assetIds.ann] }]);
    const { rows } = await made.ledger.evaluate(callers.dso, 'flexibility:listEnrolments', { programmeId });
    expect(rows).toEqual([response]);
    expect(await made.refusal(made.ann, 'enrol', fields)).toBe('FLEX_ENROLLED');
    const forged = { ...flexRequest(made.bob, 'enrol', fields, 'forged'), participantId: made.cyd.participantId };
    const forging = () => made.ledger.submit(callers.aggregator, 'flexibility:enrol', forged);
    expect(await codeOf(made.ledger, forging)).toBe('SIGNATURE_INVALID');
  });

  it('keeps an asset with one aggregator at a time (B40), until its owner has left', async () => {
    const made = await ProgrammeScene.create();
    const first = await made.programme();
    const second = await made.programme({ name: 'Noon', direction: 'increase' });
    const rivals = await made.programme({ name: 'Rival' }, made.rival);
    const assets = [bandOf(made.assetIds.bob, 5_000n, 5_000n)];
    await made.send(made.bob, 'enrol', made.enrolment(first, assets));
    expect(await made.refusal(made.bob, 'enrol', made.enrolment(rivals, assets))).toBe('FLEX_ASSET_ENROLLED');
    await made.send(made.bob, 'enrol', made.enrolment(second, assets), 'second');
    await made.send(made.bob, 'leaveProgramme', { programmeId: first });
    expect(await made.refusal(made.bob, 'enrol', made.enrolment(rivals, assets), 'still')).toBe('FLEX_ASSET_ENROLLED');
    const left = await made.send(made.bob, 'leaveProgramme', { programmeId: second }, 'second');
    expect(left.response).toMatchObject({ state: 'LEFT' });
    expect(await made.refusal(made.bob, 'leaveProgramme', { programmeId: second })).toBe('FLEX_NOT_ENROLLED');
    const moved = await made.send(made.bob, 'enrol', made.enrolment(rivals, assets), 'rival');
    expect(moved.response).toMatchObject({ aggregatorId: made.rival.participantId, state: 'ACTIVE' });
    expect(await made.refusal(made.bob, 'enrol', made.enrolment(first, assets), 'back')).toBe('FLEX_ASSET_ENROLLED');
  });

  it('is refused for assets that are not the prosumer’s to offer, one by one', async () => {
    const made = await ProgrammeScene.create();
    const programmeId = await made.programme();
    const { ann, bob } = made.assetIds;
    const meterless = idOf<typeof ann>('asset on paper');
    const onPaper = { assetId: meterless, participantId: made.ann.participantId, kind: 'load', ratedPowerW: '1' };
    const register = {
      commandId: command('on paper'),
      assets: [{ ...onPaper, gridId: 'rural-1', bus: 'bus-2', phases: 1 }],
    };
    await made.ledger.submit(callers.aggregator, 'registry:registerAssets', register);
    const elsewhere = await made.ledger.evaluate(callers.tso, 'registry:getGrid', { gridId: 'rural-1' });
    const gridTwo = { commandId: command('grid two'), ...elsewhere, gridId: 'rural-2' };
    await made.ledger.submit(callers.dso, 'registry:registerGrid', gridTwo);
    const away = idOf<typeof ann>('asset elsewhere');
    const entry = { assetId: away, participantId: made.ann.participantId, kind: 'load', ratedPowerW: '900' };
    await made.registerAssets([entry], { gridId: 'rural-2' });
    const comfort = {
      eventsPerDayMax: 1,
      slotsPerDayMax: 4,
      indoorMinimumDecikelvin: 2_950,
      indoorMaximumDecikelvin: 2_930,
    };
    const cases: readonly (readonly [readonly JsonObject[], string, JsonObject?])[] = [
      [[bandOf(idOf('nothing'), 1n)], 'ASSET_UNKNOWN'],
      [[bandOf(meterless, 1n)], 'ASSET_NOT_COMMISSIONED'],
      [[bandOf(ann, 3_000n), bandOf(ann, 3_000n)], 'FLEX_ASSET_TWICE'],
      [[bandOf(bob, 3_000n)], 'FLEX_ASSET_NOT_OWN'],
      [[bandOf(away, 900n)], 'FLEX_ASSET_ELSEWHERE'],
      [[bandOf(ann, 3_000n), bandOf(away, 900n)], 'FLEX_ASSET_ELSEWHERE'],
      [[bandOf(ann, 6_001n)], 'FLEX_BAND_ABOVE_RATING'],
      [[bandOf(ann, 0n, 3_000n)], 'FLEX_BAND_DIRECTION'],
      [[bandOf(ann, 3_000n, 0n, { noticeSlots: 5 })], 'FLEX_BAND_NOTICE'],
      [[bandOf(ann, 3_000n)], 'FLEX_COMFORT', { comfort }],
      [[], 'INPUT_FIELD_INVALID'],
    ];
    for (const [assets, code, changes = {}] of cases) {
      const fields = made.enrolment(programmeId, assets, changes);
      expect([code, await made.refusal(made.ann, 'enrol', fields)]).toEqual([code, code]);
    }
    const unknown = made.enrolment(idOf('no programme'), [bandOf(ann, 3_000n)]);
    expect(await made.refusal(made.ann, 'enrol', unknown)).toBe('FLEX_PROGRAMME_UNKNOWN');
    const byAggregator = made.enrolment(programmeId, [bandOf(ann, 3_000n)]);
    expect(await made.refusal(made.rival, 'enrol', byAggregator)).toBe('FLEX_NOT_PROSUMER');
  });

  it('may go up to twice the rating for a storage, which turns from charging to discharging', async () => {
    const made = await ProgrammeScene.create();
    const programmeId = await made.programme();
    const { bob } = made.assetIds;
    const tooWide = made.enrolment(programmeId, [bandOf(bob, 10_001n)]);
    expect(await made.refusal(made.bob, 'enrol', tooWide)).toBe('FLEX_BAND_ABOVE_RATING');
    const widest = made.enrolment(programmeId, [bandOf(bob, 10_000n)]);
    expect((await made.send(made.bob, 'enrol', widest, 'widest')).response).toMatchObject({ state: 'ACTIVE' });
  });

  it('says when its prosumer cannot be called, and can say otherwise later', async () => {
    const made = await ProgrammeScene.create();
    const programmeId = await made.programme();
    const unavailable = [{ fromSlot: firstSlot + 30, toSlot: firstSlot + 40 }];
    const fields = { programmeId, unavailable };
    expect(await made.refusal(made.ann, 'setAvailability', fields)).toBe('FLEX_NOT_ENROLLED');
    await made.send(made.ann, 'enrol', made.enrolment(programmeId, [bandOf(made.assetIds.ann, 3_000n)]));
    expect((await made.send(made.ann, 'setAvailability', fields)).response).toMatchObject({ unavailable });
    const turned = { programmeId, unavailable: [{ fromSlot: firstSlot + 40, toSlot: firstSlot + 30 }] };
    expect(await made.refusal(made.ann, 'setAvailability', turned)).toBe('FLEX_PERIOD');
    const free = await made.send(made.ann, 'setAvailability', { programmeId, unavailable: [] }, 'free');
    expect(free.response).not.toHaveProperty('unavailable');
  });
});
