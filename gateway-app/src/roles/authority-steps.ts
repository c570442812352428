import type { JsonObject } from '@flexledger/domain';
import { SigningKey } from '../client/keys';
import { derivePrivateKey } from '../agents/seed';
import { participantKeyLabel, type DayPlan } from '../day/plan';
import { DAY_COMPENSATION, DAY_FLEXIBILITY, DAY_PRICES, DAY_SET_POINTS, INTRADAY_PRODUCTS } from './rule-set';
import { numberArgument, textArgument, type RoleStep } from './role-context';

/** Creates the clock rows of `fromSlot` to `toSlot`: these slots have begun. */
export const tick: RoleStep = async (context, stepArguments) => {
  const fromSlot = numberArgument(stepArguments, 'fromSlot');
  const toSlot = numberArgument(stepArguments, 'toSlot');
  await context.submit('registry', 'tick', `tick/${fromSlot}/${toSlot}`, (commandId) => ({
    request: { commandId, fromSlot, toSlot },
  }));
  return null;
};

/** Approves the proposal of this id for the role's organisation, after reading what it says. */
export const approve: RoleStep = async (context, stepArguments) => {
  const proposalId = textArgument(stepArguments, 'proposalId');
  const label = `approve/${proposalId}/${context.ledger.mspId}`;
  const proposal = await context.evaluate('registry', 'getProposal', { proposalId });
  const answer = await context.submit('registry', 'approve', label, (commandId) => ({
    request: { commandId, proposalId, proposalDigest: proposal.digest },
  }));
  return { effective: answer.effective };
};

/** Proposes the founding rules; the id of the proposal is that of the command. */
export const bootstrap: RoleStep = async (context) => {
  const answer = await context.submit('registry', 'bootstrap', 'bootstrap', (commandId) => ({
    request: { commandId, ...foundingRules(context.plan) },
  }));
  return { proposalId: answer.proposalId };
};

/** Proposes rule set 2: the supplier takes the other side of every deviation. */
export const proposeBalancingParty: RoleStep = async (context) => {
  const participantId = supplierId(context.plan);
  const answer = await context.submit('registry', 'propose', 'propose/balancing-party', (commandId) => ({
    request: {
      commandId,
      change: { kind: 'ruleSet', ruleSet: ruleSet(context.plan, 2, { balancingParticipantId: participantId }) },
    },
  }));
  return { proposalId: answer.proposalId };
};

/** The address of the supplier's key. */
export function supplierId(plan: DayPlan): string {
  return new SigningKey(derivePrivateKey(plan.seed, participantKeyLabel('supplier'))).address;
}

function foundingRules(plan: DayPlan): JsonObject {
  return {
    authorities: ['TsoMSP', 'DsoMSP', 'RegulatorMSP'],
    members: ['AggregatorMSP', 'CommunityMSP', 'MarketMSP'],
    roles: [
      { role: 'tso', mspIds: ['TsoMSP'] },
      { role: 'dso', mspIds: ['DsoMSP'] },
      { role: 'regulator', mspIds: ['RegulatorMSP'] },
      { role: 'aggregator', mspIds: ['AggregatorMSP'] },
      { role: 'community', mspIds: ['CommunityMSP'] },
      { role: 'market', mspIds: ['MarketMSP'] },
      { role: 'oracle', mspIds: ['DsoMSP'] },
    ],
    timekeepers: ['RegulatorMSP', 'TsoMSP'],
    oracles: ['DsoMSP'],
    ruleSet: ruleSet(plan, 1),
  };
}

function ruleSet(plan: DayPlan, number: number, more: JsonObject = {}): JsonObject {
  const { flexibility, gridLimits, intraday, setPoints } = plan;
  return {
    number,
    ...DAY_PRICES,
    ...(gridLimits ? { gridLimits: 'tree', rentShare: 'traded', deliverySignals: 'facts' } : {}),
    ...(setPoints ? { setPoints: DAY_SET_POINTS, curtailmentCompensation: DAY_COMPENSATION } : {}),
    ...(intraday ? { products: INTRADAY_PRODUCTS } : {}),
    ...(flexibility ? { flexibility: DAY_FLEXIBILITY, commitments: true } : {}),
    ...more,
  };
}
