export { countFailures, servedSlices, type FailuresCounted, type ServedSlices } from './failures';
export { coalitionToRemunerate, netPaidMicro, payerOfService } from './known';
export { type CoalitionKnown } from './known';
export { isPayable, paidOutOf, paymentEndSlot, releasePayment } from './locked-payment';
export { type PaidCoalition, type ReleasedPayment } from './locked-payment';
export { paidSlice, type ServicePrices, type SliceDelivered } from './payments';
export {
  remunerate,
  postRemuneration,
  sameRemuneration,
  type CoalitionToRemunerate,
  type RemuneratedMember,
} from './remunerate';
export { remunerationCodec, type Remuneration, type RemunerationLine, type RemuneratedSlice } from './rows';
export { remunerationKey, statementCoalition, statementCoalitionCodec, type StatementCoalition } from './statement';
export { gameOfCoalition, growingCoalition, type MemberSlice, type WorthInput } from './worth';
