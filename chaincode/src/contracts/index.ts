import { AccountsContract } from './accounts/accounts';
import { FlexibilityContract } from './flexibility/flexibility';
import { MarketContract } from './market/market';
import { MeteringContract } from './metering/metering';
import { OracleContract } from './oracle/oracle';
import { VppContract } from './vpp/vpp';
import { RegistryContract } from './registry/registry';

/** The contracts of the chaincode, in the order of the manifest. */
export const contracts = [
  RegistryContract,
  MeteringContract,
  MarketContract,
  FlexibilityContract,
  VppContract,
  AccountsContract,
  OracleContract,
];
