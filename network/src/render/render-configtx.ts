import { isAbsolute, join, posix, sep } from 'node:path';
import {
  findOrganization,
  memberOrganizations,
  nodeAddress,
  ordererFolders,
  ordererOrganizations,
  organizationMspFolder,
  type Channel,
  type Organization,
  type Topology,
} from '@flexledger/topology';
import { stringify } from 'yaml';

/** Which configtx.yaml to render. */
export interface ConfigtxOptions {
  /** Only this organisation's definition, as `configtxgen -printOrg` wants it to add the organisation to a channel. */
  readonly organization?: string;
  /** The folder that holds `organizations/`, as seen from the folder of configtx.yaml; default: that folder itself. */
  readonly cryptoDirectory?: string;
}

interface Policy {
  readonly Type: 'ImplicitMeta' | 'Signature';
  readonly Rule: string;
}

type Policies = Readonly<Record<string, Policy>>;

const STANDARD_POLICIES: Policies = {
  Readers: { Type: 'ImplicitMeta', Rule: 'ANY Readers' },
  Writers: { Type: 'ImplicitMeta', Rule: 'ANY Writers' },
  Admins: { Type: 'ImplicitMeta', Rule: 'MAJORITY Admins' },
};
const MAJORITY: Policy = { Type: 'ImplicitMeta', Rule: 'MAJORITY Endorsement' };

/**
 * A configtx.yaml for Fabric's own `configtxgen`: the organisations, and per channel one profile of the channel's name
 * that makes the same configuration as this project's genesis block.
 *
 * @throws TopologyLookupError.
 */
export function renderConfigtx(topology: Topology, options: ConfigtxOptions = {}): string {
  const directory = options.cryptoDirectory ?? '';
  const chosen =
    options.organization === undefined ? topology.organizations : [findOrganization(topology, options.organization)];
  const document = {
    Organizations: chosen.map((organization) => member(directory, organization)),
    ...(options.organization === undefined
      ? {
          Profiles: Object.fromEntries(
            topology.channels.map((channel) => [channel.name, profile(topology, channel, directory)] as const),
          ),
        }
      : {}),
  };
  const head = [
    `# For Fabric's configtxgen; paths are seen from the folder of this file, which is the one that holds organizations/.`,
    ...topology.channels.map(
      ({ name }) => `# configtxgen -profile ${name} -channelID ${name} -outputBlock ${name}.block`,
    ),
  ];
  return `${head.join('\n')}\n${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })}`;
}

function profile(topology: Topology, channel: Channel, directory: string): object {
  return {
    Policies: STANDARD_POLICIES,
    Capabilities: { V2_0: true },
    Orderer: {
      OrdererType: 'etcdraft',
      BatchTimeout: `${channel.batch.timeoutMs}ms`,
      BatchSize: {
        MaxMessageCount: channel.batch.messagesMax,
        AbsoluteMaxBytes: channel.batch.absoluteBytes,
        PreferredMaxBytes: channel.batch.preferredBytes,
      },
      EtcdRaft: {
        Consenters: ordererOrganizations(topology, channel).flatMap((organization) =>
          consenters(directory, organization),
        ),
        Options: {
          TickInterval: '300ms',
          ElectionTick: 10,
          HeartbeatTick: 1,
          MaxInflightBlocks: 5,
          SnapshotIntervalSize: '16 MB',
        },
      },
      Organizations: ordererOrganizations(topology, channel).map((one) => ordering(directory, one)),
      Policies: { ...STANDARD_POLICIES, BlockValidation: { Type: 'ImplicitMeta', Rule: 'ANY Writers' } },
      Capabilities: { V2_0: true },
    },
    Application: {
      Organizations: memberOrganizations(topology, channel).map((one) => member(directory, one)),
      Policies: { ...STANDARD_POLICIES, LifecycleEndorsement: MAJORITY, Endorsement: MAJORITY },
      Capabilities: { V2_5: true },
    },
  };
}

function member(directory: string, organization: Organization): object {
  const { mspId, peers } = organization;
  return {
    ...identity(directory, organization),
    Policies: { ...organizationPolicies(mspId), Endorsement: signature(`OR('${mspId}.peer')`) },
    ...(peers.length === 0 ? {} : { AnchorPeers: peers.map(({ host, port }) => ({ Host: host, Port: port })) }),
  };
}

function ordering(directory: string, organization: Organization): object {
  return {
    ...identity(directory, organization),
    Policies: organizationPolicies(organization.mspId),
    OrdererEndpoints: organization.orderers.map(nodeAddress),
  };
}

function identity(directory: string, organization: Organization): object {
  const { mspId } = organization;
  return { Name: mspId, ID: mspId, MSPDir: portable(organizationMspFolder(directory, organization)) };
}

function consenters(directory: string, organization: Organization): object[] {
  return organization.orderers.map((node) => {
    const certificate = portable(join(ordererFolders(directory, organization, node).tls, 'server.crt'));
    return { Host: node.host, Port: node.port, ClientTLSCert: certificate, ServerTLSCert: certificate };
  });
}

function organizationPolicies(mspId: string): Policies {
  return {
    Readers: signature(`OR('${mspId}.member')`),
    Writers: signature(`OR('${mspId}.member')`),
    Admins: signature(`OR('${mspId}.admin')`),
  };
}

function signature(rule: string): Policy {
  return { Type: 'Signature', Rule: rule };
}

function portable(path: string): string {
  return isAbsolute(path) ? path : path.split(sep).join(posix.sep);
}
