import type { Enrolment, JsonObject, Meter, Participant, Programme, SiteReport } from '@flexledger/domain';
import type { SigningKey } from '../client/keys';

/** What an event asks of an asset in one slot, against its baseline. */
interface EventIspView {
  readonly slot: number;
  readonly direction: 'reduce' | 'increase';
  readonly energyWh: bigint;
}

/** What an event tells its prosumer. */
export type SignalView =
  | { readonly kind: 'SIMPLE'; readonly level: number }
  | {
      readonly kind: 'DISPATCH_SETPOINT';
      readonly values: readonly { readonly slot: number; readonly importW: bigint; readonly exportW: bigint }[];
    }
  | {
      readonly kind: 'IMPORT_CAPACITY_LIMIT' | 'EXPORT_CAPACITY_LIMIT';
      readonly values: readonly { readonly slot: number; readonly powerW: bigint }[];
    }
  | { readonly kind: 'PRICE'; readonly priceMicroPerKwh: bigint };

/** What voltage support asks of an inverter: reactive power by voltage. */
export interface CurveView {
  readonly kind: 'CURVE';
  readonly points: readonly {
    readonly voltageDecivolt: bigint;
    readonly direction: 'inject' | 'absorb';
    readonly powerVar: bigint;
  }[];
}

/** Voltage support as far as OpenADR tells it: a curve of one asset for some slots, which is not answered. */
export interface SupportView {
  readonly supportId: string;
  readonly programmeId: string;
  readonly aggregatorId: string;
  readonly participantId: string;
  readonly assetId: string;
  readonly firstSlot: number;
  readonly slots: number;
  readonly curve: CurveView;
}

/** An event as far as OpenADR tells it; the row of the ledger holds more. */
export interface EventView {
  readonly eventId: string;
  readonly orderId: string;
  readonly programmeId: string;
  readonly aggregatorId: string;
  readonly participantId: string;
  readonly assets: readonly { readonly assetId: string; readonly isps: readonly EventIspView[] }[];
  /** The meters by which it is measured. */
  readonly meterIds: readonly string[];
  readonly firstSlot: number;
  readonly lastSlot: number;
  readonly signal?: SignalView | undefined;
  readonly state: 'NOTIFIED' | 'ACKNOWLEDGED' | 'OPTED_IN' | 'OPTED_OUT' | 'FAILED' | 'CANCELLED' | 'COMPLETED';
}

/** What the rule set in force says of all programmes. */
export interface TradeTerms {
  /** The ISO 4217 code of what prices are in. */
  readonly currency: string;
  /** The rank of promises of demand response, from 0 to 99: the one with the higher rank comes first. */
  readonly eventRank: number;
}

/** What the VTN reads of the ledger. */
export interface FlexibilityReadings {
  /** All programmes, of whichever aggregator. */
  programmes(): Promise<readonly Programme[]>;
  /** The enrolment of a prosumer in a programme, also one that has ended. */
  enrolment(programmeId: string, participantId: string): Promise<Enrolment | undefined>;
  enrolments(programmeId: string): Promise<readonly Enrolment[]>;
  /** The events of a prosumer in the state in which they are. */
  events(participantId: string): Promise<readonly EventView[]>;
  /** The voltage support of a prosumer's assets, as far as it is in force or begins soon. */
  supports(participantId: string): Promise<readonly SupportView[]>;
  participant(participantId: string): Promise<Participant>;
  /** A meter; undefined where there is none. */
  meter(meterId: string): Promise<Meter | undefined>;
  /** What the rule set in force says. */
  tradeTerms(): Promise<TradeTerms>;
  /** The last slot that has begun on the ledger clock. */
  currentSlot(): Promise<number>;
}

/** What a prosumer answers to an event. */
export type EventAnswer =
  | { readonly transaction: 'acknowledgeEvent' | 'optIn' }
  | { readonly transaction: 'optOut'; readonly reason: 'DECLINED' | 'DEVICE_FAILED' };

/** What a prosumer says of when it can be called, in JSON. */
export interface AvailabilityAsked {
  readonly programmeId: string;
  readonly unavailable: readonly JsonObject[];
}

/** A report from the site before the meter's key has signed it. */
export type SiteReportContent = Omit<SiteReport, 'signature'>;

/** A command that a key of a prosumer or its meter has signed, in the form in which it is kept on the disk before it is sent. */
export interface SignedAnswer {
  readonly transaction: EventAnswer['transaction'] | 'setAvailability' | 'fileSiteReport';
  readonly request: JsonObject;
  /** What goes to the members of the confidential collection only. */
  readonly confidential?: JsonObject;
}

/** What the VTN signs in the name of a prosumer whose keys the gateway holds. */
export interface VtnSigner {
  sign(event: EventView, answer: EventAnswer, key: SigningKey, commandId: string): Promise<SignedAnswer>;
  signAvailability(asked: AvailabilityAsked, key: SigningKey, commandId: string): Promise<SignedAnswer>;
  /** The key is that of the meter. */
  signSiteReport(content: SiteReportContent, key: SigningKey, commandId: string): Promise<SignedAnswer>;
}

/** What the VTN writes in the name of a prosumer whose keys the gateway holds. */
export interface EventAnswers extends VtnSigner {
  /** Brings a command to the ledger; the same one again has no second effect. @throws LedgerError */
  send(answer: SignedAnswer): Promise<void>;
}
