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
  { code: 'FLEX_VOLTAGE_GRID', meaning: 'The programme has no enrolments in this grid.', ...caller },
  {
    code: 'FLEX_VOLTAGE_UNPAID',
    meaning: 'The voltage support is that of the system operator’s own equipment, for which nobody is paid.',
    ...caller,
  },
  {
    code: 'FLEX_VOLTAGE_OPEN',
    meaning: 'A slot of the voltage support is not over.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FLEX_VOLTAGE_NO_BUDGET',
    meaning: 'The system operator has granted the programme no budget in this grid.',
    whoFixes: 'operator',
    transient: true,
  },
  {
    code: 'FLEX_VOLTAGE_BUDGET_RELEASED',
    meaning: 'What was left of the budget of the programme has gone back to the fund of the grid.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'FLEX_VOLTAGE_BUDGET_HELD',
    meaning: 'Late readings can still change what is paid from the budget of the programme.',
    whoFixes: 'nobody',
    transient: true,
  },
  {
    code: 'FLEX_VOLTAGE_UNTRACKED',
    meaning: 'No slot of the voltage support that the budget pays for has been tracked.',
    whoFixes: 'caller',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
