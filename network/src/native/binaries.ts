import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { NetworkError } from '../network-error';

/** The release lines of Fabric that native mode speaks. */
export type FabricRelease = '2.5' | '3.1';

/** A pair of Fabric binaries of one release, and the external builder that came with them. */
export interface FabricBinaries {
  /** For example `3.1.5`. */
  readonly version: string;
  readonly peer: string;
  readonly orderer: string;
  /** Folder with `bin/detect`, `bin/build` and `bin/release` for chaincode as a service. */
  readonly builder: string;
}

const WHERE =
  'download a release archive (bin, builders and config) from https://github.com/hyperledger/fabric/releases';
const RELEASES: readonly FabricRelease[] = ['3.1', '2.5'];

/**
 * Finds `peer` and `orderer` in FABRIC_BIN (one or several folders) or else in every folder of PATH, and takes the newest
 * of the wanted release line.
 *
 * @throws NetworkError NETWORK_BINARIES_MISSING, NETWORK_VERSION_WRONG.
 */
export function findFabricBinaries(environment: NodeJS.ProcessEnv, release?: FabricRelease): FabricBinaries {
  const source = environment['FABRIC_BIN'] === undefined ? 'PATH' : 'FABRIC_BIN';
  const folders = (environment[source] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...new Set(folders.flatMap(resolveFolder))];
  if (candidates.length === 0) {
    throw new NetworkError(
      'NETWORK_BINARIES_MISSING',
      `no folder of ${source} holds Fabric's "peer" and "orderer"; ${WHERE} and set FABRIC_BIN to its bin folder.`,
    );
  }
  const found = candidates.map(describeFolder);
  const usable = found.filter((one) =>
    (release === undefined ? RELEASES : [release]).some((line) => isOf(one.version, line)),
  );
  const best = usable.sort((left, right) => compareVersions(right.version, left.version))[0];
  if (best === undefined) {
    const versions = found.map((one) => one.version).join(', ');
    const wanted = release ?? RELEASES.join(' or ');
    throw new NetworkError('NETWORK_VERSION_WRONG', `found Fabric ${versions}, but need ${wanted}; ${WHERE}.`);
  }
  if (!existsSync(join(best.builder, 'bin', 'detect'))) {
    throw new NetworkError(
      'NETWORK_BINARIES_MISSING',
      `Fabric ${best.version} has no chaincode-as-a-service builder beside its binaries (builders/ccaas); ${WHERE}.`,
    );
  }
  return best;
}

/** Folders on PATH often hold links into a release folder; the builder stands beside the real file. */
function resolveFolder(folder: string): string[] {
  const peer = join(folder, 'peer');
  const orderer = join(folder, 'orderer');
  if (!isFile(peer) || !isFile(orderer)) {
    return [];
  }
  return [dirname(realpathSync(peer))];
}

function isFile(file: string): boolean {
  return existsSync(file) && statSync(file).isFile();
}

function describeFolder(folder: string): FabricBinaries {
  const peer = join(folder, 'peer');
  const orderer = join(folder, 'orderer');
  const version = versionOf(peer);
  const ordererVersion = versionOf(orderer);
  if (version !== ordererVersion) {
    throw new NetworkError(
      'NETWORK_VERSION_WRONG',
      `${peer} is ${version} but ${orderer} is ${ordererVersion}; use binaries of one release.`,
    );
  }
  return { version, peer, orderer, builder: join(dirname(folder), 'builders', 'ccaas') };
}

function versionOf(binary: string): string {
  let output: string;
  try {
    output = execFileSync(binary, ['version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    throw new NetworkError('NETWORK_VERSION_WRONG', `${binary} does not run on this machine; ${WHERE}.`, {
      cause: error,
    });
  }
  return /Version:\s*v?([0-9][^\s]*)/.exec(output)?.[1] ?? 'of an unknown version';
}

function isOf(version: string, release: FabricRelease): boolean {
  return version.startsWith(`${release}.`);
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}
