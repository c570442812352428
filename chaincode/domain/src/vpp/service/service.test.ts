import { powerPaymentMicro } from './payment';
import { droopPower } from './droop';
import { compensationMilliVar, inverterReactiveVar, reactiveMilliVar } from './power-factor';

describe('payments of balancing services', () => {
  it('pay 600 for 10 MW kept ready for four hours at 15 per MW and hour, and 490 for 7 MWh at 70', () => {
    expect(powerPaymentMicro(10_000_000n, 16, 15_000n)).toBe(600_000_000n);
    expect(powerPaymentMicro(7_000_000n, 4, 70_000n)).toBe(490_000_000n);
  });

  it('are rounded down', () => {
    expect(powerPaymentMicro(1_999n, 1, 2n)).toBe(0n);
    expect(powerPaymentMicro(2_000n, 1, 2n)).toBe(1n);
  });
});

describe('frequency containment', () => {
  it.each([
    [-200n, 'up', 1_000_000n],
    [-100n, 'up', 500_000n],
    [50n, 'down', 250_000n],
    [-300n, 'up', 1_000_000n],
    [0n, 'down', 0n],
  ])('of 1 MW gives at %d mHz %s %d W', (deviation, direction, powerW) => {
    expect(droopPower(1_000_000n, deviation)).toEqual({ direction, powerW });
  });
});

describe('power factors', () => {
  it.each([
    [100_000n, 950_000n, 32_868_411n],
    [100_000n, 900_000n, 48_432_210n],
    [100_000n, 1_000_000n, 0n],
    [1n, 707_107n, 1_000n],
  ])('of %d W at %d ppm need %d thousandths of a var', (powerW, powerFactorPpm, expected) => {
    expect(reactiveMilliVar(powerW, powerFactorPpm)).toBe(expected);
  });

  it('are reached by compensating what is beyond them, and nothing where they are better', () => {
    expect(compensationMilliVar(80_000n, 60_000n, 950_000n)).toBe(33_705_272n);
    expect(compensationMilliVar(80_000n, 20_000n, 950_000n)).toBe(0n);
  });

  it('leave an inverter what its apparent power allows beside the active power', () => {
    expect(inverterReactiveVar(5_000n, 3_000n)).toBe(4_000n);
    expect(inverterReactiveVar(5_000n, 4_999n)).toBe(99n);
    expect(inverterReactiveVar(5_000n, 5_001n)).toBe(0n);
  });
});
