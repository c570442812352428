import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EndorseError } from '@hyperledger/fabric-gateway';
import { validationCodeName } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { peerName } from '../faults/fault-network';
import type { BenchClients } from './client';
import type { Commit, Commits } from './commits';
import { processorTimes, used, type ProcessorTimes } from './processor-time';
import type { Call, Work } from './work';

/** Where the legs of a run happen. */
export interface Track {
  readonly handle: NetworkHandle;
  readonly networkFolder: string;
  readonly clients: BenchClients;
  readonly commits: Commits;
}

/** What one leg came to. */
export interface LegResult {
  readonly name: string;
  readonly inFlight: number;
  readonly itemsPerCall: number;
  /** From the first call to the last commit on the last peer. */
  readonly seconds: number;
  /** Transactions by validation code, the same on every peer. */
  readonly codes: Readonly<Record<string, number>>;
  readonly validPerSecond: number;
  /** Readings or assets in VALID transactions. */
  readonly itemsPerSecond: number;
  readonly latencyMs: { readonly median: number; readonly p95: number };
  /** Seconds of processor time by kind of process. */
  readonly processorSeconds: ProcessorTimes;
  /** Endorsements that failed and were asked for again. */
  readonly endorsedAgain: number;
  /** What the block files of one peer grew by. */
  readonly ledgerBytes: number;
  readonly bytesPerItem: number;
}

/** The organisations that are asked to endorse, for FlexLedger and the sample alike: two authorities and one member. */
export const ENDORSERS = ['TsoMSP', 'DsoMSP', 'CommunityMSP'];
const OBSERVED = 'Community';
const ENDORSE_AGAIN_MAX = 5;
const ENDORSE_PAUSE_MS = 500;
const VALID = 0;

/** Sends calls for some seconds, so many at a time, and waits for the last commit. */
export async function runLeg(
  track: Track,
  name: string,
  work: Work,
  inFlight: number,
  seconds: number,
): Promise<LegResult> {
  const [before, bytesBefore] = [processorTimes(track.handle, track.networkFolder), await ledgerBytes(track)];
  const codes: Record<string, number> = {};
  const latencies: number[] = [];
  let endorsedAgain = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let lastMs = startMs;
  const worker = async (index: number): Promise<void> => {
    while (performance.now() < endMs) {
      const call = work.next(index);
      if (call === undefined) return;
      const sentMs = performance.now();
      const { again, atMs, code } = await carryOut(track, work, call);
      endorsedAgain += again;
      const codeName = code === VALID ? 'VALID' : validationCodeName(code);
      codes[codeName] = (codes[codeName] ?? 0) + 1;
      latencies.push(atMs - sentMs);
      lastMs = Math.max(lastMs, atMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, index) => worker(index)));
  track.commits.check();
  const processorSeconds = used(before, processorTimes(track.handle, track.networkFolder));
  const grown = (await ledgerBytes(track)) - bytesBefore;
  const valid = codes['VALID'] ?? 0;
  const took = (lastMs - startMs) / 1000;
  const items = valid * work.itemsPerCall;
  latencies.sort((left, right) => left - right);
  return {
    name,
    inFlight,
    itemsPerCall: work.itemsPerCall,
    seconds: took,
    codes,
    validPerSecond: valid / took,
    itemsPerSecond: items / took,
    latencyMs: { median: at(latencies, 0.5), p95: at(latencies, 0.95) },
    processorSeconds,
    endorsedAgain,
    ledgerBytes: grown,
    bytesPerItem: grown / items,
  };
}

/** Endorses, sends, and waits until every peer has it. An endorsement that fails is asked for again, as every client does. */
async function carryOut({ clients, commits }: Track, { chaincode, sender }: Work, call: Call): Promise<Carried> {
  const contract = clients[sender].network.getContract(chaincode);
  for (let again = 0; ; again += 1) {
    const proposal = contract.newProposal(call.name, {
      arguments: [...call.parameters],
      endorsingOrganizations: ENDORSERS,
      ...(call.transient === undefined ? {} : { transientData: call.transient }),
    });
    try {
      const endorsed = await proposal.endorse();
      call.check(Buffer.from(endorsed.getResult()).toString('utf8'));
      const committed = commits.of(proposal.getTransactionId());
      await endorsed.submit();
      return { ...(await committed), again };
    } catch (error) {
      if (!(error instanceof EndorseError)) throw error;
      if (again === ENDORSE_AGAIN_MAX) {
        throw new Error(`${error.message}: ${error.details.map(({ message }) => message).join('; ')}`, {
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, ENDORSE_PAUSE_MS));
    }
  }
}

interface Carried extends Commit {
  /** How often the endorsement was asked for again. */
  readonly again: number;
}

/** What one peer keeps of the channel's blocks: on real Fabric its block files, on the devnet the blocks as it delivers them. */
async function ledgerBytes(track: Track): Promise<number> {
  const { handle, networkFolder } = track;
  if (handle.mode !== 'native') return deliveredBytes(track);
  const chain = ['ledger', 'ledgersData', 'chains', 'chains', handle.channelName];
  const folder = join(networkFolder, 'nodes', peerName(handle, OBSERVED), ...chain);
  const files = readdirSync(folder).filter((file) => file.startsWith('blockfile'));
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

async function deliveredBytes({ clients, commits }: Track): Promise<number> {
  const height = commits.height;
  if (height < 0) return 0;
  const blocks = await clients.community.network.getBlockEvents({ startBlock: 0n });
  let sum = 0;
  try {
    for await (const block of blocks) {
      sum += block.serializeBinary().length;
      if ((block.getHeader()?.getNumber() ?? 0) >= height) break;
    }
  } finally {
    blocks.close();
  }
  return sum;
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
