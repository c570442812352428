import { contracts, dayStart } from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { commitmentDays } from '../../store/commitment-store';
import { SetPointContract } from './set-points';

const specs = contracts.market;

/** The part of the contract `market` that answers what assets have promised. */
export abstract class CommitmentContract extends SetPointContract {
  /** What an asset has promised in a UTC day. */
  @Transaction(false)
  @Returns('string')
  public async getCommitments(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getCommitments, request, async ({ assetId, slot }) => {
      const day = dayStart(slot);
      return (await commitmentDays.load(context.session, assetId, day)) ?? { assetId, day, commitments: [] };
    });
  }
}
