import type { ClientFile, VtnClient } from './clients';
import { newSecret, tokenDigest } from './secret';

/** The scopes of OpenADR 3.1 that each kind of client can have. */
const SCOPES = {
  ven: ['read_targets', 'read_ven_objects', 'write_reports', 'write_vens', 'write_subscriptions'],
  business: ['read_all', 'write_programs', 'write_events', 'write_vens', 'write_subscriptions'],
} as const;

/** A scope of the standard. */
export type Scope = (typeof SCOPES)['ven' | 'business'][number];

/** How long a token lasts, in seconds. */
const TOKEN_SECONDS = 3_600;
/** How many tokens one client has at a time at most; the oldest one ends first. */
const TOKENS_PER_CLIENT_MAX = 8;

/** What a client is told of its token (RFC 6749, 5.1). */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
}

/** Who sends a request, and what it may do. */
export interface Session {
  readonly client: VtnClient;
  readonly scopes: ReadonlySet<string>;
}

interface Issued {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
  readonly endsMs: number;
}

/** Bearer tokens in memory, by their digests: a restart ends them all, and clients ask for new ones. */
export class Tokens {
  readonly #clients: Pick<ClientFile, 'find'>;
  readonly #now: () => number;
  readonly #issued = new Map<string, Issued>();

  constructor(clients: Pick<ClientFile, 'find'>, now: () => number) {
    this.#clients = clients;
    this.#now = now;
  }

  /**
   * A new token with those of the wanted scopes that this kind of client can have, all of them where none is wanted; undefined where it can
   * have none of them.
   */
  issue({ clientId, kind }: VtnClient, wanted: readonly string[]): TokenAnswer | undefined {
    const possible: readonly string[] = SCOPES[kind];
    const scopes = wanted.length === 0 ? possible : possible.filter((scope) => wanted.includes(scope));
    if (scopes.length === 0) return undefined;
    this.#forget(clientId);
    const token = newSecret();
    const endsMs = this.#now() + TOKEN_SECONDS * 1_000;
    this.#issued.set(tokenDigest(token), { clientId, scopes: new Set(scopes), endsMs });
    return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope: scopes.join(' ') };
  }

  /** Whose token this is; undefined for one that has ended or whose client has been removed. */
  session(token: string): Session | undefined {
    const issued = this.#issued.get(tokenDigest(token));
    if (issued === undefined || issued.endsMs <= this.#now()) return undefined;
    const client = this.#clients.find(issued.clientId);
    return client === undefined ? undefined : { client, scopes: issued.scopes };
  }

  /** Drops what has ended, and the oldest tokens of a client that has too many; the map keeps the order of issue. */
  #forget(clientId: string): void {
    for (const [digest, { endsMs }] of this.#issued) {
      if (endsMs <= this.#now()) this.#issued.delete(digest);
    }
    const own = [...this.#issued].filter(([, issued]) => issued.clientId === clientId);
    own
      .slice(0, Math.max(0, own.length - TOKENS_PER_CLIENT_MAX + 1))
      .forEach(([digest]) => this.#issued.delete(digest));
  }
}
