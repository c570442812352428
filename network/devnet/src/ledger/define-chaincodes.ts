import { randomBytes } from 'node:crypto';
import {
  buildEnvelope,
  buildProposal,
  buildProposalResponsePayload,
  buildTransactionPayload,
  chaincodeDefinitionWrites,
  encodeReadWriteSet,
  endorsementMessage,
  parseProposal,
  parseSignaturePolicy,
  ValidationCodes,
  validationCodeName,
  type ApplicationPolicy,
  type ChaincodeDefinition,
  type KeyRead,
  type KeyWrite,
} from '@flexledger/fabric-model';
import type { Chaincode, Collection } from '@flexledger/topology';
import { DevnetError } from '../errors';
import type { Signer } from '../identity/signer';
import type { ChannelLedger } from './channel-ledger';

const lifecycleNamespace = '_lifecycle';

function policyOf(text: string): ApplicationPolicy {
  return text === ''
    ? { kind: 'channel', reference: '/Channel/Application/Endorsement' }
    : { kind: 'signature', policy: parseSignaturePolicy(text) };
}

function collectionOf(collection: Collection): ChaincodeDefinition['collections'][number] {
  const { name, requiredPeerCount, maxPeerCount, blockToLive, memberOnlyRead, memberOnlyWrite } = collection;
  return {
    name,
    memberPolicy: parseSignaturePolicy(collection.policy),
    requiredPeerCount,
    maxPeerCount,
    blockToLive,
    memberOnlyRead,
    memberOnlyWrite,
    ...(collection.endorsementPolicy === '' ? {} : { endorsementPolicy: policyOf(collection.endorsementPolicy) }),
  };
}

/** The definition that a topology describes. */
export function definitionOf(chaincode: Chaincode): ChaincodeDefinition {
  return {
    name: chaincode.name,
    sequence: chaincode.sequence,
    version: chaincode.version,
    initRequired: false,
    endorsementPlugin: 'escc',
    validationPlugin: 'vscc',
    endorsementPolicy: policyOf(chaincode.endorsementPolicy),
    collections: chaincode.collections.map(collectionOf),
  };
}

function readsOf(ledger: ChannelLedger, writes: readonly KeyWrite[]): readonly KeyRead[] {
  return writes.map(({ key }) => ({ key, version: ledger.state.get(lifecycleNamespace, key)?.version }));
}

function commitEnvelope(
  ledger: ChannelLedger,
  definition: ChaincodeDefinition,
  admin: Signer,
  endorsers: readonly Signer[],
  nowMs: number,
): Uint8Array {
  const proposal = parseProposal(
    buildProposal({
      channelId: ledger.channel,
      chaincodeName: lifecycleNamespace,
      args: [Buffer.from('CommitChaincodeDefinition'), Buffer.from(definition.name)],
      creator: admin.serialized,
      nonce: randomBytes(24),
      timestamp: { seconds: Math.floor(nowMs / 1000), nanos: (nowMs % 1000) * 1_000_000 },
    }).bytes,
  );
  const writes = chaincodeDefinitionWrites(definition);
  const readWriteSetBytes = encodeReadWriteSet({
    namespaces: [
      {
        namespace: lifecycleNamespace,
        reads: readsOf(ledger, writes),
        rangeQueries: [],
        writes,
        metadataWriteCount: 0,
        collections: [],
      },
    ],
  });
  const proposalResponsePayload = buildProposalResponsePayload({
    proposalHash: proposal.proposalHash,
    readWriteSetBytes,
    eventBytes: new Uint8Array(0),
    response: { status: 200, message: '', payload: new Uint8Array(0) },
    chaincode: { name: lifecycleNamespace, version: 'syscc' },
  });
  const endorsements = endorsers.map((endorser) => ({
    endorser: endorser.serialized,
    signature: endorser.sign(endorsementMessage(proposalResponsePayload, endorser.serialized)),
  }));
  const payload = buildTransactionPayload({ proposal, proposalResponsePayload, endorsements });
  return buildEnvelope(payload, admin.sign(payload));
}

/**
 * Brings the committed chaincode definitions of a channel in line with the topology: one block with a transaction of the
 * lifecycle chaincode per new or changed definition, endorsed by all organisations. Approvals are skipped.
 *
 * @throws DevnetError DEVNET_STORE_MISMATCH when a definition changed without a higher sequence.
 */
export async function defineChaincodes(
  ledger: ChannelLedger,
  chaincodes: readonly Chaincode[],
  admin: Signer,
  endorsers: readonly Signer[],
  nowMs: number,
): Promise<void> {
  const changed = chaincodes.map(definitionOf).filter((definition) => isNew(ledger, definition));
  if (changed.length === 0) return;
  const envelopes = changed.map((definition) => commitEnvelope(ledger, definition, admin, endorsers, nowMs));
  const { transactions } = await ledger.append(envelopes);
  for (const { code, reason, index } of transactions) {
    if (code === ValidationCodes.VALID) continue;
    const name = changed[index]?.name ?? '';
    throw new DevnetError(
      'DEVNET_TOPOLOGY_INVALID',
      `the definition of chaincode ${name} is refused on channel ${ledger.channel}: ${validationCodeName(code)} ${reason}`,
    );
  }
}

function isNew(ledger: ChannelLedger, definition: ChaincodeDefinition): boolean {
  const committed = ledger.definition(definition.name);
  if (committed === undefined || definition.sequence > committed.sequence) return true;
  const text = (one: ChaincodeDefinition): string =>
    JSON.stringify(
      chaincodeDefinitionWrites(one).map(({ key, value }) => [key, Buffer.from(value ?? []).toString('hex')]),
    );
  if (definition.sequence === committed.sequence && text(definition) === text(committed)) return false;
  throw new DevnetError(
    'DEVNET_STORE_MISMATCH',
    `chaincode ${definition.name} on channel ${ledger.channel} is committed with sequence ${String(committed.sequence)} and ` +
      'differs from the topology; raise its sequence in the topology, or use another folder with --data',
  );
}
