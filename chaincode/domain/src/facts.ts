import { anyJson, array, integer, object, oneOf, text, type TypeOf } from './decode';
import { commandIdCodec } from './ids';
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
  'AssetsRegistered',
  'ClockTicked',
  'ProfilesRecorded',
  'GapRecorded',
  'SessionOpened',
  'OrdersPlaced',
  'OrdersWithdrawn',
  'SessionClosed',
  'OrdersPublished',
  'SessionCleared',
  'ClearingApplied',
  'AccountFunded',
  'TransferMade',
  'IntervalSettled',
  'BalanceFolded',
  'StatementsIssued',
  'ComputationRequested',
  'ComputationAnswered',
  'ComputationExpired',
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
