import type { AddressInfo } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { isLoopback } from '../meter-gateway/loopback';
import { addAuthRoutes } from './auth-routes';
import type { ClientFile } from './clients';
import { Library } from './library';
import type { EventAnswers, FlexibilityReadings } from './port';
import { Problem, problemBody, problemOf } from './problem';
import { ReportDesk, type ReportDeskOptions } from './report-desk';
import { addReadRoutes, addRefusedRoutes, addReportRoutes } from './routes';
import type { VtnStore } from './store';
import { Tokens, type Session } from './tokens';

/** Where the interface stands under the server's address. */
export const BASE_PATH = '/openadr3/3.1.0';

const BODY_BYTES_MAX = 64 * 1_024;
/** Requests in a minute of one client, or of one address without a token. */
const REQUESTS_PER_MINUTE = 300;
const REQUEST_TIMEOUT_MS = 20_000;

/** One line of the request log. It holds no header, no body and no query. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly client?: string;
  readonly milliseconds: number;
}

/** What a server is made of. */
export interface VtnServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Certificate and key in PEM; without them the server listens on loopback only. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly readings: FlexibilityReadings;
  readonly answers: EventAnswers;
  readonly clients: ClientFile;
  readonly store: VtnStore;
  readonly keyOf: ReportDeskOptions['keyOf'];
  readonly meterKeyOf: ReportDeskOptions['meterKeyOf'];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (line: RequestLine) => void;
}

/** A virtual top node: the REST interface of OpenADR 3.1 over the ledger. */
export class VtnServer {
  readonly #app: FastifyInstance;
  readonly #scheme: 'http' | 'https';

  private constructor(app: FastifyInstance, scheme: 'http' | 'https') {
    this.#app = app;
    this.#scheme = scheme;
  }

  /** Finishes the reports of an earlier process, then listens. @throws RangeError for an address that others can reach, without TLS */
  static async start(options: VtnServerOptions): Promise<VtnServer> {
    const { host, port, tls } = options;
    if (tls === undefined && !isLoopback(host)) {
      throw new RangeError(`without a certificate the VTN listens on loopback only, and not on ${host}`);
    }
    const desk = new ReportDesk(options);
    await desk.resume();
    const sessions = new Sessions(options);
    const app = makeApp(options, sessions);
    const scheme = tls === undefined ? 'http' : 'https';
    await app.register(rateLimit, {
      max: REQUESTS_PER_MINUTE,
      timeWindow: '1 minute',
      keyGenerator: (request) => sessions.find(request)?.client.clientId ?? request.ip,
      errorResponseBuilder: (_request, { after }) => new Problem(429, `too many requests; wait ${after}`),
    });
    await app.register(
      (routes, _options, done) => {
        addRoutes(routes, { ...options, desk, sessions, scheme });
        done();
      },
      { prefix: BASE_PATH },
    );
    await app.listen({ host, port });
    return new VtnServer(app, scheme);
  }

  /** Such as `http://127.0.0.1:8080`. */
  get address(): string {
    const { address, family, port } = this.#app.server.address() as AddressInfo;
    return `${this.#scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Takes no more requests, and ends once those that run are answered. */
  async stop(): Promise<void> {
    await this.#app.close();
  }
}

/** The tokens, and who sends a request. */
class Sessions {
  readonly tokens: Tokens;

  constructor({ clients, now }: Pick<VtnServerOptions, 'clients' | 'now'>) {
    this.tokens = new Tokens(clients, now);
  }

  find({ headers }: FastifyRequest): Session | undefined {
    const token = /^Bearer ([A-Za-z0-9_~.+/=-]{1,4096})$/i.exec(headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : this.tokens.session(token);
  }

  /** @throws Problem 401 without a token that counts, 403 where the token lacks all of these scopes */
  allowed(request: FastifyRequest, scopes: readonly string[]): Session {
    const session = this.find(request);
    if (session === undefined) throw new Problem(401, 'a bearer token is needed; fetch one at auth/token');
    if (!scopes.some((scope) => session.scopes.has(scope))) {
      throw new Problem(403, `this token has none of the scopes ${scopes.join(', ')}`);
    }
    return session;
  }
}

function makeApp({ log, tls }: VtnServerOptions, sessions: Sessions): FastifyInstance {
  const common = {
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    logger: false,
  } as const;
  const app = tls === undefined ? fastify(common) : (fastify({ ...common, https: tls }) as unknown as FastifyInstance);
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))));
  });
  app.setNotFoundHandler((request, reply) => {
    void reply.code(404).send(problemBody(404, `there is no ${request.method} ${pathOf(request)}`));
  });
  app.setErrorHandler((error, _request, reply) => {
    const { detail, status } = problemOf(error);
    if (status === 401) void reply.header('www-authenticate', 'Bearer realm="openadr"');
    if (status === 503) void reply.header('retry-after', '5');
    void reply.code(status).send(problemBody(status, detail));
  });
  app.addHook('onResponse', (request, reply, done) => {
    const client = sessions.find(request)?.client.clientId;
    log({
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      ...(client === undefined ? {} : { client }),
      milliseconds: Math.round(reply.elapsedTime),
    });
    done();
  });
  return app;
}

function addRoutes(
  app: FastifyInstance,
  parts: VtnServerOptions & {
    readonly desk: ReportDesk;
    readonly sessions: Sessions;
    readonly scheme: 'http' | 'https';
  },
): void {
  const { clients, desk, scheme, sessions, store } = parts;
  const routeParts = {
    library: new Library(parts),
    desk,
    store,
    allowed: (request: FastifyRequest, scopes: readonly string[]) => sessions.allowed(request, scopes),
  };
  const tokenUrl = ({ host }: FastifyRequest): string => `${scheme}://${host}${BASE_PATH}/auth/token`;
  addAuthRoutes(app, { clients, tokens: sessions.tokens, tokenUrl });
  addReadRoutes(app, routeParts);
  addReportRoutes(app, routeParts);
  addRefusedRoutes(app, routeParts);
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}
