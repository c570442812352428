import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayFailure } from './gateway-failure';
import { LevelOutbox } from './outbox';
import { countingContract, MemoryGateway, MemoryLedger } from './testing/memory-ledger';
import type { ParentAnswer, ParentRequest } from './testing/outbox-child';

/** The child is a process of its own and therefore runs what was built. */
const CHILD = join(__dirname, '..', '..', 'dist', 'client', 'testing', 'outbox-child.js');

/** Rounds at each of the five points; a fault campaign sets more. */
const ROUNDS = Number(process.env.OUTBOX_CRASH_ROUNDS ?? '2');
const COMMANDS = ['c0', 'c1', 'c2', 'c3'];

/** Where the process dies: before or after the ledger has acted on the nth request of this step. */
interface DeathPoint {
  readonly step: ParentRequest['step'];
  readonly when: 'before' | 'after';
  readonly nth: number;
}

/** The ledger's side of the messages. */
async function serve(gateway: MemoryGateway, request: ParentRequest): Promise<Omit<ParentAnswer, 'id'>> {
  switch (request.step) {
    case 'endorse': {
      const endorsed = await gateway.endorse(request.call ?? { transaction: '', argument: '' });
      const [bytes, result] = [endorsed.bytes, endorsed.result].map((part) => Buffer.from(part).toString('base64'));
      return { transactionId: endorsed.transactionId, bytes: bytes ?? '', result: result ?? '' };
    }
    case 'submit':
      await gateway.submit(Buffer.from(request.bytes ?? '', 'base64'));
      return {};
    case 'commitStatus': {
      const status = await gateway.commitStatus(request.transactionId ?? '', request.deadlineMs).catch(unknownFate);
      return { code: status.code, blockNumber: status.blockNumber.toString() };
    }
    case 'done':
      return {};
  }
}

/** The messages carry no errors; the duplicate code makes the client ask and send again, as an unknown fate does. */
function unknownFate(error: unknown): { readonly code: number; readonly blockNumber: bigint } {
  if (error instanceof GatewayFailure) {
    return { code: 9, blockNumber: 0n };
  }
  throw error;
}

/** How a child ended. */
interface ChildEnd {
  readonly killed: boolean;
  /** The commands that it has asked to endorse: by its promise these are on the disk. */
  readonly begun: ReadonlySet<string>;
}

/** Runs the child; with a death point it is killed there, without one it must end by itself. */
function runChild(
  directory: string,
  ledger: MemoryLedger,
  commandIds: readonly string[],
  death?: DeathPoint,
): Promise<ChildEnd> {
  const gateway = new MemoryGateway(ledger);
  const child = fork(CHILD, [directory, ...commandIds], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const begun = new Set<string>();
  let seen = 0;
  let killed = false;
  let fail: (error: Error) => void = () => undefined;
  const kill = (): void => {
    killed = true;
    child.kill('SIGKILL');
  };
  const answer = async (request: ParentRequest): Promise<void> => {
    if (request.call !== undefined) {
      begun.add((JSON.parse(request.call.argument) as { readonly commandId: string }).commandId);
    }
    seen += request.step === death?.step ? 1 : 0;
    const here = request.step === death?.step && seen === death.nth;
    if (killed || (here && death.when === 'before')) {
      return kill();
    }
    const served = await serve(gateway, request);
    if (here) {
      return kill();
    }
    if (!killed) {
      child.send({ ...served, id: request.id }, (error) => {
        // The child may die between the request and its answer, here or at the death point.
        if (error !== null && !killed) fail(error);
      });
    }
  };
  return new Promise((resolve, reject) => {
    fail = reject;
    child.on('error', reject);
    child.on('message', (request: ParentRequest) => void answer(request).catch(reject));
    child.on('exit', (code) => {
      if (killed || code === 0) {
        resolve({ killed, begun });
      } else {
        reject(new Error(`the child ended with code ${code}`));
      }
    });
  });
}

describe.each([
  ['after the command is on the disk and before it is endorsed', 'endorse', 'before'],
  ['after it is endorsed and before the signed transaction is on the disk', 'endorse', 'after'],
  ['after the signed transaction is on the disk and before an orderer has it', 'submit', 'before'],
  ['after an orderer has it and before the answer', 'submit', 'after'],
  ['after it is committed and before the outbox forgets it', 'commitStatus', 'after'],
] as const)('a process killed %s', (_text, step, when) => {
  test('finishes every open command when it comes back: nothing is lost, nothing is doubled', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const directory = mkdtempSync(join(tmpdir(), 'flexledger-outbox-'));
      const ledger = new MemoryLedger(countingContract);
      try {
        const nth = [1, 3, 2, 4][round % COMMANDS.length] ?? 1;
        const first = await runChild(directory, ledger, COMMANDS, { step, when, nth });
        // The second process is told no commands: what it knows, it knows from the disk.
        const second = await runChild(directory, ledger, []);
        expect([first.killed, second.killed]).toEqual([true, false]);
        expect(first.begun.size).toBeGreaterThan(0);
        const effects = COMMANDS.map((commandId) => ledger.value(`key-${commandId}`) ?? '0');
        const promised = COMMANDS.map((commandId) =>
          first.begun.has(commandId) ? '1' : effects[COMMANDS.indexOf(commandId)],
        );
        expect(effects).toEqual(promised);
        expect(effects.every((effect) => effect === '0' || effect === '1')).toBe(true);
        const outbox = await LevelOutbox.open(directory);
        expect(await outbox.list()).toEqual([]);
        await outbox.close();
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    }
  }, 60_000);
});
