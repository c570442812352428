export { isInCore, roundedShares, wholeValue, type CoalitionGame, type ExactShares } from './game';
export { nucleolusShares } from './nucleolus';
export { proRataShares } from './pro-rata';
export { sampledShapleyShares, shapleyShares, type GrowingCoalition, type SampledShares } from './shapley';
export { sharingRuleCodec, sharingRules, type SharingRule } from './rules';
