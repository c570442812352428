import { createHash } from 'node:crypto';
import { crockford26 } from '@flexledger/domain';
import { LedgerError, RuleRejected } from '../client/errors';
import type { SigningKey } from '../client/keys';
import type { VtnClient } from './clients';
import type { EventAnswer, EventAnswers, EventView, FlexibilityReadings, SignedAnswer, SupportView } from './port';
import { Problem } from './problem';
import { answerOf, isWithdrawal } from './report-answer';
import { ReportFiling, type FilingOptions } from './report-filing';
import type { ReportRequest } from './report-schema';
import type { StoredReport, VtnStore } from './store';

/** How many reports of one client are kept at most; it removes old ones. */
const REPORTS_PER_CLIENT_MAX = 5_000;

/** What the desk works with. */
export interface ReportDeskOptions {
  readonly readings: Pick<FlexibilityReadings, 'events' | 'supports'> & FilingOptions['readings'];
  readonly answers: EventAnswers;
  readonly store: VtnStore;
  /** The key of this name; the gateway holds it for its prosumer. */
  readonly keyOf: (name: string) => SigningKey;
  readonly meterKeyOf: FilingOptions['meterKeyOf'];
  readonly now: () => number;
}

/**
 * Takes the reports of VENs and brings what they mean to the ledger. What a report says about its event is signed with the prosumer's
 * key, which the gateway may hold only for one that is registered as custodial; for others, their own agents answer. The id of a report
 * follows from its content, so that one that is sent twice is one report with one effect.
 */
export class ReportDesk {
  readonly #options: ReportDeskOptions;
  readonly #filing: ReportFiling;
  /** The last report of each client that is under way: a report that is sent twice at once is taken once. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: ReportDeskOptions) {
    this.#options = options;
    this.#filing = new ReportFiling(options);
  }

  /** @throws Problem | LedgerError where nothing is kept, or where the same report has to be sent again */
  create(client: VtnClient, report: ReportRequest): Promise<StoredReport> {
    return this.#inTurn(client, () => this.#create(client, report));
  }

  async #create(client: VtnClient, report: ReportRequest): Promise<StoredReport> {
    const reportId = idOf(client.clientId, JSON.stringify(report));
    const known = await this.#options.store.report(client.clientId, reportId);
    if (known !== undefined) return known.state === 'DONE' ? known : this.#finish(known);
    if ((await this.#options.store.reports(client.clientId)).length >= REPORTS_PER_CLIENT_MAX) {
      throw new Problem(403, `a client keeps at most ${REPORTS_PER_CLIENT_MAX} reports; delete old ones`);
    }
    return this.#accept(client, report, { reportId, createdMs: this.#options.now() });
  }

  /** Replaces a report of this client. @throws Problem | LedgerError as `create` */
  update(client: VtnClient, existing: StoredReport, report: ReportRequest): Promise<StoredReport> {
    return this.#inTurn(client, () => this.#update(client, existing, report));
  }

  async #update(client: VtnClient, existing: StoredReport, report: ReportRequest): Promise<StoredReport> {
    if (JSON.stringify(existing.report) === JSON.stringify(report)) {
      return existing.state === 'DONE' ? existing : this.#finish(existing);
    }
    const { createdMs, reportId } = existing;
    return this.#accept(client, report, { reportId, createdMs }, existing);
  }

  /** Finishes what an earlier process has left open; what the ledger refuses is dropped, as its VEN was told nothing else. */
  async resume(): Promise<void> {
    for (const report of await this.#options.store.reports()) {
      if (report.state === 'OPEN') await this.#finish(report).catch(ignoreLedger);
    }
  }

  #inTurn<T>({ clientId }: VtnClient, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(clientId) ?? Promise.resolve()).then(work, work);
    const ended = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(clientId) === ended) this.#turns.delete(clientId);
      });
    this.#turns.set(clientId, ended);
    return turn;
  }

  async #accept(
    client: VtnClient,
    report: ReportRequest,
    { createdMs, reportId }: Pick<StoredReport, 'createdMs' | 'reportId'>,
    before?: StoredReport,
  ): Promise<StoredReport> {
    const about = await this.#subjectOf(client, report);
    const commandIdOf = (label = ''): string => idOf(reportId, `${label}${JSON.stringify(report)}`);
    const answer = await this.#answer(client, report, about, commandIdOf());
    const { commands: filings, kept } = await this.#filing.sign({ client, report, about, commandIdOf });
    const isOpen = answer !== undefined || filings.length > 0;
    const stored: StoredReport = {
      format: 1,
      reportId,
      clientId: client.clientId,
      aggregatorId: about.aggregatorId,
      programId: about.programmeId,
      report,
      createdMs,
      modifiedMs: this.#options.now(),
      ...(answer === undefined ? {} : { answer }),
      ...(filings.length === 0 ? {} : { filings }),
      ...(kept.length === 0 ? {} : { kept }),
      state: isOpen ? 'OPEN' : 'DONE',
    };
    await this.#options.store.saveReport(stored);
    return stored.state === 'DONE' ? stored : this.#finish(stored, before);
  }

  async #subjectOf({ participantId }: VtnClient, { eventID }: ReportRequest): Promise<EventView | SupportView> {
    const { readings } = this.#options;
    const [events, supports] = await Promise.all([readings.events(participantId), readings.supports(participantId)]);
    const subject =
      events.find(({ eventId }) => eventId === eventID) ?? supports.find(({ supportId }) => supportId === eventID);
    if (subject === undefined) throw new Problem(409, `there is no event ${eventID} for this client`);
    return subject;
  }

  async #answer(
    client: VtnClient,
    report: ReportRequest,
    subject: EventView | SupportView,
    commandId: string,
  ): Promise<SignedAnswer | undefined> {
    const { answers, readings } = this.#options;
    if ('supportId' in subject) {
      if (isWithdrawal(report)) throw new Problem(409, 'the ledger takes no answer to a volt-var curve');
      return undefined;
    }
    const answer = answerOf(report, subject, await readings.currentSlot());
    if (answer === undefined) return undefined;
    const key = await this.#keyFor(client, answer);
    return key === undefined ? undefined : answers.sign(subject, answer, key, commandId);
  }

  /** The key that may sign here. A refusal must not get lost, what only says that all is well may. */
  async #keyFor({ key, participantId }: VtnClient, { transaction }: EventAnswer): Promise<SigningKey | undefined> {
    const { custodial, publicKey } = await this.#options.readings.participant(participantId);
    if (key !== undefined && custodial) {
      const signingKey = this.#options.keyOf(key);
      if (signingKey.publicKey === publicKey) return signingKey;
      throw new Problem(403, `the key that is kept for ${participantId} is not its key on the ledger`);
    }
    if (transaction === 'optOut') {
      throw new Problem(403, `no key is kept here for ${participantId}: its own agent signs what it answers to events`);
    }
    return undefined;
  }

  async #finish(report: StoredReport, before?: StoredReport): Promise<StoredReport> {
    const { answers, store } = this.#options;
    try {
      if (report.answer !== undefined) await answers.send(report.answer);
    } catch (error) {
      // Whatever else it is, the command may have been written, and the same report finishes it.
      if (error instanceof RuleRejected)
        await (before === undefined ? store.removeReport(report) : store.saveReport(before));
      throw error;
    }
    const refusals = await this.#file(report);
    const kept = [...(report.kept ?? []), ...refusals];
    const done: StoredReport = { ...report, ...(kept.length === 0 ? {} : { kept }), state: 'DONE' };
    await store.saveReport(done);
    return done;
  }

  /** Brings energies and availability to the ledger. What it refuses of them stays with the VTN, and the answer to the event stands. */
  async #file({ filings = [] }: StoredReport): Promise<readonly string[]> {
    const refusals: string[] = [];
    for (const filing of filings) {
      try {
        await this.#options.answers.send(filing);
      } catch (error) {
        if (!(error instanceof RuleRejected)) throw error;
        refusals.push(`${filing.transaction} is refused: ${error.code}`);
      }
    }
    return refusals;
  }
}

/** An id that follows from a content and whose it is. */
function idOf(owner: string, content: string): string {
  return crockford26(createHash('sha256').update(`${owner}/${content}`).digest());
}

function ignoreLedger(error: unknown): void {
  if (!(error instanceof LedgerError)) throw error;
}
