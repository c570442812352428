import { sha256 } from '../../digest';
import { crockford26, type AssetId, type CommandId, type PromiseId } from '../../ids';
import { vppIdCodec } from '../ids';

declare const coalitionBrand: unique symbol;
type CoalitionIdOf<Name extends string> = string & { readonly [coalitionBrand]: Name };

/** Names a coalition: the id of the command that proposed it. */
export type CoalitionId = CoalitionIdOf<'Coalition'>;
/** Names an activation: the id of the command that signalled it. */
export type ActivationId = CoalitionIdOf<'Activation'>;

export const coalitionIdCodec = vppIdCodec<CoalitionId>();
export const activationIdCodec = vppIdCodec<ActivationId>();

/** The id of the coalition that a command proposes: the id of the command. */
export function coalitionIdOf(commandId: CommandId): CoalitionId {
  return commandId as string as CoalitionId;
}

/** The id of the activation that a command signals: the id of the command. */
export function activationIdOf(commandId: CommandId): ActivationId {
  return commandId as string as ActivationId;
}

/**
 * The id under which a member's promise stands in the book of its asset and of its owner's connection; it follows from the coalition and the
 * asset, because assets of one owner share a connection.
 */
export function memberPromiseId(coalitionId: CoalitionId, assetId: AssetId): PromiseId {
  return crockford26(sha256(Buffer.from(`${coalitionId}/${assetId}`))) as PromiseId;
}
