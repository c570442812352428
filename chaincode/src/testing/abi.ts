import { contractApi } from '../service/service';

/** The parts of the contract API's metadata that are the ABI. */
interface Metadata {
  readonly contracts: Readonly<Record<string, { readonly transactions: readonly unknown[] }>>;
}

/** What the contract API registers, by contract: the ABI whose golden copy is expected-metadata.json. */
export function registeredAbi(): Readonly<Record<string, readonly unknown[]>> {
  const metadata = contractApi().metadata as Metadata;
  const named = Object.entries(metadata.contracts).filter(([name]) => name !== 'org.hyperledger.fabric');
  return Object.fromEntries(named.map(([name, contract]) => [name, contract.transactions]));
}
