import {
  enrolNetworkIdentity,
  EXPIRY_WARNING_DAYS,
  networkCertificates,
  renewNetworkIdentity,
  revokeNetworkIdentity,
} from '@flexledger/network';
import { Option, type Command } from 'commander';
import { CliError } from '../cli-errors';

import { printChannelUpdate } from './channel-update-lines';
import { addPlace, placeOf, type PlaceOptions } from './network-place';

interface EnrolOptions extends PlaceOptions {
  readonly type: 'client' | 'admin';
  readonly attribute: Readonly<Record<string, string>>;
}

/** `flexledger network identity list|enrol|renew|revoke`: the certificates of a network whose authorities are in its data folder. */
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
  addPlace(
    identity
      .command('revoke <organization> <name>')
      .description('revoke its certificate and publish that in the running channels; renew gives it a new key'),
  ).action(async (organization: string, name: string, options: PlaceOptions) => {
    await revoke(options, organization, name, print);
  });
}

async function revoke(
  options: PlaceOptions,
  organization: string,
  name: string,
  print: (line: string) => void,
): Promise<void> {
  const { certificate, published } = await revokeNetworkIdentity(placeOf(options), organization, name);
  print(`revoked ${name} of ${organization}, certificate ${certificate.serialNumber}`);
  for (const [channel, update] of published) printChannelUpdate(channel, update, print);
}

function list(options: PlaceOptions, print: (line: string) => void): void {
  const listed = networkCertificates(placeOf(options));
  for (const { organization, kind, use, name, serialNumber, expires, daysLeft, revoked } of listed) {
    const left = daysLeft < 0 ? 'EXPIRED' : `${daysLeft} days`;
    const expiring = daysLeft < EXPIRY_WARNING_DAYS ? '  WARNING: renew it' : '';
    const warning = revoked ? '  REVOKED' : expiring;
    const day = expires.toISOString().slice(0, 10);
    print(`${day}  ${left.padStart(9)}  ${organization}  ${kind} ${use}  ${name}  ${serialNumber}${warning}`);
  }
}

function collectAttribute(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new CliError('CLI_USAGE', `an attribute is written name=value, not ${text}`);
  }
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
