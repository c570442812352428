import {
  acceptClearingRequest,
  checkGridTerms,
  clearingInputsDigest,
  contracts,
  countStatus,
  demandClosed,
  hasGridLimits,
  limits,
  type ClearingRequest,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { loadSession } from './market-session';
import { loadSessionInputs } from './session-inputs';
import { hasBegun } from '../../store/clock-store';
import { pageContractFlows } from '../../store/market/contract-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { clearingRequests, gridTerms, gridTermsHeads, pageClearedFlows } from '../../store/market/grid-market-store';
import { gridOutcomes, orderSets } from '../../store/market/market-store';
import { grids } from '../../store/registry/registry-store';
import { ClearingContract } from './clearing';

const specs = contracts.market;

/** The part of the contract `market` that is about clearing with the limits of the grid. */
export abstract class GridMarketContract extends ClearingContract {
  /** States fees, losses and limits of a grid. */
  @Transaction()
  @Returns('string')
  public async setGridTerms(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.setGridTerms, request, async ({ commandId: _command, ...terms }) => {
      const { session: store } = context;
      const { gridId, number } = terms;
      const grid = found(await grids.load(store, gridId), 'GRID_UNKNOWN', { gridId });
      checkGridTerms(terms, grid, (await gridTermsHeads.load(store, gridId))?.number ?? 0);
      gridTerms.save(store, terms, gridId, number);
      gridTermsHeads.save(store, { number }, gridId);
      context.record({ type: 'GridTermsSet', gridId, number });
      return terms;
    });
  }

  /** The terms of a grid. */
  @Transaction(false)
  @Returns('string')
  public async getGridTerms(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getGridTerms, request, async ({ gridId, number }) => {
      const { session: store } = context;
      const asked = number === 0 ? (await gridTermsHeads.load(store, gridId))?.number : number;
      return { terms: asked === undefined ? null : ((await gridTerms.load(store, gridId, asked)) ?? null) };
    });
  }

  /** Asks the oracles for the limits that bind in a closed session. */
  @Transaction()
  @Returns('string')
  public async requestClearing(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestClearing, request, async ({ expirySlot, sessionId }) => {
      const { session: store } = context;
      const session = await loadSession(context, sessionId);
      demandClosed(session);
      const inputs = await loadSessionInputs(store, session);
      const sealedOrders = countStatus(inputs.orders, 'sealed');
      acceptClearingRequest(session, expirySlot, {
        hasLimits: hasGridLimits(session),
        exists: await clearingRequests.exists(store, sessionId),
        sealedOrders,
        publishingEnded: sealedOrders > 0 && (await hasBegun(store, session.publishDeadlineSlot)),
        expiryBegun: await hasBegun(store, expirySlot),
      });
      const { gridId, intervals } = session;
      const asked: ClearingRequest = {
        sessionId,
        service: 'clearing-grid',
        version: '1',
        gridId,
        intervals,
        dataDigest: clearingInputsDigest(inputs),
        expirySlot,
        state: 'OPEN',
        fallback: 'contract-search',
      };
      clearingRequests.save(store, asked, sessionId);
      const { dataDigest, service, version } = asked;
      context.record({ type: 'ClearingRequested', sessionId, service, version, expirySlot, dataDigest });
      return asked;
    });
  }

  /** The request for the clearing of a session. */
  @Transaction(false)
  @Returns('string')
  public async getClearingRequest(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getClearingRequest, request, async ({ sessionId }) => {
      return { request: (await clearingRequests.load(context.session, sessionId)) ?? null };
    });
  }

  /** The outcome of an interval on the grid. */
  @Transaction(false)
  @Returns('string')
  public async getGridOutcome(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getGridOutcome, request, async ({ interval, sessionId }) => {
      return { outcome: (await gridOutcomes.load(context.session, sessionId, interval)) ?? null };
    });
  }

  /** Who has placed orders in a session. */
  @Transaction(false)
  @Returns('string')
  public async listOrderSets(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listOrderSets, request, async ({ bookmark, sessionId }) => {
      await loadSession(context, sessionId);
      return orderSets.page(context.session, prefixes.orderSets(sessionId), limits.listRowsMax, bookmark);
    });
  }

  /** What contracts between two carry through a grid in an hour. */
  @Transaction(false)
  @Returns('string')
  public async listContractFlows(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listContractFlows, request, ({ bookmark, gridId, hour }) =>
      pageContractFlows(context.session, gridId, hour, bookmark),
    );
  }

  /** What cleared sessions carry through a grid in an hour. */
  @Transaction(false)
  @Returns('string')
  public async listClearedFlows(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listClearedFlows, request, ({ bookmark, gridId, hour }) =>
      pageClearedFlows(context.session, gridId, hour, bookmark),
    );
  }
}
