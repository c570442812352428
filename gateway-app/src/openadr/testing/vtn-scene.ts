import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  canonicalJson,
  enrolmentCodec,
  participantCodec,
  programmeCodec,
  type Enrolment,
  type Participant,
  type Programme,
} from '@flexledger/domain';
import { SigningKey } from '../../client/keys';
import { ClientFile, type NewClient } from '../clients';
import type { EventAnswers, EventView, FlexibilityReadings, SignalView, SignedAnswer, SupportView } from '../port';
import { BASE_PATH, VtnServer, type RequestLine } from '../server';
import { VtnStore } from '../store';

/** Ids of 26 characters that can be told apart. */
export function idOf(label: string): string {
  return label.padEnd(26, '0');
}

/** The slot that has begun in a scene, and the first one of its events. */
export const CURRENT_SLOT = 1_980_000;
export const FIRST_SLOT = CURRENT_SLOT + 16;

export const PROGRAMME = idOf('pr0gramme');
export const OTHER_PROGRAMME = idOf('0ther');
export const AGGREGATOR = idOf('aggregat0r');
export const OTHER_AGGREGATOR = idOf('an0ther');
export const EVENT = idOf('event');

/** A ledger in memory: what it holds is what a test puts there. */
export class MemoryFlexibility implements FlexibilityReadings, EventAnswers {
  readonly programmeRows: Programme[] = [];
  readonly enrolmentRows: Enrolment[] = [];
  readonly participantRows = new Map<string, Participant>();
  readonly eventRows: EventView[] = [];
  readonly supportRows: SupportView[] = [];
  /** What has been sent, and what shall be thrown at the next sends. */
  readonly sent: SignedAnswer[] = [];
  readonly failures: Error[] = [];
  slot = CURRENT_SLOT;

  programmes(): Promise<readonly Programme[]> {
    return Promise.resolve(this.programmeRows);
  }
  enrolment(programmeId: string, participantId: string): Promise<Enrolment | undefined> {
    return Promise.resolve(
      this.enrolmentRows.find((row) => row.programmeId === programmeId && row.participantId === participantId),
    );
  }
  enrolments(programmeId: string): Promise<readonly Enrolment[]> {
    return Promise.resolve(this.enrolmentRows.filter((row) => row.programmeId === programmeId));
  }
  events(participantId: string): Promise<readonly EventView[]> {
    return Promise.resolve(this.eventRows.filter((row) => row.participantId === participantId));
  }
  supports(participantId: string): Promise<readonly SupportView[]> {
    return Promise.resolve(this.supportRows.filter((row) => row.participantId === participantId));
  }
  participant(participantId: string): Promise<Participant> {
    return Promise.resolve(this.participantRows.get(participantId)!);
  }
  currentSlot(): Promise<number> {
    return Promise.resolve(this.slot);
  }
  sign(event: EventView, answer: { transaction: SignedAnswer['transaction'] }, key: SigningKey, commandId: string) {
    const unsigned = { ...answer, commandId, eventId: event.eventId };
    const request = { ...unsigned, signature: key.sign(Buffer.from(canonicalJson(unsigned))) };
    return Promise.resolve({ transaction: answer.transaction, request });
  }
  async send(answer: SignedAnswer): Promise<void> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.sent.push(answer);
  }
}

/** A programme of an aggregator. */
export function programmeRow(programmeId = PROGRAMME, aggregatorId = AGGREGATOR, name = 'Evening peak'): Programme {
  return programmeCodec.decode(
    {
      programmeId,
      aggregatorId,
      terms: {
        name,
        direction: 'reduce',
        gridIds: ['rural-1'],
        baseline: { method: 'high-5-of-10', adjustment: 'none' },
        rewardMicroPerKwh: '250000',
        penaltyMicroPerKwh: '100000',
        aggregatorSharePpm: '200000',
        tolerancePpm: '100000',
        noticeSlots: 8,
        callsPerMonthMax: 20,
        firstSlot: CURRENT_SLOT,
        lastSlot: CURRENT_SLOT + 96 * 30 - 1,
      },
      state: 'OPEN',
    },
    '',
  );
}

/** An enrolment with one asset. */
export function enrolmentRow(participantId: string, assetId: string, programmeId = PROGRAMME): Enrolment {
  return enrolmentCodec.decode(
    {
      programmeId,
      aggregatorId: AGGREGATOR,
      participantId,
      gridId: 'rural-1',
      assets: [
        {
          assetId,
          reduceMaxW: '3000',
          increaseMaxW: '0',
          noticeSlots: 1,
          runSlotsMax: 8,
          restSlots: 8,
          reboundPpm: '300000',
          kind: 'load',
          bus: 'bus-4',
        },
      ],
      comfort: { eventsPerDayMax: 1, slotsPerDayMax: 12 },
      commandId: idOf('c0mmand'),
      expirySlot: CURRENT_SLOT,
      signature: 'A'.repeat(86),
      state: 'ACTIVE',
    },
    '',
  );
}

/** An event of four slots. */
export function eventRow(participantId: string, signal: SignalView, changes: Partial<EventView> = {}): EventView {
  const isps = [0, 1, 2, 3].map((index) => ({
    slot: FIRST_SLOT + index,
    direction: 'reduce' as const,
    energyWh: 500n,
  }));
  return {
    eventId: EVENT,
    orderId: idOf('0rder'),
    programmeId: PROGRAMME,
    aggregatorId: AGGREGATOR,
    participantId,
    assets: [{ assetId: idOf('asset'), isps }],
    firstSlot: FIRST_SLOT,
    lastSlot: FIRST_SLOT + 3,
    signal,
    state: 'NOTIFIED',
    ...changes,
  };
}

/** A volt-var curve for an hour. */
export function supportRow(participantId: string): SupportView {
  return {
    supportId: idOf('supp0rt'),
    programmeId: PROGRAMME,
    aggregatorId: AGGREGATOR,
    participantId,
    assetId: idOf('asset'),
    firstSlot: FIRST_SLOT,
    slots: 4,
    curve: {
      kind: 'CURVE',
      points: [
        { voltageDecivolt: 2_185n, direction: 'inject', powerVar: 4_000n },
        { voltageDecivolt: 2_300n, direction: 'absorb', powerVar: 0n },
        { voltageDecivolt: 2_420n, direction: 'absorb', powerVar: 2_500n },
      ],
    },
  };
}

/** A registered prosumer. */
export function participantRow(key: SigningKey, custodial: boolean): Participant {
  return participantCodec.decode(
    {
      participantId: key.address,
      publicKey: key.publicKey,
      kind: 'prosumer',
      custodial,
      connectionLimitW: '10000',
      mspId: 'CommunityMSP',
      state: 'ACTIVE',
    },
    '',
  );
}

/** What a request answers. */
export interface SceneAnswer {
  readonly status: number;
  /** Whatever the answer's JSON holds. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly headers: Headers;
}

/** A VTN over a ledger in memory, with its clients. */
export class VtnScene {
  readonly ledger = new MemoryFlexibility();
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-vtn-'));
  readonly clients = new ClientFile(this.folder);
  readonly lines: RequestLine[] = [];
  readonly keys = new Map<string, SigningKey>();
  nowMs = Date.UTC(2026, 6, 1, 12);
  #server: VtnServer | undefined;
  #store: VtnStore | undefined;

  async start(): Promise<void> {
    const now = () => this.nowMs;
    this.#store = await VtnStore.open(path.join(this.folder, 'store'), now);
    this.#server = await VtnServer.start({
      host: '127.0.0.1',
      port: 0,
      readings: this.ledger,
      answers: this.ledger,
      clients: this.clients,
      store: this.#store,
      keyOf: (name) => this.keys.get(name)!,
      now,
      log: (line) => this.lines.push(line),
    });
  }

  /** Ends the server as a process ends; what it has written stays. */
  async end(): Promise<void> {
    await this.#server?.stop();
    await this.#store?.close();
  }

  async close(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get base(): string {
    return `${this.#server!.address}${BASE_PATH}`;
  }

  /** A prosumer on the ledger with a VEN; `held` says whether the gateway holds its key, as custodial. */
  async prosumer(
    name: string,
    held = true,
  ): Promise<{ readonly key: SigningKey; readonly token: string; readonly secret: string }> {
    const key = SigningKey.generate();
    this.keys.set(name, key);
    this.ledger.participantRows.set(key.address, participantRow(key, held));
    const client = { kind: 'ven', name, participantId: key.address, ...(held ? { key: name } : {}) } as const;
    return { key, ...(await this.logIn(client)) };
  }

  /** Adds a client and fetches a token for it. */
  async logIn(
    client: NewClient,
  ): Promise<{ readonly token: string; readonly secret: string; readonly clientId: string }> {
    const { clientId, clientSecret } = await this.clients.add(client);
    const { body } = await this.token({ client_id: clientId, client_secret: clientSecret });
    return { token: body.access_token, secret: clientSecret, clientId };
  }

  token(form: Record<string, string>): Promise<SceneAnswer> {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form });
    return this.#fetch('/auth/token', { method: 'POST', body });
  }

  get(place: string, token?: string): Promise<SceneAnswer> {
    return this.#fetch(place, { headers: bearer(token) });
  }

  send(method: string, place: string, token: string | undefined, body?: unknown): Promise<SceneAnswer> {
    const headers = { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    return this.#fetch(place, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  async #fetch(place: string, init: RequestInit): Promise<SceneAnswer> {
    const response = await fetch(`${this.base}${place}`, init);
    return { status: response.status, body: await response.json(), headers: response.headers };
  }
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
