import {
  addressOf,
  admitParticipants,
  approveProposal,
  checkGrid,
  checkTick,
  contracts,
  demand,
  limits,
  proposalIdOf,
  proposeChange,
  proposeFounding,
  readmit,
  suspend,
  type ParticipantId,
  type Proposal,
  type Slot,
  type StandingChange,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { beginSlots, clockBefore, clockHeads } from '../../store/clock-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { heldParticipants } from '../../store/registry/known';
import { governances, grids, gridOperators, participants, proposals } from '../../store/registry/registry-store';
import type { StoreSession } from '../../store/session';
import { DeviceContract } from './devices';

const specs = contracts.registry;

/** Governance, participants, grids and the ledger clock; meters and assets stand in DeviceContract. */
export class RegistryContract extends DeviceContract {
  public constructor() {
    super('registry');
  }

  /** Proposes the founding rules of the consortium. */
  @Transaction()
  @Returns('string')
  public async bootstrap(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.bootstrap, request, async ({ commandId, ...founding }) => {
      const proposal = proposeFounding(proposalIdOf(commandId), founding, context.caller.mspId, context.governance);
      return made(context, proposal);
    });
  }

  /** Proposes a change of the governance in force. */
  @Transaction()
  @Returns('string')
  public async propose(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.propose, request, async ({ commandId, change }) => {
      return made(context, proposeChange(proposalIdOf(commandId), change, context.caller.mspId, context.rules));
    });
  }

  /** Approves a proposal; the last approval that is needed puts it into force. */
  @Transaction()
  @Returns('string')
  public async approve(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.approve, request, async ({ proposalId, proposalDigest }) => {
      const { session, caller, governance } = context;
      const pending = found(await proposals.load(session, proposalId), 'REGISTRY_PROPOSAL_UNKNOWN', { proposalId });
      const approved = approveProposal(pending, proposalDigest, caller.mspId, governance);
      proposals.save(session, approved.proposal, proposalId);
      context.record({ type: 'ProposalApproved', proposalId, mspId: caller.mspId });
      if (approved.governance !== undefined) {
        governances.save(session, approved.governance);
        context.record({ type: 'GovernanceChanged', proposalId, version: approved.governance.version });
      }
      return { proposalId, proposalDigest, effective: approved.governance !== undefined };
    });
  }

  /** Registers participants that prove that they hold their keys. */
  @Transaction()
  @Returns('string')
  public async registerParticipants(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.registerParticipants, request, async ({ commandId, participants: entries }) => {
      const { session, channel, caller } = context;
      const ids = entries.map(({ publicKey }) => addressOf(publicKey));
      const existing = await heldParticipants(session, ids);
      const admitted = admitParticipants(entries, { channel, commandId, mspId: caller.mspId }, existing);
      for (const participant of admitted) {
        participants.save(session, participant, participant.participantId);
      }
      context.record({ type: 'ParticipantsRegistered', participantIds: ids });
      return { participantIds: ids };
    });
  }

  /** Keeps a participant out of new business. */
  @Transaction()
  @Returns('string')
  public async suspendParticipant(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.suspendParticipant, request, async (asked) => {
      const { session } = context;
      const { commandId: _command, participantId, ...standing } = asked;
      const change = await standingChange(session, asked);
      participants.save(session, suspend(change, await participants.load(session, participantId)), participantId);
      context.record({ type: 'ParticipantSuspended', participantId, ...standing });
      return {};
    });
  }

  /** Readmits a suspended participant. */
  @Transaction()
  @Returns('string')
  public async readmitParticipant(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.readmitParticipant, request, async (asked) => {
      const { session } = context;
      const { commandId: _command, participantId, ...standing } = asked;
      const change = await standingChange(session, asked);
      participants.save(session, readmit(change, await participants.load(session, participantId)), participantId);
      context.record({ type: 'ParticipantReadmitted', participantId, ...standing });
      return {};
    });
  }

  /** Registers a grid. */
  @Transaction()
  @Returns('string')
  public async registerGrid(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.registerGrid, request, async ({ commandId: _command, ...grid }) => {
      const { caller, rules, session } = context;
      const { gridId } = grid;
      demand(!(await grids.exists(session, gridId)), 'GRID_EXISTS', { gridId });
      checkGrid(grid);
      grids.save(session, grid, gridId);
      if (rules.ruleSet.flexibility !== undefined) {
        gridOperators.save(session, { mspId: caller.mspId }, gridId);
      }
      context.record({ type: 'GridRegistered', gridId });
      return {};
    });
  }

  /** Begins slots on the ledger clock. */
  @Transaction()
  @Returns('string')
  public async tick(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.tick, request, async ({ fromSlot, toSlot }) => {
      const { session, transactionSeconds, rules, caller } = context;
      const clock = await clockBefore(session, fromSlot);
      const { timekeepers } = rules;
      const timekeeper = caller.mspId;
      checkTick({ fromSlot, toSlot, timekeeper, timekeepers, transactionSeconds, ...clock });
      beginSlots(session, timekeeper, fromSlot, toSlot, clock.clockStart);
      context.record({ type: 'ClockTicked', fromSlot, toSlot });
      return { fromSlot, toSlot };
    });
  }

  /** The governance in force. */
  @Transaction(false)
  @Returns('string')
  public async getGovernance(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getGovernance, request, async () => {
      return { governance: (await governances.load(context.session)) ?? null };
    });
  }

  /** The first and last slot that have begun. */
  @Transaction(false)
  @Returns('string')
  public async getClock(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getClock, request, async () => {
      return { clock: (await clockHeads.load(context.session)) ?? null };
    });
  }

  /** A proposal and who has approved it. */
  @Transaction(false)
  @Returns('string')
  public async getProposal(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getProposal, request, async ({ proposalId }) => {
      return found(await proposals.load(context.session, proposalId), 'REGISTRY_PROPOSAL_UNKNOWN', { proposalId });
    });
  }

  /** A participant. */
  @Transaction(false)
  @Returns('string')
  public async getParticipant(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getParticipant, request, async ({ participantId }) => {
      return found(await participants.load(context.session, participantId), 'PARTICIPANT_UNKNOWN', { participantId });
    });
  }

  /** The participants by id. */
  @Transaction(false)
  @Returns('string')
  public async listParticipants(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listParticipants, request, ({ bookmark }) =>
      participants.page(context.session, prefixes.participants(), limits.listRowsMax, bookmark),
    );
  }

  /** A grid with all its elements. */
  @Transaction(false)
  @Returns('string')
  public async getGrid(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getGrid, request, async ({ gridId }) => {
      return found(await grids.load(context.session, gridId), 'GRID_UNKNOWN', { gridId });
    });
  }
}

/** A change of standing with what the ledger clock says about its slot. */
async function standingChange(
  session: StoreSession,
  asked: { readonly participantId: ParticipantId; readonly reason: string; readonly fromSlot?: Slot },
): Promise<StandingChange> {
  const { fromSlot, participantId, reason } = asked;
  if (fromSlot === undefined) {
    return { participantId, reason, from: undefined };
  }
  const { clockStart, fromHasBegun } = await clockBefore(session, fromSlot);
  // A slot before the first tick never gets a row, but has passed all the same.
  const isAhead = !fromHasBegun && (clockStart === undefined || fromSlot > clockStart);
  return { participantId, reason, from: { slot: fromSlot, isAhead } };
}

/** Saves a new proposal and answers what approvers name. */
function made(context: GridContext, proposal: Proposal) {
  const { proposalId, digest } = proposal;
  proposals.save(context.session, proposal, proposalId);
  context.record({ type: 'ProposalMade', proposalId, proposalDigest: digest, mspId: context.caller.mspId });
  return { proposalId, proposalDigest: digest, effective: false };
}
