import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Channel, Topology } from '@flexledger/topology';
import { common } from '@hyperledger/fabric-protos';
import { recordedTopology } from '../native/applied-topology';
import { readChannelConfig } from '../native/channel-update';
import { committedDefinition } from '../native/lifecycle';
import { openMemberPeers, type MemberPeer } from '../native/member-peers';
import { messageOf } from '../network-error';

/** What one peer says of a channel. */
export interface PeerStatus {
  /** Full name, for example `peer0.tso.example`. */
  readonly name: string;
  /** How many blocks it has; undefined when it does not answer. */
  readonly height: number | undefined;
  /** Why it does not answer; empty when it does. */
  readonly trouble: string;
}

/** A channel as its peers have it. */
export interface ChannelStatus {
  readonly name: string;
  readonly peers: readonly PeerStatus[];
  /** Sequence of the configuration, as the first peer that answers has it; undefined when none does. */
  readonly configuration: number | undefined;
  /** `MSP: host:port, …` with the anchor peers of each member. */
  readonly anchorPeers: readonly string[];
  /** `NAME VERSION, sequence N` of each committed definition. */
  readonly chaincodes: readonly string[];
}

const PEER_TIMEOUT_MS = 5000;

/** The channels of the network on a data folder, as its peers tell them; none when no network was brought up there. */
export async function networkStatus(folder: string): Promise<ChannelStatus[]> {
  const dataDirectory = resolve(folder);
  const topology = recordedTopology(dataDirectory);
  if (topology === undefined || !existsSync(join(dataDirectory, 'crypto'))) {
    return [];
  }
  return Promise.all(
    topology.channels.map(async (channel) => channelStatus(topology, channel, join(dataDirectory, 'crypto'))),
  );
}

async function channelStatus(topology: Topology, channel: Channel, cryptoDirectory: string): Promise<ChannelStatus> {
  const peers = openMemberPeers({ topology, channel, cryptoDirectory });
  try {
    const asked = await Promise.all(peers.map(async (peer) => peerStatus(peer, channel.name)));
    const answering = peers[asked.findIndex(({ height }) => height !== undefined)];
    const described = answering === undefined ? undefined : await describeChannel(answering, channel);
    return {
      name: channel.name,
      peers: asked,
      configuration: undefined,
      anchorPeers: [],
      chaincodes: [],
      ...described,
    };
  } finally {
    peers.forEach(({ client }) => client.close());
  }
}

async function peerStatus({ name, client }: MemberPeer, channelName: string): Promise<PeerStatus> {
  try {
    const parameters = [Buffer.from('GetChainInfo'), Buffer.from(channelName)];
    const bytes = await client.propose('qscc', parameters, PEER_TIMEOUT_MS);
    return { name, height: common.BlockchainInfo.deserializeBinary(bytes).getHeight(), trouble: '' };
  } catch (error) {
    return { name, height: undefined, trouble: messageOf(error) };
  }
}

async function describeChannel(
  { client }: MemberPeer,
  channel: Channel,
): Promise<Pick<ChannelStatus, 'configuration' | 'anchorPeers' | 'chaincodes'>> {
  const config = await readChannelConfig(client, channel.name);
  const definitions = await Promise.all(
    channel.chaincodes.map(async ({ name }) => committedDefinition(client, channel, name)),
  );
  return {
    configuration: config.sequence,
    anchorPeers: Object.entries(config.anchorPeers).map(
      ([mspId, anchors]) => `${mspId}: ${anchors.map(({ host, port }) => `${host}:${port}`).join(', ') || 'none'}`,
    ),
    chaincodes: definitions.map((definition, index) => {
      const name = channel.chaincodes[index]?.name ?? '';
      return definition === undefined
        ? `${name}: not committed`
        : `${name} ${definition.getVersion()}, sequence ${definition.getSequence()}`;
    }),
  };
}
