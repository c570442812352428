import { PrequalificationContract } from './prequalification';

/** Virtual power plants: assets and mandates, bands, services and their requests, prequalification. */
export class VppContract extends PrequalificationContract {
  public constructor() {
    super('vpp');
  }
}
