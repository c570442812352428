import {
  array,
  canonicalJson,
  limits,
  object,
  parseJson,
  serviceFields,
  type CommandId,
  type RequestAt,
  type ServiceProduct,
} from '@flexledger/domain';
import { newId } from '../meter-gateway/commission-meters';

const serviceCodec = object(serviceFields);
const catalogueCodec = array(serviceCodec, limits.listRowsMax, 1);

/** A service as a catalogue has it. */
export type CatalogueService = Omit<RequestAt<'vpp', 'publishService'>, 'commandId'>;

/** What publishing needs of the ledger client. */
export interface CatalogueLedger {
  /** The organisation that publishes. */
  readonly mspId: string;
  evaluate(
    contract: 'vpp',
    transaction: 'getService',
    request: Pick<CatalogueService, 'serviceId'>,
  ): Promise<{ readonly service: ServiceProduct | null }>;
  submit(
    contract: 'vpp',
    transaction: 'publishService',
    request: RequestAt<'vpp', 'publishService'>,
  ): Promise<{ readonly response: ServiceProduct }>;
}

/** Reads a catalogue of services; refuses as the contract does, with the path of the field. */
export function readCatalogue(text: string): readonly CatalogueService[] {
  return catalogueCodec.decode(parseJson(text), '');
}

/** For whom a role buys services. */
function buyerOf(role: string): string {
  return role === 'market' ? 'wholesale' : role;
}

/**
 * Publishes the services of a catalogue that a role buys, and prints a line for each. What is on the ledger as it is in the catalogue stays as it
 * is, so that the command can be repeated; what differs becomes a new version.
 */
export async function publishServices(
  ledger: CatalogueLedger,
  role: string,
  catalogue: readonly CatalogueService[],
  print: (line: string) => void,
): Promise<void> {
  for (const service of catalogue) {
    const { buyers, serviceId } = service;
    if (!buyers.some((buyer) => buyer === buyerOf(role))) {
      print(`${serviceId} is bought by ${buyers.join(', ')}: left to them`);
      continue;
    }
    const { service: known } = await ledger.evaluate('vpp', 'getService', { serviceId });
    if (known !== null && known.publisherMspId !== ledger.mspId) {
      print(`${serviceId} is published by ${known.publisherMspId}: left to it`);
      continue;
    }
    if (known?.state === 'PUBLISHED' && isSame(known, service)) {
      print(`${serviceId} is published already, version ${known.version}`);
      continue;
    }
    const request = { commandId: newId() as CommandId, ...service };
    const { response } = await ledger.submit('vpp', 'publishService', request);
    print(`${serviceId} is published, version ${response.version}`);
  }
}

function isSame(known: ServiceProduct, service: CatalogueService): boolean {
  const { publisherMspId: _publisher, state: _state, version: _version, ...terms } = known;
  return canonicalJson(serviceCodec.encode(terms)) === canonicalJson(serviceCodec.encode(service));
}
