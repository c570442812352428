import type { Topology } from '@flexledger/topology';
import type { ChaincodeLimits } from './chaincode/state-requests';
import type { FaultOptions, Faults } from './faults';
import type { Log } from './logger';
import type { ServiceLimits } from './server/peer-server';

/** How to start the embedded network. */
export interface DevnetOptions {
  readonly topology: Topology;
  /** Folder of the topology file; working directories of chaincode are relative to it. */
  readonly topologyFolder: string;
  /** Everything that is kept: ledger, logs, and `organizations/` unless `cryptoFolder` says otherwise. */
  readonly dataFolder: string;
  /** Folder that holds, or will hold, `organizations/`; default the data folder. */
  readonly cryptoFolder?: string;
  /** Seed of every choice the network makes by chance (endorser layouts, lag, faults). Default 1. */
  readonly seed?: number;
  /** Blocks are cut only by `cutBlock`. Default false. */
  readonly manualBlocks?: boolean;
  /** MSP id -> most blocks that its endorsers are held behind; how many is drawn per proposal. */
  readonly lagBlocksMax?: Readonly<Record<string, number>>;
  readonly faults?: FaultOptions;
  readonly chaincodeLimits?: Partial<ChaincodeLimits>;
  readonly serviceLimits?: Partial<ServiceLimits>;
  /** Milliseconds since 1970; default the machine's clock. Used for proposal times, certificate expiry and health. */
  readonly nowMs?: () => number;
  readonly log?: Log;
  /** How long to wait for chaincode to connect, in milliseconds; default 60 000. 0 does not wait. */
  readonly chaincodeReadyMs?: number;
  /** Called when the network cannot go on, for example because the disk is full; it stops taking transactions then. */
  readonly onFailure?: (error: Error) => void;
}

/** How a client reaches one peer. */
export interface DevnetEndpoint {
  readonly organization: string;
  readonly mspId: string;
  /** `host:port` of the gRPC services. */
  readonly address: string;
  /** The name in the peer's TLS certificate. */
  readonly hostOverride: string;
  readonly tlsRootCertificateFile: string;
  readonly usersFolder: string;
  /** `host:port` of /healthz and /metrics. */
  readonly operationsAddress: string;
}

/** A running embedded network. */
export interface Devnet {
  readonly endpoints: readonly DevnetEndpoint[];
  /** Folder that holds `organizations/`. */
  readonly cryptoFolder: string;
  /** Faults to inject, changeable while it runs. */
  readonly faults: Faults;
  /** Number of blocks of a channel. @throws Error for an unknown channel. */
  height(channel: string): number;
  /** Cuts a block from what waits, and resolves when it is committed. */
  cutBlock(channel: string): Promise<void>;
  /** Holds an organisation's endorsers up to this many blocks behind. */
  setLag(mspId: string, blocksMax: number): void;
  /** Ids of the chaincode processes that this network started. */
  chaincodeProcessIds(): readonly number[];
  /** Ends everything: servers, chaincode processes, store. */
  stop(): Promise<void>;
}
