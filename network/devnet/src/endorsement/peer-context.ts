import type { Organization, PeerNode } from '@flexledger/topology';
import type { Signer } from '../identity/signer';

/** One peer of the embedded network: who it is, where it listens, how it signs. */
export interface PeerContext {
  readonly organization: Organization;
  readonly node: PeerNode;
  readonly mspId: string;
  /** The address as clients and error details show it, `peer0.org.example:7051`. */
  readonly address: string;
  readonly signer: Signer;
}
