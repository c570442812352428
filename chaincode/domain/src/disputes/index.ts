export { disputeCodec, disputeMarkerCodec, disputedCodec, respondentCodec, outcomeCodec } from './rows';
export { remedyRequestCodec, disputeAnswerCodec, type Dispute, type DisputeAnswer, type Respondent } from './rows';
export { type Remedy, type RemedyRequest, type Ruling } from './rows';
export { disputeRulesCodec, disputeRulesOf, defaultDisputeRules, type DisputeRules } from './rules';
export { demandParties, partiesOfSet, isAboutOrder, type DisputedSet } from './about';
export {
  raiseDispute,
  answerWindow,
  knownDispute,
  demandDisputeOpen,
  answerDispute,
  demandRespondent,
} from './dispute';
export { withdrawDispute, ruleDispute, expireDispute, respondentAccount, correctionSet } from './dispute';
export { type DisputeClaim, type DisputeClock, type RulingAsked } from './dispute';
