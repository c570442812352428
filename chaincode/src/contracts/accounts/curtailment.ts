import { balanced, contracts, fundCurtailment, fundOf, move, releaseCurtailment } from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { post } from '../../store/accounts/account-store';
import { curtailmentFund, loadLimitationUse } from '../../store/accounts/curtailment-store';
import { found } from '../../store/found';
import { limitations } from '../../store/market/set-point-store';
import { DeviationContract } from './deviations';

const specs = contracts.accounts;

/** The part of the contract `accounts` that holds the money for what limits of the system operator hold back. */
export abstract class CurtailmentContract extends DeviationContract {
  /** Issues money that the system operator has paid in. */
  @Transaction()
  @Returns('string')
  public async fundCurtailment(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fundCurtailment, request, async ({ amountMicro, commandId, reference }) => {
      const { session: store } = context;
      const fund = fundCurtailment(fundOf(await curtailmentFund.load(store)), amountMicro);
      const entries = move('bank', 'curtailment', amountMicro, 'fund');
      await post(store, balanced({ cause: { kind: 'fund', commandId }, entries, reference }));
      curtailmentFund.save(store, fund);
      context.record({ type: 'CurtailmentFunded', amountMicro: amountMicro.toString() });
      return fund;
    });
  }

  /** Frees what was set aside for limits and has not been needed; what is free already is answered again. */
  @Transaction()
  @Returns('string')
  public async releaseCurtailment(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.releaseCurtailment, request, async ({ limitationId }) => {
      const { session: store } = context;
      const row = found(await limitations.load(store, limitationId), 'MARKET_LIMITATION_UNKNOWN', { limitationId });
      if (row.coveredMicro === undefined || row.releasedMicro !== undefined) {
        return row;
      }
      const use = await loadLimitationUse(store, row);
      const { fund, limitation } = releaseCurtailment(row, use, fundOf(await curtailmentFund.load(store)));
      limitations.save(store, limitation, limitationId);
      curtailmentFund.save(store, fund);
      const releasedMicro = (limitation.releasedMicro ?? 0n).toString();
      context.record({ type: 'CurtailmentReleased', limitationId, releasedMicro });
      return limitation;
    });
  }

  /** What of the fund is not set aside. */
  @Transaction(false)
  @Returns('string')
  public async getCurtailmentFund(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getCurtailmentFund, request, async () => {
      return fundOf(await curtailmentFund.load(context.session));
    });
  }
}
