import path from 'node:path';
import { slotStartSeconds } from '@flexledger/domain';
import type { Command } from 'commander';
import { CliError } from '../cli-errors';
import { FileKeyStore, SigningKey } from '../client/keys';
import { loadAgentConfig, type MeterConfig } from '../meter-agent/agent-config';
import type { Cut, CutBlock } from '../meter-agent/block-cutter';
import { previewBlocks } from '../meter-agent/cut-input';
import { spanText } from '../meter-agent/interval-builder';
import { addAgentCommand } from './agent-command';
import { addCommissionCommand } from './commission-command';
import { addGatewayCommand } from './gateway-command';

/** `flexledger meter keys|read|agent|status|gateway|commission`: what runs where the meters are, and at the community. */
export function addMeterCommand(program: Command, print: (line: string) => void): void {
  const meter = program
    .command('meter')
    .description('keys, inputs and agents of meters, and the gateway of the community');
  meter
    .command('keys')
    .description('make the key of a meter where it has none, and print its public key')
    .argument('<name>', 'name of the key, for example home-1')
    .option('--keys <folder>', 'folder of the keys (mode 0700, files 0600)', 'keys')
    .action((name: string, options: { readonly keys: string }) => {
      print(meterKey(path.resolve(options.keys), name).publicKey);
    });
  meter
    .command('read')
    .description('show which blocks an agent would make of its inputs, and which lines it could not use; sends nothing')
    .requiredOption('--config <file>', 'file of the agent')
    .option('--meter <id>', 'only this meter')
    .action((options: { readonly config: string; readonly meter?: string }) => read(options, print));
  addAgentCommand(meter, print);
  addGatewayCommand(meter, print);
  addCommissionCommand(meter, print);
}

/** The key of this name; it is made at random when there is none. */
function meterKey(folder: string, name: string): SigningKey {
  const store = new FileKeyStore(folder);
  if (!store.has(name)) store.save(name, SigningKey.generate());
  return store.load(name);
}

async function read(
  options: { readonly config: string; readonly meter?: string },
  print: (line: string) => void,
): Promise<void> {
  const config = loadAgentConfig(path.resolve(options.config));
  const meters = config.meters.filter((entry) => options.meter === undefined || entry.meter === options.meter);
  if (meters.length === 0) throw new CliError('CLI_USAGE', `${options.config} has no meter ${options.meter ?? ''}`);
  for (const entry of meters) await readMeter(entry, config.blockMinutes, print);
}

async function readMeter(meter: MeterConfig, blockMinutes: number, print: (line: string) => void): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  print(`meter ${meter.meter}`);
  let [blocks, faults] = [0, 0];
  for await (const cut of previewBlocks(meter, { blockMinutes }, stop.signal)) {
    cutLines(cut).forEach((line) => print(line));
    blocks += cut.blocks.length;
    faults += cut.faults.length;
  }
  print(`  ${blocks} blocks, ${faults} faults`);
}

function cutLines({ blocks, faults }: Cut): string[] {
  return [
    ...faults.map(({ code, where, sentence }) => `  ${code}: ${where}: ${sentence}`),
    ...blocks.map((block) => `  ${blockText(block)}`),
  ];
}

function blockText({ startSlot, resolutionMinutes, importWh, exportWh }: CutBlock): string {
  const fromSeconds = slotStartSeconds(startSlot);
  const span = spanText({ fromSeconds, toSeconds: fromSeconds + importWh.length * resolutionMinutes * 60 });
  const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  return `${span}: ${importWh.length} values, ${sum(importWh)} Wh imported, ${sum(exportWh)} Wh exported`;
}
