import { exampleGrid } from '../api/examples';
import type { Regime } from '../flexibility/regime/rows';
import { gridCodec } from '../registry/types';
import { slot } from '../time';
import { w } from '../units';
import { expectedInOrange, possibleInOrange } from './orange';
import type { LimitationAsked, PossiblePower } from './rows';

const grid = gridCodec.decode(exampleGrid, '');
const transformer = { elementId: 'transformer', grid, limitW: 160_000n };
const first = slot(1_626_100);
const periodSlot = slot(1_626_040);

const regime: Regime = {
  gridId: 'rural-1',
  congestionPointId: 'transformer',
  periodSlot,
  periodIsps: 96,
  regime: 'ORANGE',
  requestIds: [],
  shortfalls: [30_000n, 50_000n, 20_000n].map((coveredW, index) => ({
    // The third of four slots does not fall short.
    slot: slot(first + (index === 2 ? 3 : index)),
    direction: 'increase',
    requestedW: w(70_000n),
    coveredW: w(coveredW),
  })),
};

const asked: LimitationAsked = {
  gridId: 'rural-1',
  elementId: 'transformer',
  direction: 'export',
  fromSlot: first,
  slots: 2,
  measuredSlot: slot(first - 2),
  measuredW: w(120_000n),
  source: { kind: 'stated', source: 'SCADA' },
  orange: { congestionPointId: 'transformer', periodSlot },
};

const refused = expect.objectContaining({ code: 'MARKET_NOT_ORANGE' });

describe('the flow that limits in orange are for', () => {
  it('is the limit and what is missing above it in the worst of the asked slots', () => {
    expect(expectedInOrange(asked, transformer, regime)).toBe(200_000n);
    expect(expectedInOrange({ ...asked, slots: 4 }, transformer, regime)).toBe(210_000n);
    expect(expectedInOrange({ ...asked, fromSlot: slot(first + 1), slots: 1 }, transformer, regime)).toBe(180_000n);
    expect(expectedInOrange({ ...asked, fromSlot: slot(first + 2), slots: 1 }, transformer, regime)).toBe(160_000n);
  });

  it('is nothing where limits follow from a measurement alone', () => {
    const { orange: _orange, ...measured } = asked;
    expect(expectedInOrange(measured, transformer, undefined)).toBeUndefined();
  });

  it.each<[string, Partial<LimitationAsked>, Regime | undefined]>([
    ['there is no declaration', {}, undefined],
    ['the regime is yellow', {}, { ...regime, regime: 'YELLOW' }],
    ['a slot comes after the last that falls short', { slots: 5 }, regime],
    ['a slot comes before the first', { fromSlot: slot(first - 1) }, regime],
    ['less import would be wanted', { direction: 'import' }, regime],
    ['the grid has no such point', { orange: { congestionPointId: 'line-1', periodSlot } }, regime],
  ])('does not exist where %s', (_why, changes, declared) => {
    expect(() => expectedInOrange({ ...asked, ...changes }, transformer, declared)).toThrow(refused);
  });
});

describe('what a connection could have in orange', () => {
  const possible = (presentW: bigint, before?: PossiblePower, expectedW = 180_000n) =>
    possibleInOrange(asked, w(expectedW), { presentW, sizeW: 40_000n, before });

  it('grows with the flow of the element from the measured to the expected one, up to its size', () => {
    expect(possible(10_000n)).toEqual({ powerW: 15_000n, sinceSlot: first, expectedW: 180_000n });
    expect(possible(10_001n)?.powerW).toBe(15_001n);
    expect(possible(30_000n)?.powerW).toBe(40_000n);
    expect(possible(50_000n)).toBeUndefined();
    expect(possible(10_000n, undefined, 120_000n)).toBeUndefined();
  });

  it('follows what is expected from limit to limit, and not what an earlier limit let through', () => {
    const before = { powerW: w(20_000n), sinceSlot: slot(first - 4), expectedW: w(200_000n) };
    expect(possible(12_000n, before)).toEqual({ powerW: 18_000n, sinceSlot: before.sinceSlot, expectedW: 180_000n });
    const { expectedW: _expected, ...measured } = before;
    expect(possible(12_000n, measured)?.powerW).toBe(20_000n);
  });
});
