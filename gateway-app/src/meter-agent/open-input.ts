import type { MeterConfig } from './agent-config';
import { CsvInput } from './csv-input';
import type { MeterInput } from './measurement';

/** The input that a meter's configuration names. */
export function openInput({ input }: MeterConfig): MeterInput {
  return new CsvInput(input.csv);
}
