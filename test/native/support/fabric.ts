import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFabricBinaries, messageOf } from '@flexledger/network';

const CONFORMANCE = join(__dirname, '..', '..', 'conformance');

const PROGRAM = join(__dirname, '..', '..', '..', 'gateway-app', 'dist', 'cli.js');

/** Runs the command line as an operator does, from the build, and returns what it prints. Rejects with its error output. */
export async function runFlexledger(...parameters: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...parameters]);
  return stdout.trimEnd().split('\n');
}

/** Why tests on real Fabric cannot run here; undefined when they can. */
export function whyNoFabric(): string | undefined {
  try {
    findFabricBinaries(process.env);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The network of the conformance suite on other ports, as a file that a test may change. */
export function copyConformanceTopology(folder: string): string {
  const file = join(folder, 'topology.yaml');
  const text = readFileSync(join(CONFORMANCE, 'topology.yaml'), 'utf8');
  const chaincode = `workingDirectory: ${join(CONFORMANCE, 'chaincode')}`;
  writeFileSync(file, text.replace(/\b17([0-9]{3})\b/g, '16$1').replace('workingDirectory: chaincode', chaincode));
  return file;
}

/** Changes a description; the text that is replaced has to be there. */
export function edit(file: string, before: string, after: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(before)) {
    throw new Error(`${file} has no ${before}`);
  }
  writeFileSync(file, text.replace(before, after));
}
