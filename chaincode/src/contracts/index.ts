import { MeteringContract } from './metering';
import { RegistryContract } from './registry';

/** The contracts of the chaincode, in the order of the manifest. */
export const contracts = [RegistryContract, MeteringContract];
