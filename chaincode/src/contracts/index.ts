import { AccountsContract } from './accounts';
import { FlexibilityContract } from './flexibility';
import { MarketContract } from './market';
import { MeteringContract } from './metering';
import { OracleContract } from './oracle';
import { RegistryContract } from './registry';

/** The contracts of the chaincode, in the order of the manifest. */
export const contracts = [
  RegistryContract,
  MeteringContract,
  MarketContract,
  FlexibilityContract,
  AccountsContract,
  OracleContract,
];
