import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  answerDigestOf,
  exampleRuleSet,
  forecastMean,
  type AnswerHead,
  type Computation,
  type JsonObject,
  type RequestId,
} from '@flexledger/domain';
import { auditChannel, FactFeed, MemoryCheckpoint } from '@flexledger/gateway-app';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { LedgerPort } from '@flexledger/oracle';
import { openPort, submitPlain } from '../../../faults/party';
import { closeScene, commandIdOf, prepareScene, type RoleName, type Scene } from '../../../faults/scene';
import { scenarioMode, writeTopology } from '../scenario-network';
import { OracleProcess } from '../oracle-process';
import { writePlugIn } from './plug-in';

/** How the scenario is run. */
export interface OraclesOptions {
  readonly folder: string;
  /** The first two digits of the ports. */
  readonly thousands: number;
  readonly say: (line: string) => void;
}

/** One request, and what became of it. */
export interface PlayedRequest {
  readonly requestId: RequestId;
  readonly state: Computation['state'];
  /** Whose answer counts. */
  readonly answeredBy: string | undefined;
  /** Whether the answer that counts is the one that the rule gives. */
  readonly isRight: boolean;
  /** Each organisation's answer: whether it is the right one. */
  readonly answers: Readonly<Record<string, boolean>>;
  /** Complete answers in the blocks, by organisation. */
  readonly filed: Readonly<Record<string, number>>;
  readonly isDisagreement: boolean;
}

/** What the scenario shows. */
export interface OraclesReport {
  readonly requests: readonly PlayedRequest[];
  /** How often the killed oracle was killed. */
  readonly kills: number;
  /** What became of a request for a service that nobody offers: its state, and the reasons by organisation. */
  readonly unknown: { readonly state: Computation['state']; readonly reasons: Readonly<Record<string, string>> };
  /** Of the slow oracle: its health, and the requests that it has answered as its metrics count them. */
  readonly operations: { readonly health: number; readonly answered: number };
  readonly broken: readonly string[];
  readonly durationSeconds: number;
}

const SEED = 'oracles';
const REQUESTS = 4;
const METERS = 3;
const SLOTS_PER_DAY = 96;
const POLL_MS = 250;
const DEADLINE_MS = 240_000;
const SLOW_MS = 3_000;
/** What the model answers to a lie of one Wh: nothing else notices that. */
const LIE = `const [first, ...rest] = right.series;
    const p90 = first.importWh.p90.map((value) => value + 1n);
    return { ...right, series: [{ ...first, importWh: { ...first.importWh, p90 } }, ...rest] };`;
const SLOW = `await new Promise((resolve) => setTimeout(resolve, ${SLOW_MS}));
    return right;`;

/** A number below `below` that follows from its place alone, so that a run can be repeated. */
function drawn(place: number, below: number): number {
  return (Math.imul(place + 1, 2_654_435_761) >>> 8) % below;
}

/** The consortium with an oracle in each of the three authorities. */
function topologyWithOracles(folder: string, thousands: number): string {
  const file = writeTopology(folder, thousands);
  const text = ['tso', 'regulator'].reduce(
    (before, role) => {
      const own = `      - { name: ${role}, type: client, attributes: { role: ${role} } }\n`;
      return before.replace(own, `${own}      - { name: oracle, type: client, attributes: { role: oracle } }\n`);
    },
    readFileSync(file, 'utf8'),
  );
  writeFileSync(file, text);
  return file;
}

/** Three oracles of three organisations: one lies, one is killed and started again, one is slow. Two equal answers are needed. */
export async function playOracles({ folder, say, thousands }: OraclesOptions): Promise<OraclesReport> {
  const startMs = performance.now();
  mkdirSync(folder, { recursive: true });
  const topologyFile = topologyWithOracles(folder, thousands);
  const handle = await openNetwork({ mode: scenarioMode, topologyFile, dataDirectory: join(folder, 'network') });
  say(`${handle.description} is up`);
  let scene: Scene | undefined;
  const place = { folder, topologyFile, cryptoDirectory: handle.cryptoDirectory };
  const port = thousands * 1_000 + 990;
  const killed = new OracleProcess(place, 'Dso');
  const service = (file: string): string => `services: [{ package: ${JSON.stringify(file)} }]\n`;
  const slow = new OracleProcess(
    place,
    'Tso',
    `${service(writePlugIn(folder, 'slow', SLOW))}operations: { port: ${port} }\n`,
  );
  const liar = new OracleProcess(place, 'Regulator', service(writePlugIn(folder, 'liar', LIE)));
  try {
    scene = await prepareScene(handle, join(folder, 'clients'), SEED);
    const play = new OraclesPlay(handle, scene);
    await play.agree();
    await play.measure();
    await Promise.all([killed, slow, liar].map((oracle) => oracle.start()));
    say('three oracles of three organisations are ready: one lies, one is killed again and again, one is slow');
    for (let number = 0; number < REQUESTS; number += 1) {
      await play.ask(number);
      await sleep(drawn(2 * number, 2_500));
      await killed.end('SIGKILL');
      await sleep(drawn(2 * number + 1, 500));
      await killed.start();
      say(`request ${number + 1} is asked; the oracle of the system operator was killed, and is back`);
    }
    await play.askUnknown();
    const requests = await play.outcome();
    const unknown = await play.unknown();
    const operations = await operationsOf(port);
    await Promise.all([killed, slow, liar].map((oracle) => oracle.end('SIGTERM')));
    const broken = await play.audit();
    const durationSeconds = Math.round((performance.now() - startMs) / 1_000);
    return { requests, kills: REQUESTS, unknown, operations, broken, durationSeconds };
  } finally {
    await Promise.all([killed, slow, liar].map((oracle) => oracle.end('SIGKILL')));
    if (scene !== undefined) await closeScene(scene);
    await handle.stop();
  }
}

async function operationsOf(port: number): Promise<OraclesReport['operations']> {
  const health = (await fetch(`http://127.0.0.1:${port}/healthz`)).status;
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const answered = /oracle_jobs_total\{kind="forecast",outcome="answered"\} (\d+)/.exec(metrics)?.[1] ?? '0';
  return { health, answered: Number(answered) };
}

/** The commands of the scenario, and what is read afterwards. */
class OraclesPlay {
  readonly #requestIds: RequestId[] = [];
  readonly #unknownId = commandIdOf(SEED, 'unknown') as RequestId;

  constructor(
    private readonly handle: NetworkHandle,
    private readonly scene: Scene,
  ) {}

  /** The three organisations become oracles, and two equal answers are needed from now on. */
  async agree(): Promise<void> {
    const mspIds = ['DsoMSP', 'TsoMSP', 'RegulatorMSP'];
    const { governance } = await this.scene.parties.dso.ledger.evaluate('registry', 'getGovernance', {});
    const roles = (governance?.roles ?? []).map(({ mspIds: holders, role }) => ({
      role,
      mspIds: role === 'oracle' ? mspIds : [...holders],
    }));
    await this.#change('roles', { kind: 'roles', roles });
    await this.#change('oracles', { kind: 'oracles', oracles: mspIds });
    const ruleSet = { ...exampleRuleSet, number: 2, oracle: { answersNeeded: 2 } };
    await this.#change('rules', { kind: 'ruleSet', ruleSet });
  }

  /** Records the first day of some meters. */
  async measure(): Promise<void> {
    const { firstSlot, meters } = this.scene;
    for (const meter of meters.slice(0, METERS)) {
      const blocks = meter.blocksBetween(firstSlot, firstSlot + SLOTS_PER_DAY).map(({ content }) => content);
      const request = { commandId: commandIdOf(SEED, `readings ${meter.meterId}`), count: blocks.length };
      const more = { confidential: { blocks } };
      await submitPlain(this.scene.parties.community, 'metering', 'recordProfiles', request, more);
    }
  }

  async ask(number: number): Promise<void> {
    this.#requestIds.push(await this.#request(`request ${number}`, 'forecast-day-ahead', number));
  }

  async askUnknown(): Promise<void> {
    await this.#request('unknown', 'astrology', REQUESTS);
  }

  /** Waits until every request has ended, and compares. */
  async outcome(): Promise<readonly PlayedRequest[]> {
    const filed = await this.#filed(() =>
      this.#until(async () => {
        const states = await Promise.all([...this.#requestIds, this.#unknownId].map((id) => this.#answersTo(id)));
        return states.every(({ request }) => request.state !== 'OPEN');
      }),
    );
    const { rows } = await this.scene.parties.dso.ledger.evaluate('oracle', 'listDisagreements', {});
    const disagreements = new Set(rows.map(({ requestId }) => requestId));
    const played: PlayedRequest[] = [];
    for (const requestId of this.#requestIds) {
      const { answers, request } = await this.#answersTo(requestId);
      const right = await this.#rightDigest(request);
      played.push({
        requestId,
        state: request.state,
        answeredBy: request.answeredBy,
        isRight: request.answerDigest === right,
        answers: Object.fromEntries(
          answers.filter(({ complete }) => complete).map((head) => [head.mspId, head.answerDigest === right]),
        ),
        filed: Object.fromEntries(answers.map(({ mspId }) => [mspId, filed.get(`${requestId} ${mspId}`) ?? 0])),
        isDisagreement: disagreements.has(requestId),
      });
    }
    return played;
  }

  async unknown(): Promise<OraclesReport['unknown']> {
    const { refusals, request } = await this.#answersTo(this.#unknownId);
    return { state: request.state, reasons: Object.fromEntries(refusals.map(({ mspId, reason }) => [mspId, reason])) };
  }

  /** What the blocks say against the invariants. */
  async audit(): Promise<readonly string[]> {
    const who = { organization: 'Regulator', identity: 'regulator' };
    const port = openPort(this.handle, who, 'Regulator', 0);
    const { lastBlock } = this.scene.parties.regulator.ledger.counters;
    const report = await auditChannel(port, lastBlock).finally(() => port.close());
    return [...report.summary.problems, ...report.invariants.filter(({ holds }) => !holds)].map((one) =>
      JSON.stringify(one),
    );
  }

  /** Complete answers in the events, by request and organisation, until something has happened. */
  async #filed(happened: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
    await happened();
    const end = commandIdOf(SEED, 'end');
    const { blocks, firstSlot } = this.scene;
    const slot = firstSlot + blocks + 1;
    await submitPlain(this.scene.parties.tso, 'registry', 'tick', { commandId: end, fromSlot: slot, toSlot: slot });
    const port = openPort(this.handle, { organization: 'Tso', identity: 'tso' }, 'Tso', 0);
    const feed = await FactFeed.open({ port, checkpoint: new MemoryCheckpoint() });
    const filed = new Map<string, number>();
    for await (const { commandId, facts } of feed) {
      for (const { complete, mspId, requestId, type } of facts) {
        if (type === 'ComputationAnswered' && complete === true) {
          const key = `${String(requestId)} ${String(mspId)}`;
          filed.set(key, (filed.get(key) ?? 0) + 1);
        }
      }
      if (commandId === end) feed.close();
    }
    port.close();
    return filed;
  }

  async #rightDigest(request: Computation): Promise<string> {
    const history = await new LedgerPort(this.scene.parties.dso.ledger).history(request);
    return answerDigestOf(forecastMean(history, request));
  }

  async #answersTo(requestId: RequestId): Promise<{
    readonly request: Computation;
    readonly answers: readonly AnswerHead[];
    readonly refusals: readonly { readonly mspId: string; readonly reason: string }[];
  }> {
    return this.scene.parties.dso.ledger.evaluate('oracle', 'getAnswers', { requestId });
  }

  async #request(label: string, service: string, number: number): Promise<RequestId> {
    const { blocks, firstSlot, meters } = this.scene;
    const now = firstSlot + blocks;
    const commandId = commandIdOf(SEED, label);
    await submitPlain(this.scene.parties.dso, 'oracle', 'requestComputation', {
      commandId,
      service,
      version: '1',
      meterIds: meters.slice(0, METERS).map(({ meterId }) => meterId),
      firstSlot: now + SLOTS_PER_DAY + 4 * number,
      intervals: 24,
      intervalSlots: 4,
      historyFromSlot: firstSlot,
      historyToSlot: firstSlot + SLOTS_PER_DAY,
      expirySlot: now + SLOTS_PER_DAY / 2,
    });
    return commandId as RequestId;
  }

  async #change(label: string, change: JsonObject): Promise<void> {
    const { parties } = this.scene;
    const commandId = commandIdOf(SEED, `propose ${label}`);
    const proposed = await submitPlain(parties.regulator, 'registry', 'propose', { commandId, change });
    const { proposalDigest, proposalId } = proposed.response;
    let last = proposed.transactionId;
    for (const role of ['tso', 'market'] as const) {
      await parties[role].ledger.awaitTransaction(last);
      const approval = { commandId: commandIdOf(SEED, `${label} ${role}`), proposalId, proposalDigest };
      last = (await submitPlain(parties[role], 'registry', 'approve', approval)).transactionId;
    }
    await Promise.all((Object.keys(parties) as RoleName[]).map((role) => parties[role].ledger.awaitTransaction(last)));
  }

  async #until(done: () => Promise<boolean>): Promise<void> {
    const endMs = performance.now() + DEADLINE_MS;
    while (!(await done())) {
      if (performance.now() > endMs) throw new Error('the oracles have not answered in time');
      await sleep(POLL_MS);
    }
  }
}
