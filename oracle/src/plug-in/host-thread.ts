import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Codec, JsonValue } from '@flexledger/domain';
import { kindNames, kinds, type KindName } from './kinds';
import type { HostAnswer, HostOrder } from './protocol';

/*
 * The thread in which a plug-in runs: loads it, decodes its input, and hands over what it makes, as JSON. What it is worth others see.
 */

/** What the file of a plug-in exports. */
interface PlugIn {
  readonly kind: KindName;
  readonly name: string;
  readonly version: string;
  run(input: unknown): unknown;
  certificate?(input: unknown, output: unknown): unknown;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function load(file: string): PlugIn {
  const exported = createRequire(file)(file) as { readonly default?: unknown } & Partial<PlugIn>;
  const plugIn = (exported.default ?? exported) as Partial<PlugIn>;
  const { kind, name, run, version } = plugIn;
  if (!kindNames.some((known) => known === kind) || !isText(name) || !isText(version) || typeof run !== 'function') {
    throw new TypeError(`a plug-in exports name, version, run, and a kind of ${kindNames.join(', ')}`);
  }
  return plugIn as PlugIn;
}

function jsonOf(output: unknown): string {
  const text: unknown = JSON.stringify(output, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return isText(text) ? text : 'null';
}

async function answerTo({ answerCharactersMax, file, input }: HostOrder): Promise<HostAnswer> {
  const plugIn = load(file);
  const { kind, name, version } = plugIn;
  if (input === undefined) {
    return { end: 'is', is: { kind, name, version } };
  }
  const codec: Codec<unknown> = kinds[kind].input;
  const decoded = codec.decode(JSON.parse(input) as JsonValue, '');
  const output = await plugIn.run(decoded);
  plugIn.certificate?.(decoded, output);
  const text = jsonOf(output);
  return text.length <= answerCharactersMax
    ? { end: 'output', output: text }
    : {
        end: 'failed',
        code: 'ORACLE_SERVICE_GARBAGE',
        reason: `an output has at most ${answerCharactersMax} characters`,
      };
}

answerTo(workerData as HostOrder)
  .catch((error: unknown): HostAnswer => {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 500);
    return { end: 'failed', code: 'ORACLE_SERVICE_FAILED', reason };
  })
  .then((said) => parentPort?.postMessage(said))
  .catch(() => process.exit(1));
