import {
  canonicalJson,
  enrolmentCodec,
  exampleMeter,
  meterCodec,
  participantCodec,
  programmeCodec,
  siteReportCodec,
  type Enrolment,
  type JsonObject,
  type Meter,
  type Participant,
  type Programme,
} from '@flexledger/domain';
import type { SigningKey } from '../../client/keys';
import type {
  AvailabilityAsked,
  EventAnswers,
  EventView,
  FlexibilityReadings,
  SignalView,
  SignedAnswer,
  SiteReportContent,
  SupportView,
  TradeTerms,
} from '../port';

/** Ids of 26 characters that can be told apart. */
export function idOf(label: string): string {
  return label.padEnd(26, '0');
}

/** The slot that has begun in a scene, and the first one of its events. */
export const CURRENT_SLOT = 1_980_000;
export const FIRST_SLOT = CURRENT_SLOT + 16;

export const PROGRAMME = idOf('pr0gramme');
export const OTHER_PROGRAMME = idOf('0ther');
export const AGGREGATOR = idOf('aggregat0r');
export const OTHER_AGGREGATOR = idOf('an0ther');
export const EVENT = idOf('event');
export const METER = idOf('meter');

/** A ledger in memory: what it holds is what a test puts there, and the answers to events. */
export class MemoryFlexibility implements FlexibilityReadings, EventAnswers {
  readonly programmeRows: Programme[] = [];
  readonly enrolmentRows: Enrolment[] = [];
  readonly participantRows = new Map<string, Participant>();
  readonly eventRows: EventView[] = [];
  readonly supportRows: SupportView[] = [];
  readonly meterRows: Meter[] = [];
  /** What has been sent, and what shall be thrown at the next sends. */
  readonly sent: SignedAnswer[] = [];
  readonly failures: Error[] = [];
  slot = CURRENT_SLOT;
  terms: TradeTerms = { currency: 'EUR', eventRank: 20 };

  programmes(): Promise<readonly Programme[]> {
    return Promise.resolve(this.programmeRows);
  }
  enrolment(programmeId: string, participantId: string): Promise<Enrolment | undefined> {
    return Promise.resolve(
      this.enrolmentRows.find((row) => row.programmeId === programmeId && row.participantId === participantId),
    );
  }
  enrolments(programmeId: string): Promise<readonly Enrolment[]> {
    return Promise.resolve(this.enrolmentRows.filter((row) => row.programmeId === programmeId));
  }
  events(participantId: string): Promise<readonly EventView[]> {
    return Promise.resolve(this.eventRows.filter((row) => row.participantId === participantId));
  }
  supports(participantId: string): Promise<readonly SupportView[]> {
    return Promise.resolve(this.supportRows.filter((row) => row.participantId === participantId));
  }
  participant(participantId: string): Promise<Participant> {
    return Promise.resolve(this.participantRows.get(participantId)!);
  }
  meter(meterId: string): Promise<Meter | undefined> {
    return Promise.resolve(this.meterRows.find((row) => row.meterId === meterId));
  }
  tradeTerms(): Promise<TradeTerms> {
    return Promise.resolve(this.terms);
  }
  currentSlot(): Promise<number> {
    return Promise.resolve(this.slot);
  }
  sign(event: EventView, answer: { transaction: SignedAnswer['transaction'] }, key: SigningKey, commandId: string) {
    const unsigned = { ...answer, commandId, eventId: event.eventId };
    const request = { ...unsigned, signature: key.sign(Buffer.from(canonicalJson(unsigned))) };
    return Promise.resolve({ transaction: answer.transaction, request });
  }
  signAvailability(asked: AvailabilityAsked, key: SigningKey, commandId: string) {
    const unsigned = { ...asked, commandId };
    const request = { ...unsigned, signature: key.sign(Buffer.from(canonicalJson(unsigned))) };
    return Promise.resolve({ transaction: 'setAvailability' as const, request });
  }
  signSiteReport(content: SiteReportContent, key: SigningKey, commandId: string) {
    const { meterId, startSlot } = content;
    const report = siteReportCodec.encode({ ...content, signature: key.sign(Buffer.alloc(1)) }) as JsonObject;
    const request = { commandId, meterId, startSlot };
    return Promise.resolve({ transaction: 'fileSiteReport' as const, request, confidential: report });
  }
  async send(answer: SignedAnswer): Promise<void> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.sent.push(answer);
    const { eventId } = answer.request;
    const index = this.eventRows.findIndex((row) => row.eventId === eventId);
    const row = this.eventRows[index];
    if (row !== undefined) this.eventRows[index] = { ...row, state: stateAfter(answer) };
  }
}

/** The state in which the ledger has an event after an answer. */
function stateAfter({ request, transaction }: SignedAnswer): EventView['state'] {
  if (transaction === 'optIn') return 'OPTED_IN';
  if (transaction === 'acknowledgeEvent') return 'ACKNOWLEDGED';
  return request['reason'] === 'DECLINED' ? 'OPTED_OUT' : 'FAILED';
}

/** A programme of an aggregator. */
export function programmeRow(programmeId = PROGRAMME, aggregatorId = AGGREGATOR, name = 'Evening peak'): Programme {
  return programmeCodec.decode(
    {
      programmeId,
      aggregatorId,
      terms: {
        name,
        direction: 'reduce',
        gridIds: ['rural-1'],
        baseline: { method: 'high-5-of-10', adjustment: 'none' },
        rewardMicroPerKwh: '250000',
        penaltyMicroPerKwh: '100000',
        aggregatorSharePpm: '200000',
        tolerancePpm: '100000',
        noticeSlots: 8,
        callsPerMonthMax: 20,
        firstSlot: CURRENT_SLOT,
        lastSlot: CURRENT_SLOT + 96 * 30 - 1,
      },
      state: 'OPEN',
    },
    '',
  );
}

/** An enrolment with one asset. */
export function enrolmentRow(participantId: string, assetId: string, programmeId = PROGRAMME): Enrolment {
  return enrolmentCodec.decode(
    {
      programmeId,
      aggregatorId: AGGREGATOR,
      participantId,
      gridId: 'rural-1',
      assets: [
        {
          assetId,
          reduceMaxW: '3000',
          increaseMaxW: '0',
          noticeSlots: 1,
          runSlotsMax: 8,
          restSlots: 8,
          reboundPpm: '300000',
          kind: 'load',
          bus: 'bus-4',
        },
      ],
      comfort: { eventsPerDayMax: 1, slotsPerDayMax: 12 },
      commandId: idOf('c0mmand'),
      expirySlot: CURRENT_SLOT,
      signature: 'A'.repeat(86),
      state: 'ACTIVE',
    },
    '',
  );
}

/** An event of four slots. */
export function eventRow(participantId: string, signal: SignalView, changes: Partial<EventView> = {}): EventView {
  const isps = [0, 1, 2, 3].map((index) => ({
    slot: FIRST_SLOT + index,
    direction: 'reduce' as const,
    energyWh: 500n,
  }));
  return {
    eventId: EVENT,
    orderId: idOf('0rder'),
    programmeId: PROGRAMME,
    aggregatorId: AGGREGATOR,
    participantId,
    assets: [{ assetId: idOf('asset'), isps }],
    meterIds: [METER],
    firstSlot: FIRST_SLOT,
    lastSlot: FIRST_SLOT + 3,
    signal,
    state: 'NOTIFIED',
    ...changes,
  };
}

/** A volt-var curve for an hour. */
export function supportRow(participantId: string): SupportView {
  return {
    supportId: idOf('supp0rt'),
    programmeId: PROGRAMME,
    aggregatorId: AGGREGATOR,
    participantId,
    assetId: idOf('asset'),
    firstSlot: FIRST_SLOT,
    slots: 4,
    curve: {
      kind: 'CURVE',
      points: [
        { voltageDecivolt: 2_185n, direction: 'inject', powerVar: 4_000n },
        { voltageDecivolt: 2_300n, direction: 'absorb', powerVar: 0n },
        { voltageDecivolt: 2_420n, direction: 'absorb', powerVar: 2_500n },
      ],
    },
  };
}

/** A meter of a prosumer, in service. */
export function meterRow(participantId: string, key: SigningKey): Meter {
  const { publicKey: _, ...fields } = exampleMeter;
  const keys = [{ version: 1, publicKey: key.publicKey, firstSequence: 1 }];
  return meterCodec.decode({ ...fields, meterId: METER, participantId, keys, status: 'COMMISSIONED' }, '');
}

/** A registered prosumer. */
export function participantRow(key: SigningKey, custodial: boolean): Participant {
  return participantCodec.decode(
    {
      participantId: key.address,
      publicKey: key.publicKey,
      kind: 'prosumer',
      custodial,
      connectionLimitW: '10000',
      mspId: 'CommunityMSP',
      state: 'ACTIVE',
    },
    '',
  );
}
