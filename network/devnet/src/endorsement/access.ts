import {
  evaluateSignaturePolicy,
  implicitCollection,
  validSigners,
  type ChaincodeDefinition,
  type CollectionDefinition,
  type Identity,
  type SignedData,
  type StateReader,
} from '@flexledger/fabric-model';
import type { CollectionPermission } from '../chaincode/transaction-context';
import { messageOf } from '../errors';
import type { ChannelLedger } from '../ledger/channel-ledger';

/** Path of the policy for reading a channel: events, commit status, ledger queries. */
export const channelReaders = '/Channel/Application/Readers';

/** Path of the policy for proposing transactions on a channel. */
export const channelWriters = '/Channel/Application/Writers';

const implicitPrefix = '_implicit_org_';

/** A collection of a definition, or the implicit one that every organisation has without defining it. */
function lookUpCollection(
  ledger: ChannelLedger,
  definition: ChaincodeDefinition,
  collection: string,
): CollectionDefinition | undefined {
  const mspId = collection.startsWith(implicitPrefix) ? collection.slice(implicitPrefix.length) : '';
  if (ledger.config.applicationMspIds.includes(mspId)) {
    const implicit = implicitCollection(mspId);
    return { ...implicit, endorsementPolicy: { kind: 'signature', policy: implicit.memberPolicy } };
  }
  return definition.collections.find(({ name }) => name === collection);
}

/** The collection of a chaincode. @throws Error with Fabric's text when it is not defined. */
export function findCollection(
  ledger: ChannelLedger,
  definition: ChaincodeDefinition,
  collection: string,
): CollectionDefinition {
  const found = lookUpCollection(ledger, definition, collection);
  if (found !== undefined) return found;
  throw new Error(
    definition.collections.length === 0
      ? `collection config not defined for chaincode [${definition.name}], ` +
          'pass the collection configuration upon chaincode definition/instantiation'
      : `collection [${collection}] not defined in the collection config for chaincode [${definition.name}]`,
  );
}

/** Whether a serialised identity is a member of a collection. */
export function isCollectionMember(
  ledger: ChannelLedger,
  collection: CollectionDefinition,
  identity: Uint8Array,
): boolean {
  const { msps } = ledger.config;
  try {
    const member = msps.deserialize(identity);
    msps.validate(member);
    return evaluateSignaturePolicy(collection.memberPolicy, [member], (one, principal) =>
      msps.satisfies(one, principal),
    );
  } catch {
    return false;
  }
}

/** What the creator of a proposal may do with a collection. @throws Error with Fabric's text when it is not defined. */
export function collectionPermission(
  ledger: ChannelLedger,
  definition: ChaincodeDefinition,
  collectionName: string,
  creator: Uint8Array,
): CollectionPermission {
  const collection = lookUpCollection(ledger, definition, collectionName);
  if (collection === undefined) {
    throw new Error(`collection ${ledger.channel}/${definition.name}/${collectionName} could not be found`);
  }
  if (isCollectionMember(ledger, collection, creator)) return { read: true, write: true };
  return { read: !collection.memberOnlyRead, write: !collection.memberOnlyWrite };
}

/** Checks signed data against a channel policy. @throws Error with Fabric's text. */
export function checkChannelPolicy(ledger: ChannelLedger, path: string, signed: SignedData): void {
  checkIdentities(ledger, path, validSigners([signed], ledger.config.msps));
}

/** Checks identities, whose signatures are known to hold, against a channel policy. @throws Error with Fabric's text. */
export function checkIdentities(ledger: ChannelLedger, path: string, identities: readonly Identity[]): void {
  const prefix = `Failed evaluating policy on signed data during check policy on channel [${ledger.channel}] with policy [${path}]`;
  let isSatisfied: boolean;
  try {
    isSatisfied = ledger.config.evaluate(path, identities);
  } catch (error) {
    throw new Error(`${prefix}: [${messageOf(error)}]`, { cause: error });
  }
  if (isSatisfied) return;
  const subPolicy = path.slice(path.lastIndexOf('/') + 1);
  throw new Error(
    `${prefix}: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the ` +
      `'${subPolicy}' sub-policies to be satisfied]`,
  );
}

/** Committed state as one organisation's peer holds it: private values only of the collections it is a member of. */
export function organizationView(ledger: ChannelLedger, state: StateReader, peerIdentity: Uint8Array): StateReader {
  const holds = (namespace: string, collectionName: string): boolean => {
    const definition = ledger.definition(namespace);
    const collection = definition === undefined ? undefined : lookUpCollection(ledger, definition, collectionName);
    return collection !== undefined && isCollectionMember(ledger, collection, peerIdentity);
  };
  return {
    height: state.height,
    get: (namespace, key) => state.get(namespace, key),
    range: (namespace, startKey, endKey) => state.range(namespace, startKey, endKey),
    getHash: (namespace, collection, keyHashHex) => state.getHash(namespace, collection, keyHashHex),
    getPrivate: (namespace, collection, key) =>
      holds(namespace, collection) ? state.getPrivate(namespace, collection, key) : undefined,
    rangePrivate: (namespace, collection, startKey, endKey) =>
      holds(namespace, collection)
        ? state.rangePrivate(namespace, collection, startKey, endKey)
        : [][Symbol.iterator](),
  };
}
