import { readFileSync } from 'node:fs';
import path from 'node:path';
import { meterIdCodec } from '@flexledger/domain';
import { parse } from 'yaml';
import { z } from 'zod';
import { AgentError } from './agent-error';
import { energyUnits } from './quantity';

const DAY_MINUTES = 1_440;
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
  follow: z.boolean().default(false),
});

const input = z.strictObject({ csv: csvInput });

const meter = z.strictObject({
  meter: z.string().refine(isMeterId, 'is no meter id: 26 characters of lower-case Crockford base32'),
  key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is no name of a key'),
  resolutionMinutes: z.union([z.literal(1), z.literal(5), z.literal(15), z.literal(30), z.literal(60)]).default(15),
  toleranceSeconds: z.int().min(0).max(900).default(60),
  input,
});

const agent = z.strictObject({
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
  const meters = config.meters.map((entry) => ({
    ...entry,
    input: { csv: { ...entry.input.csv, file: absolute(entry.input.csv.file) } },
  }));
  return { ...config, keys: absolute(config.keys), meters };
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
