import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { loadAgentConfig } from '../meter-agent/agent-config';
import { HttpGatewayClient } from '../meter-agent/gateway-client';
import { MeterQueue } from '../meter-agent/meter-queue';
import { runAgent } from '../meter-agent/run-agent';

/** `flexledger meter agent|status`: the agent itself, and what its queue holds. */
export function addAgentCommand(meter: Command, print: (line: string) => void): void {
  meter
    .command('agent')
    .description(
      'read the inputs, sign blocks and bring them to the ledger; ends when all inputs have ended and are there',
    )
    .requiredOption('--config <file>', 'file of the agent')
    .action((options: { readonly config: string }) => agent(options.config, print));
  meter
    .command('status')
    .description('show what an agent that does not run has read, made and not yet sent, and what it could not use')
    .requiredOption('--config <file>', 'file of the agent')
    .action((options: { readonly config: string }) => status(options.config, print));
}

async function agent(file: string, print: (line: string) => void): Promise<void> {
  const config = loadAgentConfig(path.resolve(file));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const gateway = new HttpGatewayClient(config.gateway, stop.signal);
  await runAgent({ config, gateway, say: print, stop: stop.signal });
  print(stop.signal.aborted ? 'stopped; what is not sent stays in the queue' : 'the ledger has every block');
}

async function status(file: string, print: (line: string) => void): Promise<void> {
  const { data } = loadAgentConfig(path.resolve(file));
  if (!existsSync(data)) {
    print('the agent has not run yet');
    return;
  }
  const queue = await MeterQueue.open(data);
  try {
    print(`${queue.waiting} blocks wait to be sent`);
    for (const meterId of await queue.meters()) {
      const state = await queue.state(meterId);
      const first = await queue.firstWaiting(meterId);
      const waits = first === undefined ? 'none waits' : `the first that waits is ${first}`;
      print(`meter ${meterId}: last block ${state?.head.sequence ?? 0}, ${waits}; ${state?.faults ?? 0} faults`);
      for (const { code, where, sentence } of await queue.faults(meterId)) print(`  ${code}: ${where}: ${sentence}`);
    }
  } finally {
    await queue.close();
  }
}
