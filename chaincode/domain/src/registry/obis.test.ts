import { exampleMeterId } from '../api/examples';
import type { MeterId } from '../ids';
import { checkRegisters } from './obis';

function problemOf(obisImport: string, obisExport: string, phases: 1 | 3 = 3): string {
  try {
    checkRegisters({ meterId: exampleMeterId as MeterId, obisImport, obisExport, phases });
    return 'accepted';
  } catch (error) {
    return String((error as { details?: { problem?: unknown } }).details?.problem);
  }
}

describe('the registers of a meter', () => {
  it.each([
    ['1-0:1.8.0', '1-0:2.8.0', 3],
    ['1-0:1.8.0', '1-0:2.8.0', 1],
    ['1-64:1.29.0', '1-64:2.29.0', 3],
    ['1-1:21.8.0', '1-1:22.8.0', 1],
    ['1-0:61.8.0', '1-0:62.8.0', 1],
  ] as const)('%s and %s of a connection with %d phases go together', (imports, exports, phases) => {
    expect(problemOf(imports, exports, phases)).toBe('accepted');
  });

  it.each([
    ['7-0:1.8.0', '7-0:2.8.0', 'a register is not of electricity'],
    ['1-65:1.8.0', '1-65:2.8.0', 'a channel is not one of a meter'],
    ['1-0:1.7.0', '1-0:2.7.0', 'a register holds no energy of an interval'],
    ['1-0:1.8.1', '1-0:2.8.1', 'a register counts one tariff only'],
    ['1-0:1.8.0', '1-1:2.8.0', 'the registers are of two channels'],
    ['1-0:1.8.0', '1-0:2.29.0', 'the registers count in two ways'],
    ['1-0:3.8.0', '1-0:4.8.0', 'the import is not active energy'],
    ['1-0:2.8.0', '1-0:1.8.0', 'the import is not active energy'],
    ['1-0:1.8.0', '1-0:1.8.0', 'the export is not the counterpart of the import'],
    ['1-0:1.8.0', '1-0:22.8.0', 'the export is not the counterpart of the import'],
    ['1-0:21.8.0', '1-0:22.8.0', 'a register counts one of three phases only'],
  ])('%s and %s are refused: %s', (imports, exports, problem) => {
    expect(problemOf(imports, exports)).toBe(problem);
  });
});
