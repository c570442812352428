import type { ChannelUpdate } from '@flexledger/network';

/** Says what became of a change of a channel: who signed it, and which peers do not have it yet. */
export function printChannelUpdate(channel: string, update: ChannelUpdate, print: (line: string) => void): void {
  const { changed, config, signedBy, behind } = update;
  const signed = changed ? `, signed by ${signedBy.join(', ')}` : ', which was in force before';
  print(`channel ${channel}: configuration ${config.sequence}${signed}`);
  if (behind.length > 0) {
    print(`channel ${channel}: ${behind.join(', ')} did not answer; each gets it when it is back`);
  }
}
