/**
 * The description of a Fabric network: organisations, their nodes and identities, channels and chaincodes.
 * It knows nothing about energy; `network/consortium.yaml` is one instance of it, a Fabric test network another.
 */

/** A whole network. One file describes it, for every mode (devnet, native, docker). */
export interface Topology {
  readonly format: 1;
  readonly name: string;
  readonly organizations: readonly Organization[];
  readonly channels: readonly Channel[];
}

/** One organisation with its membership service provider, nodes and enrolled identities. */
export interface Organization {
  /** Short name, unique, for example `Tso`. */
  readonly name: string;
  /** Fabric MSP id, unique, for example `TsoMSP`. */
  readonly mspId: string;
  /** DNS domain, for example `tso.flexledger.example`; names the folder under organizations/peerOrganizations. */
  readonly domain: string;
  readonly peers: readonly PeerNode[];
  readonly orderers: readonly OrdererNode[];
  /** Client identities besides the always present `Admin`. */
  readonly identities: readonly IdentitySpec[];
  /** Programs that the organisation runs beside its nodes; only a network in containers starts them. */
  readonly applications?: readonly ApplicationSpec[];
  /** First port of this organisation's chaincode services; chaincode number i (in channel order) has base + 2 i and the port behind it. */
  readonly chaincodePortBase: number;
}

/** A peer; all ports are on `host` (loopback in devnet and native mode). */
export interface PeerNode {
  /** For example `peer0`; its full name is `peer0.<domain>`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly operationsPort: number;
  /** Where peer-mode chaincode (that dials the peer) registers. */
  readonly chaincodeListenPort: number;
}

/** A Raft orderer; `port` serves Broadcast, Deliver and cluster traffic, `adminPort` the channel participation API. */
export interface OrdererNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly operationsPort: number;
}

/** An identity to enrol: becomes `users/<name>@<domain>/msp`. */
export interface IdentitySpec {
  readonly name: string;
  readonly type: 'client' | 'admin';
  /** Certificate attributes (Fabric CA extension), for example `{ role: 'dso' }`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A program that works with one identity; `--topology FILE --crypto FOLDER --data FOLDER` are added to its command. */
export interface ApplicationSpec {
  /** Unique within the organisation, for example `oracle`; its full name is `oracle.<domain>`. */
  readonly name: string;
  /** One of the organisation's identities. */
  readonly identity: string;
  /** Program and arguments, with paths below the root of the repository. */
  readonly command: readonly string[];
}

/** A channel with its ordering organisations, member organisations, batching and chaincodes. */
export interface Channel {
  readonly name: string;
  readonly ordererOrganizations: readonly string[];
  readonly memberOrganizations: readonly string[];
  readonly batch: BatchSettings;
  readonly chaincodes: readonly Chaincode[];
}

/** When the orderer cuts a block. */
export interface BatchSettings {
  readonly timeoutMs: number;
  readonly messagesMax: number;
  readonly preferredBytes: number;
  readonly absoluteBytes: number;
}

/** A chaincode definition and how each organisation runs its service. */
export interface Chaincode {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Signature policy in Fabric's text form, for example `OutOf(2, 'TsoMSP.peer', 'DsoMSP.peer')`; empty = majority of members. */
  readonly endorsementPolicy: string;
  readonly collections: readonly Collection[];
  readonly service: ChaincodeService;
}

/** A private data collection, with the fields of Fabric's static collection configuration. */
export interface Collection {
  readonly name: string;
  /** Member policy in Fabric's text form, for example `OR('TsoMSP.member', 'DsoMSP.member')`. */
  readonly policy: string;
  readonly requiredPeerCount: number;
  readonly maxPeerCount: number;
  readonly blockToLive: number;
  readonly memberOnlyRead: boolean;
  readonly memberOnlyWrite: boolean;
  /** Endorsement policy of its own, or empty for the chaincode's. */
  readonly endorsementPolicy: string;
}

/** How the chaincode runs. `external` = somebody else runs it at `addresses[organisation]`; `peer` = it dials the peer by itself. */
export interface ChaincodeService {
  readonly kind: 'command' | 'external' | 'peer';
  /** For `command`: program and arguments; CHAINCODE_ID, CHAINCODE_SERVER_ADDRESS and TLS settings come by environment. */
  readonly command: readonly string[];
  /** Working directory of the command, relative to the topology file. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** For `external`: organisation name -> host:port. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly tls: boolean;
}
