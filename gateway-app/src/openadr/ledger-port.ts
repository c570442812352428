import {
  addSlots,
  priorityClassOf,
  siteReportBytes,
  siteReportCodec,
  slot,
  type Enrolment,
  type JsonObject,
  type Meter,
  type MeterId,
  type Participant,
  type ParticipantId,
  type Programme,
  type ProgrammeId,
  type RequestAt,
  type VoltageSupport,
} from '@flexledger/domain';
import { signCommand } from '../agents/sign-command';
import type { SigningKey } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { findSpec } from '../client/ledger-types';
import { meterOf } from '../meter-gateway/meter-of';
import { allPages } from '../roles/all-pages';
import type {
  AvailabilityAsked,
  EventAnswer,
  EventAnswers,
  EventView,
  FlexibilityReadings,
  SignedAnswer,
  SiteReportContent,
  SupportView,
  TradeTerms,
} from './port';
import { Problem } from './problem';

/** Events that began so long ago are not told any more, and those that begin so much later not yet: a week and a month. */
const SLOTS_BACK = 7 * 96;
const SLOTS_AHEAD = 31 * 96;

/** How many slots before its begin a curve is told: two hours. */
const SUPPORT_SLOTS_AHEAD = 8;

/** How long a signed answer may wait for the ledger: an hour. */
const ANSWER_SLOTS = 4;

/** What the adapter asks of the ledger client. */
export type VtnLedger = Pick<Ledger, 'channel' | 'evaluate' | 'submit'>;

/** The ledger as a VTN reads and writes it. */
export class LedgerFlexibility implements FlexibilityReadings, EventAnswers {
  readonly #ledger: VtnLedger;

  constructor(ledger: VtnLedger) {
    this.#ledger = ledger;
  }

  programmes(): Promise<readonly Programme[]> {
    return allPages((page) => this.#ledger.evaluate('flexibility', 'listProgrammes', page));
  }

  async enrolment(programmeId: string, participantId: string): Promise<Enrolment | undefined> {
    const request = { programmeId: programmeId as ProgrammeId, participantId: participantId as ParticipantId };
    return (await this.#ledger.evaluate('flexibility', 'getEnrolment', request)).enrolment ?? undefined;
  }

  enrolments(programmeId: string): Promise<readonly Enrolment[]> {
    return allPages((page) =>
      this.#ledger.evaluate('flexibility', 'listEnrolments', { programmeId: programmeId as ProgrammeId, ...page }),
    );
  }

  async events(participantId: string): Promise<readonly EventView[]> {
    const now = slot(await this.currentSlot());
    const participant = { participantId: participantId as ParticipantId };
    const { rows } = await this.#ledger.evaluate('flexibility', 'listEventsOf', {
      ...participant,
      fromSlot: addSlots(now, -SLOTS_BACK),
      toSlot: addSlots(now, SLOTS_AHEAD),
    });
    const events = await Promise.all(
      rows.map(({ orderId }) => this.#ledger.evaluate('flexibility', 'getFlexEvent', { orderId, ...participant })),
    );
    return events.map(({ event }) => event).filter((event) => event !== null);
  }

  /** The ledger lists voltage support by bus and slot, so it is asked for at the buses of assets that are enrolled for it. */
  async supports(participantId: string): Promise<readonly SupportView[]> {
    const programmes = (await this.programmes()).filter(({ terms }) => terms.direction === 'voltage');
    const enrolments = await Promise.all(
      programmes.map(({ programmeId }) => this.enrolment(programmeId, participantId)),
    );
    const places = new Map(
      enrolments
        .filter((enrolment) => enrolment !== undefined)
        .flatMap(({ assets, gridId }) => assets.map(({ bus }) => [`${gridId}/${bus}`, { gridId, bus }] as const)),
    );
    if (places.size === 0) return [];
    const now = slot(await this.currentSlot());
    const slots = Array.from({ length: SUPPORT_SLOTS_AHEAD + 1 }, (_, index) => addSlots(now, index));
    const answers = await Promise.all(
      [...places.values()].flatMap((place) =>
        slots.map((at) => this.#ledger.evaluate('flexibility', 'listVoltageSupport', { ...place, slot: at })),
      ),
    );
    const rows = new Map(answers.flatMap(({ supports }) => supports).map((row) => [row.supportId, row]));
    const aggregators = new Map(programmes.map(({ aggregatorId, programmeId }) => [programmeId, aggregatorId]));
    return [...rows.values()]
      .map((row) => supportView(row, aggregators))
      .filter((view) => view?.participantId === participantId)
      .filter((view) => view !== undefined);
  }

  participant(participantId: string): Promise<Participant> {
    return this.#ledger.evaluate('registry', 'getParticipant', { participantId: participantId as ParticipantId });
  }

  meter(meterId: string): Promise<Meter | undefined> {
    return meterOf(this.#ledger, meterId as MeterId);
  }

  async tradeTerms(): Promise<TradeTerms> {
    const { governance } = await this.#ledger.evaluate('registry', 'getGovernance', {});
    if (governance === null) throw new Problem(503, 'the consortium is not founded yet');
    const { ruleSet } = governance;
    return { currency: ruleSet.currency, eventRank: priorityClassOf(ruleSet, 'flexibility').rank };
  }

  async currentSlot(): Promise<number> {
    return (await this.#ledger.evaluate('registry', 'getClock', {})).clock?.lastSlot ?? 0;
  }

  sign(event: EventView, answer: EventAnswer, key: SigningKey, commandId: string): Promise<SignedAnswer> {
    const { transaction, ...reason } = answer;
    return this.#signed(transaction, { orderId: event.orderId, ...reason }, key, commandId);
  }

  signAvailability(asked: AvailabilityAsked, key: SigningKey, commandId: string): Promise<SignedAnswer> {
    return this.#signed('setAvailability', { ...asked }, key, commandId);
  }

  signSiteReport(content: SiteReportContent, key: SigningKey, commandId: string): Promise<SignedAnswer> {
    const { meterId, startSlot } = content;
    const signature = key.sign(siteReportBytes(this.#ledger.channel, { ...content, signature: '' }));
    const confidential = siteReportCodec.encode({ ...content, signature }) as JsonObject;
    return Promise.resolve({
      transaction: 'fileSiteReport',
      request: { commandId, meterId, startSlot },
      confidential,
    });
  }

  async send({ confidential, request, transaction }: SignedAnswer): Promise<void> {
    if (transaction === 'fileSiteReport') {
      const filing = findSpec('flexibility', transaction).request.decode(request, '');
      const transient = siteReportCodec.decode(confidential ?? null, '');
      await this.#ledger.submit('flexibility', transaction, filing as RequestAt<'flexibility', 'fileSiteReport'>, {
        transient,
      });
      return;
    }
    const decoded = findSpec('flexibility', transaction).request.decode(request, '');
    await this.#ledger.submit('flexibility', transaction, decoded as RequestAt<'flexibility', typeof transaction>);
  }

  async #signed(
    transaction: Exclude<SignedAnswer['transaction'], 'fileSiteReport'>,
    fields: JsonObject,
    key: SigningKey,
    commandId: string,
  ): Promise<SignedAnswer> {
    const expirySlot = addSlots(slot(await this.currentSlot()), ANSWER_SLOTS);
    const unsigned = { commandId, participantId: key.address, expirySlot, ...fields };
    const signer = { channel: this.#ledger.channel, key };
    return { transaction, request: signCommand(signer, 'flexibility', transaction, unsigned) };
  }
}

/** The curve of a prosumer's asset; undefined for the system operator's own equipment. */
function supportView(
  { control, firstSlot, slots, supportId, target }: VoltageSupport,
  aggregators: ReadonlyMap<ProgrammeId, ParticipantId>,
): SupportView | undefined {
  if (target.kind !== 'asset' || control.kind !== 'CURVE') return undefined;
  const { assetId, participantId, programmeId } = target;
  const aggregatorId = aggregators.get(programmeId) ?? '';
  return { supportId, programmeId, aggregatorId, participantId, assetId, firstSlot, slots, curve: control };
}
