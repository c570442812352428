import type {
  AssetBands,
  CoalitionAnswer,
  CoalitionCase,
  Computation,
  DisaggregationAnswer,
  DeliverySamples,
  DisaggregationCase,
  IntervalAnswer,
  MeterHistory,
  Ppm,
  Series,
  SessionInputs,
  TechnicalData,
  VppRules,
} from '@flexledger/domain';

/**
 * A computation that an oracle offers. A consortium adds its own by writing one of these and listing it in the
 * catalogue; nothing else changes. `run` depends on its arguments alone, so that anyone can recompute the answer.
 */
export interface ComputationService {
  readonly name: string;
  readonly version: string;
  /** The model that made the answer; stands in it. */
  readonly model: string;
  /** One series per meter, in the order of the request. */
  run(request: Computation, history: readonly MeterHistory[]): readonly Series[];
}

/** What an oracle says about a clearing. */
export interface ClearingAnswer {
  /** Name and version of the solver. */
  readonly solver: string;
  /** One entry per interval, in order. */
  readonly intervals: readonly IntervalAnswer[];
}

/** A way to find out which limits of the grid bind in a session. Any way will do: the contract derives the outcome itself. */
export interface ClearingService {
  readonly name: string;
  readonly version: string;
  run(inputs: SessionInputs): Promise<ClearingAnswer>;
}

/** The split of an order, and what found it. */
export interface FoundSplit {
  readonly answer: DisaggregationAnswer;
  /** Name and version of the solver. */
  readonly solver: string;
}

/** A way to split orders of flexibility. Any way will do: the contract takes what is proven to be within the gap. */
export interface DisaggregationService {
  readonly name: string;
  readonly version: string;
  run(asked: DisaggregationCase, gapPpmMax: Ppm): Promise<FoundSplit>;
}

/** A choice of coalitions, and what found it. */
export interface ChosenCoalitions {
  readonly answer: CoalitionAnswer;
  /** Name and version of the solver. */
  readonly solver: string;
}

/** A way to choose coalitions. Any way will do: the contract takes what is proven to be within the gap. */
export interface CoalitionService {
  readonly name: string;
  readonly version: string;
  run(asked: CoalitionCase, gapPpmMax: Ppm): Promise<ChosenCoalitions>;
}

/** A way to make flexibility bands: of technical data and deliveries alone, as the contract makes them again. */
export interface SegmentationService {
  readonly name: string;
  readonly version: string;
  run(data: TechnicalData, samples: DeliverySamples, rules: VppRules): AssetBands;
}

/** The services of one sort that an oracle offers, by name and version. */
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
