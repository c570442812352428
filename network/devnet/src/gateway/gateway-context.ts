import { status as GrpcCode } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { Endorser } from '../endorsement/endorser';
import type { Planner } from '../endorsement/planner';
import { asSeenRemotely, type ProposalOutcome } from '../endorsement/proposal-outcome';
import type { Faults } from '../faults';
import type { ChannelLedger } from '../ledger/channel-ledger';
import type { Sequencer } from '../ordering/sequencer';
import { StatusError } from '../protocol/status';

/** A channel as the gateway needs it. */
export interface GatewayChannel {
  readonly ledger: ChannelLedger;
  readonly sequencer: Sequencer;
}

/** What one peer's gateway works with. */
export interface GatewayContext {
  readonly own: Endorser;
  readonly planner: Planner;
  readonly channels: ReadonlyMap<string, GatewayChannel>;
  readonly faults: Faults;
}

/** The channel of a request. @throws StatusError UNAVAILABLE, as a gateway whose peer has not joined the channel. */
export function requireChannel({ channels }: GatewayContext, name: string): GatewayChannel {
  const channel = channels.get(name);
  if (channel !== undefined) return channel;
  throw new StatusError(
    GrpcCode.UNAVAILABLE,
    `failed to get config for channel [${name}]: could not get last config for channel ${name}`,
  );
}

/** Asks an endorser, which is on another machine unless it is the gateway's own. */
export async function askEndorser(
  { own }: GatewayContext,
  endorser: Endorser,
  signed: peer.SignedProposal,
): Promise<ProposalOutcome> {
  const outcome = await endorser.processProposal(signed);
  return endorser === own ? outcome : asSeenRemotely(outcome);
}
