export { coalitionToRemunerate, failuresInRow, netPaidMicro, payerOfService, type CoalitionKnown } from './known';
export { paidSlice, type ServicePrices, type SliceDelivered } from './payments';
export { remunerate, postRemuneration, type CoalitionToRemunerate, type RemuneratedMember } from './remunerate';
export { remunerationCodec, type Remuneration, type RemunerationLine, type RemuneratedSlice } from './rows';
export { gameOfCoalition, growingCoalition, type MemberSlice, type WorthInput } from './worth';
