import fc from 'fast-check';
import type { ParticipantId, ProgrammeId } from '../../ids';
import { sum } from '../../math';
import { idOf } from '../../testing/session-fixture';
import { slot } from '../../time';
import { ppm, wh } from '../../units';
import type { FlexEvent } from '../event/rows';
import type { FlexOrderId } from '../ids';
import { completeEvent, isPaid } from './complete';
import type { Performance } from './rows';
import { trackPortfolio, trackSlot, type MeterTotal } from './track';

const seed = 20_260_522;
const numRuns = Number(process.env.PROPERTY_RUNS ?? '500');
const orderId = idOf<FlexOrderId>('order');

/** An event of 500 Wh less in each of two quarter hours. */
function eventOf(name: string, changes: Partial<FlexEvent> = {}): FlexEvent {
  const isps = [1_000, 1_001].map((at) => ({ slot: slot(at), direction: 'reduce' as const, energyWh: wh(500n) }));
  return {
    eventId: idOf(`event ${name}`),
    orderId,
    revision: 1,
    programmeId: idOf<ProgrammeId>('programme'),
    aggregatorId: idOf<ParticipantId>('aggregator'),
    participantId: idOf<ParticipantId>(name),
    gridId: 'rural-1',
    assets: [{ assetId: idOf('asset'), isps }],
    meterIds: [idOf('meter')],
    firstSlot: slot(1_000),
    lastSlot: slot(1_001),
    state: 'OPTED_IN',
    isBound: true,
    ...changes,
  };
}

const measured = (importWh: bigint, exportWh = 0n): MeterTotal => ({ importWh, exportWh, quality: 'OK' });

function track(event: FlexEvent, at: number, totals: readonly MeterTotal[], baselineWh = 2_000n): Performance {
  return trackSlot({ event, slot: slot(at), totals, baselineWh, tolerancePpm: ppm(100_000n) });
}

describe('a slot of an event', () => {
  it('is measured by all meters of the prosumer together', () => {
    const line = track(eventOf('ann'), 1_000, [measured(1_900n), measured(0n, 300n)]);
    expect(line).toMatchObject({ measurement: 'MEASURED', actual: { importWh: 1_600n, exportWh: 0n } });
    expect(line).toMatchObject({ deliveredWh: 400n, deficiencyWh: 100n, isDeviation: true });
    expect(track(eventOf('ann'), 1_000, [measured(1_550n)])).toMatchObject({ deficiencyWh: 50n, isDeviation: false });
  });

  it('counts as nothing delivered where a meter is silent or a reading is flagged, whatever it says (B43)', () => {
    const cases = [
      [[], 'SILENT'],
      [[measured(0n), { importWh: 0n, exportWh: 0n, quality: 'MISSING' }], 'SILENT'],
      [[{ importWh: 1_000n, exportWh: 0n, quality: 'ESTIMATED' }], 'FLAGGED'],
      [[measured(0n), { importWh: 0n, exportWh: 0n, quality: 'BAD' }], 'FLAGGED'],
    ] as const;
    for (const [totals, measurement] of cases) {
      const line = track(eventOf('ann'), 1_000, totals);
      expect(line).toMatchObject({ measurement, deliveredWh: 0n, deficiencyWh: 500n, isDeviation: true });
    }
  });

  it('has to be one in which something is ordered', () => {
    expect(() => track(eventOf('ann'), 1_002, [measured(0n)])).toThrow('FLEX_EVENT_SLOT');
  });
});

describe('a portfolio', () => {
  const ordered = { orderId, slot: slot(1_000), direction: 'reduce', orderedWh: wh(1_000n) } as const;

  it('is judged as one: help beyond a part makes up for a deficiency', () => {
    const lines = [track(eventOf('ann'), 1_000, [measured(1_200n)]), track(eventOf('bob'), 1_000, [measured(1_800n)])];
    expect(trackPortfolio(ordered, lines)).toMatchObject({ deliveredWh: 1_000n, deficiencyWh: 0n, prosumers: 2 });
    expect(lines.map(({ deliveredWh }) => deliveredWh)).toEqual([500n, 200n]);
  });

  it('leaves out who is not measured, which harms nobody else', () => {
    const lines = [track(eventOf('ann'), 1_000, [measured(1_500n)]), track(eventOf('bob'), 1_000, [])];
    const portfolio = trackPortfolio(ordered, lines);
    expect(portfolio).toMatchObject({ deliveredWh: 500n, deficiencyWh: 500n });
    expect(portfolio.unmeasured).toEqual([idOf('bob')]);
  });

  it('never has more delivered than its prosumers have beside what they did beyond', () => {
    const readings = fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 4_000n }), fc.boolean()), { maxLength: 12 });
    const holds = fc.property(readings, (values) => {
      const lines = values.map(([importWh, isSilent], index) =>
        track(eventOf(`prosumer ${index}`), 1_000, isSilent ? [] : [measured(importWh)]),
      );
      const portfolio = trackPortfolio(ordered, lines);
      const own = sum(lines.map(({ beyondWh, deliveredWh }) => beyondWh + deliveredWh));
      expect(portfolio.deliveredWh <= own).toBe(true);
      expect(portfolio.deliveredWh <= ordered.orderedWh).toBe(true);
    });
    fc.assert(holds, { numRuns, seed });
  });
});

describe('a completed event', () => {
  const complete = (event: FlexEvent, readings: readonly (readonly MeterTotal[])[], isWindowGamed = false) =>
    completeEvent(event, {
      lines: readings.map((totals, index) => track(event, 1_000 + index, totals)),
      rebound: [{ slot: slot(1_002), baselineWh: 2_000n, totals: [measured(2_250n)] }],
      isWindowGamed,
    });

  it('sums up its slots and what came back after it', () => {
    const { result, state } = complete(eventOf('ann'), [[measured(1_600n)], [measured(1_400n)]]);
    expect(state).toBe('COMPLETED');
    expect(result).toEqual({
      orderedWh: 1_000n,
      deliveredWh: 900n,
      deficiencyWh: 100n,
      reboundWh: 250n,
      unmeasuredSlots: 0,
      flags: [],
      version: 1,
    });
  });

  it('says what spoils it, and is not paid where the baseline was made up (B42)', () => {
    const idle = complete(eventOf('ann'), [[measured(2_000n)], [measured(2_400n)]]);
    expect(idle.result?.flags).toEqual(['DID_NOTHING']);
    const silent = complete(eventOf('ann'), [[measured(1_500n)], []]);
    expect(silent.result).toMatchObject({ flags: ['SILENT_METER'], unmeasuredSlots: 1, deliveredWh: 500n });
    const gamed = complete(eventOf('ann', { daysInflated: true }), [[measured(1_500n)], [measured(1_500n)]], true);
    expect(gamed.result).toMatchObject({ flags: ['WINDOW_GAMED', 'DAYS_INFLATED'], deliveredWh: 1_000n });
    expect([idle, silent, gamed].map(({ result }) => isPaid(result!))).toEqual([true, true, false]);
  });

  it('may be completed again when readings came late', () => {
    const first = complete(eventOf('ann'), [[measured(1_500n)], []]);
    const second = complete(first, [[measured(1_500n)], [measured(1_500n)]]);
    expect(second.result).toMatchObject({ deliveredWh: 1_000n, flags: [], version: 2 });
  });

  it('is refused where nobody was expected to deliver, and not for one who was bound and failed', () => {
    const readings = [[measured(1_500n)], [measured(1_500n)]];
    for (const state of ['OPTED_OUT', 'FAILED', 'CANCELLED'] as const) {
      const { isBound: _bound, ...event } = eventOf('ann', { state });
      expect(() => complete(event, readings)).toThrow('FLEX_EVENT_CLOSED');
    }
    expect(complete(eventOf('ann', { state: 'FAILED' }), readings).state).toBe('COMPLETED');
  });
});
