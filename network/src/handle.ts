import type { IdentityMaterial, PeerEndpoint, Topology } from '@flexledger/topology';

/** Where a network runs: the embedded Fabric, real binaries as processes, in containers, or a network that others run. */
export type NetworkMode = 'devnet' | 'native' | 'docker' | 'existing';

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
  /** Ends a process at once (SIGKILL), as a power cut would; it stays down. */
  kill(name: string): Promise<void>;
  /** Starts a process that was killed, with the same data; resolves when it listens (the devnet: when it answers). */
  start(name: string): Promise<void>;
  /** Ends a process at once as a crash would: a chaincode service of real Fabric comes back by itself. */
  crash(name: string): Promise<void>;
  /** Halts a process (SIGSTOP): its connections stay open and nothing answers. */
  pause(name: string): void;
  /** Lets a halted process go on. */
  resume(name: string): void;
  /** Present on real Fabric. */
  readonly nodes?: NodeFaults;
}

/** What can be done to the nodes of real Fabric; all names are those of `NetworkFaults.processes`. */
export interface NodeFaults {
  /** The orderer that says that it leads the handle's channel; undefined while none does. */
  leader(): Promise<string | undefined>;
  /** How many blocks of the handle's channel an orderer has. */
  ordererHeight(orderer: string): Promise<number>;
  /** Removes what a node that was killed has stored: everything, or a peer's state database alone. */
  wipe(name: string, what: 'everything' | 'state'): void;
  /** Joins a wiped node that runs to its channels; a peer gets its chaincode packages again. */
  rejoin(name: string): Promise<void>;
  /** Starts a chaincode service again with parameters before its own, for example `['--require', file]`; none restores it. */
  startServiceWith(name: string, parameters: readonly string[]): Promise<void>;
}
