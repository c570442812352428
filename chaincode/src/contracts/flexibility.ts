import { DisaggregationContract } from './flexibility-disaggregation';

/** Demand response: requests, offers and orders at congestion points; programmes and who is enrolled in them. */
export class FlexibilityContract extends DisaggregationContract {
  public constructor() {
    super('flexibility');
  }
}
