import { anyJson, array, integer, object, oneOf, text, type TypeOf } from './decode';
import { canonicalBytes } from './canonical-writer';
import { digestOf } from './digest';
import { commandIdCodec, type CommandId } from './ids';
import { limits } from './limits';
import type { JsonObject } from './json';

/** What can have happened, in the past tense. */
export const factTypes = [
  'ProposalMade',
  'ProposalApproved',
  'GovernanceChanged',
  'ParticipantsRegistered',
  'ParticipantSuspended',
  'ParticipantReadmitted',
  'GridRegistered',
  'MetersRegistered',
  'MetersCommissioned',
  'MetersFrozen',
  'MetersUnfrozen',
  'MetersRetired',
  'MeterKeyRequested',
  'MeterKeyChanged',
  'IdentitiesPurged',
  'AssetsRegistered',
  'AssetsCommissioned',
  'AssetsFrozen',
  'AssetsUnfrozen',
  'AssetsRetired',
  'ClockTicked',
  'ProfilesRecorded',
  'GapRecorded',
  'ReadingsAmended',
  'CloneFound',
  'ProfilesPurged',
  'SessionOpened',
  'OrdersPlaced',
  'OrdersWithdrawn',
  'SessionClosed',
  'OrdersPublished',
  'GridTermsSet',
  'ClearingRequested',
  'ClearingAnswered',
  'SessionCleared',
  'ClearingApplied',
  'DeliverySignalled',
  'ConnectionsLimited',
  'LimitsLifted',
  'ContractProposed',
  'ContractCountered',
  'ContractAccepted',
  'ContractRejected',
  'ContractWithdrawn',
  'ContractExpired',
  'ContractDisplaced',
  'ProgrammeCreated',
  'ProgrammeClosed',
  'Enrolled',
  'EnrolmentLeft',
  'AvailabilitySet',
  'ScheduleDeclared',
  'FlexEventSignalled',
  'FlexEventAnswered',
  'FlexEventCancelled',
  'FlexTracked',
  'FlexDeviation',
  'FlexEventCompleted',
  'SiteReported',
  'VoltageSupportSet',
  'VoltageSupportTracked',
  'VoltageBudgetGranted',
  'VoltageSupportSettled',
  'VoltageBudgetReleased',
  'DPrognosisFiled',
  'FlexReservationProposed',
  'FlexReserved',
  'FlexRequested',
  'FlexRequestEnded',
  'FlexOffered',
  'FlexOfferRevoked',
  'FlexOrdered',
  'CoalitionRequested',
  'CoalitionAnswered',
  'CoalitionPlanned',
  'DisaggregationRequested',
  'DisaggregationAnswered',
  'DisaggregationPlanned',
  'RegimeChanged',
  'FlexibilityFunded',
  'FlexSettled',
  'CoalitionProposed',
  'CoalitionAnswered',
  'CoalitionConsented',
  'CapacityOffered',
  'CoalitionAccepted',
  'CoalitionEnded',
  'CoalitionLeft',
  'CoalitionActivated',
  'DispatchRecorded',
  'DispatchShort',
  'DispatchAcknowledged',
  'HandedOver',
  'ActivationCompleted',
  'SchedulesDeclared',
  'TelemetryCommitted',
  'TelemetryOpened',
  'FrequencyStated',
  'SignalsStated',
  'DeliveryVerified',
  'DeliveryDeviation',
  'CoalitionVerified',
  'CoalitionRemunerated',
  'ServicePaymentReleased',
  'FlexCoverReleased',
  'TechnicalDataFiled',
  'MandateGranted',
  'MandateRevoked',
  'BandsFiled',
  'DeliverySampled',
  'ServicePublished',
  'ServiceRetired',
  'ServiceFunded',
  'ServiceRequested',
  'ServiceRequestEnded',
  'TestStarted',
  'TestTelemetryCommitted',
  'TestTelemetryOpened',
  'TestSignalStated',
  'TestCompleted',
  'PrequalificationLost',
  'AccountFunded',
  'CurtailmentFunded',
  'CurtailmentReleased',
  'TransferMade',
  'IntervalSettled',
  'ImbalancePricesFiled',
  'RentWeighed',
  'RentShared',
  'BalanceFolded',
  'StatementsIssued',
  'DisputeRaised',
  'DisputeAnswered',
  'DisputeRuled',
  'DisputeWithdrawn',
  'DisputeExpired',
  'ComputationRequested',
  'ComputationAnswered',
  'ComputationExpired',
  'ComputationRefused',
  'AnswersDisagree',
  'ForecastScored',
  'ForecastCovered',
  'ForecastPaid',
  'FeedRegistered',
  'FeedKeyReplaced',
  'FeedRetired',
  'FeedPublished',
] as const;

/** The type of a fact. */
export type FactType = (typeof factTypes)[number];

/** One thing that happened: its type and the public values that tell what. */
export type Fact = JsonObject & { readonly type: FactType };

/** The name of the one event of every transaction that writes. */
export const factsEventName = 'facts.v1';

/** The payload of the event: canonical JSON of at most 64 KiB. `ruleSet` is the number in force, 0 before the first. */
export const factsEventCodec = object({
  v: oneOf(1),
  contract: text(/^[a-z]+$/, 'a contract', 32),
  transaction: text(/^[A-Za-z]+$/, 'a transaction', 64),
  commandId: commandIdCodec,
  ruleSet: integer(0, 1_000_000),
  facts: array(anyJson, 1_000),
});

/** All facts of one transaction. */
export type FactsEvent = TypeOf<typeof factsEventCodec>;

/** The facts of one transaction before they are an event. */
export interface FactsMade {
  readonly contract: string;
  readonly transaction: string;
  readonly commandId: CommandId;
  readonly ruleSet: number;
  readonly facts: readonly Fact[];
}

/**
 * The payload of the event of a transaction. Where its facts are too long for 64 KiB, each type of fact is replaced by how often it happened
 * and the digest of the facts of that type, in order; who needs them reads the rows.
 */
export function factsEventBytes(made: FactsMade): Buffer {
  const whole = canonicalBytes(eventOf(made, made.facts));
  if (whole.length <= limits.factsBytesMax) {
    return whole;
  }
  const types = factTypes.filter((type) => made.facts.some((fact) => fact.type === type));
  const short = types.map((type) => {
    const facts = made.facts.filter((fact) => fact.type === type);
    return { type, count: facts.length, digest: digestOf(facts) };
  });
  return canonicalBytes(eventOf(made, short));
}

function eventOf(made: FactsMade, facts: readonly Fact[]): JsonObject {
  const { commandId, contract, ruleSet, transaction } = made;
  return { v: 1, commandId, contract, facts, ruleSet, transaction };
}
