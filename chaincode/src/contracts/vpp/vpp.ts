import { DeliveryContract } from './delivery';

/** Virtual power plants: assets and mandates, bands, services and their requests, prequalification, coalitions, what they do and deliver. */
export class VppContract extends DeliveryContract {
  public constructor() {
    super('vpp');
  }
}
