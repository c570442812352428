import { contracts, type CommandId, type ParticipantId } from '@flexledger/domain';
import { participantEntry } from '../agents/participant-entry';
import type { SigningKey } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { newId } from '../meter-gateway/commission-meters';

/**
 * Registers the prosumer of a key that a gateway holds, and marks it as custodial for everybody to see.
 * @throws LedgerError, PARTICIPANT_EXISTS among them
 */
export async function registerCustodial(
  ledger: Pick<Ledger, 'channel' | 'submit'>,
  key: SigningKey,
  connectionLimitW: bigint,
): Promise<ParticipantId> {
  const commandId = newId() as CommandId;
  const fields = { kind: 'prosumer', custodial: true, connectionLimitW } as const;
  const participants = [participantEntry({ channel: ledger.channel, key }, commandId, fields)];
  const request = contracts.registry.registerParticipants.request.decode({ commandId, participants }, '');
  await ledger.submit('registry', 'registerParticipants', request);
  return key.address;
}
