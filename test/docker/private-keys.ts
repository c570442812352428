import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { askDocker, docker } from './engine';

/** A private key of a network in containers. */
export interface PrivateKey {
  /** Where the certificate authorities keep it, below their volume. */
  readonly path: string;
  /** A line of its PEM text that no other text has: a file that holds this line holds the key. */
  readonly line: string;
}

/** Where a running container has its volumes and its memory. */
const FOLDERS_OF_CONTAINERS = ['/etc/hyperledger', '/var/hyperledger', '/tmp', '/volumes'];
/** Where the build of an image puts files, besides what the image that it begins with has. */
const FOLDERS_OF_IMAGES = ['/etc', '/home', '/root', '/srv', '/tmp', '/var', '/volumes'];
const KEY_FILE = /(_sk|\.key)$/;
/** The first line of the text is partly the same in all keys. */
const TELLING_LINE = 2;

/** All private keys below a folder that is a copy of the authorities' volume. */
export function privateKeysIn(folder: string): PrivateKey[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => KEY_FILE.test(name))
    .map((name) => join(folder, name))
    .map((file) => ({
      path: relative(folder, file).split(sep).join('/'),
      line: readFileSync(file, 'utf8').split('\n')[TELLING_LINE] ?? '',
    }));
}

/**
 * Which service of a network uses a key, by the place of the key; undefined where no running container does: the keys of
 * authorities and administrators, and TLS keys of users.
 *
 * @param identities name of the application's service by `user@domain`.
 */
export function userOf({ path }: PrivateKey, identities: ReadonlyMap<string, string>): string | undefined {
  const node = /\/(?:peers|orderers)\/([^/]+)\//.exec(path)?.[1];
  if (node !== undefined) return node;
  const domain = /Organizations\/([^/]+)\/chaincode\//.exec(path)?.[1];
  if (domain !== undefined) return `chaincode.${domain}`;
  return identities.get(/\/users\/([^/]+)\/msp\//.exec(path)?.[1] ?? '');
}

/** Which of these keys the files of a running container hold, as places of the keys in order. */
export function keysSeenBy(container: string, keys: readonly PrivateKey[]): string[] {
  const search = `grep -rsohaF -f - ${FOLDERS_OF_CONTAINERS.join(' ')} || true`;
  const { status, output, complaints } = askDocker(
    keys.map(({ line }) => line).join('\n'),
    ...['exec', '--interactive', container, '/bin/bash', '-c', search],
  );
  if (status !== 0) throw new Error(`the files of ${container} were not searched: ${complaints}`);
  const found = new Set(output.split('\n'));
  return keys
    .filter(({ line }) => found.has(line))
    .map(({ path }) => path)
    .sort();
}

/** The files of an image that hold any of these keys. */
export function filesWithKeysIn(image: string, keys: readonly PrivateKey[]): string[] {
  const { status, output, complaints } = askDocker(
    keys.map(({ line }) => line).join('\n'),
    ...['run', '--rm', '--interactive', '--network', 'none', '--user', '0', '--entrypoint', 'grep', image],
    ...['-rslaF', '-f', '-', ...FOLDERS_OF_IMAGES],
  );
  if (status > 2) throw new Error(`${image} was not searched: ${complaints}`);
  return output.split('\n').filter((file) => file !== '');
}

/** Copies a folder of a container, which need not run, to this machine. */
export function copyFrom(container: string, source: string, target: string): void {
  docker('cp', `${container}:${source}`, target);
}
