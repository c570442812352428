import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SigningKey } from '../../client/keys';
import { ClientFile, type NewClient } from '../clients';
import { BASE_PATH, VtnServer, type RequestLine } from '../server';
import { VtnStore } from '../store';
import { MemoryFlexibility, participantRow } from './memory-flexibility';

/** What a request answers. */
export interface SceneAnswer {
  readonly status: number;
  /** Whatever the answer's JSON holds. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly headers: Headers;
}

/** What a client logs in with, and the token that it got. */
export interface Login {
  readonly clientId: string;
  readonly secret: string;
  readonly token: string;
}

/** A VTN over a ledger in memory, with its clients. */
export class VtnScene {
  readonly ledger = new MemoryFlexibility();
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-vtn-'));
  readonly clients = new ClientFile(this.folder);
  readonly lines: RequestLine[] = [];
  readonly keys = new Map<string, SigningKey>();
  readonly meterKeys = new Map<string, SigningKey>();
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
      meterKeyOf: (meterId) => this.meterKeys.get(meterId),
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
  async prosumer(name: string, held = true): Promise<{ readonly key: SigningKey } & Login> {
    const key = SigningKey.generate();
    this.keys.set(name, key);
    this.ledger.participantRows.set(key.address, participantRow(key, held));
    const client = { kind: 'ven', name, participantId: key.address, ...(held ? { key: name } : {}) } as const;
    return { key, ...(await this.logIn(client)) };
  }

  /** Adds a client and fetches a token for it. */
  async logIn(client: NewClient): Promise<Login> {
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
