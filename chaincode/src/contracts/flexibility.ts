import { ProgrammeContract } from './flexibility-programmes';

/** Demand response: programmes and who is enrolled in them. */
export class FlexibilityContract extends ProgrammeContract {
  public constructor() {
    super('flexibility');
  }
}
