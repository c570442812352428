import { peer } from '@hyperledger/fabric-protos';

import { decodeOr, FabricModelError } from '../common/errors';
import {
  applicationPolicyMessage,
  applicationPolicyOf,
  signaturePolicyMessage,
  signaturePolicyOf,
} from '../policy/encode';
import type { CollectionDefinition } from './types';

function collectionMessage(definition: CollectionDefinition): peer.CollectionConfig {
  const members = new peer.CollectionPolicyConfig();
  members.setSignaturePolicy(signaturePolicyMessage(definition.memberPolicy));
  const config = new peer.StaticCollectionConfig();
  config.setName(definition.name);
  config.setMemberOrgsPolicy(members);
  config.setRequiredPeerCount(definition.requiredPeerCount);
  config.setMaximumPeerCount(definition.maxPeerCount);
  config.setBlockToLive(definition.blockToLive);
  config.setMemberOnlyRead(definition.memberOnlyRead);
  config.setMemberOnlyWrite(definition.memberOnlyWrite);
  if (definition.endorsementPolicy !== undefined) {
    config.setEndorsementPolicy(applicationPolicyMessage(definition.endorsementPolicy));
  }
  const message = new peer.CollectionConfig();
  message.setStaticCollectionConfig(config);
  return message;
}

function collectionOf(message: peer.CollectionConfig): CollectionDefinition {
  const config = message.getStaticCollectionConfig();
  const members = config?.getMemberOrgsPolicy()?.getSignaturePolicy();
  if (config === undefined || members === undefined) {
    throw new FabricModelError('LIFECYCLE_COLLECTION_INVALID', 'A collection has no member policy.');
  }
  const endorsementPolicy = config.getEndorsementPolicy();
  return {
    name: config.getName(),
    memberPolicy: signaturePolicyOf(members),
    requiredPeerCount: config.getRequiredPeerCount(),
    maxPeerCount: config.getMaximumPeerCount(),
    blockToLive: config.getBlockToLive(),
    memberOnlyRead: config.getMemberOnlyRead(),
    memberOnlyWrite: config.getMemberOnlyWrite(),
    ...(endorsementPolicy === undefined ? {} : { endorsementPolicy: applicationPolicyOf(endorsementPolicy) }),
  };
}

/** Bytes of a CollectionConfigPackage. */
export function encodeCollections(collections: readonly CollectionDefinition[]): Uint8Array {
  const message = new peer.CollectionConfigPackage();
  message.setConfigList(collections.map(collectionMessage));
  return message.serializeBinary();
}

/** Reads the bytes of a CollectionConfigPackage; throws LIFECYCLE_COLLECTION_INVALID. */
export function decodeCollections(bytes: Uint8Array): readonly CollectionDefinition[] {
  return decodeOr('LIFECYCLE_COLLECTION_INVALID', 'The collections', () =>
    peer.CollectionConfigPackage.deserializeBinary(bytes).getConfigList().map(collectionOf),
  );
}
