import { RemunerationContract } from './remuneration';

/** Virtual power plants: assets and mandates, bands, services and their requests, prequalification, coalitions, what they do, deliver and are paid. */
export class VppContract extends RemunerationContract {
  public constructor() {
    super('vpp');
  }
}
