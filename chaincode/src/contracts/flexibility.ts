import { ProgrammeContract } from './flexibility-programmes';

/** Demand response: requests, offers and orders at congestion points; programmes and who is enrolled in them. */
export class FlexibilityContract extends ProgrammeContract {
  public constructor() {
    super('flexibility');
  }
}
