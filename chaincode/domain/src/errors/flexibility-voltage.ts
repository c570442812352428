import type { ErrorRow } from './error-row';

const caller = { whoFixes: 'caller', transient: false } as const;

/** Refusals of voltage support, in precedence order. */
export const flexibilityVoltageErrors = [
  {
    code: 'FLEX_VOLTAGE_UNKNOWN',
    meaning: 'There is no voltage support with this id.',
    whoFixes: 'caller',
    transient: true,
  },
  { code: 'FLEX_VOLTAGE_ELEMENT', meaning: 'The grid has no such bus or transformer.', ...caller },
  { code: 'FLEX_VOLTAGE_CONTROL', meaning: 'The device cannot be set in this way.', ...caller },
  {
    code: 'FLEX_VOLTAGE_CURVE',
    meaning: 'The volt-var curve does not fall from injection to absorption, or asks more than the inverter has.',
    ...caller,
  },
  { code: 'FLEX_VOLTAGE_OVERLAP', meaning: 'The device is set already in one of these slots.', ...caller },
  {
    code: 'FLEX_VOLTAGE_UNMEASURED',
    meaning: 'No block of a meter has the voltage and the reactive energy of the slot.',
    whoFixes: 'caller',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
