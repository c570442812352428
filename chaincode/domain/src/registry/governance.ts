import { digestOf } from '../digest';
import { demand } from '../errors';
import { compareText } from '../canonical-writer';
import type { ProposalId } from '../ids';
import { checkRuleSet } from '../rule-set';
import { proposedCodec, type Change, type Founding, type Governance, type Proposal, type Proposed } from './types';

/** How many authorities and members must approve before a proposal takes effect. */
export const quorum = { authorities: 2, members: 1 } as const;

/** What an approval leads to: the proposal as it now stands and, with the last approval, the new governance. */
export interface Approved {
  readonly proposal: Proposal;
  readonly governance: Governance | undefined;
}

/** What approvers name: the digest of what is proposed, under which id and on which governance. */
export function proposalDigest(proposalId: ProposalId, proposed: Proposed, governanceVersion: number): string {
  return digestOf({ governanceVersion, proposalId, proposed: proposedCodec.encode(proposed) });
}

/** The founding proposal of an authority, with its own approval. Refuses a second founding and one that contradicts itself. */
export function proposeFounding(
  proposalId: ProposalId,
  founding: Founding,
  mspId: string,
  governance: Governance | undefined,
): Proposal {
  demand(governance === undefined, 'REGISTRY_ALREADY_BOOTSTRAPPED');
  checkGovernance({ ...founding, version: 1 });
  demand(founding.ruleSet.number === 1, 'REGISTRY_GOVERNANCE_INVALID', { problem: 'the first rule set has number 1' });
  demand(founding.authorities.includes(mspId), 'REGISTRY_NOT_ENTITLED', { mspId });
  return firstApproval(proposalId, { kind: 'founding', founding }, 0, mspId);
}

/** A proposal to change the governance in force, with the proposer's approval. */
export function proposeChange(proposalId: ProposalId, change: Change, mspId: string, governance: Governance): Proposal {
  checkGovernance(changed(governance, change));
  demand(isEntitled(governance, mspId), 'REGISTRY_NOT_ENTITLED', { mspId });
  if (change.kind === 'ruleSet') {
    const next = governance.ruleSet.number + 1;
    demand(change.ruleSet.number === next, 'REGISTRY_RULE_SET_NUMBER', { expected: next });
  }
  return firstApproval(proposalId, { kind: 'change', change }, governance.version, mspId);
}

/** Adds an approval; with the second authority and the first member the proposal takes effect. */
export function approveProposal(
  proposal: Proposal,
  digest: string,
  mspId: string,
  governance: Governance | undefined,
): Approved {
  const { proposed } = proposal;
  if (proposed.kind === 'founding') {
    demand(governance === undefined || proposal.state === 'EFFECTIVE', 'REGISTRY_ALREADY_BOOTSTRAPPED');
  }
  const electorate = proposed.kind === 'founding' ? proposed.founding : governance;
  const entitled = electorate !== undefined && isEntitled(electorate, mspId);
  demand(entitled, 'REGISTRY_NOT_ENTITLED', { mspId });
  demand(proposal.digest === digest, 'REGISTRY_PROPOSAL_DIGEST', { proposalId: proposal.proposalId });
  demand(proposal.state === 'PENDING', 'REGISTRY_PROPOSAL_CLOSED', { proposalId: proposal.proposalId });
  demand(proposal.governanceVersion === (governance?.version ?? 0), 'REGISTRY_PROPOSAL_STALE', {
    governanceVersion: governance?.version ?? 0,
  });
  demand(!proposal.approvals.includes(mspId), 'REGISTRY_ALREADY_APPROVED', { mspId });
  const approvals = [...proposal.approvals, mspId].sort(compareText);
  if (!reachesQuorum(electorate, approvals)) {
    return { proposal: { ...proposal, approvals }, governance: undefined };
  }
  return { proposal: { ...proposal, approvals, state: 'EFFECTIVE' }, governance: effectOf(proposed, governance) };
}

function effectOf(proposed: Proposed, governance: Governance | undefined): Governance | undefined {
  if (proposed.kind === 'founding') {
    return { ...proposed.founding, version: 1 };
  }
  return governance === undefined ? undefined : changed(governance, proposed.change);
}

function firstApproval(proposalId: ProposalId, proposed: Proposed, governanceVersion: number, mspId: string): Proposal {
  const digest = proposalDigest(proposalId, proposed, governanceVersion);
  return { proposalId, proposed, digest, governanceVersion, approvals: [mspId], state: 'PENDING' };
}

function changed(governance: Governance, change: Change): Governance {
  const { kind: _kind, ...part } = change;
  return { ...governance, ...part, version: governance.version + 1 };
}

function isEntitled(electorate: Pick<Founding, 'authorities' | 'members'>, mspId: string): boolean {
  return electorate.authorities.includes(mspId) || electorate.members.includes(mspId);
}

function reachesQuorum(electorate: Pick<Founding, 'authorities' | 'members'>, approvals: readonly string[]): boolean {
  const authorities = approvals.filter((mspId) => electorate.authorities.includes(mspId)).length;
  const members = approvals.filter((mspId) => electorate.members.includes(mspId)).length;
  return authorities >= quorum.authorities && members >= quorum.members;
}

/** Refuses governance that contradicts itself or that could never change again. */
function checkGovernance(governance: Governance): void {
  const { authorities, members, roles, timekeepers, oracles } = governance;
  const known = new Set([...authorities, ...members]);
  const rule = (holds: boolean, problem: string) => {
    demand(holds, 'REGISTRY_GOVERNANCE_INVALID', { problem });
  };
  rule(known.size === authorities.length + members.length, 'an organisation stands twice');
  rule(authorities.length >= quorum.authorities, 'there are too few authorities for the quorum');
  rule(new Set(roles.map((grant) => grant.role)).size === roles.length, 'a role is given twice');
  rule(
    roles.every((grant) => grant.mspIds.every((mspId) => known.has(mspId))),
    'a role is given to an organisation that is not in the consortium',
  );
  rule(
    timekeepers.every((mspId) => authorities.includes(mspId)),
    'a timekeeper is not an authority',
  );
  const oracleRole = roles.find((grant) => grant.role === 'oracle')?.mspIds ?? [];
  rule(
    oracles.every((mspId) => oracleRole.includes(mspId)),
    'an oracle does not hold the role oracle',
  );
  rule(
    (governance.ruleSet.oracle?.answersNeeded ?? 1) <= new Set(oracles).size,
    'more equal answers are needed than there are oracles',
  );
  checkRuleSet(governance.ruleSet);
}
