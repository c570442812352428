import { contracts, limits } from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { prefixes } from '../../store/keys';
import { positions } from '../../store/market/position-store';
import { BilateralContract } from './bilateral';

const specs = contracts.market;

/** Sessions, sealed orders, clearings, trades and positions. */
export class MarketContract extends BilateralContract {
  public constructor() {
    super('market');
  }

  /** What a participant has bought and sold. */
  @Transaction(false)
  @Returns('string')
  public async getPositions(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getPositions, request, ({ bookmark, participantId }) =>
      positions.page(context.session, prefixes.positions(participantId), limits.listRowsMax, bookmark),
    );
  }
}
