import type { common } from '@hyperledger/fabric-protos';

/* ---------------------------------------------------------------- common */
export interface Version {
  readonly block: number;
  readonly transaction: number;
}
export declare class FabricModelError extends Error {
  readonly code: string;
}
export declare function sha256(...parts: readonly Uint8Array[]): Uint8Array;
export declare function hashKeyHex(key: string): string;
export declare function compareKeys(left: string, right: string): number;

/* ---------------------------------------------------------------- policy */
export type PrincipalRole = 'member' | 'admin' | 'client' | 'peer' | 'orderer';
export type Principal =
  | { readonly kind: 'role'; readonly mspId: string; readonly role: PrincipalRole }
  | {
      readonly kind: 'organizationUnit';
      readonly mspId: string;
      readonly unit: string;
      readonly certifiersIdentifier: Uint8Array;
    }
  | { readonly kind: 'identity'; readonly serializedIdentity: Uint8Array };
export type SignatureRule =
  | { readonly kind: 'signedBy'; readonly principalIndex: number }
  | { readonly kind: 'outOf'; readonly count: number; readonly rules: readonly SignatureRule[] };
export interface SignaturePolicy {
  readonly version: number;
  readonly rule: SignatureRule;
  readonly principals: readonly Principal[];
}
export type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';
export declare function parseSignaturePolicy(text: string): SignaturePolicy;
export declare function renderSignaturePolicy(policy: SignaturePolicy): string;
export declare function encodeSignaturePolicy(policy: SignaturePolicy): Uint8Array;
export declare function decodeSignaturePolicy(bytes: Uint8Array): SignaturePolicy;
export declare function evaluateSignaturePolicy<T>(
  policy: SignaturePolicy,
  identities: readonly T[],
  satisfies: (identity: T, principal: Principal) => boolean,
): boolean;
/** Minimal multisets of MSP ids (each list is one layout, mspId -> number of signatures), smallest first. */
export type EndorsementLayout = ReadonlyMap<string, number>;
export declare function endorsementLayouts(policy: SignaturePolicy): readonly EndorsementLayout[];
/** What stands in a chaincode definition or collection: a signature policy, or the name of a channel policy. */
export type ApplicationPolicy =
  | { readonly kind: 'signature'; readonly policy: SignaturePolicy }
  | { readonly kind: 'channel'; readonly reference: string };
export declare function encodeApplicationPolicy(policy: ApplicationPolicy): Uint8Array;
export declare function decodeApplicationPolicy(bytes: Uint8Array): ApplicationPolicy;

/* ------------------------------------------------------------------- msp */
export interface NodeOus {
  readonly enabled: boolean;
  readonly client?: string;
  readonly peer?: string;
  readonly admin?: string;
  readonly orderer?: string;
}
export interface MspConfig {
  readonly mspId: string;
  readonly rootCertificates: readonly Uint8Array[];
  readonly intermediateCertificates: readonly Uint8Array[];
  readonly adminCertificates: readonly Uint8Array[];
  readonly revocationLists: readonly Uint8Array[];
  readonly organizationalUnits: readonly string[];
  readonly nodeOus?: NodeOus;
  readonly tlsRootCertificates: readonly Uint8Array[];
  readonly tlsIntermediateCertificates: readonly Uint8Array[];
}
export declare function decodeMspConfig(bytes: Uint8Array): MspConfig;
export declare function encodeMspConfig(config: MspConfig): Uint8Array;
export declare class Identity {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly certificateDer: Uint8Array;
  readonly serialized: Uint8Array;
  readonly organizationalUnits: readonly string[];
  /** Stable identifier of the certificate: mspId and SHA-256 of the DER, used to count an identity once. */
  readonly identifier: string;
  readonly notAfterSeconds: number;
  readonly notBeforeSeconds: number;
  /** Attributes of the Fabric CA extension 1.2.3.4.5.6.7.8.1. */
  readonly attributes: Readonly<Record<string, string>>;
  /** True only for a valid ECDSA P-256 / SHA-256 signature in low-S DER form. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}
export declare class Msp {
  constructor(config: MspConfig);
  readonly mspId: string;
  readonly config: MspConfig;
  deserialize(serializedIdentity: Uint8Array): Identity;
  /** Throws MSP_* errors: chain, revocation, NodeOU. Like Fabric's MSP it ignores expiry (see assertNotExpired). */
  validate(identity: Identity): void;
  satisfies(identity: Identity, principal: Principal): boolean;
  rolesOf(identity: Identity): readonly PrincipalRole[];
}
export declare class MspSet {
  constructor(msps: readonly Msp[]);
  ids(): readonly string[];
  get(mspId: string): Msp | undefined;
  /** Cached by the bytes of the serialised identity. */
  deserialize(serializedIdentity: Uint8Array): Identity;
  validate(identity: Identity): void;
  satisfies(identity: Identity, principal: Principal): boolean;
}
export declare function serializeIdentity(mspId: string, certificatePem: string | Uint8Array): Uint8Array;
export declare function assertNotExpired(identity: Identity, atSeconds: number): void;
export declare function toLowS(derSignature: Uint8Array): Uint8Array;
export declare function isLowS(derSignature: Uint8Array): boolean;

/* ----------------------------------------------------------------- state */
export interface VersionedValue {
  readonly value: Uint8Array;
  readonly version: Version;
}
export interface StateEntry extends VersionedValue {
  readonly key: string;
}
export interface StateReader {
  /** Number of blocks this state contains (0 = nothing committed). */
  readonly height: number;
  get(namespace: string, key: string): VersionedValue | undefined;
  /** Keys from startKey (inclusive) to endKey (exclusive) in UTF-8 byte order; '' = unbounded. */
  range(namespace: string, startKey: string, endKey: string): IterableIterator<StateEntry>;
  /** value = SHA-256 of the private value; keyHashHex = hashKeyHex(key). */
  getHash(namespace: string, collection: string, keyHashHex: string): VersionedValue | undefined;
  getPrivate(namespace: string, collection: string, key: string): VersionedValue | undefined;
  rangePrivate(namespace: string, collection: string, startKey: string, endKey: string): IterableIterator<StateEntry>;
}
/** value undefined = delete. */
export interface PublicUpdate {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}
export interface HashedUpdate {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHashHex: string;
  readonly valueHash: Uint8Array | undefined;
  readonly version: Version;
  readonly purge: boolean;
}
export interface PrivateUpdate {
  readonly namespace: string;
  readonly collection: string;
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}
export interface UpdateBatch {
  readonly publicUpdates: readonly PublicUpdate[];
  readonly hashedUpdates: readonly HashedUpdate[];
}
export declare class MemoryState implements StateReader {
  /** keepBlocks: how many before-images are kept for viewBehind (default 0). */
  constructor(options?: { readonly keepBlocks?: number });
  readonly height: number;
  get(namespace: string, key: string): VersionedValue | undefined;
  range(namespace: string, startKey: string, endKey: string): IterableIterator<StateEntry>;
  getHash(namespace: string, collection: string, keyHashHex: string): VersionedValue | undefined;
  getPrivate(namespace: string, collection: string, key: string): VersionedValue | undefined;
  rangePrivate(namespace: string, collection: string, startKey: string, endKey: string): IterableIterator<StateEntry>;
  /** Applies the updates of the block with this number; blocks must come in order. */
  applyUpdates(blockNumber: number, updates: UpdateBatch, privateUpdates: readonly PrivateUpdate[]): void;
  /** The state as it was n blocks ago (n <= keepBlocks; fewer when the chain is shorter). */
  viewBehind(blocks: number): StateReader;
  /** SHA-256 over public and hashed state, sorted: equal on every honest peer. */
  digest(): Uint8Array;
  publicEntries(): IterableIterator<PublicUpdate>;
  hashedEntries(): IterableIterator<HashedUpdate>;
  privateEntries(): IterableIterator<PrivateUpdate>;
  /** A state from stored entries (of any stored form the caller keeps), at this height. */
  static restore(
    height: number,
    entries: {
      readonly publicEntries: Iterable<PublicUpdate>;
      readonly hashedEntries: Iterable<HashedUpdate>;
      readonly privateEntries: Iterable<PrivateUpdate>;
    },
    options?: { readonly keepBlocks?: number },
  ): MemoryState;
}

/* ------------------------------------------------------ read-write sets */
export interface KeyRead {
  readonly key: string;
  readonly version: Version | undefined;
}
export interface KeyWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}
export interface MerkleSummary {
  readonly maxDegree: number;
  readonly maxLevel: number;
  readonly maxLevelHashes: readonly Uint8Array[];
}
export interface RangeQuery {
  readonly startKey: string;
  readonly endKey: string;
  readonly exhausted: boolean;
  readonly rawReads: readonly KeyRead[] | undefined;
  readonly merkle: MerkleSummary | undefined;
}
export interface HashedRead {
  readonly keyHashHex: string;
  readonly version: Version | undefined;
}
export interface HashedWrite {
  readonly keyHashHex: string;
  readonly valueHash: Uint8Array | undefined;
  readonly purge: boolean;
}
export interface CollectionReadWriteSet {
  readonly collection: string;
  readonly reads: readonly HashedRead[];
  readonly writes: readonly HashedWrite[];
  readonly metadataWriteCount: number;
  readonly privateSetHash: Uint8Array | undefined;
}
export interface NamespaceReadWriteSet {
  readonly namespace: string;
  readonly reads: readonly KeyRead[];
  readonly rangeQueries: readonly RangeQuery[];
  readonly writes: readonly KeyWrite[];
  readonly metadataWriteCount: number;
  readonly collections: readonly CollectionReadWriteSet[];
}
export interface ReadWriteSet {
  readonly namespaces: readonly NamespaceReadWriteSet[];
}
export interface PrivateCollectionWriteSet {
  readonly namespace: string;
  readonly collection: string;
  readonly writes: readonly KeyWrite[];
  /** Bytes whose SHA-256 stands in the public set as privateSetHash. */
  readonly bytes: Uint8Array;
}
export declare function decodeReadWriteSet(bytes: Uint8Array): ReadWriteSet;
export declare function encodeReadWriteSet(readWriteSet: ReadWriteSet): Uint8Array;
export declare function decodePrivateWriteSet(bytes: Uint8Array): readonly PrivateCollectionWriteSet[];
/** Readable differences between two endorsers' sets, one line each; empty when equal. */
export declare function differenceOfReadWriteSets(left: Uint8Array, right: Uint8Array): readonly string[];

/* ------------------------------------------------------------ simulation */
export interface SimulatorOptions {
  readonly transactionId: string;
  readonly state: StateReader;
  /** Throws or returns false when the collection is not defined for the chaincode. */
  readonly hasCollection: (namespace: string, collection: string) => boolean;
}
export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}
/** One open range scan; the read set records exactly what was taken, as Fabric does. */
export interface RangeCursor {
  next(): KeyValue | undefined;
  /** The next key that was not returned, '' when there is none. Closes the cursor. */
  bookmarkAndClose(): string;
  close(): void;
}
export interface SimulationResult {
  readonly readWriteSetBytes: Uint8Array;
  /** undefined when no private data were written. */
  readonly privateWriteSetBytes: Uint8Array | undefined;
  /** Private collections whose values were read: the endorsement plan must stay with their members. */
  readonly privateReads: readonly { readonly namespace: string; readonly collection: string }[];
}
export declare class TransactionSimulator {
  constructor(options: SimulatorOptions);
  getState(namespace: string, key: string): Uint8Array | undefined;
  getStates(namespace: string, keys: readonly string[]): readonly (Uint8Array | undefined)[];
  putState(namespace: string, key: string, value: Uint8Array): void;
  deleteState(namespace: string, key: string): void;
  openRange(namespace: string, startKey: string, endKey: string): RangeCursor;
  openPage(namespace: string, startKey: string, endKey: string, pageSize: number): RangeCursor;
  getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined;
  getPrivateDataMultiple(
    namespace: string,
    collection: string,
    keys: readonly string[],
  ): readonly (Uint8Array | undefined)[];
  getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined;
  putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void;
  deletePrivateData(namespace: string, collection: string, key: string): void;
  purgePrivateData(namespace: string, collection: string, key: string): void;
  openPrivateRange(namespace: string, collection: string, startKey: string, endKey: string): RangeCursor;
  /** Always throws SIMULATION_KEY_LEVEL_ENDORSEMENT_UNSUPPORTED. */
  putStateMetadata(namespace: string, key: string): never;
  /** Once only; further calls on the simulator throw. */
  result(): SimulationResult;
}

/* ----------------------------------------------------------- transaction */
export interface ProposalInput {
  readonly channelId: string;
  readonly chaincodeName: string;
  readonly args: readonly Uint8Array[];
  readonly transient?: Readonly<Record<string, Uint8Array>>;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
}
export interface ParsedProposal {
  readonly bytes: Uint8Array;
  readonly headerBytes: Uint8Array;
  readonly channelHeaderBytes: Uint8Array;
  readonly signatureHeaderBytes: Uint8Array;
  readonly channelId: string;
  readonly transactionId: string;
  readonly headerType: number;
  readonly epoch: number;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly chaincodeName: string;
  readonly args: readonly Uint8Array[];
  readonly isInit: boolean;
  readonly transient: ReadonlyMap<string, Uint8Array>;
  /** ChaincodeProposalPayload without the transient map, as it goes into the envelope. */
  readonly payloadWithoutTransientBytes: Uint8Array;
  readonly proposalHash: Uint8Array;
}
export declare function computeTransactionId(nonce: Uint8Array, creator: Uint8Array): string;
export declare function buildProposal(input: ProposalInput): { bytes: Uint8Array; transactionId: string };
/** Decodes and checks headers (type, epoch, nonce, creator, transaction id, chaincode name); throws PROPOSAL_*. */
export declare function parseProposal(bytes: Uint8Array): ParsedProposal;
/** Identity known, valid on the channel, and the signature over the proposal bytes verifies; throws PROPOSAL_*. */
export declare function checkProposalSignature(
  signed: { readonly proposalBytes: Uint8Array; readonly signature: Uint8Array },
  creator: Uint8Array,
  msps: MspSet,
): Identity;
export interface ChaincodeResponse {
  readonly status: number;
  readonly message: string;
  readonly payload: Uint8Array;
}
export interface ProposalResponsePayloadInput {
  readonly proposalHash: Uint8Array;
  readonly readWriteSetBytes: Uint8Array;
  /** ChaincodeEvent bytes; empty when the contract set no event. */
  readonly eventBytes: Uint8Array;
  readonly response: ChaincodeResponse;
  readonly chaincode: { readonly name: string; readonly version: string };
}
export declare function buildProposalResponsePayload(input: ProposalResponsePayloadInput): Uint8Array;
export declare function endorsementMessage(proposalResponsePayload: Uint8Array, endorser: Uint8Array): Uint8Array;
export interface Endorsement {
  readonly endorser: Uint8Array;
  readonly signature: Uint8Array;
}
export declare function buildTransactionPayload(input: {
  readonly proposal: ParsedProposal;
  readonly proposalResponsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}): Uint8Array;
export declare function buildEnvelope(payload: Uint8Array, signature: Uint8Array): Uint8Array;
export interface ParsedTransaction {
  readonly transactionId: string;
  readonly channelId: string;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly chaincodeName: string;
  readonly chaincodeVersion: string;
  readonly args: readonly Uint8Array[];
  readonly response: ChaincodeResponse;
  readonly readWriteSetBytes: Uint8Array;
  readonly readWriteSet: ReadWriteSet;
  readonly event: ChaincodeEvent | undefined;
  readonly proposalResponsePayload: Uint8Array;
  readonly proposalHash: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}
export interface ChaincodeEvent {
  readonly chaincodeName: string;
  readonly transactionId: string;
  readonly eventName: string;
  readonly payload: Uint8Array;
}
export interface EnvelopeHeader {
  readonly headerType: number;
  readonly channelId: string;
  readonly transactionId: string;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly payloadBytes: Uint8Array;
  readonly dataBytes: Uint8Array;
  readonly signature: Uint8Array;
}
/** Header of any envelope; throws ENVELOPE_*. */
export declare function parseEnvelopeHeader(envelope: Uint8Array): EnvelopeHeader;
/** An endorser transaction in full; throws ENVELOPE_*. */
export declare function parseTransaction(envelope: Uint8Array): ParsedTransaction;

/* ------------------------------------------------------ validation codes */
/** Number of a Fabric TxValidationCode; names through validationCodeName, numbers through ValidationCodes. */
export type ValidationCode = number;
export declare const ValidationCodes: { readonly VALID: 0; readonly MVCC_READ_CONFLICT: 11 /* ... all of Fabric's */ };
export declare function validationCodeName(code: ValidationCode): string;

/* ----------------------------------------------------------------- block */
export declare function blockDataHash(envelopes: readonly Uint8Array[]): Uint8Array;
export declare function blockHeaderHash(header: common.BlockHeader): Uint8Array;
/** A block with empty metadata slots, ready for metadata. */
export declare function newBlock(
  number: number,
  previousHash: Uint8Array,
  envelopes: readonly Uint8Array[],
): common.Block;
export declare function encodeBlock(block: common.Block): Uint8Array;
export declare function decodeBlock(bytes: Uint8Array): common.Block;
export declare function transactionsFilter(block: common.Block): readonly ValidationCode[];
export declare function setTransactionsFilter(block: common.Block, codes: readonly ValidationCode[]): void;
export declare function commitHashOf(block: common.Block): Uint8Array | undefined;
export declare function setCommitHash(block: common.Block, commitHash: Uint8Array): void;
/** Sets SIGNATURES and the last-config index, without or with orderer signatures. */
export declare function setOrdererMetadata(
  block: common.Block,
  input: {
    readonly lastConfigBlock: number;
    readonly signer?: { readonly signatureHeader: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array };
  },
): void;
/** Number, previous hash, data hash; throws BLOCK_* with the number in the message. */
export declare function verifyBlockChain(block: common.Block, previous: common.Block | undefined): void;
export declare function updateBatchBytes(updates: UpdateBatch): Uint8Array;
export declare function computeCommitHash(
  codes: readonly ValidationCode[],
  updates: UpdateBatch,
  previousCommitHash: Uint8Array | undefined,
): Uint8Array;

/* --------------------------------------------------------- channel config */
export type ChannelPolicy =
  | { readonly kind: 'signature'; readonly policy: SignaturePolicy }
  | { readonly kind: 'implicitMeta'; readonly rule: ImplicitRule; readonly subPolicy: string };
export declare class ChannelConfig {
  static fromBlock(block: common.Block): ChannelConfig;
  static fromConfig(channelId: string, config: common.Config): ChannelConfig;
  readonly channelId: string;
  readonly sequence: number;
  readonly config: common.Config;
  readonly msps: MspSet;
  readonly applicationMspIds: readonly string[];
  readonly ordererMspIds: readonly string[];
  readonly channelCapabilities: readonly string[];
  readonly applicationCapabilities: readonly string[];
  readonly batch: {
    readonly messageCountMax: number;
    readonly absoluteBytesMax: number;
    readonly preferredBytesMax: number;
    readonly timeout: string;
  };
  readonly ordererAddresses: readonly string[];
  readonly anchorPeers: Readonly<Record<string, readonly { readonly host: string; readonly port: number }[]>>;
  /** By full path, e.g. '/Channel/Application/Endorsement'. */
  policy(path: string): ChannelPolicy | undefined;
  /** Signature policy that stands for the policy at this path (implicit ones expanded over the organisations). */
  signaturePolicyFor(path: string): SignaturePolicy | undefined;
  evaluate(path: string, identities: readonly Identity[]): boolean;
}
/** Signed data checked like Fabric: identities that do not verify are dropped, duplicates counted once. */
export interface SignedData {
  readonly message: Uint8Array;
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}
export declare function validSigners(signed: readonly SignedData[], msps: MspSet): readonly Identity[];
/** A block 0 with this configuration (unsigned envelope, like configtxgen makes). */
export declare function buildGenesisBlock(channelId: string, config: common.Config): common.Block;
export declare function isConfigBlock(block: common.Block): boolean;

/* ------------------------------------------------------------- lifecycle */
export interface CollectionDefinition {
  readonly name: string;
  readonly memberPolicy: SignaturePolicy;
  readonly requiredPeerCount: number;
  readonly maxPeerCount: number;
  readonly blockToLive: number;
  readonly memberOnlyRead: boolean;
  readonly memberOnlyWrite: boolean;
  readonly endorsementPolicy?: ApplicationPolicy;
}
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
/** The committed definition as the _lifecycle namespace holds it; undefined when the name was never committed. */
export declare function readChaincodeDefinition(state: StateReader, name: string): ChaincodeDefinition | undefined;
export declare function listChaincodeNames(state: StateReader): readonly string[];
/** The writes under _lifecycle that commit this definition, sorted, exactly as a real peer makes them. */
export declare function chaincodeDefinitionWrites(definition: ChaincodeDefinition): readonly KeyWrite[];
/** 'orgs' implicit collections: _implicit_org_<mspId>. */
export declare function implicitCollection(mspId: string): CollectionDefinition;

/* ------------------------------------------------------------ validation */
export interface ValidationInput {
  readonly block: common.Block;
  readonly config: ChannelConfig;
  readonly state: StateReader;
  readonly transactionKnown: (transactionId: string) => boolean;
  /** Default: readChaincodeDefinition(state, name). */
  readonly definitionOf?: (name: string) => ChaincodeDefinition | undefined;
}
export interface TransactionVerdict {
  readonly index: number;
  readonly code: ValidationCode;
  readonly transactionId: string;
  /** Why it is invalid, for people; '' when valid. */
  readonly reason: string;
  /** Present for endorser transactions that could be parsed. */
  readonly transaction: ParsedTransaction | undefined;
}
export interface BlockValidation {
  readonly codes: readonly ValidationCode[];
  readonly transactions: readonly TransactionVerdict[];
  readonly updates: UpdateBatch;
  /** The configuration after this block (a new one after a config block). */
  readonly config: ChannelConfig;
}
export declare function validateBlock(input: ValidationInput): BlockValidation;
/**
 * Private writes of a block that match the hashes of its valid transactions, from what this peer holds
 * (by transaction id); what does not match or is missing is listed.
 */
export declare function privateUpdatesOf(
  validation: BlockValidation,
  blockNumber: number,
  held: (transactionId: string) => Uint8Array | undefined,
): {
  readonly updates: readonly PrivateUpdate[];
  readonly missing: readonly { readonly transactionId: string; readonly namespace: string; readonly collection: string }[];
};

/* ---------------------------------------------------------------- replay */
export interface ReplayDifference {
  readonly block: number;
  readonly kind: 'codes' | 'commitHash' | 'chain';
  readonly expected: string;
  readonly actual: string;
}
export declare class Replay {
  constructor(options?: { readonly keepBlocks?: number });
  readonly state: MemoryState;
  readonly config: ChannelConfig | undefined;
  readonly commitHash: Uint8Array | undefined;
  /** Validates, compares with the recorded metadata, commits. Returns the differences (empty = equal). */
  feed(block: common.Block): readonly ReplayDifference[];
}
