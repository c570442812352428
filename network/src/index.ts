export type { NetworkFaults, NetworkHandle, NetworkMode, NodeFaults } from './handle';
export { messageOf, NetworkError } from './network-error';
export type { NetworkErrorCode } from './network-error';
export { openNetwork } from './open-network';
export type { OpenNetworkOptions } from './open-network';
export { findFabricBinaries } from './native/binaries';
export type { FabricBinaries, FabricRelease } from './native/binaries';
export { wipeNativeData } from './native/native-network';
export { recordedProcesses, stopRecordedProcesses } from './native/process-set';
