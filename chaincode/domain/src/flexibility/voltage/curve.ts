import { demand } from '../../errors';
import { reactive, varh, type Var } from '../../units';
import type { Varh } from '../../units';
import type { ReactiveDirection, VoltageControl, VoltVarPoint } from './rows';

const quartersPerHour = 4n;

/** Reactive power and whether it raises or lowers the voltage. */
export interface ReactivePower {
  readonly direction: ReactiveDirection;
  readonly powerVar: Var;
}

/**
 * Refuses a volt-var curve whose voltages do not rise, or that would lower a low voltage or raise a high one (it has to fall from injection to
 * absorption), and one that asks more than an inverter has (FLEX_VOLTAGE_CURVE).
 */
export function checkCurve(points: readonly VoltVarPoint[], reactiveMaxVar: bigint): void {
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    const rises = before === undefined || point.voltageDecivolt > before.voltageDecivolt;
    const falls = before === undefined || signed(point) <= signed(before);
    demand(rises && falls && point.powerVar <= reactiveMaxVar, 'FLEX_VOLTAGE_CURVE', { point: index });
  }
}

/**
 * What a control asks for at a voltage: of a curve the straight line between its points, rounded to nothing's side, and beyond its ends what
 * stands there; of a compensator its steps; of a tap changer nothing, because it moves the voltage itself.
 */
export function reactivePowerAt(control: VoltageControl, voltageDecivolt: bigint): ReactivePower {
  switch (control.kind) {
    case 'CURVE':
      return namedOf(curveAt(control.points, voltageDecivolt));
    case 'COMPENSATOR':
      return { direction: control.direction, powerVar: reactive(BigInt(control.steps) * control.stepVar) };
    case 'TAP':
      return { direction: 'inject', powerVar: reactive(0n) };
  }
}

/** The reactive energy of a power in a quarter hour, rounded down. */
export function quarterHourVarh(powerVar: Var): Varh {
  return varh((powerVar - (powerVar % quartersPerHour)) / quartersPerHour);
}

function curveAt(points: readonly VoltVarPoint[], voltageDecivolt: bigint): bigint {
  const next = points.findIndex((point) => point.voltageDecivolt >= voltageDecivolt);
  const above = points[next];
  const below = points[next - 1];
  if (above === undefined || below === undefined) {
    const end = next === -1 ? points.at(-1) : above;
    return end === undefined ? 0n : signed(end);
  }
  const width = above.voltageDecivolt - below.voltageDecivolt;
  const part = voltageDecivolt - below.voltageDecivolt;
  return (signed(below) * (width - part) + signed(above) * part) / width;
}

/** Injection is positive here, where the two directions are weighed against each other. */
function signed({ direction, powerVar }: VoltVarPoint): bigint {
  return direction === 'inject' ? powerVar : 0n - powerVar;
}

function namedOf(injectVar: bigint): ReactivePower {
  return injectVar < 0n
    ? { direction: 'absorb', powerVar: reactive(-injectVar) }
    : { direction: 'inject', powerVar: reactive(injectVar) };
}
