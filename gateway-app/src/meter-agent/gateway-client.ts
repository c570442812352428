import { canonicalJson, parseJson, type Codec } from '@flexledger/domain';
import { AgentError } from './agent-error';
import { blocksTakenCodec, meterFactsCodec, refusalCodec, type BlockAnswer, type MeterFacts } from './meter-protocol';

/** The gateway of the community as an agent sees it. */
export interface GatewayClient {
  /**
   * What an agent has to know of a meter; undefined while the ledger does not know it.
   * @throws GatewayUnavailable while nobody answers
   */
  facts(meterId: string): Promise<MeterFacts | undefined>;
  /**
   * Takes packed blocks, and resolves when the ledger has said what became of each.
   * @throws GatewayUnavailable when that is not known: the blocks are sent again
   */
  send(blocks: readonly string[]): Promise<readonly BlockAnswer[]>;
}

/** The gateway does not answer, or says that it cannot now. What was sent to it is sent again. */
export class GatewayUnavailable extends Error {
  override readonly name = 'GatewayUnavailable';
}

/** Longer than the ledger client of the gateway waits for a commit. */
const DEADLINE_MS = 120_000;

/** The gateway over HTTP. */
export class HttpGatewayClient implements GatewayClient {
  readonly #address: string;
  readonly #stop: AbortSignal;

  constructor(address: string, stop: AbortSignal) {
    this.#address = address.replace(/\/$/, '');
    this.#stop = stop;
  }

  async facts(meterId: string): Promise<MeterFacts | undefined> {
    const response = await this.#call(`/v1/meters/${meterId}`, {});
    return response.status === 404 ? undefined : this.#answer(response, meterFactsCodec);
  }

  async send(blocks: readonly string[]): Promise<readonly BlockAnswer[]> {
    const headers = { 'content-type': 'application/json' };
    const response = await this.#call('/v1/blocks', { method: 'POST', headers, body: canonicalJson({ blocks }) });
    const { results } = await this.#answer(response, blocksTakenCodec);
    if (results.length !== blocks.length) throw new GatewayUnavailable('the gateway has not answered for every block');
    return results;
  }

  async #call(path: string, init: RequestInit): Promise<Response> {
    try {
      const signal = AbortSignal.any([this.#stop, AbortSignal.timeout(DEADLINE_MS)]);
      return await fetch(`${this.#address}${path}`, { ...init, signal });
    } catch (error) {
      throw new GatewayUnavailable(`${this.#address} does not answer (${reasonOf(error)})`, { cause: error });
    }
  }

  async #answer<T>(response: Response, codec: Codec<T>): Promise<T> {
    const text = await response.text().catch((error: unknown) => {
      throw new GatewayUnavailable(`${this.#address} has not finished its answer (${reasonOf(error)})`, {
        cause: error,
      });
    });
    if (response.ok) return codec.decode(parseJson(text), '');
    if (response.status === 503) {
      const { code, sentence } = refusalCodec.decode(parseJson(text), '');
      throw new GatewayUnavailable(`${code}: ${sentence}`);
    }
    throw new AgentError(
      'AGENT_GATEWAY_UNKNOWN',
      `${this.#address} answers ${response.status}, as a gateway of this release does not; check the address`,
    );
  }
}

/** What is behind "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { readonly cause?: { readonly code?: string }; readonly message?: string };
  return cause?.code ?? message ?? String(error);
}
