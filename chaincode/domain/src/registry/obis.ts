import { demand } from '../errors';
import type { MeterEntry } from './device-types';

/** The groups of an OBIS code A-B:C.D.E (IEC 62056-61): medium, channel, quantity, processing, tariff. */
interface ObisGroups {
  readonly medium: number;
  readonly channel: number;
  readonly quantity: number;
  readonly processing: number;
  readonly tariff: number;
}

/** Medium 1 is electricity. */
const electricity = 1;
/** Channels 0 to 64 are free for the meter's own use; above stand manufacturers and reserved values. */
const channelMax = 64;
/** Quantities of import, and of export beside each: active energy of all phases together, then of phase 1, 2 and 3. */
const allPhases = { imports: 1, exports: 2 } as const;
const onePhase = [21, 41, 61] as const;
/** The register counts up for ever (time integral 1), or holds what the last interval brought (time integral 5). */
const countingUp = 8;
const ofTheInterval = 29;
/** Tariff 0 is the sum of all tariffs. */
const allTariffs = 0;

/**
 * Refuses registers that do not count the import and the export of active energy of one connection
 * (METER_REGISTERS_INVALID): both are electricity, of one channel, processed alike, the sum of all tariffs; the quantities are
 * those of all phases together, or, of a meter with one phase, those of the same phase.
 */
export function checkRegisters(entry: Pick<MeterEntry, 'meterId' | 'obisImport' | 'obisExport' | 'phases'>): void {
  const { meterId, obisImport, obisExport, phases } = entry;
  const [imports, exports] = [groupsOf(obisImport), groupsOf(obisExport)];
  const rule = (holds: boolean, problem: string) => {
    demand(holds, 'METER_REGISTERS_INVALID', { meterId, problem });
  };
  for (const { medium, channel, processing, tariff } of [imports, exports]) {
    rule(medium === electricity, 'a register is not of electricity');
    rule(channel <= channelMax, 'a channel is not one of a meter');
    rule(processing === countingUp || processing === ofTheInterval, 'a register holds no energy of an interval');
    rule(tariff === allTariffs, 'a register counts one tariff only');
  }
  rule(imports.channel === exports.channel, 'the registers are of two channels');
  rule(imports.processing === exports.processing, 'the registers count in two ways');
  const perPhase = onePhase.some((quantity) => quantity === imports.quantity);
  rule(imports.quantity === allPhases.imports || perPhase, 'the import is not active energy');
  const beside = imports.quantity + (allPhases.exports - allPhases.imports);
  rule(exports.quantity === beside, 'the export is not the counterpart of the import');
  rule(phases === 1 || !perPhase, 'a register counts one of three phases only');
}

function groupsOf(code: string): ObisGroups {
  const [medium = 0, channel = 0, quantity = 0, processing = 0, tariff = 0] = code.split(/[-:.]/).map(Number);
  return { medium, channel, quantity, processing, tariff };
}
