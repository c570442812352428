import { common, orderer, peer } from '@hyperledger/fabric-protos';

import { decodeOr, FabricModelError } from '../common/errors';
import { compareKeys } from '../common/keys';
import { envelopesOf } from '../block/block';
import { decodeMspConfig } from '../msp/config';
import type { Identity } from '../msp/identity';
import { Msp } from '../msp/msp';
import { MspSet } from '../msp/msp-set';
import type { ChannelPolicy, SignaturePolicy } from '../policy/types';
import { parseEnvelopeHeader } from '../transaction/envelope';
import { ChannelPolicies } from './policies';

/** When the orderer cuts a block. */
export interface BatchLimits {
  readonly messageCountMax: number;
  readonly absoluteBytesMax: number;
  readonly preferredBytesMax: number;
  /** As in the configuration, e.g. '500ms' or '2s'. */
  readonly timeout: string;
}

/** Where an organisation's anchor peer listens. */
export interface AnchorPeer {
  readonly host: string;
  readonly port: number;
}

function groupAt(group: common.ConfigGroup, name: string): common.ConfigGroup | undefined {
  return group.getGroupsMap().get(name);
}

function valueAt(group: common.ConfigGroup | undefined, name: string): Uint8Array | undefined {
  return group?.getValuesMap().get(name)?.getValue_asU8();
}

function groupsOf(group: common.ConfigGroup | undefined): [string, common.ConfigGroup][] {
  const groups: [string, common.ConfigGroup][] = [];
  group?.getGroupsMap().forEach((entry, name) => {
    groups.push([name, entry]);
  });
  return groups.sort(([left], [right]) => compareKeys(left, right));
}

function capabilitiesOf(group: common.ConfigGroup | undefined): readonly string[] {
  const value = valueAt(group, 'Capabilities');
  const names: string[] = [];
  if (value !== undefined) {
    common.Capabilities.deserializeBinary(value)
      .getCapabilitiesMap()
      .forEach((_, name) => {
        names.push(name);
      });
  }
  return names.sort(compareKeys);
}

function mspOf(group: common.ConfigGroup): Msp | undefined {
  const value = valueAt(group, 'MSP');
  return value === undefined ? undefined : new Msp(decodeMspConfig(value));
}

function batchOf(ordererGroup: common.ConfigGroup | undefined): BatchLimits {
  const size = orderer.BatchSize.deserializeBinary(valueAt(ordererGroup, 'BatchSize') ?? new Uint8Array(0));
  const timeout = orderer.BatchTimeout.deserializeBinary(valueAt(ordererGroup, 'BatchTimeout') ?? new Uint8Array(0));
  return {
    messageCountMax: size.getMaxMessageCount(),
    absoluteBytesMax: size.getAbsoluteMaxBytes(),
    preferredBytesMax: size.getPreferredMaxBytes(),
    timeout: timeout.getTimeout(),
  };
}

function addressesOf(channelGroup: common.ConfigGroup): readonly string[] {
  const organizations = groupsOf(groupAt(channelGroup, 'Orderer')).map(([, group]) => valueAt(group, 'Endpoints'));
  return [valueAt(channelGroup, 'OrdererAddresses'), ...organizations].flatMap((value) =>
    value === undefined ? [] : common.OrdererAddresses.deserializeBinary(value).getAddressesList(),
  );
}

function anchorsOf(group: common.ConfigGroup): readonly AnchorPeer[] {
  const value = valueAt(group, 'AnchorPeers');
  return value === undefined
    ? []
    : peer.AnchorPeers.deserializeBinary(value)
        .getAnchorPeersList()
        .map((anchor) => ({ host: anchor.getHost(), port: anchor.getPort() }));
}

/** The configuration of a channel at one config block: organisations, MSPs, policies, capabilities, batch limits. */
export class ChannelConfig {
  readonly sequence: number;
  readonly msps: MspSet;
  readonly applicationMspIds: readonly string[];
  readonly ordererMspIds: readonly string[];
  readonly channelCapabilities: readonly string[];
  readonly applicationCapabilities: readonly string[];
  readonly batch: BatchLimits;
  readonly ordererAddresses: readonly string[];
  /** Anchor peers by MSP id. */
  readonly anchorPeers: Readonly<Record<string, readonly AnchorPeer[]>>;
  private readonly policies: ChannelPolicies;
  /** Name of the configuration group of each application organisation, by MSP id. */
  private readonly groupNames: ReadonlyMap<string, string>;

  private constructor(
    readonly channelId: string,
    readonly config: common.Config,
  ) {
    const channelGroup = config.getChannelGroup();
    if (channelGroup === undefined) {
      throw new FabricModelError('CONFIG_INVALID', 'The configuration has no channel group.');
    }
    const application = groupAt(channelGroup, 'Application');
    const ordererGroup = groupAt(channelGroup, 'Orderer');
    this.sequence = config.getSequence();
    this.policies = new ChannelPolicies(channelGroup);
    this.channelCapabilities = capabilitiesOf(channelGroup);
    this.applicationCapabilities = capabilitiesOf(application);
    this.batch = batchOf(ordererGroup);
    this.ordererAddresses = addressesOf(channelGroup);
    const members = groupsOf(application).map(([name, group]) => ({ name, group, msp: mspOf(group) }));
    const orderers = groupsOf(ordererGroup).map(([name, group]) => ({ name, group, msp: mspOf(group) }));
    const idsOf = (organizations: typeof members): string[] => organizations.flatMap((o) => o.msp?.mspId ?? []);
    this.applicationMspIds = idsOf(members);
    this.ordererMspIds = idsOf(orderers);
    this.groupNames = new Map(members.flatMap((o) => (o.msp === undefined ? [] : [[o.msp.mspId, o.name] as const])));
    this.anchorPeers = Object.fromEntries(members.map((o) => [o.msp?.mspId ?? o.name, anchorsOf(o.group)]));
    // Where an authority is in both groups with one MSP, the application's wins; a channel keeps them equal.
    this.msps = new MspSet([...orderers, ...members].flatMap((o) => o.msp ?? []));
  }

  /** From a config block (block 0 or a later one); throws CONFIG_BLOCK_EXPECTED or CONFIG_INVALID. */
  static fromBlock(block: common.Block): ChannelConfig {
    const [envelope] = envelopesOf(block);
    if (envelope === undefined || !isConfigBlock(block)) {
      throw new FabricModelError('CONFIG_BLOCK_EXPECTED', 'The block does not hold one configuration.');
    }
    const header = parseEnvelopeHeader(envelope);
    return ChannelConfig.fromConfigEnvelope(header.channelId, header.dataBytes);
  }

  /** From the bytes of a ConfigEnvelope; throws CONFIG_INVALID. */
  static fromConfigEnvelope(channelId: string, bytes: Uint8Array): ChannelConfig {
    return decodeOr('CONFIG_INVALID', 'The configuration', () => {
      const config = common.ConfigEnvelope.deserializeBinary(bytes).getConfig();
      return config === undefined
        ? decodeOr('CONFIG_INVALID', 'The configuration', () => {
            throw new Error('it is empty');
          })
        : new ChannelConfig(channelId, config);
    });
  }

  /** From a decoded configuration; throws CONFIG_INVALID and the errors of its MSPs and policies. */
  static fromConfig(channelId: string, config: common.Config): ChannelConfig {
    return new ChannelConfig(channelId, config);
  }

  /** By full path, e.g. '/Channel/Application/Endorsement'. */
  policy(path: string): ChannelPolicy | undefined {
    return this.policies.get(path);
  }

  /** The policy at this path as one signature policy (implicit ones spread over the organisations). */
  signaturePolicyFor(path: string): SignaturePolicy | undefined {
    return this.policies.asSignaturePolicy(path);
  }

  /** Do these distinct identities satisfy the policy at this path? False when there is no such policy. */
  evaluate(path: string, identities: readonly Identity[]): boolean {
    return this.policies.evaluate(path, identities, this.msps);
  }

  /** Path of the policies of an application organisation, or undefined when it is no member. */
  organizationPath(mspId: string): string | undefined {
    const name = this.groupNames.get(mspId);
    return name === undefined ? undefined : `/Channel/Application/${name}`;
  }
}

/** True when the block holds exactly one envelope and that is a configuration. */
export function isConfigBlock(block: common.Block): boolean {
  const envelopes = envelopesOf(block);
  const [envelope] = envelopes;
  if (envelope === undefined || envelopes.length !== 1) {
    return false;
  }
  try {
    return parseEnvelopeHeader(envelope).headerType === common.HeaderType.CONFIG;
  } catch {
    return false;
  }
}
