export { MeterAgent, type BlockSpan, type MeterAgentOptions, type SignedBlock } from './agents/meter-agent';
export { closeBlock, signBlock, type BlockContent, type BlockEnd, type UnsignedBlock } from './agents/sign-block';
export { ContractAgent, readContract, readContracts } from './agents/contract-agent';
export { sealOrders, type SealedOrders, type TradingAgent } from './agents/order-agent';
export type { WantedOrder } from './agents/order-strategy';
export { strategyOf, type StrategyName } from './agents/strategies';
export { biddingContextsOf } from './roles/bidding';
export { forecastsOf } from './roles/forecasts';
export { participantEntry } from './agents/participant-entry';
export { signCommand } from './agents/sign-command';
export { deriveBytes, deriveId, deriveInteger, derivePrivateKey, publicKeyText } from './agents/seed';
export { auditRows } from './audit/audit';
export { auditChannel, type ChannelAudit } from './audit/audit-channel';
export type { InvariantResult } from './audit/findings';
export { LedgerFold, type AuditRow, type AuditRows, type FoldSummary } from './audit/fold';
export { readDisaggregationFile, type DisaggregationFile } from './rules/disaggregation-file';
export { SYSTEM_ENVIRONMENT, DEFAULT_RETRY_POLICY, type Environment, type RetryPolicy } from './client/backoff';
export { BlockFeed, readBlocks, type BlockFeedOptions } from './client/blocks';
export { LevelCheckpoint, MemoryCheckpoint, type CheckpointStore, type FactPosition } from './client/checkpoint';
export { connectGateway, type ClientIdentity, type ConnectOptions, type PeerEndpoint } from './client/connect';
export { DEFAULT_DEADLINES, type Deadlines } from './client/deadlines';
export { CommandRunner, type Command, type CommandRunnerOptions, type Outcome } from './client/commands';
export { consortiumOf } from './client/consortium';
export type { Consortium } from './client/endorsers';
export { Conflict, LedgerError, RuleRejected, Unavailable, Uncertain, type LedgerErrorKind } from './client/errors';
export { FailoverPort } from './client/failover-port';
export { FactFeed, type FactFeedOptions, type FactsEvent, type FeedCounters } from './client/events';
export { GatewayFailure, type EndpointDetail, type GatewayStage } from './client/gateway-failure';
export type {
  ClosableStream,
  CommitObserver,
  CommitStatus,
  ContractCall,
  ContractEvent,
  EndorsedTransaction,
  GatewayPort,
} from './client/gateway-port';
export { FileKeyStore, SigningKey } from './client/keys';
export { signDer } from './client/p256';
export { Ledger, type LedgerCounters, type LedgerOptions, type Resumed, type Submitted } from './client/ledger';
export type { SubmitChoices, SubmitOptions } from './client/ledger-types';
export { LevelOutbox, MemoryOutbox, type OpenCommand, type Outbox } from './client/outbox';
export { RoleClient, type RoleClientFiles, type RoleClientOptions } from './client/role-client';
export { validationCodeName } from '@flexledger/fabric-model';
export type { Part as StepPart } from './day/conductor';
export { dayPlace } from './roles/flexibility-place';
export type { StepValue } from './roles/protocol';
export { playDay, type PlayedDay, type PlayOptions } from './day/play-day';
export { localDateOfSlot, localTimeOfSlot } from './grid/simbench';
export { planDay, type DayPlan, type Disturbances, type MeterPlan, type ParticipantPlan } from './day/plan';
export { RunningDay, type DayOptions } from './day/running-day';
export { collectReport } from './report/collect-report';
export { reportText } from './report/report-text';
export type { DayReport } from './report/report-types';
export {
  loadProfileYear,
  loadSimbenchGrid,
  quarterHourEnergyWh,
  loadReactiveVarh,
  unitEnergiesWh,
  type GridUnit,
  type ProfileYear,
  type SimbenchGrid,
} from './grid/simbench';
export { transactionOf } from './uftp/incoming';
export { readMessage, writeMessage, type MessageOf } from './uftp/messages';
export { exampleMessages } from './uftp/testing/example-messages';
export { exampleSettings as exampleUftpSettings } from './uftp/testing/example-rows';
export * as vtnRows from './openadr/testing/memory-flexibility';
export { VtnScene } from './openadr/testing/vtn-scene';
