import { testSession } from '../testing/session-fixture';
import { slot } from '../time';
import type { Session } from './rows';
import { sessionPhase } from './session-phase';

// The session of the tests: gate at 900, publishing until 920, two hours from 1,000.
const planned: Session = { ...testSession, gateOpenSlot: slot(800) };

describe('the phase of a session', () => {
  it.each<[string, Session['state'], number | undefined, boolean]>([
    ['PLANNED', 'OPEN', undefined, false],
    ['PLANNED', 'OPEN', 799, false],
    ['OPEN', 'OPEN', 800, false],
    ['OPEN', 'OPEN', 899, false],
    ['GATE_CLOSED', 'OPEN', 900, false],
    ['CLOSED', 'CLOSED', 900, false],
    ['CLOSED', 'CLOSED', 1_100, false],
    ['CLEARED', 'CLEARED', 950, false],
    ['APPLIED', 'APPLIED', 999, false],
    ['DELIVERY', 'APPLIED', 1_000, false],
    ['DELIVERY', 'APPLIED', 1_007, true],
    ['DELIVERED', 'APPLIED', 1_008, false],
    ['SETTLED', 'APPLIED', 1_008, true],
  ])('is %s where it is %s and slot %s has begun (settled: %s)', (phase, state, last, isSettled) => {
    const lastSlot = last === undefined ? undefined : slot(last);
    expect(sessionPhase({ ...planned, state }, lastSlot, isSettled)).toBe(phase);
  });

  it('is OPEN from the start where its gate opens at no slot', () => {
    expect(sessionPhase(testSession, undefined, false)).toBe('OPEN');
  });
});
