import type { Computation, MeterHistory, Series } from '@flexledger/domain';

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

/** The services that an oracle offers, by name and version. */
export class ServiceCatalogue {
  readonly #services: ReadonlyMap<string, ComputationService>;

  /** @throws RangeError when two services have the same name and version */
  constructor(services: readonly ComputationService[]) {
    this.#services = new Map(services.map((service) => [keyOf(service), service]));
    if (this.#services.size !== services.length) {
      throw new RangeError('two services have the same name and version');
    }
  }

  /** The service that a request asks for, or undefined when this oracle does not offer it. */
  find(request: Pick<Computation, 'service' | 'version'>): ComputationService | undefined {
    return this.#services.get(keyOf({ name: request.service, version: request.version }));
  }
}

function keyOf({ name, version }: Pick<ComputationService, 'name' | 'version'>): string {
  return `${name} ${version}`;
}
