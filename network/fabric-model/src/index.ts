export { FabricModelError } from './common/errors';
export { hashKeyHex, sha256 } from './common/bytes';
export { compareKeys } from './common/keys';
export { sameVersion, versionBytes, type Version } from './common/version';

export type {
  ApplicationPolicy,
  ChannelPolicy,
  ImplicitRule,
  Principal,
  PrincipalRole,
  SignaturePolicy,
  SignatureRule,
} from './policy/types';
export { parseSignaturePolicy, renderSignaturePolicy } from './policy/text';
export {
  decodeApplicationPolicy,
  decodeSignaturePolicy,
  encodeApplicationPolicy,
  encodeSignaturePolicy,
} from './policy/encode';
export { evaluateSignaturePolicy } from './policy/evaluate';
export { endorsementLayouts, type EndorsementLayout } from './policy/layouts';

export {
  decodeMspConfig,
  encodeMspConfig,
  type MspConfig,
  type NodeOus,
  type NodeRole,
  type RequiredUnit,
} from './msp/config';
export { Certificate } from './msp/certificate';
export { Identity, serializeIdentity } from './msp/identity';
export { Msp, readSerializedIdentity } from './msp/msp';
export { assertNotExpired, MspSet } from './msp/msp-set';
export { isLowS, toLowS } from './msp/low-s';

export type {
  HashedUpdate,
  PrivateUpdate,
  PublicUpdate,
  StateContents,
  StateEntry,
  StateReader,
  UpdateBatch,
  VersionedValue,
} from './state/types';
export { MemoryState, type MemoryStateOptions } from './state/memory-state';

export type {
  CollectionReadWriteSet,
  HashedRead,
  HashedWrite,
  KeyRead,
  KeyWrite,
  MerkleSummary,
  NamespaceReadWriteSet,
  PrivateCollectionWriteSet,
  RangeQuery,
  ReadWriteSet,
} from './rwset/types';
export { decodePrivateWriteSet, decodeReadWriteSet } from './rwset/decode';
export { encodeReadWriteSet } from './rwset/encode';
export { RANGE_READS_RAW_MAX } from './rwset/merkle';
export { differenceOfReadWriteSets } from './rwset/difference';

export type { KeyValue, RangeCursor } from './simulation/range-cursor';
export {
  TransactionSimulator,
  type CollectionName,
  type SimulationResult,
  type SimulatorOptions,
} from './simulation/transaction-simulator';

export type {
  ChaincodeEvent,
  ChaincodeResponse,
  Endorsement,
  EnvelopeHeader,
  ParsedProposal,
  ParsedTransaction,
  Timestamp,
} from './transaction/types';
export {
  buildProposal,
  checkProposalSignature,
  computeTransactionId,
  parseProposal,
  type ProposalInput,
} from './transaction/proposal';
export {
  buildEnvelope,
  buildProposalResponsePayload,
  buildTransactionPayload,
  encodeChaincodeEvent,
  endorsementMessage,
  type ProposalResponsePayloadInput,
} from './transaction/response';
export { parseEnvelopeHeader, parseTransaction } from './transaction/envelope';

export {
  blockDataHash,
  blockHeaderHash,
  decodeBlock,
  encodeBlock,
  envelopesOf,
  headerOf,
  newBlock,
  verifyBlockChain,
} from './block/block';
export {
  commitHashOf,
  lastConfigBlockOf,
  metadataSlots,
  ordererSignatures,
  setCommitHash,
  setOrdererMetadata,
  setTransactionsFilter,
  transactionsFilter,
  type OrdererMetadataInput,
} from './block/metadata';
export { computeCommitHash, updateBatchBytes } from './block/commit-hash';
export { checkOrdererSignatures, type OrdererVerdict } from './block/orderer-check';

export { ChannelConfig, isConfigBlock, type AnchorPeer, type BatchLimits } from './channel/channel-config';
export { computeConfigUpdate, modPoliciesOf } from './channel/config-update';
export { buildGenesisBlock } from './channel/genesis';

export {
  IMPLICIT_COLLECTION_PREFIX,
  implicitCollection,
  organizationOfImplicitCollection,
  type ChaincodeDefinition,
  type CollectionDefinition,
} from './lifecycle/types';
export { decodeCollections, encodeCollections } from './lifecycle/collections';
export {
  chaincodeDefinitionWrites,
  LIFECYCLE_NAMESPACE,
  listChaincodeNames,
  readChaincodeDefinition,
} from './lifecycle/read';

export { validationCodeName, validationCodeOf, ValidationCodes, type ValidationCode } from './validation/codes';
export { validSigners, type SignedData } from './validation/signers';
export type { TransactionVerdict } from './validation/verdict';
export { validateBlock, type BlockValidation, type ValidationInput } from './validation/validate-block';
export { privateUpdatesOf, type MissingPrivateData, type PrivateUpdates } from './validation/private-updates';

export { Replay, type ReplayDifference } from './replay/replay';
