import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback } from './loopback';
import {
  canonicalJson,
  parseJson,
  unpackBlock,
  RuleError,
  type JsonValue,
  type ProfileBlock,
} from '@flexledger/domain';
import { LedgerError } from '../client/errors';
import {
  blocksSentCodec,
  blocksTakenCodec,
  meterFactsCodec,
  refusalCodec,
  REQUEST_BYTES_MAX,
  type MeterFacts,
} from '../meter-agent/meter-protocol';
import { GatewayBusy, type BlockBatcher } from './block-batcher';

/** What the gateway's server is made of. */
export interface GatewayServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly batcher: Pick<BlockBatcher, 'add'>;
  /** What the ledger says of a meter; undefined where it has none of this id. */
  readonly facts: (meterId: string) => Promise<MeterFacts | undefined>;
}

interface Answer {
  readonly status: number;
  readonly body: JsonValue;
}

const METER_PATH = /^\/v1\/meters\/([0-9a-hjkmnp-tv-z]{26})$/;

/** The interface of the community's gateway for its agents: HTTP on the machine itself. Blocks carry their own signatures. */
export class GatewayServer {
  readonly #options: GatewayServerOptions;
  readonly #server: Server;

  private constructor(options: GatewayServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Listens. @throws RangeError for an address that others can reach */
  static async start(options: GatewayServerOptions): Promise<GatewayServer> {
    if (!isLoopback(options.host))
      throw new RangeError(`the gateway listens on loopback only, and not on ${options.host}`);
    const gateway = new GatewayServer(options);
    await new Promise<void>((resolve, reject) => {
      gateway.#server.once('error', reject);
      gateway.#server.listen(options.port, options.host, resolve);
    });
    return gateway;
  }

  /** Such as `http://127.0.0.1:17800`. */
  get address(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** Takes no more requests and ends those that wait: agents send again what was not answered. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(request).catch((error: unknown) => answerTo(error));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(canonicalJson(body));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method, url = '' } = request;
    const meterId = METER_PATH.exec(url)?.[1];
    if (method === 'GET' && meterId !== undefined) return this.#meter(meterId);
    if (method === 'POST' && url === '/v1/blocks') return this.#blocks(request);
    return refusal(404, 'GATEWAY_PATH_UNKNOWN', 'there are GET /v1/meters/<id> and POST /v1/blocks');
  }

  async #meter(meterId: string): Promise<Answer> {
    const facts = await this.#options.facts(meterId);
    if (facts === undefined) return refusal(404, 'METER_UNKNOWN', 'the ledger has no meter of this id');
    return { status: 200, body: meterFactsCodec.encode(facts) };
  }

  async #blocks(request: IncomingMessage): Promise<Answer> {
    const text = await readBody(request);
    if (text === undefined) {
      return refusal(413, 'INPUT_TOO_LARGE', `a request has at most ${REQUEST_BYTES_MAX} bytes`);
    }
    const { blocks } = blocksSentCodec.decode(parseJson(text), '');
    const decoded: readonly ProfileBlock[] = blocks.map((block, index) => unpackBlock(block, `/blocks/${index}`));
    const outcomes = await this.#options.batcher.add(decoded);
    const results = decoded.map(({ meterId, sequence }, index) => {
      const { status, code } = outcomes[index] ?? { status: 'refused' };
      return { meterId, sequence, status, ...(code === undefined ? {} : { code }) };
    });
    return { status: 200, body: blocksTakenCodec.encode({ results }) };
  }
}

/** A body as text; undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > REQUEST_BYTES_MAX) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** A malformed request is the sender's fault; what the ledger says of the whole transaction may be otherwise later. */
function answerTo(error: unknown): Answer {
  if (error instanceof RuleError) return refusal(400, error.code, error.message);
  if (error instanceof GatewayBusy) return refusal(503, 'GATEWAY_BUSY', error.message);
  if (error instanceof LedgerError) return refusal(503, error.code, error.message);
  return refusal(500, 'GATEWAY_FAILED', error instanceof Error ? error.message : String(error));
}

function refusal(status: number, code: string, sentence: string): Answer {
  return { status, body: refusalCodec.encode({ code, sentence: sentence.replaceAll(/\s+/g, ' ').slice(0, 1_000) }) };
}
