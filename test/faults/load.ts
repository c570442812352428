import {
  Conflict,
  LedgerError,
  RuleRejected,
  sealOrders,
  type SignedBlock,
  type Submitted,
} from '@flexledger/gateway-app';
import type { JsonObject } from '@flexledger/domain';
import { Journal } from './journal';
import { submitPlain } from './party';
import { commandIdOf, CONNECTION_LIMIT_W, registerTraders, traderOf, type Scene, type Trader } from './scene';

/** The kinds of work that go on all the time. */
export const STREAMS = ['readings', 'payments', 'orders'] as const;
/** The name of one of them. */
export type StreamName = (typeof STREAMS)[number];

/** Between two commands of one worker: the load shall not fill the machine, or it would measure the machine. */
const THINK_MS = 100;
const READING_WORKERS = 3;
const PAYMENT_WORKERS = 2;
const ORDER_WORKERS = 2;
const TRADERS_PER_REGISTRATION = 50;
const FUND_MICRO = '1000000000';
/** An endorser that is behind refuses what the others know already; how long such a refusal is asked again. */
const PATIENCE_MS = 120_000;
const PATIENCE_PAUSE_MS = 250;

/**
 * Readings and orders with private values and payments without, sent by several workers through the real ledger client,
 * one command after the other. A command that fails is a failure of the suite: clients wait until it is committed.
 */
export class Load {
  readonly journal = new Journal();
  /** Where the last block that each meter has sent begins: what must be readable afterwards. */
  readonly recorded = new Map<string, number>();
  readonly #scene: Scene;
  readonly #channel: string;
  readonly #funded: Trader[] = [];
  #inFlight = 0;
  #pausing = false;
  #stopped = false;
  #workers: Promise<void>[] = [];
  readonly #wake: (() => void)[] = [];

  constructor(scene: Scene, channel: string) {
    this.#scene = scene;
    this.#channel = channel;
  }

  /** How many commands are on their way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Participants that have been paid to, the latest last. */
  get fundedIds(): readonly string[] {
    return this.#paid;
  }
  readonly #paid: string[] = [];

  /** Begins all workers. */
  start(): void {
    const count = (length: number, run: (index: number) => Promise<void>): Promise<void>[] =>
      Array.from({ length }, (_, index) => run(index));
    this.#workers = [
      ...count(READING_WORKERS, (index) => this.#readings(index)),
      ...count(PAYMENT_WORKERS, (index) => this.#payments(index)),
      ...count(ORDER_WORKERS, () => this.#orders()),
    ];
  }

  /** Sends nothing new; resolves with true when all that was sent has ended, with false when that takes too long. */
  async pause(withinMs: number): Promise<boolean> {
    this.#pausing = true;
    const endMs = performance.now() + withinMs;
    while (this.#inFlight > 0 && performance.now() < endMs) {
      await sleep(20);
    }
    return this.#inFlight === 0;
  }

  /** Goes on after a pause. */
  resume(): void {
    this.#pausing = false;
    this.#wake.splice(0).forEach((wake) => wake());
  }

  /** Ends all workers; does not wait for commands that cannot end. */
  async stop(withinMs: number): Promise<void> {
    this.#stopped = true;
    this.resume();
    await Promise.race([Promise.all(this.#workers), sleep(withinMs)]);
  }

  async #readings(worker: number): Promise<void> {
    const { meters, firstSlot, blocks, parties, seed } = this.#scene;
    for (let meter = worker; meter < meters.length; meter += READING_WORKERS) {
      const agent = meters[meter];
      for (let index = 0; agent !== undefined && index < blocks; index += 1) {
        if (!(await this.#mayGoOn())) return;
        const [block] = agent.blocksBetween(firstSlot + index, firstSlot + index + 1);
        if (block === undefined) return;
        const commandId = commandIdOf(seed, `reading/${meter}/${index}`);
        const done = await this.#run('readings', commandId, async () =>
          this.#record(parties.community, commandId, block),
        );
        if (done) this.recorded.set(block.meterId, block.startSlot);
      }
    }
  }

  async #record(
    party: Scene['parties']['community'],
    commandId: string,
    block: SignedBlock,
  ): Promise<Submitted<unknown>> {
    const submitted = await submitPlain(
      party,
      'metering',
      'recordProfiles',
      { commandId, count: 1 },
      { confidential: { blocks: [block.content] } },
    );
    const { exceptions, recorded } = submitted.response;
    if (recorded !== 1) {
      const what = JSON.stringify(exceptions);
      throw new Error(`block ${block.sequence} of meter ${block.meterId} was not recorded: ${what}`);
    }
    return submitted;
  }

  async #payments(worker: number): Promise<void> {
    const { parties, seed } = this.#scene;
    for (let batch = 0; await this.#mayGoOn(); batch += 1) {
      const name = `${worker}/${batch}`;
      const traders = Array.from({ length: TRADERS_PER_REGISTRATION }, (_, index) =>
        traderOf(seed, `trader/${name}/${index}`),
      );
      await this.#run('registrations', commandIdOf(seed, `register/${name}`), async () =>
        registerTraders(parties.community, this.#channel, seed, name, traders),
      );
      for (const trader of traders) {
        if (!(await this.#mayGoOn())) return;
        if (await this.#pay(trader)) this.#funded.push(trader);
      }
    }
  }

  async #pay(trader: Trader): Promise<boolean> {
    const commandId = commandIdOf(this.#scene.seed, `fund/${trader.label}`);
    const request = {
      commandId,
      participantId: trader.key.address,
      amountMicro: FUND_MICRO,
      reference: `payment of ${trader.label}`,
    };
    const done = await this.#run('payments', commandId, async () =>
      submitPlain(this.#scene.parties.market, 'accounts', 'fund', request),
    );
    if (done) this.#paid.push(trader.key.address);
    return done;
  }

  async #orders(): Promise<void> {
    while (await this.#mayGoOn()) {
      const trader = this.#funded.shift();
      if (trader === undefined) {
        await sleep(THINK_MS);
        continue;
      }
      const commandId = commandIdOf(this.#scene.seed, `order/${trader.label}`);
      const { request, confidential } = this.#sealedOrder(trader, commandId);
      await this.#run('orders', commandId, async () =>
        submitPlain(this.#scene.parties.community, 'market', 'placeOrders', request, { confidential }),
      );
    }
  }

  #sealedOrder({ key, label }: Trader, commandId: string): ReturnType<typeof sealOrders> {
    const { seed, session } = this.#scene;
    const agent = { seed, label, key, connectionLimitW: CONNECTION_LIMIT_W };
    const wanted = [{ interval: 0, side: 'sell', energyWh: 100n, limitPriceMicroPerKwh: 100_000n }] as const;
    const expirySlot = session.gateCloseSlot;
    return sealOrders(agent, session, wanted, { commandId, channel: this.#channel, expirySlot });
  }

  /** Runs one command to its end and writes it down. True when it was committed. */
  async #run(stream: string, commandId: string, submit: () => Promise<Submitted<unknown>>): Promise<boolean> {
    const startMs = performance.now();
    this.#inFlight += 1;
    try {
      const { transactionId, blockNumber, attempts } = await patiently(submit);
      const endMs = performance.now();
      this.journal.acknowledged.push({ stream, commandId, transactionId, blockNumber, startMs, endMs, attempts });
      return true;
    } catch (error) {
      this.journal.failures.push(`${stream} ${commandId}: ${sentenceOf(error)}`);
      return false;
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #mayGoOn(): Promise<boolean> {
    await sleep(THINK_MS);
    while (this.#pausing && !this.#stopped) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return !this.#stopped;
  }
}

/** What an application does: a refusal that may pass and a conflict are asked again under the same command id. */
async function patiently<T>(run: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const mayPass = (error instanceof RuleRejected && error.transient) || error instanceof Conflict;
      if (!mayPass || performance.now() > endMs) throw error;
      await sleep(PATIENCE_PAUSE_MS);
    }
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof LedgerError) return `${error.kind} ${error.code} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** Waits. */
export async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A request in its JSON form that pays a participant a little: what faults send by themselves. */
export function smallPayment(commandId: string, participantId: string): JsonObject {
  return { commandId, participantId, amountMicro: '1', reference: 'a payment of the fault suite' };
}
