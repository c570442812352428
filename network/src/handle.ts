import type { IdentityMaterial, PeerEndpoint, Topology } from '@flexledger/topology';

/** Where a network runs: the embedded Fabric, real binaries as processes, or a network that others run. */
export type NetworkMode = 'devnet' | 'native' | 'existing';

/** A running network, as tests and applications hold it; they do not know which mode is behind it. */
export interface NetworkHandle {
  readonly mode: NetworkMode;
  /** What runs, in words, for example `Fabric 3.1.5`. */
  readonly description: string;
  readonly topology: Topology;
  /** Holds `organizations/` in the layout of Fabric's own tools. */
  readonly cryptoDirectory: string;
  /** The first channel of the topology. */
  readonly channelName: string;
  /** The first chaincode of that channel. */
  readonly chaincodeName: string;
  /** How to reach an organisation's peer number `index`, counted from 0. */
  peerEndpoint(organization: string, index?: number): PeerEndpoint;
  /** Certificate and key of `Admin` or of an identity of the topology. */
  identity(organization: string, name: string): IdentityMaterial;
  /** Stops everything that this handle started; the data stays. A second call does nothing. */
  stop(): Promise<void>;
  /** Present where processes can be stopped and started one by one. */
  readonly faults?: NetworkFaults;
}

/** Faults that a test can cause. */
export interface NetworkFaults {
  /** Names of the processes, for example `peer0.tso.example`, `orderer0.tso.example`, `basic.chaincode.tso.example`. */
  processes(): readonly string[];
  /** Ends a process at once (SIGKILL), as a power cut would. */
  kill(name: string): Promise<void>;
  /** Starts a process that was killed, with the same data; resolves when it listens (the devnet: when it answers). */
  start(name: string): Promise<void>;
}
