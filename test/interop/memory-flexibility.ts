import {
  enrolmentCodec,
  participantCodec,
  programmeCodec,
  type Enrolment,
  type Participant,
  type Programme,
} from '@flexledger/domain';
import {
  SigningKey,
  type EventAnswer,
  type EventAnswers,
  type EventView,
  type FlexibilityReadings,
  type SignedAnswer,
  type SupportView,
} from '@flexledger/gateway-app';

const firstSlot = 1_980_016;
const programmeId = '01pr0gramme000000000000000';
const assetId = '01asset0000000000000000000';

/** A ledger in memory with a programme, a custodial prosumer with one asset, and one event of two slots. */
export class MemoryFlexibility implements FlexibilityReadings, EventAnswers {
  readonly key = SigningKey.generate();
  readonly aggregatorId = '01aggregat0r00000000000000';
  /** What was answered, such as `optOut DECLINED`. */
  readonly sent: string[] = [];

  get prosumerId(): string {
    return this.key.address;
  }

  async programmes(): Promise<readonly Programme[]> {
    const terms = {
      name: 'Evening peak',
      direction: 'reduce',
      gridIds: ['rural-1'],
      baseline: { method: 'high-5-of-10', adjustment: 'none' },
      rewardMicroPerKwh: '250000',
      penaltyMicroPerKwh: '100000',
      aggregatorSharePpm: '200000',
      tolerancePpm: '100000',
      noticeSlots: 8,
      callsPerMonthMax: 20,
      firstSlot: firstSlot - 96,
      lastSlot: firstSlot + 96 * 30,
    };
    return [programmeCodec.decode({ programmeId, aggregatorId: this.aggregatorId, terms, state: 'OPEN' }, '')];
  }

  async enrolment(): Promise<Enrolment> {
    const asset = {
      assetId,
      reduceMaxW: '3000',
      increaseMaxW: '0',
      noticeSlots: 1,
      runSlotsMax: 8,
      restSlots: 8,
      reboundPpm: '300000',
      kind: 'load',
      bus: 'bus-4',
    };
    const row = {
      programmeId,
      aggregatorId: this.aggregatorId,
      participantId: this.prosumerId,
      gridId: 'rural-1',
      assets: [asset],
      comfort: { eventsPerDayMax: 1, slotsPerDayMax: 12 },
      commandId: '01c0mmand00000000000000000',
      expirySlot: firstSlot,
      signature: 'A'.repeat(86),
      state: 'ACTIVE',
    };
    return enrolmentCodec.decode(row, '');
  }

  async enrolments(): Promise<readonly Enrolment[]> {
    return [await this.enrolment()];
  }

  async events(): Promise<readonly EventView[]> {
    const isps = [0, 1].map((index) => ({ slot: firstSlot + index, direction: 'reduce' as const, energyWh: 500n }));
    const values = isps.map(({ slot }, index) => ({ slot, powerW: index === 0 ? 3_500n : 0n }));
    return [
      {
        eventId: '01event0000000000000000000',
        orderId: '010rder0000000000000000000',
        programmeId,
        aggregatorId: this.aggregatorId,
        participantId: this.prosumerId,
        assets: [{ assetId, isps }],
        firstSlot,
        lastSlot: firstSlot + 1,
        signal: { kind: 'IMPORT_CAPACITY_LIMIT', values },
        state: this.sent.length === 0 ? 'NOTIFIED' : 'OPTED_OUT',
      },
    ];
  }

  async supports(): Promise<readonly SupportView[]> {
    const points = [
      { voltageDecivolt: 2_185n, direction: 'inject' as const, powerVar: 4_000n },
      { voltageDecivolt: 2_420n, direction: 'absorb' as const, powerVar: 2_500n },
    ];
    return [
      {
        supportId: '02supp0rt00000000000000000',
        programmeId,
        aggregatorId: this.aggregatorId,
        participantId: this.prosumerId,
        assetId,
        firstSlot,
        slots: 2,
        curve: { kind: 'CURVE', points },
      },
    ];
  }

  async participant(): Promise<Participant> {
    const row = {
      participantId: this.prosumerId,
      publicKey: this.key.publicKey,
      kind: 'prosumer',
      custodial: true,
      connectionLimitW: '10000',
      mspId: 'CommunityMSP',
      state: 'ACTIVE',
    };
    return participantCodec.decode(row, '');
  }

  async currentSlot(): Promise<number> {
    return firstSlot - 16;
  }

  async sign(_event: EventView, answer: EventAnswer): Promise<SignedAnswer> {
    return { transaction: answer.transaction, request: { ...answer } };
  }

  async send({ request, transaction }: SignedAnswer): Promise<void> {
    this.sent.push(`${transaction} ${String(request['reason'])}`);
  }
}
