import { ReportContract } from './flexibility-reports';

/** Demand response: requests, offers and orders at congestion points; programmes, plans, events, tracking, voltage and reports. */
export class FlexibilityContract extends ReportContract {
  public constructor() {
    super('flexibility');
  }
}
