import path from 'node:path';
import { networkStatus, recordedProcesses, type ChannelStatus } from '@flexledger/network';

/** Prints the processes of a network and, while one runs, its channels: peers with their heights, anchor peers, chaincode. */
export async function printNetworkStatus(data: string, print: (line: string) => void): Promise<void> {
  const processes = recordedProcesses(path.resolve(data));
  if (processes.length === 0) print('no process of a network is recorded here');
  for (const { name, pid, running } of processes) print(`${running ? 'up  ' : 'down'}  ${pid}  ${name}`);
  if (!processes.some(({ running }) => running)) return;
  for (const channel of await networkStatus(data)) printChannel(channel, print);
}

function printChannel(channel: ChannelStatus, print: (line: string) => void): void {
  print(`channel ${channel.name}: configuration ${channel.configuration ?? 'unknown, no peer answers'}`);
  for (const { name, height, trouble } of channel.peers) {
    print(`  peer ${name}: ${height === undefined ? `does not answer (${trouble})` : `${height} blocks`}`);
  }
  for (const anchors of channel.anchorPeers) print(`  anchor peers of ${anchors}`);
  for (const chaincode of channel.chaincodes) print(`  chaincode ${chaincode}`);
}
