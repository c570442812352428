import { parseSignaturePolicy } from '../policy/text';
import type { ApplicationPolicy, SignaturePolicy } from '../policy/types';

/** A private collection of a chaincode. */
export interface CollectionDefinition {
  readonly name: string;
  readonly memberPolicy: SignaturePolicy;
  readonly requiredPeerCount: number;
  readonly maxPeerCount: number;
  /** Blocks after which values are forgotten; 0 = never. */
  readonly blockToLive: number;
  readonly memberOnlyRead: boolean;
  readonly memberOnlyWrite: boolean;
  /** undefined = the policy of the chaincode. */
  readonly endorsementPolicy?: ApplicationPolicy;
}

/** A committed chaincode definition. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly sequence: number;
  readonly version: string;
  readonly initRequired: boolean;
  readonly endorsementPlugin: string;
  readonly validationPlugin: string;
  readonly endorsementPolicy: ApplicationPolicy;
  readonly collections: readonly CollectionDefinition[];
}

/** Name prefix of the collection that every organisation has without defining it. */
export const IMPLICIT_COLLECTION_PREFIX = '_implicit_org_';

/** The implicit collection of an organisation. */
export function implicitCollection(mspId: string): CollectionDefinition {
  return {
    name: `${IMPLICIT_COLLECTION_PREFIX}${mspId}`,
    memberPolicy: parseSignaturePolicy(`OR('${mspId}.member')`),
    requiredPeerCount: 0,
    maxPeerCount: 0,
    blockToLive: 0,
    memberOnlyRead: false,
    memberOnlyWrite: false,
  };
}

/** The organisation of an implicit collection, or undefined for any other collection. */
export function organizationOfImplicitCollection(collection: string): string | undefined {
  return collection.startsWith(IMPLICIT_COLLECTION_PREFIX)
    ? collection.slice(IMPLICIT_COLLECTION_PREFIX.length)
    : undefined;
}
