import { VoltageSettlementContract } from './voltage-settlement';

/** Demand response: requests, offers and orders at congestion points; programmes, plans, events, tracking, voltage, reports, settlement. */
export class FlexibilityContract extends VoltageSettlementContract {
  public constructor() {
    super('flexibility');
  }
}
