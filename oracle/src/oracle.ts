import {
  array,
  assetIdCodec,
  coalitionPlanIdCodec,
  disaggregationPlaceFields,
  limits,
  object,
  requestIdCodec,
  sessionIdCodec,
  type AssetId,
  type ClearingRequest,
  type CoalitionPlanId,
  type CoalitionRequest,
  type DisaggregationRequest,
  type Fact,
  type RequestId,
  type SessionId,
  type Slot,
} from '@flexledger/domain';
import { LedgerError, RuleRejected, type FactsEvent } from '@flexledger/gateway-app';
import { answerClearing, type ClearingParts } from './answer-clearing';
import { answerCoalition, type CoalitionParts } from './answer-coalition';
import { answerDisaggregation, type DisaggregationParts } from './answer-disaggregation';
import { answerRequest, type AnswerParts } from './answer-request';
import { fileBands, type BandParts } from './file-bands';
import type { DisaggregationPlace } from './ports';
import type { AnswerOutcome } from './send-answer';
import { oracleCommandId } from './command-ids';

const splitPlaceCodec = object(disaggregationPlaceFields);

function splitPlaceOf({ orderId = null, revision = null }: Fact): DisaggregationPlace {
  return splitPlaceCodec.decode({ orderId, revision }, '');
}

/** The assets whose bands a fact may have changed. */
const sampledCodec = array(assetIdCodec, limits.coalitionMembersMax);

/** The last slot that a tick has begun; none where it does not say. */
function lastSlotOf({ toSlot }: Fact): number {
  return typeof toSlot === 'number' ? toSlot : -1;
}

/** What an oracle works with. */
export interface OracleParts extends AnswerParts {
  /** Waits before a request that met an unavailable ledger is tried again; ends early when the oracle stops. */
  readonly pause: () => Promise<void>;
  /** How clearings are answered; absent for an oracle that answers none. */
  readonly clearings?: ClearingParts;
  /** How orders are split; absent for an oracle that splits none. */
  readonly disaggregations?: DisaggregationParts;
  /** How coalitions are chosen; absent for an oracle that chooses none. */
  readonly coalitions?: CoalitionParts;
  /** How flexibility bands are made; absent for an oracle that makes none. */
  readonly bands?: BandParts;
}

/** What an oracle has done in this process. */
export interface OracleCounters {
  readonly answered: number;
  readonly refused: number;
  readonly expired: number;
}

/**
 * Waits for computation requests on the ledger, runs a service over inputs that it reads from the ledger, and answers.
 * It keeps nothing that it needs: what is open stands on the ledger, and every command it sends follows from the
 * request, so that a process that is killed at any moment loses and doubles nothing.
 */
export class Oracle {
  readonly #parts: OracleParts;
  /** Requests that this oracle cannot answer, by the slot in which they expire. */
  readonly #waitingToExpire = new Map<RequestId, Slot>();
  /** What is done about a fact, by its type. */
  readonly #handlers: ReadonlyMap<string, (fact: Fact) => Promise<void>> = new Map<
    string,
    (fact: Fact) => Promise<void>
  >([
    ['ComputationRequested', ({ requestId = null }) => this.#handle(requestIdCodec.decode(requestId, '/requestId'))],
    [
      'ClearingRequested',
      ({ sessionId = null }) => this.#handleClearing(sessionIdCodec.decode(sessionId, '/sessionId')),
    ],
    ['DisaggregationRequested', (fact) => this.#handleSplit(splitPlaceOf(fact))],
    [
      'CoalitionRequested',
      ({ planId = null }) => this.#handleCoalition(coalitionPlanIdCodec.decode(planId, '/planId')),
    ],
    ['TechnicalDataFiled', ({ assetId = null }) => this.#segment([assetIdCodec.decode(assetId, '/assetId')])],
    ['DeliverySampled', ({ assetIds = null }) => this.#segment(sampledCodec.decode(assetIds, '/assetIds'))],
    ['GovernanceChanged', () => this.#segmentAll()],
    ['ClockTicked', (fact) => this.#expireUpTo(lastSlotOf(fact))],
  ]);
  #stopped = false;
  #answered = 0;
  #refused = 0;
  #expired = 0;

  constructor(parts: OracleParts) {
    this.#parts = parts;
  }

  get counters(): OracleCounters {
    return { answered: this.#answered, refused: this.#refused, expired: this.#expired };
  }

  /** Deals with what was asked before this process started. */
  async catchUp(): Promise<void> {
    const requests = await this.#persistently('listing open requests', () => this.#parts.ledger.openRequests());
    for (const { requestId } of requests ?? []) {
      await this.#handle(requestId);
    }
    await this.#catchUpClearings();
    await this.#catchUpSplits();
    await this.#catchUpCoalitions();
    await this.#segmentAll();
  }

  async #catchUpClearings(): Promise<void> {
    const { clearings } = this.#parts;
    if (clearings !== undefined) {
      const list = (): Promise<readonly ClearingRequest[]> => clearings.ledger.openClearingRequests();
      for (const { sessionId } of (await this.#persistently('listing open clearings', list)) ?? []) {
        await this.#handleClearing(sessionId);
      }
    }
  }

  async #catchUpSplits(): Promise<void> {
    const { disaggregations } = this.#parts;
    if (disaggregations !== undefined) {
      const list = (): Promise<readonly DisaggregationRequest[]> => disaggregations.ledger.openDisaggregations();
      for (const { orderId, revision } of (await this.#persistently('listing open splits', list)) ?? []) {
        await this.#handleSplit({ orderId, revision });
      }
    }
  }

  async #catchUpCoalitions(): Promise<void> {
    const { coalitions } = this.#parts;
    if (coalitions !== undefined) {
      const list = (): Promise<readonly CoalitionRequest[]> => coalitions.ledger.openCoalitionRequests();
      for (const { planId } of (await this.#persistently('listing open coalitions', list)) ?? []) {
        await this.#handleCoalition(planId);
      }
    }
  }

  /** Follows the facts until their feed ends; an event counts as dealt with when its request is. */
  async follow(feed: AsyncIterable<FactsEvent>): Promise<void> {
    for await (const { facts } of feed) {
      for (const fact of facts) {
        await this.#take(fact);
      }
    }
  }

  /** Gives up waiting for a ledger that does not answer. */
  stop(): void {
    this.#stopped = true;
  }

  async #take(fact: Fact): Promise<void> {
    await this.#handlers.get(fact.type)?.(fact);
  }

  async #handle(requestId: RequestId): Promise<void> {
    const outcome = await this.#persistently(`request ${requestId}`, () => answerRequest(this.#parts, requestId));
    if (outcome?.kind === 'refused') {
      this.#waitingToExpire.set(requestId, outcome.expirySlot);
    }
    this.#note({ requestId }, outcome);
  }

  /** A clearing that nobody answers needs no command to expire: it is cleared without an answer then. */
  async #handleClearing(sessionId: SessionId): Promise<void> {
    const { clearings, log } = this.#parts;
    if (clearings !== undefined) {
      const run = (): Promise<AnswerOutcome> => answerClearing(clearings, log, sessionId);
      this.#note({ sessionId }, await this.#persistently(`clearing of ${sessionId}`, run));
    }
  }

  /** A split that nobody answers needs no command to expire either: it is planned in merit order then. */
  async #handleSplit(place: DisaggregationPlace): Promise<void> {
    const { disaggregations, log } = this.#parts;
    if (disaggregations !== undefined) {
      const run = (): Promise<AnswerOutcome> => answerDisaggregation(disaggregations, log, place);
      this.#note(place, await this.#persistently(`split of ${place.orderId}`, run));
    }
  }

  /** Coalitions that nobody chooses need no command to expire: the contract plans them by what they earn then. */
  async #handleCoalition(planId: CoalitionPlanId): Promise<void> {
    const { coalitions, log } = this.#parts;
    if (coalitions !== undefined) {
      const run = (): Promise<AnswerOutcome> => answerCoalition(coalitions, log, planId);
      this.#note({ planId }, await this.#persistently(`coalitions of ${planId}`, run));
    }
  }

  /** Bands that are as they should be need nothing; what cannot be filed now is found again with the next change or start. */
  async #segment(assetIds: readonly AssetId[]): Promise<void> {
    const { bands, log } = this.#parts;
    if (bands !== undefined && assetIds.length > 0) {
      const run = (): Promise<AnswerOutcome> => fileBands(bands, log, assetIds);
      this.#note({ assets: assetIds.length }, await this.#persistently(`bands of ${assetIds.length} assets`, run));
    }
  }

  async #segmentAll(): Promise<void> {
    const { bands } = this.#parts;
    if (bands !== undefined) {
      const all = await this.#persistently('listing technical data', () => bands.ledger.segmentedAssets());
      await this.#segment(all ?? []);
    }
  }

  #note(request: object, outcome: AnswerOutcome | undefined): void {
    const { log } = this.#parts;
    switch (outcome?.kind) {
      case undefined:
        break;
      case 'answered':
        this.#answered += 1;
        log.info({ ...request, answerDigest: outcome.answerDigest, chunks: outcome.chunks }, 'answered');
        break;
      case 'closed':
        log.info({ ...request, state: outcome.state }, 'nothing to do: the request is closed');
        break;
      case 'refused':
        this.#refused += 1;
        log.warn({ ...request, code: outcome.code, reason: outcome.reason }, 'refused: the request is left to expire');
        break;
    }
  }

  async #expireUpTo(slot: number): Promise<void> {
    const { ledger, log } = this.#parts;
    for (const [requestId, expirySlot] of this.#waitingToExpire) {
      if (expirySlot <= slot) {
        this.#waitingToExpire.delete(requestId);
        const commandId = oracleCommandId(ledger.mspId, requestId, 'expire');
        const expired = await this.#persistently(`expiry of ${requestId}`, () => ledger.expire(commandId, requestId));
        this.#expired += expired === true ? 1 : 0;
        log.info({ requestId, expired }, 'expired');
      }
    }
  }

  /**
   * Tries until the ledger has answered: only a rule or a mistake of ours ends it earlier, and then the process goes on
   * with the next request.
   */
  async #persistently<T>(what: string, run: () => Promise<T>): Promise<T | undefined> {
    while (!this.#stopped) {
      try {
        return await run();
      } catch (error) {
        const isPassing = error instanceof LedgerError && error.kind !== 'rule' && error.kind !== 'ledger';
        const code = error instanceof LedgerError ? error.code : 'ORACLE_FAULT';
        this.#parts.log.error({ what, code, err: error }, isPassing ? 'will be tried again' : 'given up');
        if (!isPassing && !(error instanceof RuleRejected && error.transient)) {
          return undefined;
        }
        await this.#parts.pause();
      }
    }
    return undefined;
  }
}
