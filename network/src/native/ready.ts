import type { Channel, Organization } from '@flexledger/topology';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { NetworkError } from '../network-error';
import { describe, retryUntil } from './lifecycle';
import type { PeerClient } from './peer-client';

/** Every contract made with fabric-contract-api answers this, without any state. */
const PROBE = 'org.hyperledger.fabric:GetMetadata';

/**
 * Waits until a peer knows every peer of the channel with every chaincode: only then can it plan endorsements and spread
 * private data.
 */
export async function waitForMembership(
  client: PeerClient,
  channel: Channel,
  members: readonly Organization[],
  deadline: number,
): Promise<void> {
  await retryUntil(deadline, `the peer of ${client.mspId} to meet all peers of ${channel.name}`, async () => {
    const membership = await client.channelMembership(channel.name);
    for (const { mspId, peers } of members) {
      const known = membership.get(mspId) ?? [];
      const ready = known.filter((names) => channel.chaincodes.every(({ name }) => names.includes(name)));
      if (ready.length < peers.length) {
        throw new NetworkError('NETWORK_NOT_READY', `it knows ${ready.length} of ${peers.length} peers of ${mspId}.`);
      }
    }
  });
}

/** Waits until a chaincode answers on the client's peer, be it with a refusal. */
export async function waitForChaincode(
  client: PeerClient,
  channelName: string,
  chaincodeName: string,
  deadline: number,
): Promise<void> {
  const contract = client.gateway.getNetwork(channelName).getContract(chaincodeName);
  await retryUntil(deadline, `chaincode ${chaincodeName} on the peer of ${client.mspId}`, async () => {
    try {
      await contract.evaluate(PROBE, { endorsingOrganizations: [client.mspId] });
    } catch (error) {
      if (!(error instanceof GatewayError) || !describe(error).includes('chaincode response')) {
        throw error;
      }
    }
  });
}
