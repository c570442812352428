import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { slotOfSeconds, type JsonValue } from '@flexledger/domain';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { CliError } from '../cli-errors';
import { RoleClient } from '../client/role-client';
import { commissionMeters, newId, type MeterToCommission } from '../meter-gateway/commission-meters';
import { CONSORTIUM_FILE, DEFAULT_DAY_FOLDER } from '../paths';

interface CommissionOptions {
  readonly meters: string;
  readonly reason: string;
  readonly topology: string;
  readonly crypto: string;
}

/** What is right for most meters of homes. */
const DEFAULTS = {
  measurementType: 'active-energy',
  unit: 'Wh',
  resolutionMinutes: 15,
  obisImport: '1-0:1.8.0',
  obisExport: '1-0:2.8.0',
  phases: 3,
  accuracyClass: 'MID-B',
};

/** The ledger's own codec checks the other fields. */
const listSchema = z.strictObject({
  meters: z
    .array(z.looseObject({ meteringPoint: z.string().min(1), firstTime: z.iso.datetime({ offset: true }).optional() }))
    .min(1)
    .max(100),
});

/** `flexledger meter commission`: the system operator registers meters and puts them into service. */
export function addCommissionCommand(meter: Command, print: (line: string) => void): void {
  meter
    .command('commission')
    .description('register meters and put them into service, with the certificate of the dso')
    .requiredOption('--meters <file>', 'the meters (YAML or JSON), see docs/meter-agent.md')
    .option('--reason <text>', 'why they are put into service', 'installed')
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/', path.join(DEFAULT_DAY_FOLDER, 'network'))
    .action((options: CommissionOptions) => commission(options, print));
}

async function commission(options: CommissionOptions, print: (line: string) => void): Promise<void> {
  const meters = readMeters(path.resolve(options.meters));
  const dataDirectory = mkdtempSync(path.join(os.tmpdir(), 'flexledger-cli-'));
  const client = await RoleClient.openFromFiles({
    topologyFile: path.resolve(options.topology),
    cryptoDirectory: path.resolve(options.crypto),
    organization: 'Dso',
    identity: 'dso',
    dataDirectory,
  });
  try {
    const meterIds = await commissionMeters(client.ledger, meters, options.reason);
    meterIds.forEach((meterId, index) => print(`${meterId}  ${meters[index]?.meteringPoint ?? ''}`));
  } finally {
    await client.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** A meter without an id gets a random one, which tells nothing of its place. */
function readMeters(file: string): MeterToCommission[] {
  const read = listSchema.safeParse(parse(readFileSync(file, 'utf8')));
  if (!read.success) {
    throw new CliError('CLI_USAGE', `${file}: ${z.prettifyError(read.error).replaceAll(/\s*\n\s*/g, ' ')}`);
  }
  return read.data.meters.map(({ meteringPoint, firstTime, ...fields }) => {
    const first = firstTime === undefined ? {} : { firstSlot: slotOfSeconds(Math.floor(Date.parse(firstTime) / 1000)) };
    const entry = { meterId: newId(), ...DEFAULTS, ...first, ...(fields as Readonly<Record<string, JsonValue>>) };
    return { meteringPoint, entry: entry };
  });
}
