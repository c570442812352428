import path from 'node:path';
import { parseArgs } from 'node:util';
import { openNetwork } from '@flexledger/network';
import { STRATEGY_NAMES } from '../agents/strategies';
import { RoleClient } from '../client/role-client';
import { planDay, type DayChoices } from '../day/plan';
import { FactFollower } from './fact-follower';
import { PreparedStore } from './prepared-store';
import type { RoleMessage, StepRequest } from './protocol';
import { RoleProcess } from './role-process';
import { isRoleName, ROLE_ORGANIZATIONS } from './role-names';
import { stepsOfRole } from './steps';

/*
 * One role app as its own process: `node main.js --role NAME …`, a child of the day's conductor. It has its own certificate,
 * its own connection to its organisation's peer, its own outbox and checkpoint, and follows the facts of the channel.
 */

interface RoleArguments {
  readonly role: string;
  readonly seed: string;
  readonly choices: DayChoices;
  readonly topology: string;
  readonly crypto: string;
  readonly data: string;
}

function readArguments(): RoleArguments {
  const text = { type: 'string' } as const;
  const options = {
    role: text,
    seed: text,
    'history-days': text,
    strategy: text,
    'set-points': { type: 'boolean' as const, default: false },
    intraday: { type: 'boolean' as const, default: false },
    'grid-limits': { type: 'boolean' as const, default: false },
    'trained-forecast': { type: 'boolean' as const, default: false },
    flexibility: { type: 'boolean' as const, default: false },
    topology: text,
    crypto: text,
    data: text,
  };
  const { values } = parseArgs({ options });
  const { role, seed, topology, crypto, data } = values;
  if (
    role === undefined ||
    seed === undefined ||
    topology === undefined ||
    crypto === undefined ||
    data === undefined
  ) {
    throw new TypeError('a role process needs --role, --seed, --topology, --crypto and --data');
  }
  const strategy = STRATEGY_NAMES.find((name) => name === (values.strategy ?? 'simple'));
  if (strategy === undefined) throw new TypeError(`there is no strategy ${values.strategy ?? ''}`);
  const historyDays = Number(values['history-days'] ?? '7');
  const { 'set-points': setPoints, 'grid-limits': gridLimits, flexibility, intraday } = values;
  const trainedForecast = values['trained-forecast'];
  const choices = { historyDays, strategy, setPoints, intraday, gridLimits, flexibility, trainedForecast };
  return { role, seed, topology, crypto, data, choices };
}

function tell(message: RoleMessage): void {
  process.send?.(message);
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

async function main(): Promise<void> {
  const { role, seed, choices, topology, crypto, data } = readArguments();
  if (!isRoleName(role)) throw new TypeError(`there is no role ${role}`);
  const network = await openNetwork({ mode: 'existing', topologyFile: topology, cryptoDirectory: crypto });
  const client = await RoleClient.open({
    network,
    organization: ROLE_ORGANIZATIONS[role],
    identity: role,
    dataDirectory: data,
    onRetry: (error, command) => log(`again ${command.contract}:${command.transaction} after ${error.code}`),
  });
  const follower = new FactFollower();
  const roleProcess = new RoleProcess({
    role,
    steps: stepsOfRole(role),
    plan: planDay(seed, choices),
    ledger: client.ledger,
    prepared: new PreparedStore(path.join(data, 'prepared')),
    follower,
    tell,
    log,
  });
  const stop = (): void => {
    void follower
      .stop()
      .then(() => client.close())
      .then(() => process.exit(0));
  };
  process.on('disconnect', stop);
  process.on('SIGTERM', stop);
  // Ctrl-C reaches the whole group of processes; the conductor decides in which order they end.
  process.on('SIGINT', () => undefined);
  await client.ledger.resume();
  await follower.start(client, (error) => {
    log(`following the facts has ended: ${String(error)}`);
    process.exit(1);
  });
  process.on('message', (message) => void roleProcess.receive(message as StepRequest));
  tell({ kind: 'ready' });
}

main().catch((error: unknown) => {
  log(`the role cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exit(1);
});
