export type { NetworkFaults, NetworkHandle, NetworkMode } from './handle.js';
export { messageOf, NetworkError } from './network-error.js';
export type { NetworkErrorCode } from './network-error.js';
export { openNetwork } from './open-network.js';
export type { OpenNetworkOptions } from './open-network.js';
export { findFabricBinaries } from './native/binaries.js';
export type { FabricBinaries, FabricRelease } from './native/binaries.js';
export { wipeNativeData } from './native/native-network.js';
export { recordedProcesses, stopRecordedProcesses } from './native/process-set.js';
