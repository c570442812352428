export { settleIsp, ispMoney, correctedPosition, transferMicro } from './settle-isp';
export { type IspInput, type IspOutcome, type IspPrices } from './settle-isp';
export { flexSettlementCodec, prosumerLineCodec, prosumerIspCodec, rewardTermsCodec } from './rows';
export { type FlexFlow, type FlexSettlement, type ProsumerIsp, type ProsumerLine, type RewardTerms } from './rows';
export { type SettledIsp } from './rows';
export { prosumerLine, countedWh, type ProsumerInput } from './prosumer-line';
export { settleFlexOrder, postFlexSettlement, type FlexOrderToSettle } from './settle-order';
