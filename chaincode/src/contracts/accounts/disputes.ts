import {
  addSlots,
  answerDispute,
  answerWindow,
  contracts,
  correctionSet,
  demand,
  demandParties,
  demandRespondent,
  disputeIdOf,
  disputeRulesOf,
  expireDispute,
  fundAfter,
  knownDispute,
  netCreditMicro,
  participantAccount,
  postingSetId,
  raiseDispute,
  ruleDispute,
  spend,
  withdrawDispute,
  type Dispute,
  type DisputedSet,
  type DisputeId,
  type DisputeRules,
  type FactType,
  type PostingSet,
  type Slot,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { loadLimit, post, saveLimit } from '../../store/accounts/account-store';
import { hasBegun, hasCome } from '../../store/clock-store';
import { disputes, hasDisputed, loadDisputed, pageDisputes, saveRaised } from '../../store/accounts/dispute-store';
import { lastSettlement, loadFund, saveFund } from '../../store/flexibility/flex-settlement-store';
import { gridOperators } from '../../store/registry/registry-store';
import { RentContract } from './rent';

const specs = contracts.accounts;

/** The part of the contract `accounts` in which what was posted is disputed, answered and ruled. */
export abstract class DisputeContract extends RentContract {
  /** Disputes posting sets that the one who signs is a party of. */
  @Transaction()
  @Returns('string')
  public async raiseDispute(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.raiseDispute, request, async (asked) => {
      const { session: store } = context;
      const { about, answerBySlot, commandId, expirySlot, participantId, respondent, signature } = asked;
      await signingParticipant(context, 'accounts', 'raiseDispute', asked);
      const rules = disputeRulesOf(context.rules.ruleSet);
      const sets = await Promise.all(about.map((cause) => loadDisputed(store, cause)));
      demandParties(participantId, respondent, sets);
      for (const cause of about) {
        const isTwice = await hasDisputed(store, participantId, cause);
        demand(!isTwice, 'DISPUTE_TWICE', { postingSet: postingSetId(cause) });
      }
      await demandTimely(context, sets, rules);
      await demandAnswerTime(context, answerBySlot, rules);
      const claim = { ...asked, signed: { commandId, expirySlot, signature } };
      const dispute = raiseDispute(disputeIdOf(commandId), claim, rules);
      saveRaised(store, dispute);
      return noted(context, 'DisputeRaised', dispute);
    });
  }

  /** Answers a dispute as the participant who was asked. */
  @Transaction()
  @Returns('string')
  public async respondToDispute(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.respondToDispute, request, async (asked) => {
      const { commandId, disputeId, evidenceDigest, expirySlot, participantId, position, signature, text } = asked;
      await signingParticipant(context, 'accounts', 'respondToDispute', asked);
      const dispute = await loadKnown(context, disputeId);
      demandRespondent(dispute, (side) => side.kind === 'participant' && side.participantId === participantId);
      const evidence = evidenceDigest === undefined ? {} : { evidenceDigest };
      const answer = { position, text, ...evidence, signed: { commandId, expirySlot, signature } };
      return changed(context, 'DisputeAnswered', answerDispute(dispute, answer, await answerBegun(context, dispute)));
    });
  }

  /** Answers a dispute as an operator, by its role. */
  @Transaction()
  @Returns('string')
  public async respondAsOperator(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.respondAsOperator, request, async (asked) => {
      const { disputeId, evidenceDigest, position, text } = asked;
      const { caller } = context;
      const dispute = await loadKnown(context, disputeId);
      const isOperator = await isAskedOperator(context, dispute);
      demandRespondent(dispute, () => isOperator);
      const evidence = evidenceDigest === undefined ? {} : { evidenceDigest };
      const answer = { position, text, ...evidence, mspId: caller.mspId };
      return changed(context, 'DisputeAnswered', answerDispute(dispute, answer, await answerBegun(context, dispute)));
    });
  }

  /** Rules a dispute, and pays what the other side owes by the ruling. */
  @Transaction()
  @Returns('string')
  public async ruleDispute(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.ruleDispute, request, async ({ disputeId, outcome, reason, remedy }) => {
      const { caller, session: store } = context;
      const dispute = await loadKnown(context, disputeId);
      const clock = {
        answerByBegun: await answerBegun(context, dispute),
        ruleByBegun: await hasBegun(store, dispute.ruleBySlot),
      };
      const last = remedy?.kind === 'resettlement' ? await lastSettlement(store, remedy.orderId) : undefined;
      const asked = { outcome, reason, mspId: caller.mspId, remedy, lastVersion: last?.version };
      const ruled = ruleDispute(dispute, asked, clock);
      const set = correctionSet(ruled);
      if (set !== undefined) {
        await post(store, set);
        await takeFromRespondent(context, ruled, set);
      }
      return changed(context, 'DisputeRuled', ruled);
    });
  }

  /** Takes back one's own dispute. */
  @Transaction()
  @Returns('string')
  public async withdrawDispute(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.withdrawDispute, request, async (asked) => {
      await signingParticipant(context, 'accounts', 'withdrawDispute', asked);
      const dispute = await loadKnown(context, asked.disputeId);
      return changed(context, 'DisputeWithdrawn', withdrawDispute(dispute, asked.participantId));
    });
  }

  /** Closes a dispute that nobody has ruled in time. */
  @Transaction()
  @Returns('string')
  public async expireDispute(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.expireDispute, request, async ({ disputeId }) => {
      const dispute = await loadKnown(context, disputeId);
      const ruleByBegun = await hasBegun(context.session, dispute.ruleBySlot);
      return changed(context, 'DisputeExpired', expireDispute(dispute, ruleByBegun));
    });
  }

  /** A dispute, and the version that fulfils its ruling. */
  @Transaction(false)
  @Returns('string')
  public async getDispute(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getDispute, request, async ({ disputeId }) => {
      const dispute = await loadKnown(context, disputeId);
      const remedy = dispute.ruling?.remedy;
      if (remedy?.kind !== 'resettlement') {
        return { dispute, resettledVersion: null };
      }
      const last = await lastSettlement(context.session, remedy.orderId);
      const isLater = last !== undefined && last.version > remedy.afterVersion;
      return { dispute, resettledVersion: isLater ? last.version : null };
    });
  }

  /** All disputes, or those of a participant. */
  @Transaction(false)
  @Returns('string')
  public async listDisputes(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listDisputes, request, ({ bookmark, participantId }) =>
      pageDisputes(context.session, participantId, bookmark),
    );
  }
}

async function loadKnown(context: GridContext, disputeId: DisputeId): Promise<Dispute> {
  return knownDispute(await disputes.load(context.session, disputeId), disputeId);
}

function answerBegun({ session }: GridContext, { answerBySlot }: Dispute): Promise<boolean> {
  return hasBegun(session, answerBySlot);
}

/** Refuses where the time for disputing a set has passed (DISPUTE_TOO_LATE); one that is about no quarter hour has no such time. */
async function demandTimely(
  { session }: GridContext,
  sets: readonly DisputedSet[],
  { raiseWithinSlots }: DisputeRules,
): Promise<void> {
  for (const { lastSlot, set } of sets) {
    const isLate = lastSlot !== undefined && (await hasBegun(session, addSlots(lastSlot, 1 + raiseWithinSlots)));
    demand(!isLate, 'DISPUTE_TOO_LATE', { postingSet: postingSetId(set.cause) });
  }
}

/** Refuses where the other side would have too little or too much time to answer (DISPUTE_DEADLINE). */
async function demandAnswerTime({ session }: GridContext, answerBySlot: Slot, rules: DisputeRules): Promise<void> {
  const { begunSlot, notBegunSlot } = answerWindow(answerBySlot, rules);
  const [isNear, isTooNear] = await Promise.all([hasCome(session, begunSlot), hasCome(session, notBegunSlot)]);
  demand(isNear && !isTooNear, 'DISPUTE_DEADLINE', { answerBySlot });
}

/** True for the system operator of the grid, or the market operator, that the dispute names. */
async function isAskedOperator({ caller, session }: GridContext, { respondent }: Dispute): Promise<boolean> {
  if (respondent.kind !== 'dso') {
    return respondent.kind === caller.role;
  }
  const operator = await gridOperators.load(session, respondent.gridId);
  return caller.role === 'dso' && (operator === undefined || operator.mspId === caller.mspId);
}

/** Takes a correction out of what the other side can dispose of. Refuses with ACCOUNTS_BALANCE_TOO_LOW or FLEX_FUND_TOO_SMALL. */
async function takeFromRespondent(
  { session: store }: GridContext,
  { respondent }: Dispute,
  set: PostingSet,
): Promise<void> {
  switch (respondent.kind) {
    case 'participant': {
      const { participantId } = respondent;
      const owedMicro = -netCreditMicro(set.entries, participantAccount(participantId));
      saveLimit(store, spend(await loadLimit(store, participantId), owedMicro));
      return;
    }
    case 'dso':
      saveFund(store, fundAfter(await loadFund(store, respondent.gridId), set));
      return;
    case 'market':
      return;
  }
}

function changed(context: GridContext, type: FactType, dispute: Dispute): Dispute {
  disputes.save(context.session, dispute, dispute.disputeId);
  return noted(context, type, dispute);
}

function noted(context: GridContext, type: FactType, dispute: Dispute): Dispute {
  const { disputeId, participantId, ruling, state } = dispute;
  const ruled = ruling === undefined ? {} : { outcome: ruling.outcome, remedy: ruling.remedy?.kind ?? 'none' };
  context.record({ type, disputeId, participantId, state, ...ruled });
  return dispute;
}
