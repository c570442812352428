import { peer } from '@hyperledger/fabric-protos';

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(peer.TxValidationCode).map(([name, code]) => [code, name]),
);

/** Fabric's name of a transaction validation code. */
export function validationCodeName(code: number): string {
  return NAMES.get(code) ?? `CODE_${code}`;
}
