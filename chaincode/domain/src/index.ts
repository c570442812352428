export { accountsTransactions } from './api/accounts';
export { commandFields, countAnswerCodec, emptyCodec, bookmarkCodec, listAnswer, pageFields } from './api/common';
export {
  exampleCommandId,
  exampleParticipantId,
  exampleMeterId,
  exampleAssetId,
  exampleKey,
  exampleSignature,
  exampleDigest,
  exampleRuleSet,
  exampleFounding,
  exampleGrid,
  exampleMeter,
  exampleAsset,
} from './api/examples';
export {
  contracts,
  manifest,
  specOf,
  type ContractName,
  type TransactionName,
  type SubmitName,
  type EvaluateName,
  type RequestAt,
  type ResponseAt,
  type ConfidentialAt,
} from './api/manifest';
export { marketTransactions } from './api/market';
export { meteringTransactions } from './api/metering';
export { oracleTransactions } from './api/oracle';
export { registryTransactions } from './api/registry';
export {
  submitSpec,
  privateSubmitSpec,
  evaluateSpec,
  functionName,
  specByFunctionName,
  type CollectionName,
  type TransactionMode,
  type TransientSpec,
  type TransactionSpec,
  type AnyTransactionSpec,
  type RequestOf,
  type ResponseOf,
  type ConfidentialOf,
  type SubmitSpec,
  type PrivateTransactionSpec,
} from './api/transaction-spec';
export { InvariantError, assert, present, unreachable } from './assert';
export { toBase64Url, fromBase64Url } from './base64url';
export { parseJson, parseJsonBytes, canonicalBytes, canonicalJson, compareText } from './canonical';
export {
  fieldInvalid,
  mapped,
  text,
  integer,
  boolean,
  oneOf,
  array,
  optional,
  nullable,
  object,
  union,
  anyJson,
  decodeWhole,
  type JsonSchema,
  type Codec,
  type TypeOf,
  type OptionalField,
  type ObjectOf,
} from './decode';
export { sha256, hmacSha256, digestOf } from './digest';
export { errorRegistry, errorRow, RuleError, demand, type ErrorCode, type ErrorRow } from './errors';
export { factTypes, factsEventName, factsEventCodec, type FactType, type Fact, type FactsEvent } from './facts';
export {
  roles,
  roleCodec,
  mspIdCodec,
  elementIdCodec,
  freeTextCodec,
  obisCodec,
  bytesCodec,
  digestCodec,
  publicKeyCodec,
  signatureCodec,
  saltCodec,
  type Role,
} from './field-codecs';
export {
  commandIdCodec,
  participantIdCodec,
  meterIdCodec,
  assetIdCodec,
  sessionIdCodec,
  orderIdCodec,
  requestIdCodec,
  proposalIdCodec,
  crockford26,
  participantIdOf,
  type CommandId,
  type ParticipantId,
  type MeterId,
  type AssetId,
  type SessionId,
  type OrderId,
  type RequestId,
  type ProposalId,
} from './ids';
export { isJsonObject, type JsonValue, type JsonObject } from './json';
export { limits } from './limits';
export { clearInterval } from './market/clear';
export {
  sideCodec,
  type Side,
  type ClearingOrder,
  type Fill,
  type ClearingPrice,
  type IntervalClearing,
} from './market/types';
export { findClearingFault, type ClearingFault } from './market/verify-clearing';
export {
  mulDivFloor,
  mulDivCeil,
  mulDivHalfUp,
  sum,
  least,
  greatest,
  apportion,
  compareBigint,
  type Share,
} from './math';
export {
  roleGrantCodec,
  foundingFields,
  foundingCodec,
  changeCodec,
  governanceCodec,
  proposedCodec,
  proposalCodec,
  participantKindCodec,
  participantEntryCodec,
  participantCodec,
  busCodec,
  branchCodec,
  congestionPointCodec,
  gridFields,
  gridCodec,
  deviceTypeCodec,
  resolutionMinutesCodec,
  meterEntryCodec,
  meterKeyCodec,
  meterCodec,
  meterIdentityCodec,
  assetCodec,
  clockHeadCodec,
  clockSlotCodec,
  keyOwnerCodec,
  type Founding,
  type Change,
  type Governance,
  type Proposed,
  type Proposal,
  type ParticipantEntry,
  type Participant,
  type Grid,
  type MeterEntry,
  type Meter,
  type MeterIdentity,
  type Asset,
  type ClockHead,
  type ClockSlot,
} from './registry/types';
export { rowFormat, rowCodec, type RowCodec, type RowOf } from './row';
export { ruleSetCodec, checkRuleSet, type RuleSet } from './rule-set';
export { publicKeyOf, verifySignature, isLowS } from './signature';
export {
  neverExpires,
  signedCommandBytes,
  requestDigestOf,
  verifySignedCommand,
  type SignedCommand,
} from './signed-command';
export {
  slotSeconds,
  slotsPerDay,
  slotsPerHour,
  slotMax,
  slot,
  slotCodec,
  addSlots,
  slotRange,
  slotText,
  slotStartSeconds,
  slotOfSeconds,
  dayStart,
  type Slot,
} from './time';
export {
  ppmWhole,
  wh,
  w,
  reactive,
  micro,
  microPerKwh,
  ppm,
  whCodec,
  wCodec,
  varCodec,
  microCodec,
  microPerKwhCodec,
  ppmCodec,
  type Wh,
  type W,
  type Var,
  type Micro,
  type MicroPerKwh,
  type Ppm,
} from './units';
