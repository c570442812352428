import type {
  AssetBands,
  Codec,
  CoalitionAnswer,
  CoalitionCase,
  Computation,
  DeliverySamples,
  DisaggregationAnswer,
  DisaggregationCase,
  FeedPublication,
  IntervalAnswer,
  JsonObject,
  MeterHistory,
  ModelCard,
  Ppm,
  Series,
  SessionInputs,
  TechnicalData,
  VppRules,
} from '@flexledger/domain';

/**
 * A computation that an oracle offers, built in or a plug-in (docs/oracle-services.md). What it makes depends on its input alone, so that
 * anyone can make it again.
 */
export interface Service<Input, Output> {
  readonly name: string;
  readonly version: string;
  /** How the input stands in JSON, for a service that runs in a process of its own or behind an address. */
  readonly input: Codec<Input>;
  /** Whatever it throws concerns this request alone. */
  run(input: Input): Output | Promise<Output>;
  /** What is known of how good an output is; throws where it must not be sent. The contract checks it again, and trusts nobody. */
  certificate(input: Input, output: Output): JsonObject;
}

/** What a forecast is made from. */
export interface ForecastInput {
  readonly request: Computation;
  /** The readings that the request has frozen, in the order of its meters. */
  readonly history: readonly MeterHistory[];
  /** The signals from outside that the request uses, in its order; absent for none. */
  readonly feeds?: readonly FeedPublication[];
}

/** A forecast, and the model that has made it. */
export interface Forecast {
  readonly model: string;
  /** One series per meter, in the order of the request. */
  readonly series: readonly Series[];
  /** How the model came about, for everybody to read; absent where the service does not tell. */
  readonly card?: ModelCard;
}

/** A way to forecast the energy of meters. */
export type ComputationService = Service<ForecastInput, Forecast>;

/** What an oracle says about a clearing. */
export interface ClearingAnswer {
  /** Name and version of the solver. */
  readonly solver: string;
  /** One entry per interval, in order. */
  readonly intervals: readonly IntervalAnswer[];
}

/** A way to find out which limits of the grid bind in a session. Any way will do: the contract derives the outcome itself. */
export type ClearingService = Service<SessionInputs, ClearingAnswer>;

/** A case to be solved, and by how many ppm the answer may be worse than its bound. */
export interface CaseWithGap<Case> {
  readonly asked: Case;
  readonly gapPpmMax: Ppm;
}

/** The split of an order, and what found it. */
export interface FoundSplit {
  readonly answer: DisaggregationAnswer;
  /** Name and version of the solver. */
  readonly solver: string;
}

/** A way to split orders of flexibility. Any way will do: the contract takes what is proven to be within the gap. */
export type DisaggregationService = Service<CaseWithGap<DisaggregationCase>, FoundSplit>;

/** A choice of coalitions, and what found it. */
export interface ChosenCoalitions {
  readonly answer: CoalitionAnswer;
  /** Name and version of the solver. */
  readonly solver: string;
}

/** A way to choose coalitions. Any way will do: the contract takes what is proven to be within the gap. */
export type CoalitionService = Service<CaseWithGap<CoalitionCase>, ChosenCoalitions>;

/** What flexibility bands are made from. */
export interface BandInput {
  readonly data: TechnicalData;
  readonly samples: DeliverySamples;
  readonly rules: VppRules;
}

/** A way to make flexibility bands: of technical data and deliveries alone, as the contract makes them again. */
export type SegmentationService = Service<BandInput, AssetBands>;

/** Why a service has made nothing that could be sent; the code stands on the ledger. */
export type ServiceErrorCode =
  /** It has thrown, or its process has ended. */
  | 'ORACLE_SERVICE_FAILED'
  /** Its time is over. */
  | 'ORACLE_SERVICE_TIME'
  /** It wanted more memory than it may have. */
  | 'ORACLE_SERVICE_MEMORY'
  /** What it made is no output of its kind, or is too large. */
  | 'ORACLE_SERVICE_GARBAGE'
  /** Its address does not answer as it should. */
  | 'ORACLE_SERVICE_UNREACHABLE';

/** A service that has made nothing that could be sent. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
  }
}

/** The services of one kind that an oracle offers, by name and version. */
export class ServiceCatalogue<T extends Pick<ComputationService, 'name' | 'version'> = ComputationService> {
  readonly #services: ReadonlyMap<string, T>;

  /** @throws RangeError when two services have the same name and version */
  constructor(services: readonly T[]) {
    this.#services = new Map(services.map((service) => [keyOf(service), service]));
    if (this.#services.size !== services.length) {
      throw new RangeError('two services have the same name and version');
    }
  }

  /** The service that a request asks for, or undefined when this oracle does not offer it. */
  find(request: { readonly service: string; readonly version: string }): T | undefined {
    return this.#services.get(keyOf({ name: request.service, version: request.version }));
  }
}

function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name} ${version}`;
}
