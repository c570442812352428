import { exampleFlexibilityRules, type JsonObject } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { header } from '../../testing/flex-scene';
import { codeOf } from '../../testing/refusal';
import { measuredSlot, nextSlot, setPoints, Street } from '../../testing/street-scene';

const increase = { disposition: 'requested', direction: 'increase', minW: '20000', maxW: '40000' };

describe('the system operator', () => {
  it('limits connections by the rule once the feeder meter shows too much, for the next slots and no longer', async () => {
    const street = await Street.create([10_000n, 10_000n, 5_000n]);
    const { ann, cyd } = street.scene;
    const limitation = await street.limit(street.asked(100_000n));
    expect(limitation).toMatchObject({ connections: 3, elementLimitW: '90000', unresolvedW: '0' });
    // 90 of 100 kW are left to each; what was above it for half an hour is written down.
    expect(await street.limitsAt(ann.participantId, nextSlot)).toEqual(['export 36000 2000']);
    expect(await street.limitsAt(cyd.participantId, nextSlot + 1)).toEqual(['export 18000 1000']);
    expect(await street.limitsAt(cyd.participantId, nextSlot + 2)).toEqual([]);
    expect(await street.limitsAt(cyd.participantId, nextSlot - 1)).toEqual([]);
  });

  it('says to each participant what was measured, what the limit is and how it is shared', async () => {
    const street = await Street.create([10_000n, 10_000n, 5_000n]);
    await street.limit(street.asked(100_000n));
    const { participantId } = street.scene.ann;
    const request = { participantId, slot: nextSlot };
    const answer = await street.scene.ledger.evaluate(callers.community, 'market:getSetPoints', request);
    expect((answer.setPoints as { explanation: string[] }[])[0]?.explanation).toEqual([
      `Element line-1 carried 100000 W (export) in slot ${measuredSlot}; its limit is 90000 W.`,
      `Measured by meter ${street.feeder.meterId}.`,
      'From 950000 ppm of a limit on, the connections behind it share the limit in proportion to what flows now.',
      'This connection had 40000 W; line-1 leaves it 36000 W.',
    ]);
  });

  it('leaves only the floor to a connection that shows nothing, and counts flow that no meter explains', async () => {
    const street = await Street.create([10_000n, 8_000n]);
    const source = { kind: 'stated', source: 'SCADA of the substation' };
    await street.limit(street.asked(108_000n, { source }));
    const { ann, bob, cyd } = street.scene;
    // 36 of the 108 kW are nobody's: 54 of the 72 kW are left.
    expect(await street.limitsAt(ann.participantId, nextSlot)).toEqual(['export 30000 5000']);
    expect(await street.limitsAt(bob.participantId, nextSlot)).toEqual(['export 24000 4000']);
    expect(await street.limitsAt(cyd.participantId, nextSlot)).toEqual(['export 0 0']);
  });

  it('limits again where it was not enough, of which the lowest limit holds, and lifts what is not needed any more', async () => {
    const street = await Street.create([10_000n, 10_000n, 5_000n]);
    const { ann, ledger } = street.scene;
    await street.limit(street.asked(100_000n));
    const source = { kind: 'stated', source: 'SCADA of the substation' };
    const second = await street.limit(street.asked(110_000n, { source, slots: 4 }), 'second');
    expect(await street.limitsAt(ann.participantId, nextSlot)).toEqual(['export 32000 8000']);
    const lift = (fromSlot: number, limitationId: string, label: string) => {
      const request = { commandId: command(`lift ${label}`), limitationId, fromSlot };
      return ledger.submit(callers.dso, 'market:liftLimits', request);
    };
    await lift(nextSlot + 1, String(second.limitationId), 'second');
    expect(await street.limitsAt(ann.participantId, nextSlot)).toEqual(['export 32000 8000']);
    expect(await street.limitsAt(ann.participantId, nextSlot + 1)).toEqual(['export 36000 2000']);
    expect(await street.limitsAt(ann.participantId, nextSlot + 2)).toEqual([]);
    const refused = (fromSlot: number, limitationId: string) =>
      codeOf(ledger, () => lift(fromSlot, limitationId, 'again'));
    expect(await refused(nextSlot - 1, String(second.limitationId))).toBe('MARKET_LIMIT_SLOT_BEGUN');
    expect(await refused(nextSlot, command('never'))).toBe('MARKET_LIMITATION_UNKNOWN');
    expect(await refused(nextSlot + 1, String(second.limitationId))).toBe('MARKET_LIMITATION_LIFTED');
    expect(await refused(nextSlot + 2, command('limit first'))).toBe('MARKET_LIMITATION_LIFTED');
  });
});

describe('an orange congestion point', () => {
  const fromSlot = nextSlot + 2;
  const periodSlot = nextSlot - 37;
  const orange = { congestionPointId: 'transformer', periodSlot };

  /** A street whose transformer would carry 180 kW, by a request that nobody has answered. */
  async function orangeStreet(): Promise<Street> {
    const street = await Street.create([4_000n, 4_000n, 2_000n], { setPoints, flexibility: exampleFlexibilityRules });
    const { ledger } = street.scene;
    const { response } = await ledger.submit(callers.dso, 'flexibility:requestFlexibility', {
      commandId: command('request'),
      ...header,
      periodSlot,
      revision: 1,
      isps: [{ ...increase, startSlot: fromSlot, slots: 2 }],
      answerBySlot: nextSlot + 1,
    });
    const { requestId = '' } = response;
    const request = { commandId: command('end'), requestId, state: 'CLOSED' };
    await ledger.submit(callers.dso, 'flexibility:endFlexRequest', request);
    await ledger.submit(callers.dso, 'flexibility:declareOrange', { commandId: command('orange'), requestId });
    return street;
  }

  it('has its connections limited before the flow is near the limit, and the limitation names the declaration', async () => {
    const street = await orangeStreet();
    const source = { kind: 'stated', source: 'SCADA' };
    const asked = street.asked(40_000n, { elementId: 'transformer', fromSlot, source });
    expect(await street.refusal(asked)).toBe('MARKET_LIMIT_NOT_NEEDED');
    const limitation = await street.limit({ ...asked, orange });
    expect(limitation).toMatchObject({ orange, expectedW: '180000', measuredW: '40000', connections: 3 });
    const { participantId } = street.scene.ann;
    const request = { participantId, slot: fromSlot };
    const answer = await street.scene.ledger.evaluate(callers.community, 'market:getSetPoints', request);
    const [row] = answer.setPoints as { setPoint: JsonObject; explanation: string[] }[];
    // 16 of 40 kW would grow to 72 of 180 kW, but the connection carries 30 kW.
    expect(row?.setPoint).toMatchObject({ presentW: '16000', possible: { powerW: '30000', expectedW: '180000' } });
    expect(row?.explanation).toContain(
      'Offers do not suffice at transformer: 180000 W are expected, so the connections behind it share the limit ' +
        'in proportion to what flows now.',
    );
  });

  it('is no reason for limits of another element, direction, day or quarter hour', async () => {
    const street = await orangeStreet();
    const source = { kind: 'stated', source: 'SCADA' };
    const asked = { ...street.asked(40_000n, { elementId: 'transformer', fromSlot, source }), orange };
    const others: readonly JsonObject[] = [
      { elementId: 'line-1' },
      { direction: 'import' },
      { fromSlot: fromSlot - 1 },
      { slots: 3 },
      { orange: { ...orange, periodSlot: periodSlot + 96 } },
      { orange: { ...orange, congestionPointId: 'line-1' } },
    ];
    for (const changes of others) {
      expect(await street.refusal({ ...asked, ...changes })).toBe('MARKET_NOT_ORANGE');
    }
  });
});

describe('limits of connections', () => {
  it('are refused without need, without a measurement that fits, and out of time', async () => {
    const street = await Street.create([10_000n, 10_000n, 5_000n]);
    const stated = (measuredW: bigint, changes: JsonObject = {}) =>
      street.asked(measuredW, { source: { kind: 'stated', source: 'SCADA' }, ...changes });
    const home = street.scene.meters.ann.meterId;
    const of = (meterId: string) => street.asked(100_000n, { source: { kind: 'feeder-meter', meterId } });
    expect(await street.refusal(stated(100_000n, { gridId: 'none' }))).toBe('GRID_UNKNOWN');
    expect(await street.refusal(of(command('none')))).toBe('METER_UNKNOWN');
    expect(await street.refusal(of(home))).toBe('METER_NOT_A_FEEDER');
    expect(await street.refusal(stated(100_000n, { elementId: 'line-9' }))).toBe('MARKET_ELEMENT_UNKNOWN');
    expect(await street.refusal(stated(100_000n, { fromSlot: nextSlot - 1 }))).toBe('MARKET_LIMIT_SLOT_BEGUN');
    expect(await street.refusal(stated(100_000n, { measuredSlot: nextSlot }))).toBe('MARKET_MEASUREMENT_STALE');
    expect(await street.refusal(stated(100_000n, { measuredSlot: nextSlot - 6 }))).toBe('MARKET_MEASUREMENT_STALE');
    expect(await street.refusal(street.asked(100_001n))).toBe('MARKET_MEASUREMENT_DIFFERS');
    expect(await street.refusal(street.asked(100_000n, { elementId: 'transformer' }))).toBe(
      'MARKET_MEASUREMENT_DIFFERS',
    );
    expect(await street.refusal(stated(85_499n))).toBe('MARKET_LIMIT_NOT_NEEDED');
    expect(await street.refusal(stated(85_500n))).toBe('ACCEPTED');
    expect(await street.refusal(stated(100_000n, { direction: 'import' }))).toBe('MARKET_LIMIT_NOT_NEEDED');
  });

  it('are refused where the rule set does not know them, and where the caller expects others', async () => {
    const street = await Street.create([10_000n, 10_000n, 5_000n]);
    const asked = street.asked(100_000n);
    const { limitsDigest = '' } = await street.compute(asked);
    const submit = (changes: JsonObject, caller: (typeof callers)['dso' | 'market'] = callers.dso) => {
      const request = { commandId: command('limit'), ...asked, limitsDigest, ...changes };
      const { ledger } = street.scene;
      return codeOf(ledger, () => ledger.submit(caller, 'market:limitConnections', request));
    };
    expect(
      await submit({
        slots: 3,
        limitsDigest: String(limitsDigest).replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      }),
    ).toBe('MARKET_LIMITS_DIFFER');
    expect(await submit({}, callers.market)).toBe('ACCESS_ROLE_REFUSED');
    const without = await Street.create([10_000n, 10_000n, 5_000n], {});
    expect(await without.refusal(without.asked(100_000n))).toBe('MARKET_SET_POINTS_OFF');
  });
});
