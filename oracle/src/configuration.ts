import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import {
  array,
  decodeWhole,
  integer,
  limits,
  object,
  oneOf,
  optional,
  text,
  type JsonValue,
  type TypeOf,
} from '@flexledger/domain';
import { parse } from 'yaml';
import type { OracleLog } from './ports';
import type { Service } from './service';
import { callOutService } from './plug-in/call-out';
import { isolatedService } from './plug-in/isolated';
import { kindNames, type KindName } from './plug-in/kinds';

const placeCodec = text(/^[ -~]{1,500}$/, 'a path, the name of a package, or an address', 500);
const nameCodec = text(/^[a-z0-9][a-z0-9.-]{0,47}$/, 'the name of a service', 48);
const versionCodec = text(/^[a-z0-9][a-z0-9.-]{0,15}$/, 'the version of a service', 16);

const serviceCodec = object({
  /** A file or a package, looked for from the folder of the configuration. */
  package: optional(placeCodec),
  /** The address of a model, instead of a package: then kind, name and version say what it offers. */
  url: optional(placeCodec),
  kind: optional(oneOf(...kindNames)),
  name: optional(nameCodec),
  version: optional(versionCodec),
  timeSecondsMax: optional(integer(1, 3_600)),
  memoryMiBMax: optional(integer(16, 16_384)),
});

/** The configuration of an oracle, in YAML or JSON. */
export const configurationCodec = object({
  services: optional(array(serviceCodec, 50)),
  /** The community's time zone by its IANA name, for trained forecasts: the same for all its oracles. */
  timeZone: optional(placeCodec),
  /** Where `/healthz` and `/metrics` are; absent for nowhere. */
  operations: optional(object({ host: optional(placeCodec), port: integer(0, 65_535) })),
  /** What the solver may use for one model. */
  solver: optional(object({ timeSecondsMax: optional(integer(1, 3_600)), memoryMiBMax: optional(integer(64, 4_096)) })),
});
export type Configuration = TypeOf<typeof configurationCodec>;
type ServiceEntry = TypeOf<typeof serviceCodec>;

/** What a service may use where the configuration does not say. */
const DEFAULT_TIME_SECONDS = 60;
const DEFAULT_MEMORY_MIB = 512;

/** What all chunks of an answer together hold; no output that is larger could be sent. */
const ANSWER_MAX = limits.answerChunkBytesMax * limits.answerChunksMax;

/** @throws RuleError with the path of the field, and Error where the file cannot be read */
export function readConfiguration(file: string): Configuration {
  return decodeWhole(configurationCodec, (parse(readFileSync(file, 'utf8')) ?? {}) as JsonValue);
}

/** A service of the configuration. */
export interface ConfiguredService {
  readonly kind: KindName;
  readonly service: Service<unknown, unknown>;
}

/**
 * The services of a configuration. One that cannot be had is told in the log and left out: the others go on, and a request for it is refused.
 *
 * @param file where the configuration was read from
 */
export async function configuredServices(
  file: string,
  { services = [] }: Configuration,
  log: OracleLog,
): Promise<readonly ConfiguredService[]> {
  const found: ConfiguredService[] = [];
  for (const entry of services) {
    try {
      const made = await serviceOf(entry, file);
      found.push(made);
      log.info({ kind: made.kind, service: made.service.name, version: made.service.version }, 'a service is offered');
    } catch (error) {
      log.error({ service: entry.package ?? entry.url, err: error }, 'a service is not offered: it cannot be had');
    }
  }
  return found;
}

async function serviceOf(entry: ServiceEntry, file: string): Promise<ConfiguredService> {
  const timeMsMax = (entry.timeSecondsMax ?? DEFAULT_TIME_SECONDS) * 1_000;
  const { kind, name, package: place, url, version } = entry;
  if (place !== undefined && url === undefined) {
    const memoryMiBMax = entry.memoryMiBMax ?? DEFAULT_MEMORY_MIB;
    const path = createRequire(resolve(file)).resolve(place);
    return isolatedService(path, { timeMsMax, memoryMiBMax, answerCharactersMax: ANSWER_MAX });
  }
  if (url === undefined || place !== undefined || kind === undefined || name === undefined || version === undefined) {
    throw new RangeError('a service is a package, or a url with kind, name and version');
  }
  const service = callOutService({ kind, name, version, url, timeMsMax, answerBytesMax: ANSWER_MAX });
  return { kind, service };
}
