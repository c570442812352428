import { demand, RuleError } from '../../errors';
import type { Role } from '../../field-codecs';
import { bandDirectionsOf, unitOfDirection, type BandDirection } from '../directions';
import type { ServiceId } from '../ids';
import type { ServiceBuyer, ServiceProduct, ServiceUse } from './rows';

/** What is said of a service when it is published. */
export type ServiceAsked = Omit<ServiceProduct, 'version' | 'state' | 'publisherMspId'>;

/** Who publishes, and what the ledger knows of the service. */
export interface KnownForService {
  readonly publisher: { readonly mspId: string; readonly role: Role | undefined };
  readonly before: ServiceProduct | undefined;
  readonly use: ServiceUse;
}

/** For whom an organisation publishes services: system operators for themselves, the market operator for the wholesale market. */
function buyerOf(role: Role | undefined): ServiceBuyer | undefined {
  return role === 'market' ? 'wholesale' : role === 'tso' || role === 'dso' ? role : undefined;
}

/**
 * A service in its next version. Refuses one of another organisation, or that the publisher would not buy (VPP_SERVICE_OTHERS), terms that
 * contradict themselves, and any change while there are open requests.
 */
export function publishService(asked: ServiceAsked, { before, publisher, use }: KnownForService): ServiceProduct {
  const { serviceId } = asked;
  demandPublisher(asked, before, publisher);
  const problem = findProblem(asked);
  demand(problem === undefined, 'VPP_SERVICE_TERMS', { serviceId, problem: problem ?? '' });
  demandUnused(serviceId, use);
  return { ...asked, version: (before?.version ?? 0) + 1, publisherMspId: publisher.mspId, state: 'PUBLISHED' };
}

function demandPublisher(
  { buyers, serviceId }: ServiceAsked,
  before: ServiceProduct | undefined,
  { mspId, role }: KnownForService['publisher'],
): void {
  const buyer = buyerOf(role);
  const isOwn = before === undefined || before.publisherMspId === mspId;
  demand(isOwn && buyer !== undefined && buyers.includes(buyer), 'VPP_SERVICE_OTHERS', { serviceId });
}

function demandUnused(serviceId: ServiceId, { openRequests }: ServiceUse): void {
  demand(openRequests === 0, 'VPP_SERVICE_IN_USE', { serviceId, openRequests });
}

function findProblem(asked: ServiceAsked): string | undefined {
  const { bidMinW, bidStepW, buyers, directions, holdSlots, keptPpm, sliceSlots, unit } = asked;
  const problems: readonly (readonly [boolean, string])[] = [
    [new Set(directions).size !== directions.length, 'a direction is named twice'],
    [new Set(buyers).size !== buyers.length, 'a buyer is named twice'],
    [directions.some((direction) => unitOfDirection(direction) !== unit), 'a direction has another unit'],
    [asked.kind === 'reactive' && unit !== 'var', 'reactive power is measured in var'],
    [asked.kind !== 'reactive' && unit === 'var', 'active power is measured in W'],
    [asked.kind === 'reactive' && asked.settledBy === 'telemetry', 'reactive power is called, and settled by dispatch'],
    [bidStepW === 0n || bidMinW === 0n, 'a smallest bid or a step is zero'],
    [bidStepW > 0n && bidMinW % bidStepW !== 0n, 'the smallest bid is not a whole number of steps'],
    [holdSlots > sliceSlots, 'an activation lasts longer than a slice'],
    [keptPpm === 0n, 'a promise is kept with no probability'],
  ];
  return problems.find(([holds]) => holds)?.[1];
}

/** The service after its publisher takes it out of the catalogue. */
export function retireService(product: ServiceProduct, mspId: string, use: ServiceUse): ServiceProduct {
  const { publisherMspId, serviceId, state } = product;
  demand(state === 'PUBLISHED', 'VPP_SERVICE_RETIRED', { serviceId });
  demand(publisherMspId === mspId, 'VPP_SERVICE_OTHERS', { serviceId });
  demandUnused(serviceId, use);
  return { ...product, state: 'RETIRED' };
}

/** The service of an id; refuses with VPP_SERVICE_UNKNOWN. */
export function knownService(product: ServiceProduct | undefined, serviceId: ServiceId): ServiceProduct {
  if (product === undefined) {
    throw new RuleError('VPP_SERVICE_UNKNOWN', { serviceId });
  }
  return product;
}

/** The service while it is offered; refuses with VPP_SERVICE_UNKNOWN or VPP_SERVICE_RETIRED. */
export function publishedService(product: ServiceProduct | undefined, serviceId: ServiceId): ServiceProduct {
  const known = knownService(product, serviceId);
  demand(known.state === 'PUBLISHED', 'VPP_SERVICE_RETIRED', { serviceId });
  return known;
}

/** The bands by which a service can be served. */
export function bandsOfService({ directions }: Pick<ServiceProduct, 'directions'>): readonly BandDirection[] {
  return [...new Set(directions.flatMap(bandDirectionsOf))];
}
