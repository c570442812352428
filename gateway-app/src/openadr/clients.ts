import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CliError } from '../cli-errors';
import { FileKeyStore, type SigningKey } from '../client/keys';
import { hashSecret, isSecret, newSecret } from './secret';

/** How ids of participants look. */
export const PARTICIPANT_ID = /^[0-9a-hjkmnp-tv-z]{26}$/;

/** Who may log in: a VEN of a prosumer, or the business logic of an aggregator. */
const clientSchema = z.strictObject({
  clientId: z.string().min(1).max(128),
  kind: z.enum(['ven', 'business']),
  /** The name of the ven, or of the aggregator; unique in a VTN. */
  name: z.string().min(1).max(128),
  participantId: z.string().regex(PARTICIPANT_ID),
  /** The name of the prosumer's key where this gateway holds it; absent where the prosumer's own agent signs. */
  key: z.string().optional(),
  salt: z.string(),
  hash: z.string(),
});
const fileSchema = z.strictObject({ format: z.literal(1), clients: z.array(clientSchema).max(10_000) });

type StoredClient = z.infer<typeof clientSchema>;
/** A client without its secret's hash. */
export type VtnClient = Readonly<Omit<StoredClient, 'salt' | 'hash'>>;

/** What a new client is made of. */
export type NewClient = Omit<VtnClient, 'clientId'>;

/** A hash that no secret has, so that an unknown client takes as long as a wrong secret. */
const NOBODY = { salt: '', hash: '' };

/** The clients of a VTN in a file that only its owner may read. It holds hashes of secrets, never a secret. */
export class ClientFile {
  readonly #file: string;
  #known: { readonly version: string; readonly clients: readonly StoredClient[] } = { version: '', clients: [] };

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = path.join(folder, 'clients.json');
  }

  /** The clients as they stand in the file now: a running VTN sees those that are added and removed. */
  list(): readonly VtnClient[] {
    return this.#read().map(({ hash: _hash, salt: _salt, ...client }) => client);
  }

  find(clientId: string): VtnClient | undefined {
    return this.list().find((client) => client.clientId === clientId);
  }

  /**
   * Adds a client and answers its id and its secret, which nobody can see again.
   * @throws CliError OPENADR_CLIENT_TWICE where the name or, for a ven, the participant has a client already
   */
  async add(client: NewClient): Promise<{ readonly clientId: string; readonly clientSecret: string }> {
    const twice = this.#read().some(
      (other) =>
        other.name === client.name ||
        (other.kind === 'ven' && client.kind === 'ven' && other.participantId === client.participantId),
    );
    if (twice)
      throw new CliError('OPENADR_CLIENT_TWICE', `there is a client for ${client.name} already; remove it first`);
    const [clientId, clientSecret] = [`${client.kind}-${newSecret().slice(0, 16)}`, newSecret()];
    const hashed = await hashSecret(clientSecret);
    this.#write([...this.#read(), { clientId, ...client, ...hashed }]);
    return { clientId, clientSecret };
  }

  /** Removes a client, whose tokens end with it. @throws CliError OPENADR_CLIENT_UNKNOWN */
  remove(clientId: string): void {
    const others = this.#read().filter((client) => client.clientId !== clientId);
    if (others.length === this.#read().length) {
      throw new CliError(
        'OPENADR_CLIENT_UNKNOWN',
        `there is no client ${clientId}; see flexledger openadr client list`,
      );
    }
    this.#write(others);
  }

  /** The client of these credentials, or undefined. */
  async verify(clientId: string, clientSecret: string): Promise<VtnClient | undefined> {
    const stored = this.#read().find((client) => client.clientId === clientId);
    const isRight = await isSecret(clientSecret, stored ?? NOBODY);
    return isRight && stored !== undefined ? this.find(clientId) : undefined;
  }

  #read(): readonly StoredClient[] {
    const stat = statSync(this.#file, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    const version = `${stat.ino}/${stat.mtimeMs}/${stat.size}`;
    if (version !== this.#known.version) {
      this.#known = { version, clients: fileSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).clients };
    }
    return this.#known.clients;
  }

  /** Beside the file first and then in its place, so that a crash leaves the old clients or the new ones. */
  #write(clients: readonly StoredClient[]): void {
    const beside = `${this.#file}.${process.pid}.new`;
    const text = `${JSON.stringify({ format: 1, clients }, undefined, 2)}\n`;
    writeFileSync(beside, text, { mode: 0o600, flush: true });
    renameSync(beside, this.#file);
  }
}

/** The keys of meters of custodial prosumers in the folder of a VTN, each under the id of its meter; undefined where there is none. */
export function meterKeysOf(folder: string): (meterId: string) => SigningKey | undefined {
  const keys = new FileKeyStore(path.join(folder, 'meter-keys'));
  return (meterId) => (keys.has(meterId) ? keys.load(meterId) : undefined);
}

/** The keys of custodial prosumers, in the folder of a VTN beside its clients. */
export function keysOf(folder: string): FileKeyStore {
  return new FileKeyStore(path.join(folder, 'keys'));
}
