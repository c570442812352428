import {
  acceptAnswer,
  acceptExpiry,
  acceptRefusal,
  canonicalJson,
  historyDigest,
  isBeyondAnswer,
  requestIdCodec,
  settledBy,
  slot,
  wh,
  type AnswerHead,
  type CommandId,
  type Computation,
  type FeedPublication,
  type MeterHistory,
  type MeterId,
  type Refusal,
  type RequestId,
  type Series,
} from '@flexledger/domain';
import { GatewayFailure, RuleRejected, Unavailable } from '@flexledger/gateway-app';
import { RuleError } from '@flexledger/domain';
import type { AnswerRequest, OracleLedger, RefuseRequest } from '../ports';

/** A ledger in memory that keeps computation requests and judges answers by the domain's own rule. */
export class MemoryOracleLedger implements OracleLedger {
  readonly mspId = 'DsoMSP';
  readonly #requests = new Map<RequestId, Computation>();
  readonly #histories = new Map<RequestId, readonly MeterHistory[]>();
  readonly #heads = new Map<RequestId, AnswerHead>();
  readonly #chunks = new Map<RequestId, Map<number, readonly Series[]>>();
  readonly #refusals = new Map<RequestId, Refusal>();
  /** The approved oracles; only this one does anything. */
  oracles: readonly string[] = ['DsoMSP', 'TsoMSP'];
  readonly #commands = new Map<CommandId, string>();
  /** Writes that had an effect. */
  effects = 0;
  /** Calls that find nobody before the ledger answers again. */
  unavailableCalls = 0;
  firstSlotBegun = false;
  /** What this peer has of the signals that requests use. */
  published: readonly FeedPublication[] = [];
  nowSlot = 0;

  /** Asks for a forecast of these meters over this history. */
  request(requestId: RequestId, history: readonly MeterHistory[], change: Partial<Computation> = {}): Computation {
    const request: Computation = {
      requestId,
      service: 'forecast-day-ahead',
      version: '1',
      meterIds: history.map(({ meterId }) => meterId),
      firstSlot: slot(1_000),
      intervals: 24,
      intervalSlots: 4,
      historyFromSlot: slot(200),
      historyToSlot: slot(968),
      expirySlot: slot(990),
      state: 'OPEN',
      inputs: history.map(({ meterId }) => ({ meterId, toSlot: slot(968) })),
      dataDigest: historyDigest(history),
      fallback: 'own-history',
      ...change,
    };
    this.#requests.set(requestId, request);
    this.#histories.set(requestId, history);
    return request;
  }

  stateOf(requestId: RequestId): string | undefined {
    return this.#requests.get(requestId)?.state;
  }

  /** The series of the complete answers to a request, one list per answer. */
  answersTo(requestId: RequestId): readonly (readonly Series[])[] {
    return [...this.#heads.values()]
      .filter((head) => head.requestId === requestId && head.complete)
      .map(({ chunks }) =>
        Array.from({ length: chunks }, (_, chunk) => this.#chunks.get(requestId)?.get(chunk) ?? []).flat(),
      );
  }

  /** The model card of the answer to a request. */
  cardOf(requestId: RequestId): AnswerHead['card'] {
    return this.#heads.get(requestId)?.card;
  }

  getRequest(requestId: RequestId): Promise<Computation> {
    return this.#call(() => {
      const request = this.#requests.get(requestId);
      if (request === undefined) {
        throw new RuleError('ORACLE_REQUEST_UNKNOWN');
      }
      return request;
    });
  }

  openRequests(): Promise<readonly Computation[]> {
    return this.#call(() => [...this.#requests.values()].filter(({ state }) => state === 'OPEN'));
  }

  history({ requestId }: Computation): Promise<readonly MeterHistory[]> {
    return this.#call(() => this.#histories.get(requestId) ?? []);
  }

  publications(): Promise<readonly FeedPublication[]> {
    return this.#call(() => this.published);
  }

  answer(request: AnswerRequest): Promise<void> {
    return this.#call(() => {
      this.#once(request.commandId, canonicalJson([request.answerDigest, request.chunk]), () => {
        this.#accept(request);
      });
    });
  }

  /** The reason for which a request was refused here. */
  refusalOf(requestId: RequestId): string | undefined {
    return this.#refusals.get(requestId)?.reason;
  }

  refuse({ commandId, reason, requestId }: RefuseRequest): Promise<boolean> {
    return this.#call(() => {
      this.#once(commandId, reason, () => {
        const request = this.#requests.get(requestId);
        const known = { request, head: this.#heads.get(requestId), refusal: this.#refusals.get(requestId) };
        const expired = this.nowSlot >= (request?.expirySlot ?? 0);
        const refusal = acceptRefusal(reason, { ...known, mspId: this.mspId, approved: true, expired });
        this.#refusals.set(requestId, refusal);
      });
      return this.#isBeyondAnswer(requestId);
    });
  }

  #isBeyondAnswer(requestId: RequestId): boolean {
    const request = this.#requests.get(requestId);
    const stands = this.oracles.map((mspId) => ({
      mspId,
      head: mspId === this.mspId ? this.#heads.get(requestId) : undefined,
      hasRefused: mspId === this.mspId && this.#refusals.has(requestId),
    }));
    return request !== undefined && isBeyondAnswer(request, stands);
  }

  expire(commandId: CommandId, requestId: RequestId): Promise<boolean> {
    return this.#call(() => {
      this.#once(commandId, requestId, () => {
        const request = this.#requests.get(requestId);
        const isOver = this.nowSlot >= (request?.expirySlot ?? 0) || this.#isBeyondAnswer(requestId);
        this.#requests.set(requestId, acceptExpiry(request, isOver));
      });
      return true;
    });
  }

  #accept(request: AnswerRequest): void {
    const asked = this.#requests.get(request.requestId);
    if (asked === undefined) {
      throw new RuleError('ORACLE_REQUEST_UNKNOWN');
    }
    const others = this.#chunks.get(request.requestId) ?? new Map<number, readonly Series[]>();
    const head = acceptAnswer(request, {
      request: asked,
      head: this.#heads.get(request.requestId),
      others,
      mspId: this.mspId,
      approved: true,
      firstSlotBegun: this.firstSlotBegun,
      expired: this.nowSlot >= asked.expirySlot,
    });
    this.#heads.set(request.requestId, head);
    this.#chunks.set(request.requestId, new Map([...others, [request.chunk, request.series]]));
    this.#requests.set(request.requestId, settledBy(asked, head, []));
  }

  #once(commandId: CommandId, content: string, act: () => void): void {
    const known = this.#commands.get(commandId);
    if (known === content) {
      return;
    }
    if (known !== undefined) {
      throw new RuleError('COMMAND_REUSED', { commandId });
    }
    act();
    this.#commands.set(commandId, content);
    this.effects += 1;
  }

  async #call<T>(act: () => T): Promise<T> {
    await Promise.resolve();
    if (this.unavailableCalls > 0) {
      this.unavailableCalls -= 1;
      throw new Unavailable({ code: 'LEDGER_UNAVAILABLE', message: 'no connection established' });
    }
    return orRejected(act);
  }
}

/** A rule's refusal as the client reports it. */
function orRejected<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof RuleError) {
      const failure = new GatewayFailure({ stage: 'endorse', grpcCode: 10, summary: error.message });
      const { code, details } = error;
      throw new RuleRejected({ code, sentence: error.message, details, transient: false, broken: false }, failure);
    }
    throw error;
  }
}

/** An id of 26 characters for a test. */
export function testId(number: number): RequestId {
  return requestIdCodec.decode(String(number).padStart(26, '0'), '');
}

/** A meter with the same energy in every quarter hour of its history. */
export function flatHistory(meter: number, importWh: bigint): MeterHistory {
  const totals = Array.from({ length: 768 }, (_, index) => ({
    slot: slot(200 + index),
    importWh: wh(importWh),
    exportWh: wh(0n),
  }));
  return { meterId: testId(meter) as string as MeterId, totals };
}
