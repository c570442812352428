import type { OrderId, ParticipantId, SessionId } from '../ids';
import type { SessionInputs } from '../market/grid-session/grid-market';
import type { GridTerms } from '../market/grid-session/terms';
import type { Order, OrderSet, Session } from '../market/rows';
import type { Grid } from '../registry/types';
import { slot } from '../time';
import { micro, microPerKwh, ppm, w } from '../units';
import { contentOf, idOf, publishedOrder, testSession } from './session-fixture';

/** A grid for tests: the grid above, a busbar behind the transformer, and two streets of one house each. */
export const testGrid: Grid = {
  gridId: 'grid-1',
  buses: [
    { id: 'above', name: 'Grid above', voltageV: 20_000 },
    { id: 'busbar', name: 'Busbar', voltageV: 400 },
    { id: 'house-1', name: 'House 1', voltageV: 400 },
    { id: 'house-2', name: 'House 2', voltageV: 400 },
  ],
  lines: [
    { id: 'street-1', fromBus: 'busbar', toBus: 'house-1', limitW: w(10_000n) },
    { id: 'street-2', fromBus: 'house-2', toBus: 'busbar', limitW: w(10_000n) },
  ],
  transformer: { id: 'transformer', fromBus: 'above', toBus: 'busbar', limitW: w(8_000n) },
  congestionPoints: [{ id: 'station', elementId: 'transformer', importLimitW: w(6_000n), exportLimitW: w(4_000n) }],
};

/** Terms for tests: a fee and a loss at house 2, and half of street 1 closed in one quarter hour of the second hour. */
export const testTerms: GridTerms = {
  gridId: 'grid-1',
  number: 1,
  charges: [
    {
      busId: 'house-2',
      buyFeeMicroPerKwh: microPerKwh(10_000n),
      sellFeeMicroPerKwh: microPerKwh(0n),
      lossPpm: ppm(20_000n),
    },
  ],
  limits: [{ elementId: 'street-1', fromSlot: slot(1_005), toSlot: slot(1_006), exportLimitW: w(5_000n) }],
};

/** An order in short: who, side, interval, energy in Wh and limit in micro-units per kWh. */
export type GridOrderInShort = readonly [string, 'buy' | 'sell', number, bigint, bigint];

/** A closed session whose limits are those of the tree. */
export const gridSession: Session = {
  ...testSession,
  ruleSet: { ...testSession.ruleSet, gridLimits: 'tree' },
  state: 'CLOSED',
};

/**
 * The inputs of a session with limits, in which everybody stands at the bus of its name and `supplier` at the grid above.
 *
 * @param number which of several sessions it is; each has an id and orders of its own
 */
export function gridInputs(
  short: readonly GridOrderInShort[],
  terms?: GridTerms,
  flows: SessionInputs['contractFlows'] = [],
  number = 0,
): SessionInputs {
  const own = number === 0 ? gridSession : { ...gridSession, sessionId: idOf<SessionId>(`session ${number}`) };
  const session = terms === undefined ? own : { ...own, gridTerms: terms.number };
  const orders = short.map(([name, side, interval, energyWh, price], index): Order => {
    const content = contentOf(
      number === 0 ? `order ${index}` : `order ${number}/${index}`,
      side,
      interval,
      energyWh,
      price,
    );
    return publishedOrder(session, idOf<ParticipantId>(name), content);
  });
  const names = [...new Set(short.map(([name]) => name))];
  const orderSets = names.map((name): OrderSet => {
    return {
      sessionId: session.sessionId,
      participantId: idOf<ParticipantId>(name),
      orderIds: orders
        .filter(({ participantId }) => participantId === idOf(name))
        .map(({ orderId }): OrderId => orderId),
      connectionLimitW: w(20_000n),
      ...(name === 'supplier' ? {} : { busId: name }),
      collateralMicro: micro(0n),
      reserveMicroPerSlot: micro(0n),
    };
  });
  return { session, grid: testGrid, terms, orders, orderSets, contractFlows: flows, clearedFlows: [] };
}
