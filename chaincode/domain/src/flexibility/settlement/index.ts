export { settleIsp, ispMoney, correctedPosition, transferMicro } from './settle-isp';
export { type IspInput, type IspOutcome, type IspPrices } from './settle-isp';
