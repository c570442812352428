import { assert } from './assert';
import { mapped, text, type Codec } from './decode';
import { sha256 } from './digest';

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

declare const idBrand: unique symbol;
type Id<Name extends string> = string & { readonly [idBrand]: Name };

/** Names one command of one client; sending it twice has one effect. */
export type CommandId = Id<'Command'>;
/** The address of a participant, derived from its public key. */
export type ParticipantId = Id<'Participant'>;
/** The pseudonym of a meter. */
export type MeterId = Id<'Meter'>;
/** Names a flexible asset. */
export type AssetId = Id<'Asset'>;
/** Names a market session. */
export type SessionId = Id<'Session'>;
/** Names an order. */
export type OrderId = Id<'Order'>;
/** Names a computation request: the id of the command that made it. */
export type RequestId = Id<'Request'>;
/** Names a proposal of governance: the id of the command that made it. */
export type ProposalId = Id<'Proposal'>;
/** Names a contract between two: the id of the command that proposed it. */
export type ContractId = Id<'Contract'>;
/** Names a programme of demand response: the id of the command that created it. */
export type ProgrammeId = Id<'Programme'>;
/** Names a dispute: the id of the command that raised it. */
export type DisputeId = Id<'Dispute'>;
/** Names the event of one prosumer under one order of flexibility. */
export type EventId = Id<'Event'>;
/** Names what an asset has promised: the id of the session, contract, event or dispatch. */
export type PromiseId = Id<'Session'> | Id<'Contract'> | Id<'Event'> | Id<'Promise'>;

const idText = text(/^[0-9a-hjkmnp-tv-z]{26}$/, '26 lower-case Crockford base32 characters', 26);

function idCodec<T extends string>(): Codec<T> {
  return mapped(
    idText,
    'an id',
    (value) => value as T,
    (value) => value,
  );
}

export const commandIdCodec = idCodec<CommandId>();
export const participantIdCodec = idCodec<ParticipantId>();
export const meterIdCodec = idCodec<MeterId>();
export const assetIdCodec = idCodec<AssetId>();
export const sessionIdCodec = idCodec<SessionId>();
export const orderIdCodec = idCodec<OrderId>();
export const requestIdCodec = idCodec<RequestId>();
export const proposalIdCodec = idCodec<ProposalId>();
export const contractIdCodec = idCodec<ContractId>();
export const promiseIdCodec = idCodec<PromiseId>();
export const programmeIdCodec = idCodec<ProgrammeId>();
export const eventIdCodec = idCodec<EventId>();
export const disputeIdCodec = idCodec<DisputeId>();

/** The first 130 bits of at least 17 bytes as 26 lower-case Crockford base32 characters, most significant bit first. */
export function crockford26(bytes: Uint8Array): string {
  assert(bytes.length >= 17, 'An id is made from at least 130 bits.');
  let bits = 0n;
  for (const byte of bytes.subarray(0, 17)) {
    bits = (bits << 8n) | BigInt(byte);
  }
  bits >>= 6n;
  let characters = '';
  for (let index = 0; index < 26; index += 1) {
    characters = crockford.charAt(Number(bits & 31n)) + characters;
    bits >>= 5n;
  }
  return characters;
}

/** The address of a public key: the first 130 bits of SHA-256 over its SPKI DER bytes. */
export function participantIdOf(publicKeySpki: Uint8Array): ParticipantId {
  return crockford26(sha256(publicKeySpki)) as ParticipantId;
}

/** The id of the proposal that a command makes: the id of the command. */
export function proposalIdOf(commandId: CommandId): ProposalId {
  return commandId as string as ProposalId;
}

/** The id of the contract that a command proposes: the id of the command. */
export function contractIdOf(commandId: CommandId): ContractId {
  return commandId as string as ContractId;
}

/** The id of the programme that a command creates: the id of the command. */
export function programmeIdOf(commandId: CommandId): ProgrammeId {
  return commandId as string as ProgrammeId;
}

/** The id of the dispute that a command raises: the id of the command. */
export function disputeIdOf(commandId: CommandId): DisputeId {
  return commandId as string as DisputeId;
}
