import {
  acceptOrders,
  claimedSlots,
  closeSession,
  collateralSet,
  contracts,
  demand,
  demandOnce,
  demandTakesOrders,
  knownProduct,
  knownOrders,
  hasGridLimits,
  openSession,
  placementAfter,
  sessionPhase,
  sessionReserveMicroPerSlot,
  spend,
  withdrawOrders,
  type OrderSet,
  type Session,
  type SessionId,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { GridContract } from '../../grid-contract';
import { signingParticipant } from '../../participant-command';
import { loadLimit, post, saveLimit } from '../../store/accounts/account-store';
import { clockHeads, hasBegun } from '../../store/clock-store';
import { gridTermsHeads } from '../../store/market/grid-market-store';
import { loadOrders, orderSets, pageOrders, sessionIntervals, sessions } from '../../store/market/market-store';
import { claimIntervals } from '../../store/market/position-store';
import { grids } from '../../store/registry/registry-store';
import { isSettled } from '../../store/accounts/statement-store';
import { loadSession, saveOrders } from './market-session';
import { demandInDayAheadOf, demandNewOrders, loadBus, loadSeller, loadEarlierSet, saveOrderSet } from './place-orders';
import { releaseWithdrawn, reserveOrders } from './sell-commitments';

const specs = contracts.market;

/** The part of the contract `market` that is about sessions and the orders in them. */
export abstract class SessionContract extends GridContract {
  /** Opens a session with the rule set in force. */
  @Transaction()
  @Returns('string')
  public async openSession(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.openSession, request, async ({ commandId: _command, ...asked }) => {
      const { rules, session: store } = context;
      const { gateCloseSlot, gridId, kind, sessionId } = asked;
      demand(await grids.exists(store, gridId), 'GRID_UNKNOWN', { gridId });
      const product = knownProduct(rules.ruleSet, kind);
      const starts = claimedSlots(asked, product);
      const claims = await Promise.all(starts.map((start) => sessionIntervals.exists(store, gridId, kind, start)));
      const session = openSession(asked, rules.ruleSet, product, {
        exists: await sessions.exists(store, sessionId),
        overlap: starts.find((_, index) => claims[index]),
        gateBegun: await hasBegun(store, gateCloseSlot),
        gridTerms: hasGridLimits(rules) ? (await gridTermsHeads.load(store, gridId))?.number : undefined,
      });
      for (const start of starts) {
        sessionIntervals.save(store, { sessionId }, gridId, kind, start);
      }
      sessions.save(store, session, sessionId);
      claimIntervals(store, session);
      const { firstSlot, intervals, publishDeadlineSlot } = session;
      const facts = { sessionId, gridId, kind, firstSlot, intervals, gateCloseSlot, publishDeadlineSlot };
      context.record({ type: 'SessionOpened', ...facts });
      return session;
    });
  }

  /** Places all sealed orders of a participant and locks their collateral. */
  @Transaction()
  @Returns('string')
  public async placeOrders(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.placeOrders, request, async (asked, { orders: contents }) => {
      const { session: store } = context;
      const { collateralMicro, participantId, sealed, sessionId } = asked;
      const participant = await signingParticipant(context, 'market', 'placeOrders', asked);
      const { connectionLimitW } = participant;
      const session = await sessionThatTakesOrders(context, sessionId);
      const placement = placementAfter(await loadEarlierSet(context, session, participantId), collateralMicro);
      const busId = await loadBus(context, session, participant, asked.busId);
      const seller = await loadSeller(context, session, participant);
      await demandInDayAheadOf(context, session, participantId);
      acceptOrders(session, { participantId, connectionLimitW, sealed, orders: contents, collateralMicro });
      const set: OrderSet = {
        sessionId,
        participantId,
        orderIds: sealed.map(({ orderId }) => orderId),
        connectionLimitW,
        collateralMicro,
        reserveMicroPerSlot: sessionReserveMicroPerSlot(connectionLimitW, session),
        ...(busId === undefined ? {} : { busId }),
        ...(seller === undefined ? {} : { seller }),
        ...(placement.number === 1 ? {} : { placement: placement.number }),
      };
      await demandNewOrders(context, session, set);
      await reserveOrders(context, session, participant, contents);
      const limit = spend(await loadLimit(store, participantId), placement.lockMicro);
      if (placement.number === 1) {
        saveLimit(store, limit);
        await post(store, collateralSet(sessionId, participantId, placement.lockMicro));
      }
      saveOrderSet(context, set, sealed, contents);
      context.record({ type: 'OrdersPlaced', sessionId, participantId, orders: sealed.length });
      return {
        sessionId,
        participantId,
        orders: sealed.length,
        collateralMicro,
        availableMicro: limit.availableMicro,
      };
    });
  }

  /** Withdraws sealed orders before the gate closes. */
  @Transaction()
  @Returns('string')
  public async withdrawOrders(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.withdrawOrders, request, async (asked) => {
      const { orderIds, participantId, sessionId } = asked;
      const participant = await signingParticipant(context, 'market', 'withdrawOrders', asked);
      const session = await sessionThatTakesOrders(context, sessionId);
      demandOnce(orderIds);
      const known = knownOrders(await loadOrders(context.session, sessionId, orderIds), orderIds);
      const withdrawn = withdrawOrders(known, participantId);
      await releaseWithdrawn(context, session, participant, orderIds);
      saveOrders(context, withdrawn);
      context.record({ type: 'OrdersWithdrawn', sessionId, participantId, orders: orderIds.length });
      return { withdrawn: orderIds.length };
    });
  }

  /** Closes a session whose gate has closed. */
  @Transaction()
  @Returns('string')
  public async closeSession(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.closeSession, request, async ({ sessionId }) => {
      const session = await loadSession(context, sessionId);
      const closed = closeSession(session, await hasBegun(context.session, session.gateCloseSlot));
      sessions.save(context.session, closed, sessionId);
      context.record({ type: 'SessionClosed', sessionId });
      return closed;
    });
  }

  /** A session and its rule set. */
  @Transaction(false)
  @Returns('string')
  public async getSession(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getSession, request, ({ sessionId }) => loadSession(context, sessionId));
  }

  /** Where a session is, by its state, the ledger clock and what is settled. */
  @Transaction(false)
  @Returns('string')
  public async getSessionPhase(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getSessionPhase, request, async ({ sessionId }) => {
      const session = await loadSession(context, sessionId);
      const lastSlot = (await clockHeads.load(context.session))?.lastSlot;
      const phase = sessionPhase(session, lastSlot, await isSettled(context.session, session));
      return { sessionId, phase, lastSlot: lastSlot ?? null };
    });
  }

  /** The orders of a session as the channel knows them. */
  @Transaction(false)
  @Returns('string')
  public async listOrders(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listOrders, request, async ({ bookmark, sessionId }) => {
      await loadSession(context, sessionId);
      return pageOrders(context.session, sessionId, bookmark);
    });
  }

  /** What a participant has placed and locked in a session. */
  @Transaction(false)
  @Returns('string')
  public async getOrderSet(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getOrderSet, request, async ({ participantId, sessionId }) => {
      return { orderSet: (await orderSets.load(context.session, sessionId, participantId)) ?? null };
    });
  }
}

/** The session, after checking that its gate has not closed and that it is open. */
async function sessionThatTakesOrders(context: GridContext, sessionId: SessionId): Promise<Session> {
  const session = await loadSession(context, sessionId);
  const { gateCloseSlot, gateOpenSlot } = session;
  const [openBegun, closeBegun] = await Promise.all([
    gateOpenSlot === undefined || hasBegun(context.session, gateOpenSlot),
    hasBegun(context.session, gateCloseSlot),
  ]);
  demandTakesOrders(session, { openBegun, closeBegun });
  return session;
}
