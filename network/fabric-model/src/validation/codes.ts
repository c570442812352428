import { peer } from '@hyperledger/fabric-protos';

/** Number of a Fabric TxValidationCode; ValidationCodes holds them by name. */
export type ValidationCode = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];

/** All of Fabric's validation codes by name. */
export const ValidationCodes: Readonly<peer.TxValidationCodeMap> = peer.TxValidationCode;

const NAMES = new Map<number, string>(Object.entries(peer.TxValidationCode).map(([name, code]) => [code, name]));
const CODES = new Map<number, ValidationCode>(Object.values(peer.TxValidationCode).map((code) => [code, code]));

/** Name of a code, e.g. MVCC_READ_CONFLICT; 'UNKNOWN_<n>' for numbers Fabric does not have. */
export function validationCodeName(code: number): string {
  return NAMES.get(code) ?? `UNKNOWN_${code}`;
}

/** A code from its number in block metadata; numbers that Fabric does not have become INVALID_OTHER_REASON. */
export function validationCodeOf(value: number): ValidationCode {
  return CODES.get(value) ?? peer.TxValidationCode.INVALID_OTHER_REASON;
}
