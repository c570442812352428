import type { Fact } from '@flexledger/domain';
import { LedgerError, RuleRejected, type FactsEvent } from '@flexledger/gateway-app';
import type { AnswerParts } from './answer-request';
import { ComputationWork } from './computation-work';
import type { OracleMeter } from './ports';
import type { AnswerOutcome } from './send-answer';
import { provenWorks, type Job, type Work, type WorkParts } from './work';

/** What an oracle works with. */
export interface OracleParts extends AnswerParts, WorkParts {
  /** Waits before a request that met an unavailable ledger is tried again; ends early when the oracle stops. */
  readonly pause: () => Promise<void>;
  /** Who counts what the oracle does; absent for nobody. */
  readonly meter?: OracleMeter;
}

/** What an oracle has done in this process. */
export interface OracleCounters {
  readonly answered: number;
  readonly refused: number;
  readonly expired: number;
}

/**
 * Waits for requests on the ledger, runs a service over inputs that it reads from the ledger, and answers. It keeps nothing that it needs:
 * what is open stands on the ledger, and every command it sends follows from the request, so that a process that is killed at any moment
 * loses and doubles nothing. Requests of one kind are dealt with one after the other, and no kind waits for another.
 */
export class Oracle {
  readonly #parts: OracleParts;
  readonly #works: readonly Work[];
  /** The last job of each kind. */
  readonly #lanes = new Map<string, Promise<void>>();
  #stopped = false;
  #answered = 0;
  #refused = 0;
  #expired = 0;
  #waitsForLedger = false;

  constructor(parts: OracleParts) {
    this.#parts = parts;
    this.#works = [new ComputationWork(parts), ...provenWorks(parts, parts.log)];
  }

  get counters(): OracleCounters {
    return { answered: this.#answered, refused: this.#refused, expired: this.#expired };
  }

  /** Whether the ledger did not answer the last call, and is asked again. */
  get waitsForLedger(): boolean {
    return this.#waitsForLedger;
  }

  /** Deals with what was asked before this process started. */
  async catchUp(): Promise<void> {
    await Promise.all(this.#works.map((work) => this.#enqueue(work, `listing of ${work.kind}`, () => work.waiting())));
  }

  /** Follows the facts until their feed ends, and what they have led to is done. */
  async follow(feed: AsyncIterable<FactsEvent>): Promise<void> {
    for await (const { facts } of feed) {
      facts.forEach((fact) => {
        this.#take(fact);
      });
    }
    await Promise.all(this.#lanes.values());
  }

  /** Gives up waiting for a ledger that does not answer. */
  stop(): void {
    this.#stopped = true;
  }

  #take(fact: Fact): void {
    for (const work of this.#works) {
      const listen = work.heard[fact.type];
      if (listen !== undefined) {
        void this.#enqueue(work, `fact ${fact.type}`, () => listen(fact));
      }
    }
  }

  /** Puts jobs behind those of their kind that are there already; ends when they are done. */
  #enqueue({ kind }: Work, what: string, find: () => Promise<readonly Job[]>): Promise<void> {
    const before = this.#lanes.get(kind) ?? Promise.resolve();
    const lane = before.then(async () => {
      for (const job of (await this.#persistently(what, find)) ?? []) {
        await this.#do(kind, job);
      }
    });
    this.#lanes.set(kind, lane);
    return lane;
  }

  async #do(kind: string, job: Job): Promise<void> {
    const startMs = performance.now();
    const outcome = await this.#persistently(`${kind} ${JSON.stringify(job.place)}`, () => job.run());
    this.#parts.meter?.done(kind, outcome, (performance.now() - startMs) / 1_000);
    this.#note(job.place, outcome);
  }

  #note(place: object, outcome: AnswerOutcome | undefined): void {
    const { log } = this.#parts;
    switch (outcome?.kind) {
      case undefined:
        break;
      case 'answered':
        this.#answered += 1;
        log.info({ ...place, answerDigest: outcome.answerDigest, chunks: outcome.chunks }, 'answered');
        break;
      case 'closed':
        log.info({ ...place, state: outcome.state }, 'nothing to do: the request is closed');
        break;
      case 'expired':
        this.#expired += 1;
        log.info(place, 'expired');
        break;
      case 'refused':
        this.#refused += 1;
        this.#expired += outcome.isExpired === true ? 1 : 0;
        log.warn({ ...place, code: outcome.code, reason: outcome.reason }, 'refused: the request is left to others');
        break;
    }
  }

  /**
   * Tries until the ledger has answered: only a rule or a mistake of ours ends it earlier, and then the process goes on
   * with the next request.
   */
  async #persistently<T>(what: string, run: () => Promise<T>): Promise<T | undefined> {
    while (!this.#stopped) {
      try {
        const result = await run();
        this.#waitsForLedger = false;
        return result;
      } catch (error) {
        const { code, isPassing, isWorthAnother } = judge(error);
        this.#parts.log.error({ what, code, err: error }, isPassing ? 'will be tried again' : 'given up');
        if (!isWorthAnother) {
          this.#parts.meter?.failed(code);
          return undefined;
        }
        this.#waitsForLedger = isPassing;
        await this.#parts.pause();
      }
    }
    return undefined;
  }
}

/** What an error is, and whether the same may go well in a moment. */
function judge(error: unknown): {
  readonly code: string;
  readonly isPassing: boolean;
  readonly isWorthAnother: boolean;
} {
  if (!(error instanceof LedgerError)) {
    return { code: 'ORACLE_FAULT', isPassing: false, isWorthAnother: false };
  }
  const isPassing = error.kind !== 'rule' && error.kind !== 'ledger';
  return {
    code: error.code,
    isPassing,
    isWorthAnother: isPassing || (error instanceof RuleRejected && error.transient),
  };
}
