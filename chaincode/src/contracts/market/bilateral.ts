import {
  checkTermsRules,
  concludeContract,
  contractIdOf,
  contracts,
  counterContract,
  demandAcceptable,
  demandContracts,
  expireContract,
  knownContract,
  proposeContract,
  rejectContract,
  withdrawContract,
  type Contract,
  type FactType,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { conclude, demandBothAnchored, demandNoPendingSession } from './contract-conclusion';
import { answerableContract, demandTerms, signedPart } from './contract-offers';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasBegun } from '../../store/clock-store';
import { bilateralContracts, pageContracts, saveProposed } from '../../store/market/contract-store';
import { CommitmentContract } from './commitments';

const specs = contracts.market;

/** The part of the contract `market` in which two participants agree with nobody in the middle. */
export abstract class BilateralContract extends CommitmentContract {
  /** Offers a contract to another participant. */
  @Transaction()
  @Returns('string')
  public async proposeContract(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.proposeContract, request, async (asked) => {
      const { answerBySlot, commandId, participantId, terms } = asked;
      await signingParticipant(context, 'market', 'proposeContract', asked);
      demandContracts(context.rules.ruleSet);
      await demandTerms(context, terms, participantId, answerBySlot);
      const contract = proposeContract(contractIdOf(commandId), terms, { ...signedPart(asked), answerBySlot });
      saveProposed(context.session, contract);
      return noted(context, 'ContractProposed', contract);
    });
  }

  /** Answers an offer with other terms. */
  @Transaction()
  @Returns('string')
  public async counterContract(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.counterContract, request, async (asked) => {
      const { answerBySlot, contractId, participantId, terms } = asked;
      await signingParticipant(context, 'market', 'counterContract', asked);
      demandContracts(context.rules.ruleSet);
      const offered = await answerableContract(context, contractId, participantId);
      const contract = counterContract(offered, terms, { ...signedPart(asked), answerBySlot });
      await demandTerms(context, terms, participantId, answerBySlot);
      return changed(context, 'ContractCountered', contract);
    });
  }

  /** Accepts the last offer and concludes the contract. */
  @Transaction()
  @Returns('string')
  public async acceptContract(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.acceptContract, request, async (asked) => {
      const { contractId, participantId, termsDigest } = asked;
      const { ruleSet } = context.rules;
      await signingParticipant(context, 'market', 'acceptContract', asked);
      demandContracts(ruleSet);
      const offered = await answerableContract(context, contractId, participantId);
      demandAcceptable(offered, participantId, termsDigest);
      await demandNoPendingSession(context, offered.terms);
      await demandBothAnchored(context, offered.terms);
      checkTermsRules(offered.terms, ruleSet);
      const contract = await conclude(context, concludeContract(offered, signedPart(asked), ruleSet));
      return noted(context, 'ContractAccepted', contract);
    });
  }

  /** Rejects the last offer for good. */
  @Transaction()
  @Returns('string')
  public async rejectContract(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.rejectContract, request, async (asked) => {
      const { contractId, participantId } = asked;
      await signingParticipant(context, 'market', 'rejectContract', asked);
      const offered = await answerableContract(context, contractId, participantId);
      return changed(context, 'ContractRejected', rejectContract(offered, participantId));
    });
  }

  /** Takes back one's own offer. */
  @Transaction()
  @Returns('string')
  public async withdrawContract(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.withdrawContract, request, async (asked) => {
      const { contractId, participantId } = asked;
      await signingParticipant(context, 'market', 'withdrawContract', asked);
      const offered = await answerableContract(context, contractId, participantId);
      return changed(context, 'ContractWithdrawn', withdrawContract(offered, participantId));
    });
  }

  /** Closes an offer that nobody answered in time. */
  @Transaction()
  @Returns('string')
  public async expireContract(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.expireContract, request, async ({ contractId }) => {
      const contract = knownContract(await bilateralContracts.load(context.session, contractId), contractId);
      const begun = await hasBegun(context.session, contract.offer.answerBySlot);
      return changed(context, 'ContractExpired', expireContract(contract, begun));
    });
  }

  /** A contract, or null. */
  @Transaction(false)
  @Returns('string')
  public async getContract(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getContract, request, async ({ contractId }) => {
      return { contract: (await bilateralContracts.load(context.session, contractId)) ?? null };
    });
  }

  /** The contracts of a participant. */
  @Transaction(false)
  @Returns('string')
  public async listContracts(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listContracts, request, ({ bookmark, participantId }) =>
      pageContracts(context.session, participantId, bookmark),
    );
  }
}

function changed(context: GridContext, type: FactType, contract: Contract): Contract {
  bilateralContracts.save(context.session, contract, contract.contractId);
  return noted(context, type, contract);
}

function noted(context: GridContext, type: FactType, contract: Contract): Contract {
  const { contractId, round, termsDigest } = contract;
  context.record({ type, contractId, round, termsDigest });
  return contract;
}
