import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { CliError } from '../cli-errors';
import { SigningKey } from '../client/keys';
import { RoleClient } from '../client/role-client';
import { ClientFile, keysOf, PARTICIPANT_ID, type NewClient } from '../openadr/clients';
import { registerCustodial } from '../openadr/register-custodial';
import { startVtn } from '../openadr/run-vtn';
import { BASE_PATH } from '../openadr/server';
import { CONSORTIUM_FILE, DEFAULT_DAY_FOLDER } from '../paths';
import { ROLE_ORGANIZATIONS } from '../roles/role-names';
import { withRoleClient } from './role-connection';
import { untilInterrupted } from './until-interrupted';

/** Where clients, keys and reports are. */
const DEFAULT_FOLDER = 'openadr-vtn';
const DEFAULT_PORT = '17810';

interface AddOptions {
  readonly data: string;
  readonly key?: string;
  readonly participant?: string;
  readonly business?: boolean;
}

interface VtnCommandOptions {
  readonly host: string;
  readonly port: string;
  readonly data: string;
  readonly role: 'community' | 'aggregator';
  readonly topology: string;
  readonly crypto: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

interface RegisterOptions extends Pick<VtnCommandOptions, 'data' | 'topology' | 'crypto'> {
  readonly limit: string;
}

type Print = (line: string) => void;

/** `flexledger openadr vtn|client`: the REST interface of OpenADR 3.1, and who may log in to it. */
export function addOpenadrCommand(program: Command, print: Print): void {
  const openadr = program
    .command('openadr')
    .description('events, opt-outs and readings by the REST interface of OpenADR 3.1');
  openadr
    .command('vtn')
    .description(
      'run a virtual top node: serves the programmes and events of the ledger to VENs, and takes their reports',
    )
    .option('--host <host>', 'address to listen on; loopback unless a certificate is named', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 for any', DEFAULT_PORT)
    .option('--data <folder>', 'clients, keys of custodial prosumers, reports and outbox', DEFAULT_FOLDER)
    .addOption(
      new Option('--role <role>', 'whose certificate to use').choices(['community', 'aggregator']).default('community'),
    )
    .option('--tls-cert <file>', 'certificate (PEM)')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'))
    .action((options: VtnCommandOptions) => serve(options, print));
  openadr
    .command('register')
    .description('register the prosumer of a key of the VTN as custodial, with the certificate of the community')
    .argument('<key>', 'name of the key')
    .requiredOption('--limit <W>', 'most power that its connection can take or give')
    .option('--data <folder>', 'folder of the VTN', DEFAULT_FOLDER)
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'))
    .action((key: string, options: RegisterOptions) => register(key, options, print));
  addClientCommands(openadr, print);
}

function addClientCommands(openadr: Command, print: Print): void {
  const client = openadr.command('client').description('who may log in to a VTN');
  client
    .command('add')
    .description('add a client, and print its id and its secret, which is shown only once')
    .argument('<name>', 'name of the ven, for example home-1, or of the aggregator')
    .option(
      '--key <key>',
      'the prosumer is custodial: this key of the data folder signs for it; made where there is none',
    )
    .option('--participant <id>', 'the participant, whose own agent signs')
    .option('--business', 'the client is the business logic of an aggregator, which only reads')
    .option('--data <folder>', 'folder of the VTN', DEFAULT_FOLDER)
    .action((name: string, options: AddOptions) => add(name, options, print));
  client
    .command('list')
    .description('list the clients')
    .option('--data <folder>', 'folder of the VTN', DEFAULT_FOLDER)
    .action(({ data }: { readonly data: string }) => list(data, print));
  client
    .command('remove')
    .description('remove a client; its tokens end at once')
    .argument('<client>', 'id of the client')
    .option('--data <folder>', 'folder of the VTN', DEFAULT_FOLDER)
    .action((clientId: string, { data }: { readonly data: string }) => {
      new ClientFile(path.resolve(data)).remove(clientId);
      print(`${clientId} is removed`);
    });
}

async function add(name: string, options: AddOptions, print: Print): Promise<void> {
  const folder = path.resolve(options.data);
  const { clientId, clientSecret } = await new ClientFile(folder).add(newClient(folder, name, options, print));
  print(`client id      ${clientId}`);
  print(`client secret  ${clientSecret}`);
  print('The secret is kept here as a hash only, and is not shown again.');
}

function newClient(folder: string, name: string, { business, key, participant }: AddOptions, print: Print): NewClient {
  if ((key === undefined) === (participant === undefined)) {
    throw new CliError('CLI_USAGE', 'name either --key, which signs here, or --participant, whose own agent signs');
  }
  if (participant !== undefined && !PARTICIPANT_ID.test(participant)) {
    throw new CliError('CLI_USAGE', `${participant} is not the id of a participant`);
  }
  if (key === undefined)
    return { kind: business === true ? 'business' : 'ven', name, participantId: participant ?? '' };
  if (business === true) throw new CliError('CLI_USAGE', 'business logic only reads, and needs no --key');
  const keys = keysOf(folder);
  if (!keys.has(key)) keys.save(key, SigningKey.generate());
  const { address, publicKey } = keys.load(key);
  print(`participant    ${address}`);
  print(`public key     ${publicKey}`);
  print('It signs once the participant is registered on the ledger as custodial: flexledger openadr register.');
  return { kind: 'ven', name, participantId: address, key };
}

function list(data: string, print: Print): void {
  for (const { clientId, key, kind, name, participantId } of new ClientFile(path.resolve(data)).list()) {
    const signs = kind === 'business' ? 'reads only' : key === undefined ? 'its own agent signs' : `signed by ${key}`;
    print(`${clientId}  ${name}  ${participantId}  ${signs}`);
  }
}

async function register(name: string, options: RegisterOptions, print: Print): Promise<void> {
  const limit = /^\d{1,10}$/.exec(options.limit)?.[0];
  if (limit === undefined) throw new CliError('CLI_USAGE', `--limit is a power in W, and not ${options.limit}`);
  const key = keysOf(path.resolve(options.data)).load(name);
  const participantId = await withRoleClient({ ...options, role: 'community' }, ({ ledger }) =>
    registerCustodial(ledger, key, BigInt(limit)),
  );
  print(`${participantId} is registered as custodial`);
}

async function serve(options: VtnCommandOptions, print: Print): Promise<void> {
  const folder = path.resolve(options.data);
  const tls = tlsOf(options);
  const client = await RoleClient.openFromFiles({
    topologyFile: path.resolve(options.topology),
    cryptoDirectory: path.resolve(options.crypto),
    organization: ROLE_ORGANIZATIONS[options.role],
    identity: options.role,
    dataDirectory: path.join(folder, 'ledger'),
    onRetry: (error) => print(`again: ${error.message}`),
  });
  try {
    const { host, port } = options;
    const log = (line: object): void => print(JSON.stringify(line));
    const vtn = await startVtn({ ledger: client.ledger, folder, host, port: Number(port), tls, log });
    print(`the VTN listens on ${vtn.address}${BASE_PATH}; Ctrl-C stops it`);
    await untilInterrupted();
    await vtn.stop();
  } finally {
    await client.close();
  }
}

function tlsOf({ tlsCert, tlsKey }: VtnCommandOptions): { readonly cert: string; readonly key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new CliError('CLI_USAGE', '--tls-cert and --tls-key belong together');
  return { cert: readFileSync(tlsCert, 'utf8'), key: readFileSync(tlsKey, 'utf8') };
}
