import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  enrolNetworkIdentity,
  EXPIRY_WARNING_DAYS,
  networkCertificates,
  renewNetworkIdentity,
  type IdentityPlace,
} from '@flexledger/network';
import { Option, type Command } from 'commander';
import { CliError } from '../cli-errors';
import { CONSORTIUM_FILE, DEFAULT_NETWORK_FOLDER } from '../paths';

interface PlaceOptions {
  readonly topology: string;
  readonly data: string;
}

interface EnrolOptions extends PlaceOptions {
  readonly type: 'client' | 'admin';
  readonly attribute: Readonly<Record<string, string>>;
}

/** `flexledger network identity list|enrol|renew`: the certificates of a network whose authorities are in its data folder. */
export function addIdentityCommand(network: Command, print: (line: string) => void): void {
  const identity = network.command('identity').description('certificates of organisations, nodes and users');
  addPlace(identity.command('list').description('list all certificates with their ends, the earliest first')).action(
    (options: PlaceOptions) => {
      list(options, print);
    },
  );
  addPlace(identity.command('enrol <organization> <name>').description('enrol a new identity of an organisation'))
    .addOption(new Option('--type <type>', 'what it may do').choices(['client', 'admin']).default('client'))
    .option('--attribute <name=value>', 'attribute of the certificate, for example role=dso', collectAttribute, {})
    .action(async (organization: string, name: string, options: EnrolOptions) => {
      const { type, attribute } = options;
      await enrolNetworkIdentity(placeOf(options), organization, { name, type, attributes: attribute });
      print(`enrolled ${name} of ${organization}`);
    });
  addPlace(
    identity.command('renew <organization> <name>').description('issue certificates again for the keys that it has'),
  ).action(async (organization: string, name: string, options: PlaceOptions) => {
    await renewNetworkIdentity(placeOf(options), organization, name);
    print(`renewed ${name} of ${organization}`);
  });
}

function addPlace(command: Command): Command {
  return command
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--data <folder>', 'where the network keeps its data', DEFAULT_NETWORK_FOLDER);
}

function list(options: PlaceOptions, print: (line: string) => void): void {
  const listed = networkCertificates(placeOf(options));
  for (const { organization, kind, use, name, serialNumber, expires, daysLeft } of listed) {
    const left = daysLeft < 0 ? 'EXPIRED' : `${daysLeft} days`;
    const warning = daysLeft < EXPIRY_WARNING_DAYS ? '  WARNING: renew it' : '';
    const day = expires.toISOString().slice(0, 10);
    print(`${day}  ${left.padStart(9)}  ${organization}  ${kind} ${use}  ${name}  ${serialNumber}${warning}`);
  }
}

/** Authorities are never made here: those of a network exist since it was made, or somewhere else. */
function placeOf({ topology, data }: PlaceOptions): IdentityPlace {
  const cryptoDirectory = path.join(path.resolve(data), 'crypto');
  if (!existsSync(cryptoDirectory)) {
    throw new CliError(
      'CLI_USAGE',
      `${cryptoDirectory} does not exist; start the network first, or name its folder with --data`,
    );
  }
  return { topologyFile: path.resolve(topology), cryptoDirectory };
}

function collectAttribute(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new CliError('CLI_USAGE', `an attribute is written name=value, not ${text}`);
  }
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
