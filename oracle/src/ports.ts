import type {
  AssetBands,
  AssetId,
  ClearingRequest,
  CoalitionCase,
  CoalitionPlanId,
  CoalitionRequest,
  CommandId,
  Computation,
  DisaggregationCase,
  DeliverySamples,
  DisaggregationRequest,
  FeedPublication,
  MeterHistory,
  RequestAt,
  RequestId,
  SessionId,
  SessionInputs,
  TechnicalData,
  VppRules,
} from '@flexledger/domain';
import type { AnswerOutcome } from './send-answer';

/** One chunk of an answer as the contract takes it. */
export type AnswerRequest = RequestAt<'oracle', 'answer'>;

/** What an oracle needs of the ledger; rejects with LedgerError and its subclasses. */
export interface OracleLedger {
  /** The organisation that answers. */
  readonly mspId: string;
  getRequest(requestId: RequestId): Promise<Computation>;
  /** All requests that nobody has answered yet. */
  openRequests(): Promise<readonly Computation[]>;
  /** The usable interval totals that the request has frozen, in the order of its meters. */
  history(request: Computation): Promise<readonly MeterHistory[]>;
  /** The signals from outside that the request uses, in its order. */
  publications(request: Computation): Promise<readonly FeedPublication[]>;
  answer(request: AnswerRequest): Promise<void>;
  /** @returns true where no oracle is left that could answer, so that the request may expire at once */
  refuse(request: RefuseRequest): Promise<boolean>;
  /** @returns false when the request was closed already */
  expire(commandId: CommandId, requestId: RequestId): Promise<boolean>;
}

/** That an oracle will not answer a request, as the contract takes it. */
export type RefuseRequest = RequestAt<'oracle', 'refuse'>;

/** One chunk of an answer to a request for a clearing as the contract takes it. */
export type ClearingAnswerRequest = RequestAt<'oracle', 'answerClearing'>;

/** What an oracle needs of the ledger to answer requests for clearings; rejects with LedgerError and its subclasses. */
export interface ClearingLedger {
  /** The organisation that answers. */
  readonly mspId: string;
  getClearingRequest(sessionId: SessionId): Promise<ClearingRequest | undefined>;
  /** All requests that nobody has answered yet. */
  openClearingRequests(): Promise<readonly ClearingRequest[]>;
  /** Orders, grid and terms of a session whose clearing has been asked for. */
  sessionInputs(sessionId: SessionId): Promise<SessionInputs>;
  answerClearing(request: ClearingAnswerRequest): Promise<void>;
}

/** Which request to split an order. */
export type DisaggregationPlace = Pick<DisaggregationRequest, 'orderId' | 'revision'>;

/** One chunk of an answer to a request to split an order as the contract takes it. */
export type DisaggregationAnswerRequest = RequestAt<'flexibility', 'answerDisaggregation'>;

/** What an oracle needs of the ledger to split orders; rejects with LedgerError and its subclasses. */
export interface DisaggregationLedger {
  /** The organisation that answers. */
  readonly mspId: string;
  /** A request and its frozen case. */
  getDisaggregation(place: DisaggregationPlace): Promise<{
    readonly request: DisaggregationRequest | undefined;
    readonly asked: DisaggregationCase | undefined;
  }>;
  /** All requests that nobody has answered yet. */
  openDisaggregations(): Promise<readonly DisaggregationRequest[]>;
  answerDisaggregation(request: DisaggregationAnswerRequest): Promise<void>;
}

/** One chunk of an answer to a request to choose coalitions as the contract takes it. */
export type CoalitionAnswerRequest = RequestAt<'vpp', 'answerCoalition'>;

/** What an oracle needs of the ledger to choose coalitions; rejects with LedgerError and its subclasses. */
export interface CoalitionLedger {
  /** The organisation that answers. */
  readonly mspId: string;
  /** A request and its frozen case. */
  getCoalitionPlan(planId: CoalitionPlanId): Promise<{
    readonly request: CoalitionRequest | undefined;
    readonly asked: CoalitionCase | undefined;
  }>;
  /** All requests that nobody has answered yet. */
  openCoalitionRequests(): Promise<readonly CoalitionRequest[]>;
  answerCoalition(request: CoalitionAnswerRequest): Promise<void>;
}

/** The bands of some assets as the contract takes them. */
export type BandsRequest = RequestAt<'vpp', 'fileBands'>;

/** What an oracle needs of the ledger to file flexibility bands; rejects with LedgerError and its subclasses. */
export interface BandLedger {
  /** The organisation that files. */
  readonly mspId: string;
  /** The rules in force and their number; undefined where they have no virtual power plants. */
  segmentRules(): Promise<{ readonly rules: VppRules; readonly number: number } | undefined>;
  /** All assets whose technical data were filed. */
  segmentedAssets(): Promise<readonly AssetId[]>;
  /** What bands are made of, and the bands as they were filed last. */
  segmented(assetId: AssetId): Promise<{
    readonly data: TechnicalData | undefined;
    readonly samples: DeliverySamples;
    readonly filed: AssetBands | undefined;
  }>;
  fileBands(request: BandsRequest): Promise<void>;
}

/** Counts what an oracle does. */
export interface OracleMeter {
  /** @param outcome undefined where the job was given up */
  done(kind: string, outcome: AnswerOutcome | undefined, seconds: number): void;
  /** Something has ended with a code that no new attempt would change. */
  failed(code: string): void;
}

/** Structured log lines. */
export interface OracleLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
