import {
  addSlots,
  slot,
  type Enrolment,
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
import { allPages } from '../roles/all-pages';
import type { EventAnswer, EventAnswers, EventView, FlexibilityReadings, SignedAnswer, SupportView } from './port';

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

  async currentSlot(): Promise<number> {
    return (await this.#ledger.evaluate('registry', 'getClock', {})).clock?.lastSlot ?? 0;
  }

  async sign(event: EventView, answer: EventAnswer, key: SigningKey, commandId: string): Promise<SignedAnswer> {
    const { transaction, ...reason } = answer;
    const expirySlot = addSlots(slot(await this.currentSlot()), ANSWER_SLOTS);
    const unsigned = {
      commandId,
      participantId: key.address,
      expirySlot,
      orderId: event.orderId,
      ...reason,
    };
    const signer = { channel: this.#ledger.channel, key };
    return { transaction, request: signCommand(signer, 'flexibility', transaction, unsigned) };
  }

  async send({ request, transaction }: SignedAnswer): Promise<void> {
    const decoded = findSpec('flexibility', transaction).request.decode(request, '');
    await this.#ledger.submit('flexibility', transaction, decoded as RequestAt<'flexibility', typeof transaction>);
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
