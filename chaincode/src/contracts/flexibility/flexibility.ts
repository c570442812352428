import { FlexSettlementContract } from './settlement';

/** Demand response: requests, offers and orders at congestion points; programmes, plans, events, tracking, voltage, reports, settlement. */
export class FlexibilityContract extends FlexSettlementContract {
  public constructor() {
    super('flexibility');
  }
}
