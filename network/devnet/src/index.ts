export { startDevnet } from './devnet';
export type { Devnet, DevnetEndpoint, DevnetOptions } from './devnet-options';
export { devnetCommand, reportFailure } from './command';
export { DevnetError, type DevnetErrorCode } from './errors';
export { Faults, noFaults, type FaultOptions } from './faults';
export { genesisBlock } from './ledger/genesis';
export { silentLog, standardErrorLog, type Log, type LogLevel } from './logger';
export type { ChaincodeLimits } from './chaincode/state-requests';
export type { ServiceLimits } from './server/peer-server';
