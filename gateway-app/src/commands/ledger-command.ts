import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  canonicalJson,
  functionName,
  isJsonObject,
  manifest,
  parseJson,
  type AnyTransactionSpec,
  type ContractName,
  type JsonValue,
} from '@flexledger/domain';
import type { Command } from 'commander';
import { CliError } from '../cli-errors';
import { signCommand } from '../agents/sign-command';
import { FileKeyStore } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { newId } from '../meter-gateway/commission-meters';
import { addConnectionOptions, withRoleClient, type RoleConnection } from './role-connection';

interface LedgerOptions extends RoleConnection {
  readonly request: string;
  readonly transient?: string;
  readonly key?: string;
  readonly keys: string;
}

/** `flexledger ledger list|describe|submit|evaluate`: every transaction of the manifest by hand, on a running network. */
export function addLedgerCommand(program: Command, print: (line: string) => void): void {
  const ledger = program
    .command('ledger')
    .description('send one transaction to a running network, as one of its roles');
  ledger
    .command('list')
    .description('list every transaction of the contracts')
    .action(() => transactionLines(manifest).forEach(print));
  ledger
    .command('describe')
    .description('show request, answer and error codes of a transaction')
    .argument('<contract:transaction>')
    .action((name: string) => describeTransaction(findTransaction(name)).forEach(print));
  for (const mode of ['submit', 'evaluate'] as const) {
    const specs = manifest.filter((spec) => spec.mode === mode);
    const command = addConnectionOptions(ledger.command(mode))
      .description(mode === 'submit' ? 'write: endorse, order and wait for the commit' : 'read from a peer')
      .argument('<contract:transaction>')
      .option('--request <json>', 'the request as JSON, or @FILE', '{}')
      .addHelpText('after', `\nTransactions:\n${transactionLines(specs).join('\n')}`);
    if (mode === 'submit') {
      command
        .option('--transient <json>', 'the confidential part as JSON, or @FILE')
        .option(
          '--key <name>',
          'sign as the participant of this key; gives command id, expiry and signature themselves',
        )
        .option('--keys <folder>', 'folder of the keys (mode 0700, files 0600)', 'keys');
    }
    command.action(async (name: string, options: LedgerOptions) => send(findTransaction(name, mode), options, print));
  }
}

function transactionLines(specs: readonly AnyTransactionSpec[]): string[] {
  const width = Math.max(...specs.map((spec) => functionName(spec).length));
  return specs.map((spec) => `  ${functionName(spec).padEnd(width)}  ${spec.mode.padEnd(8)}  ${spec.summary}`);
}

function findTransaction(name: string, mode?: 'submit' | 'evaluate'): AnyTransactionSpec {
  const spec = manifest.find((candidate) => functionName(candidate) === name);
  if (spec === undefined)
    throw new CliError('CLI_USAGE', `there is no transaction ${name}; see "flexledger ledger list"`);
  if (mode !== undefined && spec.mode !== mode) {
    throw new CliError('CLI_USAGE', `${name} is called with "flexledger ledger ${spec.mode}"`);
  }
  return spec;
}

function describeTransaction(spec: AnyTransactionSpec): string[] {
  const json = (value: JsonValue): string => JSON.stringify(value, null, 2).replaceAll('\n', '\n  ');
  const { transient } = spec;
  return [
    `${functionName(spec)} (${spec.mode})`,
    `  ${spec.summary}`,
    `  Roles: ${spec.roles === 'anyone' ? 'anyone' : spec.roles.join(', ')}`,
    `  Example: ${canonicalJson(spec.example)}`,
    `  Error codes: ${spec.errors.length === 0 ? 'those of every call' : spec.errors.join(', ')}`,
    `  Request: ${json(spec.request.schema)}`,
    ...(transient === undefined ? [] : [`  Confidential part "${transient.key}": ${json(transient.codec.schema)}`]),
    `  Answer: ${json(spec.response.schema)}`,
  ];
}

async function send(spec: AnyTransactionSpec, options: LedgerOptions, print: (line: string) => void): Promise<void> {
  const given = readJson(options.request);
  if (options.key === undefined) spec.request.decode(given, '');
  const answer = await withRoleClient(options, async ({ ledger }) => {
    const json = options.key === undefined ? given : await signRequest(ledger, spec, given, options.key, options.keys);
    return call(ledger, spec, spec.request.decode(json, ''), options);
  });
  print(canonicalJson(spec.response.encode(answer)));
}

/** How long a command that is signed here may wait for the ledger: an hour. */
const SIGNED_SLOTS = 4;

/** What a participant signs, with the fields that every signed command has; its own command id and expiry stay where it names them. */
async function signRequest(
  ledger: Ledger,
  spec: AnyTransactionSpec,
  given: JsonValue,
  name: string,
  folder: string,
): Promise<JsonValue> {
  if (!isJsonObject(given)) throw new CliError('CLI_USAGE', 'a request is a JSON object');
  const key = new FileKeyStore(path.resolve(folder)).load(name);
  const { clock } = await ledger.evaluate('registry', 'getClock', {});
  const expirySlot = (clock?.lastSlot ?? 0) + SIGNED_SLOTS;
  const unsigned = { commandId: newId(), expirySlot, ...given, participantId: key.address };
  return signCommand({ channel: ledger.channel, key }, spec.contract as ContractName, spec.name, unsigned);
}

/** The ledger client as seen by who takes names from the command line; the manifest's codecs have checked the values. */
interface UntypedLedger {
  evaluate(contract: string, transaction: string, request: unknown): Promise<unknown>;
  submit(
    contract: string,
    transaction: string,
    request: unknown,
    ...options: readonly { readonly transient: unknown }[]
  ): Promise<{ readonly response: unknown }>;
}

async function call(
  ledger: UntypedLedger,
  spec: AnyTransactionSpec,
  request: unknown,
  options: LedgerOptions,
): Promise<unknown> {
  if (spec.mode === 'evaluate') return ledger.evaluate(spec.contract, spec.name, request);
  const confidential = spec.transient === undefined ? [] : [{ transient: confidentialPart(spec, options) }];
  return (await ledger.submit(spec.contract, spec.name, request, ...confidential)).response;
}

function confidentialPart(spec: AnyTransactionSpec, { transient }: LedgerOptions): unknown {
  if (spec.transient === undefined) return undefined;
  if (transient === undefined) {
    throw new CliError('CLI_USAGE', `${functionName(spec)} has a confidential part; pass it with --transient`);
  }
  return spec.transient.codec.decode(readJson(transient), '');
}

/** JSON given on the command line, or the content of the file after an @. */
function readJson(text: string): JsonValue {
  return parseJson(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text);
}
