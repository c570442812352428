import {
  compensationMilliVar,
  droopFullMilliHertz,
  droopPower,
  inverterReactiveVar,
  ppmWhole,
  powerPaymentMicro,
  reactiveMilliVar,
} from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { atLeast, fieldsOf, integerOf, listOf, parseFile, shown } from './file-fields';

const QUARTER_HOURS_MAX = 40_000n;

/** What the rules of services make of a file, in the order of its parts. */
export interface ServiceOutcome {
  readonly capacityMicro?: bigint;
  readonly energyMicro?: bigint;
  readonly droop?: readonly object[];
  readonly powerFactor?: readonly object[];
  readonly inverter?: readonly object[];
}

/**
 * Works out the file of `flexledger rules service`: payments, droop and power factors of services, each where the file has it.
 *
 * @throws CliError with a code beginning with RULES_, which says what is wrong and where
 */
export function serviceOutcome(text: string): ServiceOutcome {
  const names = ['capacity', 'energy', 'droop', 'powerFactor', 'inverter'];
  const { capacity, droop, energy, inverter, powerFactor } = fieldsOf(
    parseFile(text, 'the service'),
    'the service',
    names,
  );
  return {
    ...(capacity === undefined ? {} : { capacityMicro: paymentOf(capacity, 'capacity') }),
    ...(energy === undefined ? {} : { energyMicro: paymentOf(energy, 'energy') }),
    ...(droop === undefined ? {} : { droop: droopOf(droop) }),
    ...(powerFactor === undefined ? {} : { powerFactor: each(powerFactor, 'powerFactor', powerFactorOf) }),
    ...(inverter === undefined ? {} : { inverter: each(inverter, 'inverter', inverterOf) }),
  };
}

function paymentOf(value: unknown, place: string): bigint {
  const { powerW, priceMicroPerKwh, quarterHours } = fieldsOf(value, place, [
    'powerW',
    'quarterHours',
    'priceMicroPerKwh',
  ]);
  const hours = within(quarterHours, 0n, QUARTER_HOURS_MAX, `${place}.quarterHours`);
  const price = atLeast(priceMicroPerKwh, 0n, `${place}.priceMicroPerKwh`);
  return powerPaymentMicro(atLeast(powerW, 0n, `${place}.powerW`), Number(hours), price);
}

function droopOf(value: unknown): readonly object[] {
  const fields = fieldsOf(value, 'droop', ['contractedW', 'fullMilliHertz', 'deviationsMilliHertz']);
  const contractedW = atLeast(fields.contractedW, 0n, 'droop.contractedW');
  const full = fields.fullMilliHertz ?? droopFullMilliHertz.toString();
  const fullMilliHertz = atLeast(full, 1n, 'droop.fullMilliHertz');
  return each(fields.deviationsMilliHertz, 'droop.deviationsMilliHertz', (written, place) => {
    const deviationMilliHertz = wholeNumber(written, place);
    return { deviationMilliHertz, ...droopPower(contractedW, deviationMilliHertz, fullMilliHertz) };
  });
}

function powerFactorOf(value: unknown, place: string): object {
  const fields = fieldsOf(value, place, ['powerW', 'powerFactorPpm', 'reactiveVar']);
  const powerW = atLeast(fields.powerW, 0n, `${place}.powerW`);
  const powerFactorPpm = within(fields.powerFactorPpm, 1n, ppmWhole, `${place}.powerFactorPpm`);
  const reactive = { reactiveMilliVar: reactiveMilliVar(powerW, powerFactorPpm) };
  if (fields.reactiveVar === undefined) return reactive;
  const reactiveVar = atLeast(fields.reactiveVar, 0n, `${place}.reactiveVar`);
  return { ...reactive, compensateMilliVar: compensationMilliVar(powerW, reactiveVar, powerFactorPpm) };
}

function inverterOf(value: unknown, place: string): object {
  const fields = fieldsOf(value, place, ['apparentVa', 'powerW']);
  const apparentVa = atLeast(fields.apparentVa, 0n, `${place}.apparentVa`);
  return { reactiveVar: inverterReactiveVar(apparentVa, atLeast(fields.powerW, 0n, `${place}.powerW`)) };
}

function each<T>(value: unknown, place: string, read: (entry: unknown, place: string) => T): readonly T[] {
  return listOf(value, place).map((entry, index) => read(entry, `${place}[${index}]`));
}

function within(value: unknown, least: bigint, most: bigint, place: string): bigint {
  const number = atLeast(value, least, place);
  if (number <= most) return number;
  throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; write a whole number up to ${most}`);
}

function wholeNumber(value: unknown, place: string): bigint {
  const number = integerOf(value);
  if (number !== undefined) return number;
  throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; write a whole number`);
}
