import type { Fault, Measurement } from './measurement';
import { parseEnergy, type EnergyUnit } from './quantity';

/** How the messages of a topic are read. */
export interface PayloadOptions {
  readonly topic: string;
  readonly unit: EnergyUnit;
  /** Whether a message has the energy of a period or the counters of the meter. */
  readonly kind: 'energy' | 'register';
  /** Minutes of the period of a message that has its energy. */
  readonly minutes: number;
  /** Field with the time: an ISO time with its offset, or seconds since 1970. Without one it is the time of arrival. */
  readonly time?: string | undefined;
  /** Whether the time of a period is that of its beginning or of its end. */
  readonly stamp: 'start' | 'end';
  /** Field such as `ENERGY.Total`; without one the message is nothing but a number. */
  readonly import?: string | undefined;
  readonly export?: string | undefined;
}

const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const SECONDS_MAX = 100_000_000_000;
const SHOWN_MAX = 60;

/** The measurement in a message, or what is wrong with it. `arrivedSeconds` is the whole second of its arrival. */
export function readPayload(payload: Uint8Array, options: PayloadOptions, arrivedSeconds: number): Measurement | Fault {
  const text = Buffer.from(payload).toString('utf8').trim();
  const message = parsed(text);
  const at = options.time === undefined ? arrivedSeconds : timeOf(fieldOf(message, options.time));
  const shown = text.slice(0, SHOWN_MAX).replaceAll(/\s+/g, ' ');
  if (at === undefined)
    return fault('MQTT_TIME', options, `"${shown}" has no time with an offset at "${options.time}"`);
  const imported = energyOf(options.import === undefined ? message : fieldOf(message, options.import), options.unit);
  const exported = options.export === undefined ? 0n : energyOf(fieldOf(message, options.export), options.unit);
  if (imported === undefined || exported === undefined) {
    return fault('MQTT_VALUE', options, `"${shown}" has no amount of ${options.unit} that is not negative`);
  }
  const energy = { importMicroWh: imported, exportMicroWh: exported };
  if (options.kind === 'register') return { kind: 'register', atSeconds: at, ...energy };
  return { kind: 'energy', ...periodOf(options, at), ...energy };
}

function periodOf({ minutes, time, stamp }: PayloadOptions, at: number): { fromSeconds: number; toSeconds: number } {
  const seconds = minutes * 60;
  if (time !== undefined && stamp === 'start') return { fromSeconds: at, toSeconds: at + seconds };
  // The message of a period without a time of its own comes when the period has ended, a little late.
  const toSeconds = time === undefined ? Math.floor(at / seconds) * seconds : at;
  return { fromSeconds: toSeconds - seconds, toSeconds };
}

function fault(code: 'MQTT_TIME' | 'MQTT_VALUE', { topic }: PayloadOptions, sentence: string): Fault {
  return { code, where: `topic ${topic}`, sentence };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fieldOf(message: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return isObject ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  }, message);
}

function energyOf(value: unknown, unit: EnergyUnit): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const energy = typeof text === 'string' ? parseEnergy(text, unit) : undefined;
  return energy !== undefined && energy >= 0n ? energy : undefined;
}

function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) && value >= 0 && value < SECONDS_MAX ? Math.floor(value) : undefined;
  }
  if (typeof value !== 'string' || !ISO_WITH_OFFSET.test(value)) return undefined;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
