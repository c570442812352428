import type { MeterConfig } from './agent-config';
import { CsvInput } from './csv-input';
import type { MeterInput } from './measurement';
import { MqttInput } from './mqtt-input';
import { P1Input } from './p1-input';
import { ReplayInput } from './replay-input';

/** The input that a meter's configuration names. */
export function openInput({ input }: MeterConfig): MeterInput {
  if ('csv' in input) return new CsvInput(input.csv);
  if ('p1' in input) return new P1Input(input.p1);
  if ('mqtt' in input) return new MqttInput(input.mqtt, Date.now);
  return new ReplayInput(input.replay);
}
