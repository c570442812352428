import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { RENDER_TARGETS, renderTarget, type RenderTarget } from '@flexledger/network';
import { Option, type Command } from 'commander';
import { CONSORTIUM_FILE } from '../paths';

interface RenderCommandOptions {
  readonly target: RenderTarget;
  readonly org?: string;
  readonly topology: string;
  readonly crypto?: string;
  readonly byName: boolean;
  readonly output?: string;
}

/** `flexledger network render`: configuration for Fabric's own tools and for a container engine. */
export function addRenderCommand(network: Command, print: (line: string) => void): void {
  network
    .command('render')
    .description('write configtx.yaml, a compose file or a connection profile from the description of the network')
    .addOption(new Option('--target <target>', 'what to write').choices([...RENDER_TARGETS]).makeOptionMandatory())
    .option('--org <organisation>', 'only the part of this organisation (a profile: for its clients)')
    .option('--topology <file>', 'description of the network', CONSORTIUM_FILE)
    .option('--crypto <folder>', 'folder that holds organizations/, as seen from where the file will be')
    .option('--by-name', 'reach nodes by their full names, as containers and other hosts do', false)
    .option('--output <file>', 'where to write it; default: standard output')
    .action((options: RenderCommandOptions) => render(options, print));
}

function render(options: RenderCommandOptions, print: (line: string) => void): void {
  const { target, topology, org, crypto, byName, output } = options;
  const text = renderTarget({
    target,
    topologyFile: topology,
    byName,
    ...(org === undefined ? {} : { organization: org }),
    ...(crypto === undefined ? {} : { cryptoDirectory: crypto }),
  });
  if (output === undefined) print(text.trimEnd());
  else writeFileSync(path.resolve(output), text);
}
