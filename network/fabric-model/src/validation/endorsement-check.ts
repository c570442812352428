import { peer } from '@hyperledger/fabric-protos';

import type { ChannelConfig } from '../channel/channel-config';
import { messageOf } from '../common/errors';
import { decodeStrict } from '../common/schemas';
import { compareKeys } from '../common/keys';
import { LIFECYCLE_NAMESPACE } from '../lifecycle/read';
import { organizationOfImplicitCollection, type ChaincodeDefinition } from '../lifecycle/types';
import type { Identity } from '../msp/identity';
import { evaluateSignaturePolicy } from '../policy/evaluate';
import { parseSignaturePolicy } from '../policy/text';
import type { ApplicationPolicy } from '../policy/types';
import { decodeReadWriteSet } from '../rwset/decode';
import type { NamespaceReadWriteSet } from '../rwset/types';
import { assembleTransaction, type ActionParts } from '../transaction/envelope';
import { endorsementMessage } from '../transaction/response';
import type { EnvelopeHeader, ParsedTransaction } from '../transaction/types';
import { ValidationCodes, type ValidationCode } from './codes';
import { validSigners } from './signers';
import { InvalidTransaction } from './verdict';

/** Where the rules for endorsements come from. */
export interface EndorsementContext {
  readonly config: ChannelConfig;
  /** Committed definition of a chaincode as of the block before. */
  readonly definitionOf: (name: string) => ChaincodeDefinition | undefined;
}

const LIFECYCLE_POLICY_PATH = '/Channel/Application/LifecycleEndorsement';

/** The channel's policy for chaincode definitions; without one, a majority of the organisations. */
function lifecyclePolicy(config: ChannelConfig): ApplicationPolicy {
  if (config.policy(LIFECYCLE_POLICY_PATH) !== undefined) {
    return { kind: 'channel', reference: LIFECYCLE_POLICY_PATH };
  }
  const mspIds = config.applicationMspIds;
  const rules = mspIds.map((_, principalIndex) => ({ kind: 'signedBy', principalIndex }) as const);
  const principals = mspIds.map((mspId) => ({ kind: 'role', mspId, role: 'member' }) as const);
  const count = Math.floor(mspIds.length / 2) + 1;
  return { kind: 'signature', policy: { version: 0, rule: { kind: 'outOf', count, rules }, principals } };
}

function invalid(code: ValidationCode, reason: string): never {
  throw new InvalidTransaction(code, reason);
}

function writes(set: NamespaceReadWriteSet): boolean {
  return (
    set.writes.length > 0 ||
    set.metadataWriteCount > 0 ||
    set.collections.some((collection) => collection.writes.length > 0 || collection.metadataWriteCount > 0)
  );
}

/** The names in header and action must agree and be present. */
function checkNames(extension: peer.ChaincodeHeaderExtension, action: peer.ChaincodeAction): void {
  const named = extension.getChaincodeId();
  const executed = action.getChaincodeId();
  if (named === undefined || executed === undefined) {
    invalid(ValidationCodes.INVALID_OTHER_REASON, 'The header or the action names no chaincode.');
  }
  if (named.getName() === '' || named.getName() !== executed.getName() || executed.getVersion() === '') {
    invalid(
      ValidationCodes.INVALID_CHAINCODE,
      `The header names chaincode '${named.getName()}', the action '${executed.getName()}:${executed.getVersion()}'.`,
    );
  }
  checkEvent(action, named.getName());
}

function checkEvent(action: peer.ChaincodeAction, chaincodeName: string): void {
  const bytes = action.getEvents_asU8();
  if (
    bytes.length > 0 &&
    decodeStrict('chaincodeEvent', peer.ChaincodeEvent, bytes).getChaincodeId() !== chaincodeName
  ) {
    invalid(ValidationCodes.INVALID_OTHER_REASON, 'The event is of another chaincode than the action.');
  }
}

function attempt<T>(code: ValidationCode, run: () => T): T {
  try {
    return run();
  } catch (error) {
    return invalid(code, messageOf(error));
  }
}

/** Reads the transaction and checks what does not need the ledger; throws InvalidTransaction. */
export function readTransaction(header: EnvelopeHeader, parts: ActionParts): ParsedTransaction {
  const extension = attempt(ValidationCodes.BAD_HEADER_EXTENSION, () =>
    decodeStrict('headerExtension', peer.ChaincodeHeaderExtension, header.extensionBytes),
  );
  const actionBytes = parts.responsePayload.getExtension_asU8();
  if (actionBytes.length === 0) {
    invalid(ValidationCodes.BAD_RESPONSE_PAYLOAD, 'The endorsed response has no chaincode action.');
  }
  const action = attempt(ValidationCodes.BAD_RESPONSE_PAYLOAD, () =>
    decodeStrict('chaincodeAction', peer.ChaincodeAction, actionBytes),
  );
  attempt(ValidationCodes.BAD_RWSET, () => decodeReadWriteSet(action.getResults_asU8()));
  checkNames(extension, action);
  const transaction = assembleTransaction(header, parts);
  const seen = new Set<string>();
  for (const { namespace } of transaction.readWriteSet.namespaces) {
    if (seen.has(namespace)) {
      invalid(ValidationCodes.ILLEGAL_WRITESET, `Namespace ${namespace} appears twice.`);
    }
    seen.add(namespace);
  }
  return transaction;
}

/** The endorsement policy of one chaincode, with what it says of collections. */
class NamespacePolicies {
  private readonly heldFor = new Map<string, boolean>();

  constructor(
    private readonly context: EndorsementContext,
    private readonly namespace: string,
    private readonly definition: ChaincodeDefinition | undefined,
    private readonly signers: readonly Identity[],
  ) {}

  /** Every written key needs the policy of its collection, or of the chaincode; a reader needs the chaincode's. */
  check(set: NamespaceReadWriteSet | undefined): void {
    const collections = (set?.collections ?? []).filter((collection) => collection.writes.length > 0);
    if ((set?.writes.length ?? 0) > 0 || collections.length === 0) {
      this.require('', this.chaincodePolicy());
    }
    for (const { collection } of collections) {
      this.require(collection, this.collectionPolicy(collection));
    }
  }

  private chaincodePolicy(): ApplicationPolicy {
    return this.namespace === LIFECYCLE_NAMESPACE || this.definition === undefined
      ? lifecyclePolicy(this.context.config)
      : this.definition.endorsementPolicy;
  }

  private collectionPolicy(collection: string): ApplicationPolicy {
    const organization = organizationOfImplicitCollection(collection);
    if (organization !== undefined) {
      return this.implicitPolicy(organization);
    }
    const defined = this.definition?.collections.find((entry) => entry.name === collection);
    if (defined === undefined) {
      return invalid(ValidationCodes.ENDORSEMENT_POLICY_FAILURE, `no such collection '${collection}'`);
    }
    return defined.endorsementPolicy ?? this.chaincodePolicy();
  }

  private implicitPolicy(mspId: string): ApplicationPolicy {
    const path = this.context.config.organizationPath(mspId);
    if (path === undefined) {
      return invalid(ValidationCodes.ENDORSEMENT_POLICY_FAILURE, `no org found in channel with MSPID '${mspId}'`);
    }
    const reference = `${path}/Endorsement`;
    return this.context.config.policy(reference) === undefined
      ? { kind: 'signature', policy: parseSignaturePolicy(`OR('${mspId}.member')`) }
      : { kind: 'channel', reference };
  }

  private require(collection: string, policy: ApplicationPolicy): void {
    const held = this.heldFor.get(collection) ?? this.holds(policy);
    this.heldFor.set(collection, held);
    if (!held) {
      const what = collection === '' ? '' : `collection ${collection} of `;
      const names = this.signers.map((signer) => signer.mspId).join(', ');
      invalid(
        ValidationCodes.ENDORSEMENT_POLICY_FAILURE,
        `The endorsement policy of ${what}chaincode ${this.namespace} is not met by signatures of [${names}].`,
      );
    }
  }

  private holds(policy: ApplicationPolicy): boolean {
    const { config } = this.context;
    if (policy.kind === 'channel') {
      return config.evaluate(policy.reference, this.signers);
    }
    try {
      return evaluateSignaturePolicy(policy.policy, this.signers, (signer, p) => config.msps.satisfies(signer, p));
    } catch {
      return false;
    }
  }
}

function definitionFor(context: EndorsementContext, namespace: string): ChaincodeDefinition | undefined {
  if (namespace === LIFECYCLE_NAMESPACE) {
    return undefined;
  }
  const definition = context.definitionOf(namespace);
  if (definition === undefined || definition.validationPlugin === '') {
    return invalid(ValidationCodes.INVALID_CHAINCODE, `No definition of chaincode ${namespace} is committed.`);
  }
  return definition;
}

/**
 * Checks the endorsements of a transaction against the policy of the invoked chaincode and of every other namespace
 * it writes to; throws InvalidTransaction.
 */
export function checkEndorsements(transaction: ParsedTransaction, context: EndorsementContext): void {
  const sets = new Map(transaction.readWriteSet.namespaces.map((set) => [set.namespace, set]));
  if ([...sets.values()].some((set) => set.metadataWriteCount + countCollectionMetadata(set) > 0)) {
    invalid(ValidationCodes.INVALID_OTHER_REASON, 'Key-level endorsement policies are not supported by this network.');
  }
  const written = transaction.readWriteSet.namespaces.filter(writes).map((set) => set.namespace);
  const others = written.filter((name) => name !== transaction.chaincodeName).sort(compareKeys);
  const signers = validSigners(
    transaction.endorsements.map(({ endorser, signature }) => ({
      message: endorsementMessage(transaction.proposalResponsePayload, endorser),
      identity: endorser,
      signature,
    })),
    context.config.msps,
  );
  for (const namespace of [transaction.chaincodeName, ...others]) {
    const definition = definitionFor(context, namespace);
    new NamespacePolicies(context, namespace, definition, signers).check(sets.get(namespace));
  }
}

function countCollectionMetadata(set: NamespaceReadWriteSet): number {
  return set.collections.reduce((sum, collection) => sum + collection.metadataWriteCount, 0);
}
