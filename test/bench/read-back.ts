import { canonicalJson, contracts, functionName, parseJson } from '@flexledger/domain';
import { commitmentOfProfile, readBackRequest } from './blocks';
import type { Track } from './leg';
import { SAMPLE } from './sample';
import type { Sent } from './work';

/** What was read back from the ledger and checked. */
export interface ReadBack {
  readonly blocks: number;
  readonly assets: number;
  /** Blocks in which one changed value was noticed; all of them, or the check is worth nothing. */
  readonly changesNoticed: number;
}

/**
 * Reads some of what was written: values against what was sent, their commitment against the one on the channel, and once more with
 * one value changed, which has to be noticed.
 * @throws Error for the first difference
 */
export async function readBack({ handle, clients }: Track, sent: Sent): Promise<ReadBack> {
  const evaluate = async (chaincode: string, name: string, parameters: readonly string[]): Promise<string> => {
    const proposal = clients.community.network.getContract(chaincode).newProposal(name, {
      arguments: [...parameters],
      endorsingOrganizations: ['CommunityMSP'],
    });
    return Buffer.from(await proposal.evaluate()).toString('utf8');
  };
  let changesNoticed = 0;
  for (const hour of sent.hours) {
    const request = [canonicalJson(readBackRequest(hour))];
    const profile = await evaluate(handle.chaincodeName, functionName(contracts.metering.getProfile), request);
    const reading = await evaluate(handle.chaincodeName, functionName(contracts.metering.getReading), request);
    const { importWh } = contracts.metering.getProfile.response.decode(parseJson(profile), '');
    const { commitment } = contracts.metering.getReading.response.decode(parseJson(reading), '');
    const place = `block ${hour.sequence} of meter ${hour.meterId}`;
    if (importWh.join() !== hour.importWh.join()) throw new Error(`${place} has other values than were sent`);
    if (commitmentOfProfile(profile) !== commitment || commitment !== hour.commitment) {
      throw new Error(`${place} has another commitment than its values`);
    }
    const changed = commitmentOfProfile(profile, (values) => {
      values[17] = (values[17] ?? 0n) + 1n;
    });
    if (changed !== commitment) changesNoticed += 1;
  }
  if (changesNoticed !== sent.hours.length) throw new Error('a changed value was not noticed');
  for (const [id = '', color, , owner] of sent.assets) {
    const asset: unknown = JSON.parse(await evaluate(SAMPLE, 'ReadAsset', [id]));
    const { ID, Color, Owner } = asset as Readonly<Record<string, string>>;
    if (ID !== id || Color !== color || Owner !== owner) throw new Error(`asset ${id} is another one than was sent`);
  }
  return { blocks: sent.hours.length, assets: sent.assets.length, changesNoticed };
}
