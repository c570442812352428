import type { JsonObject } from '@flexledger/domain';
import { derivePrivateKey } from '../agents/seed';
import { signCommand } from '../agents/sign-command';
import { SigningKey } from '../client/keys';
import type { ResponseFor, SubmitName } from '../client/ledger-types';
import { participantKeyLabel, SLOTS_PER_DAY } from '../day/plan';
import type { StepArguments } from './protocol';
import type { RoleContext } from './role-context';

/** Sends a command of the contract `flexibility` that a participant of the plan has signed; what it is about makes the label unique. */
export async function submitSigned<N extends SubmitName<'flexibility'>>(
  context: RoleContext,
  who: string,
  transaction: N,
  about: string,
  fields: JsonObject,
): Promise<ResponseFor<'flexibility', N>> {
  const { deliverySlot, seed } = context.plan;
  const key = new SigningKey(derivePrivateKey(seed, participantKeyLabel(who)));
  const signer = { channel: context.ledger.channel, key };
  const common = { participantId: key.address, expirySlot: deliverySlot + SLOTS_PER_DAY - 1 };
  return context.submit('flexibility', transaction, `flexibility/${transaction}/${who}/${about}`, (commandId) => ({
    request: signCommand(signer, 'flexibility', transaction, { commandId, ...common, ...fields }),
  }));
}

/** An object argument of a step. */
export function objectArgument(stepArguments: StepArguments, name: string): JsonObject {
  const value = stepArguments[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`the step needs the object ${name}`);
  }
  return value as JsonObject;
}

/** A list of texts as argument of a step. */
export function textsArgument(stepArguments: StepArguments, name: string): readonly string[] {
  const value = stepArguments[name];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    throw new TypeError(`the step needs the texts ${name}`);
  }
  return value;
}
