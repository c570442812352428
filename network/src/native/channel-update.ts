import { existsSync } from 'node:fs';
import {
  ChannelConfig,
  computeConfigUpdate,
  decodeBlock,
  FabricModelError,
  modPoliciesOf,
} from '@flexledger/fabric-model';
import { ordererOrganizations, readIdentity, userFolders } from '@flexledger/topology';
import { common } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { messageOf, NetworkError } from '../network-error';
import { chooseSigners, type Candidate } from './config-signers';
import { retryUntil } from './lifecycle';
import { broadcast, type BroadcastAnswer } from './orderer-client';
import { openMemberPeers, type GovernedChannel, type MemberPeer } from './member-peers';
import type { PeerClient } from './peer-client';
import { SigningIdentity } from './signing-identity';

/** How long an update that an orderer took is awaited before it is sent again. */
const PATIENCE_MS = 5000;

/** What became of a change of a channel's configuration. */
export interface ChannelUpdate {
  /** False when the channel was like this before. */
  readonly changed: boolean;
  /** The configuration that holds now. */
  readonly config: ChannelConfig;
  /** MSP ids of those whose administrators signed. */
  readonly signedBy: readonly string[];
  /** Full names of peers that did not have it yet at the deadline; they get it when they are back. */
  readonly behind: readonly string[];
}

interface Administrator extends Candidate {
  readonly signer: SigningIdentity;
}

/** The configuration of a channel as a peer has it. @throws NetworkError NETWORK_REFUSED. */
export async function readChannelConfig(client: PeerClient, channelName: string): Promise<ChannelConfig> {
  const parameters = [Buffer.from('GetConfigBlock'), Buffer.from(channelName)];
  return ChannelConfig.fromBlock(decodeBlock(await client.propose('cscc', parameters)));
}

/**
 * Changes the configuration of a channel: the difference is computed as Fabric's configtxlator does, signed by the
 * administrators that the configuration's own policies ask for, sent to the orderers, and awaited on every peer. Repeating
 * a change that is in force does nothing.
 *
 * @param change alters a copy of the channel group.
 * @throws NetworkError NETWORK_REFUSED when signatures do not suffice or the orderers refuse, NETWORK_NOT_READY.
 */
export async function updateChannel(
  place: GovernedChannel,
  change: (channelGroup: common.ConfigGroup) => void,
  deadline: number,
): Promise<ChannelUpdate> {
  const peers = openMemberPeers(place);
  const channelName = place.channel.name;
  try {
    let signedBy: readonly string[] = [];
    let mayBeOrdered = false;
    for (;;) {
      const config = await newestConfig(peers, channelName);
      const update = differenceOf(config, change);
      if (update === undefined) {
        const behind = await waitForSequence(peers, channelName, config.sequence, deadline);
        return { changed: mayBeOrdered, config, signedBy, behind };
      }
      const signed = await signUpdate(place, config, update);
      signedBy = signed.signedBy;
      const answer = await offer(place, signed.envelope);
      // A copy of an update that was ordered after all is refused; only the first answer of this kind says something.
      if (answer.kind === 'refused' && !mayBeOrdered) {
        throw new NetworkError('NETWORK_REFUSED', `the orderers refuse a change of ${channelName}: ${answer.reason}`);
      }
      mayBeOrdered ||= answer.kind !== 'refused';
      if (Date.now() > deadline) {
        const reason = answer.kind === 'taken' ? 'no peer has it yet' : answer.reason;
        throw new NetworkError('NETWORK_NOT_READY', `a change of channel ${channelName} did not succeed: ${reason}`);
      }
      // Taken is not ordered: an orderer can lose what it took. Then the next round sends it again.
      await waitForSequence(peers.slice(0, 1), channelName, config.sequence + 1, Date.now() + PATIENCE_MS);
    }
  } finally {
    peers.forEach(({ client }) => client.close());
  }
}

/** What the first peer has that answers, or what one that is further has. */
async function newestConfig(peers: readonly MemberPeer[], channelName: string): Promise<ChannelConfig> {
  const answers = await Promise.allSettled(peers.map(async ({ client }) => readChannelConfig(client, channelName)));
  const configs = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const [newest] = configs.sort((left, right) => right.sequence - left.sequence);
  if (newest === undefined) {
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [messageOf(answer.reason)] : []));
    throw new NetworkError(
      'NETWORK_NOT_READY',
      `no peer tells the configuration of ${channelName}; is the network up? ${reasons[0] ?? ''}`.trim(),
    );
  }
  return newest;
}

function differenceOf(
  config: ChannelConfig,
  change: (channelGroup: common.ConfigGroup) => void,
): common.ConfigUpdate | undefined {
  const updated = config.config.cloneMessage();
  const group = updated.getChannelGroup();
  if (group !== undefined) {
    change(group);
  }
  try {
    return computeConfigUpdate(config.channelId, config.config, updated);
  } catch (error) {
    if (error instanceof FabricModelError && error.code === 'CONFIG_UNCHANGED') {
      return undefined;
    }
    throw error;
  }
}

/** An administrator whose certificate the configuration does not accept (any more) cannot sign. */
function administratorsOf({ topology, cryptoDirectory }: GovernedChannel, config: ChannelConfig): Administrator[] {
  return topology.organizations.flatMap((organization) => {
    if (!existsSync(userFolders(cryptoDirectory, organization, 'Admin').msp)) {
      return [];
    }
    const signer = new SigningIdentity(readIdentity(cryptoDirectory, organization, 'Admin'));
    try {
      const identity = config.msps.deserialize(signer.creator());
      config.msps.validate(identity);
      return [{ mspId: organization.mspId, identity, signer }];
    } catch (error) {
      if (error instanceof FabricModelError) {
        return [];
      }
      throw error;
    }
  });
}

async function signUpdate(
  place: GovernedChannel,
  config: ChannelConfig,
  update: common.ConfigUpdate,
): Promise<{ readonly envelope: common.Envelope; readonly signedBy: string[] }> {
  const signers = chooseSigners(config, modPoliciesOf(config.config, update), administratorsOf(place, config));
  const bytes = update.serializeBinary();
  const signatures = signers.map(async ({ signer }) => {
    const header = signer.signatureHeader().serializeBinary();
    const signature = new common.ConfigSignature();
    signature.setSignatureHeader(header);
    signature.setSignature(await signer.sign(Buffer.concat([header, bytes])));
    return signature;
  });
  const updateEnvelope = new common.ConfigUpdateEnvelope();
  updateEnvelope.setConfigUpdate(bytes);
  updateEnvelope.setSignaturesList(await Promise.all(signatures));
  const [sender] = signers;
  if (sender === undefined) {
    throw new NetworkError('NETWORK_REFUSED', `no administrator of ${place.channel.name} is at hand.`);
  }
  const envelope = await wrap(sender.signer, place.channel.name, updateEnvelope);
  return { envelope, signedBy: signers.map(({ mspId }) => mspId) };
}

async function wrap(
  sender: SigningIdentity,
  channelName: string,
  content: common.ConfigUpdateEnvelope,
): Promise<common.Envelope> {
  const timestamp = new Timestamp();
  timestamp.fromDate(new Date());
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
  channelHeader.setChannelId(channelName);
  channelHeader.setTimestamp(timestamp);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(sender.signatureHeader().serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(content.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  envelope.setSignature(await sender.sign(envelope.getPayload_asU8()));
  return envelope;
}

/** Offers an envelope to one orderer after the other, until one takes or refuses it. */
async function offer(
  { topology, channel, cryptoDirectory }: GovernedChannel,
  envelope: common.Envelope,
): Promise<BroadcastAnswer> {
  const orderers = ordererOrganizations(topology, channel).flatMap((organization) =>
    organization.orderers.map((node) => ({ cryptoDirectory, organization, node })),
  );
  let answer: BroadcastAnswer = { kind: 'unavailable', reason: `${channel.name} has no orderer` };
  for (const orderer of orderers) {
    answer = await broadcast(orderer, envelope);
    if (answer.kind !== 'unavailable') {
      return answer;
    }
  }
  return answer;
}

/** Waits until peers have a configuration; returns the names of those that do not have it at the deadline. */
async function waitForSequence(
  peers: readonly MemberPeer[],
  channelName: string,
  sequence: number,
  deadline: number,
): Promise<string[]> {
  const late = await Promise.all(
    peers.map(async ({ name, client }) => {
      try {
        await retryUntil(deadline, `configuration ${sequence} on ${name}`, async () => {
          const config = await readChannelConfig(client, channelName);
          if (config.sequence < sequence) {
            throw new NetworkError('NETWORK_NOT_READY', `it has configuration ${config.sequence}.`);
          }
        });
        return [];
      } catch {
        // It is told to the caller by name; a peer that is down must not undo what the orderers have ordered.
        return [name];
      }
    }),
  );
  return late.flat();
}
