import { assert, InvariantError, present, unreachable } from './assert';
import { demand, errorRegistry, errorRow, RuleError } from './errors';
import { factsEventBytes, factsEventCodec, factTypes, type Fact } from './facts';
import { exampleCommandId } from './api/examples';
import { parseJsonBytes } from './canonical';
import { array, integer, object } from './decode';
import type { CommandId } from './ids';
import { rowCodec } from './row';

describe('the registry of codes', () => {
  it('has every code once, in the form AREA_WHAT, with a sentence', () => {
    const codes = errorRegistry.map((row) => row.code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, meaning } of errorRegistry) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z0-9]+)+$/);
      expect(meaning).toMatch(/^[A-Z].*[^.]\.$/);
    }
  });

  it('begins with what is checked before any rule', () => {
    expect(errorRegistry[0].code).toBe('CALL_FUNCTION_UNKNOWN');
    expect(errorRow('INVARIANT_BROKEN')?.whoFixes).toBe('developer');
    expect(errorRow('NO_SUCH_CODE')).toBeUndefined();
  });
});

describe('a refusal', () => {
  it('is the whole record in its message', () => {
    const error = new RuleError('CLOCK_AHEAD', { toSlot: 5, a: 'x' });
    expect(error.message).toBe(
      'CLOCK_AHEAD: The clock may not run ahead of the time of the transaction. {"a":"x","toSlot":5}',
    );
    expect(() => demand(false, 'CLOCK_RANGE')).toThrow(RuleError);
    expect(() => demand(true, 'CLOCK_RANGE')).not.toThrow();
  });

  it('is something else than our own mistake', () => {
    expect(() => assert(false, 'The world is round.')).toThrow(new InvariantError('The world is round.'));
    expect(new InvariantError('The world is round.').message).toBe('INVARIANT_BROKEN: The world is round. {}');
    expect(() => present(undefined, 'There is a value.')).toThrow(InvariantError);
    expect(() => unreachable('x' as never)).toThrow(InvariantError);
  });
});

describe('the event', () => {
  const made = { contract: 'registry', transaction: 'tick', commandId: exampleCommandId as CommandId, ruleSet: 1 };

  it('carries the facts in order', () => {
    const facts: Fact[] = [{ type: 'ClockTicked', fromSlot: 1, toSlot: 2 }];
    expect(factsEventCodec.decode(parseJsonBytes(factsEventBytes({ ...made, facts })), '')).toEqual({
      v: 1,
      ...made,
      facts,
    });
  });

  it('that would be too long carries a count and a digest for each type', () => {
    const many: Fact[] = Array.from({ length: 2_000 }, (_, fromSlot) => ({
      type: 'ClockTicked',
      fromSlot,
      note: 'x'.repeat(30),
    }));
    const bytes = factsEventBytes({ ...made, facts: [...many, { type: 'GapRecorded' }] });
    const event = factsEventCodec.decode(parseJsonBytes(bytes), '');
    expect(bytes.length).toBeLessThan(1_000);
    expect(event.facts).toEqual([
      { type: 'ClockTicked', count: 2_000, digest: expect.stringMatching(/^.{43}$/) as string },
      { type: 'GapRecorded', count: 1, digest: expect.stringMatching(/^.{43}$/) as string },
    ]);
    expect(factTypes).toContain('ClockTicked');
  });
});

describe('a row', () => {
  const codec = rowCodec(object({ values: array(integer(0, 9), 3) }));

  it('begins with its format and is read in a known format only', () => {
    expect(codec.encode({ values: [1] })).toEqual({ v: 1, values: [1] });
    expect(codec.decode({ v: 1, values: [1] })).toEqual({ values: [1] });
    expect(() => codec.decode({ v: 2, values: [1] })).toThrow(InvariantError);
    expect(() => codec.decode({ values: [1] })).toThrow(InvariantError);
  });
});
