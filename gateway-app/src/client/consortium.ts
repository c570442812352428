import { parseSignaturePolicy, type Principal } from '@flexledger/fabric-model';
import type { NetworkHandle } from '@flexledger/network';
import type { Consortium } from './endorsers';

/**
 * What a client must know of the consortium, from the description of the network: the organisations that order the
 * handle's channel are its authorities, and a collection's members are those that its policy names.
 */
export function consortiumOf({ topology, channelName, chaincodeName }: NetworkHandle): Consortium {
  const channel = topology.channels.find(({ name }) => name === channelName);
  const chaincode = channel?.chaincodes.find(({ name }) => name === chaincodeName);
  const ordering = channel?.ordererOrganizations ?? [];
  const others = channel?.memberOrganizations.filter((name) => !ordering.includes(name)) ?? [];
  const mspIds = new Map(topology.organizations.map(({ name, mspId }) => [name, mspId]));
  return {
    authorities: ordering.flatMap((name) => mspIds.get(name) ?? []),
    members: others.flatMap((name) => mspIds.get(name) ?? []),
    collections: Object.fromEntries(
      (chaincode?.collections ?? []).map(({ name, policy }) => [
        name,
        membersOf(parseSignaturePolicy(policy).principals),
      ]),
    ),
  };
}

function membersOf(principals: readonly Principal[]): readonly string[] {
  const mspIds = principals.map((principal) => (principal.kind === 'identity' ? undefined : principal.mspId));
  return [...new Set(mspIds.filter((mspId) => mspId !== undefined))];
}
