import type { ProfileBlock } from './types';

/** The series that a block may carry, in the order in which they are packed. The first two are always there. */
export const seriesNames = [
  'importWh',
  'exportWh',
  'reactiveImportVarh',
  'reactiveExportVarh',
  'voltageDecivolt',
  'stateOfChargeWh',
] as const satisfies readonly (keyof ProfileBlock)[];
export type SeriesName = (typeof seriesNames)[number];
