import { readFileSync } from 'node:fs';
import path from 'node:path';
import { meterIdCodec } from '@flexledger/domain';
import { parse } from 'yaml';
import { z } from 'zod';
import { AgentError } from './agent-error';
import { energyUnits } from './quantity';

const DAY_MINUTES = 1_440;

/** Where agents look for the gateway unless they are told otherwise. */
export const DEFAULT_GATEWAY = 'http://127.0.0.1:17800';

const zone = z.string().refine(isTimeZone, 'is no time zone of the IANA data base, such as Europe/Zurich');
const columnName = z.string().min(1);

const csvTime = z.union([
  z.strictObject({ column: columnName, stamp: z.enum(['start', 'end']).default('start') }),
  z.strictObject({
    dayColumn: columnName,
    quarterColumn: columnName,
    firstDay: z.iso.date().optional(),
  }),
]);

const csvInput = z.strictObject({
  file: z.string().min(1),
  delimiter: z.enum([',', ';', '\t']).default(','),
  decimal: z.enum(['.', ',']).default('.'),
  unit: z.enum(energyUnits),
  kind: z.enum(['energy', 'register']).default('energy'),
  minutes: z.int().min(1).max(60).default(15),
  zone: zone.default('UTC'),
  time: csvTime,
  import: columnName,
  export: columnName.optional(),
  negative: z.enum(['export', 'bad']).default('export'),
  follow: z.boolean().default(false),
});

const p1Input = z
  .strictObject({
    device: z.string().min(1).optional(),
    tcp: z
      .string()
      .regex(/^.+:\d{1,5}$/, 'is no host:port')
      .optional(),
    file: z.string().min(1).optional(),
    baud: z.int().min(300).max(4_000_000).default(115_200),
    winterOffsetMinutes: z.int().min(-720).max(840).default(60),
  })
  .refine(
    ({ device, tcp, file }) => [device, tcp, file].filter(Boolean).length === 1,
    'needs one of device, tcp, file',
  );

const replayInput = z.strictObject({
  set: z.literal('simbench-lv').default('simbench-lv'),
  kind: z.enum(['load', 'pv']),
  unit: z.int().min(0),
  month: z.int().min(1).max(12),
  day: z.int().min(1).max(31),
  days: z.int().min(1).max(366).default(1),
});

const mqttInput = z.strictObject({
  url: z.string().regex(/^(mqtts?|wss?):\/\/.+/, 'is no address such as mqtt://127.0.0.1:1883'),
  topic: z.string().min(1),
  clientId: z.string().min(1),
  username: z.string().optional(),
  passwordFile: z.string().optional(),
  unit: z.enum(energyUnits),
  kind: z.enum(['energy', 'register']).default('register'),
  minutes: z.int().min(1).max(60).default(15),
  time: z.string().min(1).optional(),
  stamp: z.enum(['start', 'end']).default('start'),
  import: z.string().min(1).optional(),
  export: z.string().min(1).optional(),
});

const input = z.union([
  z.strictObject({ csv: csvInput }),
  z.strictObject({ p1: p1Input }),
  z.strictObject({ mqtt: mqttInput }),
  z.strictObject({ replay: replayInput }),
]);

const meter = z.strictObject({
  meter: z.string().refine(isMeterId, 'is no meter id: 26 characters of lower-case Crockford base32'),
  key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is no name of a key'),
  resolutionMinutes: z.union([z.literal(1), z.literal(5), z.literal(15), z.literal(30), z.literal(60)]).default(15),
  toleranceSeconds: z.int().min(0).max(900).default(60),
  input,
});

const agent = z.strictObject({
  gateway: z
    .string()
    .regex(/^http:\/\/.+/, 'is no address such as http://127.0.0.1:17800')
    .default(DEFAULT_GATEWAY),
  data: z.string().min(1).default('agent-data'),
  queueBlocks: z.int().min(1).max(1_000_000).default(10_000),
  keys: z.string().min(1).default('keys'),
  blockMinutes: z.int().min(15).max(DAY_MINUTES).multipleOf(15).default(60),
  meters: z.array(meter).min(1).max(1_000),
});

/** What an agent is told: which meters it has, where their values come from and who takes their blocks. */
export type AgentConfig = z.infer<typeof agent>;

/** One meter of an agent. */
export type MeterConfig = AgentConfig['meters'][number];

/**
 * Reads an agent's file (YAML or JSON). Paths in it count from the folder of the file and are absolute in the answer.
 * @throws AgentError AGENT_CONFIG_INVALID that names every field that is wrong
 */
export function loadAgentConfig(file: string): AgentConfig {
  const read = agent.safeParse(parseFile(file));
  if (!read.success)
    throw new AgentError(
      'AGENT_CONFIG_INVALID',
      `${file}: ${z.prettifyError(read.error).replaceAll(/\s*\n\s*/g, ' ')}`,
    );
  const config = read.data;
  const names = config.meters.map((entry) => entry.meter);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new AgentError('AGENT_CONFIG_INVALID', `${file}: meter ${twice} stands there twice`);
  const longest = Math.max(...config.meters.map((entry) => entry.resolutionMinutes));
  if (config.blockMinutes % longest !== 0) {
    throw new AgentError('AGENT_CONFIG_INVALID', `${file}: blockMinutes is no multiple of ${longest} minutes`);
  }
  const absolute = (name: string): string => path.resolve(path.dirname(file), name);
  const meters = config.meters.map((entry) => ({ ...entry, input: withAbsoluteFiles(entry.input, absolute) }));
  return { ...config, keys: absolute(config.keys), data: absolute(config.data), meters };
}

function withAbsoluteFiles(given: z.infer<typeof input>, absolute: (name: string) => string): z.infer<typeof input> {
  if ('csv' in given) return { csv: { ...given.csv, file: absolute(given.csv.file) } };
  if ('p1' in given) {
    const { file } = given.p1;
    return { p1: { ...given.p1, file: file === undefined ? undefined : absolute(file) } };
  }
  if ('mqtt' in given) {
    const { passwordFile } = given.mqtt;
    return { mqtt: { ...given.mqtt, passwordFile: passwordFile === undefined ? undefined : absolute(passwordFile) } };
  }
  return given;
}

function parseFile(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AgentError('AGENT_CONFIG_INVALID', `${file} cannot be read: ${reason}`, { cause: error });
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isMeterId(text: string): boolean {
  try {
    return meterIdCodec.decode(text, '') === text;
  } catch {
    return false;
  }
}
