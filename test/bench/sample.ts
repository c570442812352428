import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Chaincode } from '@flexledger/topology';

/** The name of the sample's chaincode on the channel. */
export const SAMPLE = 'basic';

const PLACE = join('asset-transfer-basic', 'chaincode-typescript');

/**
 * A built copy of Fabric's own asset-transfer sample, unchanged, from the checkout that SAMPLES_DIR names; undefined where there is
 * none. The copy is kept for later runs as long as the sample's sources are the same.
 * @throws Error when it cannot be installed or built
 */
export function prepareSample(
  environment: NodeJS.ProcessEnv,
  folder: string,
  say: (line: string) => void,
): string | undefined {
  const source = join(environment['SAMPLES_DIR'] ?? '', PLACE);
  if (environment['SAMPLES_DIR'] === undefined || !existsSync(source)) return undefined;
  const copy = join(folder, 'asset-transfer-basic');
  if (isSame(source, copy) && existsSync(join(copy, 'dist', 'index.js'))) return copy;
  say('installing and building the sample');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(source, copy, { recursive: true, filter: (path) => !/\/(node_modules|dist)$/.test(path) });
  mustRun(copy, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts');
  mustRun(copy, 'npm', 'run', 'build');
  return copy;
}

/** How the sample's chaincode runs: the program that its own start script names, with the network's TLS and quiet logs. */
export function sampleChaincode(folder: string, endorsementPolicy: string): Chaincode {
  const options = [
    '--chaincode-address=$CHAINCODE_SERVER_ADDRESS',
    '--chaincode-id=$CHAINCODE_ID',
    '--chaincode-tls-key-file=$CHAINCODE_TLS_KEY_FILE',
    '--chaincode-tls-cert-file=$CHAINCODE_TLS_CERT_FILE',
    '--chaincode-tls-client-cacert-file=$CHAINCODE_TLS_CLIENT_CACERT_FILE',
  ];
  return {
    name: SAMPLE,
    version: '1.0',
    sequence: 1,
    endorsementPolicy,
    collections: [],
    service: {
      kind: 'command',
      command: ['sh', '-c', `exec node node_modules/.bin/fabric-chaincode-node server ${options.join(' ')}`],
      workingDirectory: folder,
      environment: { CORE_CHAINCODE_LOGGING_LEVEL: 'error', CORE_CHAINCODE_LOGGING_SHIM: 'error' },
      addresses: {},
      tls: true,
    },
  };
}

function isSame(source: string, copy: string): boolean {
  return ['package.json', join('src', 'asset.ts'), join('src', 'assetTransfer.ts'), join('src', 'index.ts')].every(
    (file) => {
      const [left, right] = [join(source, file), join(copy, file)];
      return existsSync(left) && existsSync(right) && readFileSync(left).equals(readFileSync(right));
    },
  );
}

function mustRun(folder: string, program: string, ...parameters: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, parameters, { cwd: folder, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${program} ${parameters.join(' ')} ended with ${String(status)}: ${stdout}${stderr}`);
}
