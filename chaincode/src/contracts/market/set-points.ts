import {
  contracts,
  coverSetPoints,
  demand,
  fundOf,
  liftLimitation,
  limitationRows,
  setPointInWords,
  micro,
  type Limitation,
  type LimitInForce,
  type SetPoint,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { computeLimits } from './limit-connections';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { curtailmentFund } from '../../store/accounts/curtailment-store';
import { limitations, limitationSlots, loadSetPoints, setPoints } from '../../store/market/set-point-store';
import { GridMarketContract } from './grid-market';

const specs = contracts.market;

/** The part of the contract `market` that limits connections in real time. */
export abstract class SetPointContract extends GridMarketContract {
  /** Limits the connections behind an element. */
  @Transaction()
  @Returns('string')
  public async limitConnections(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.limitConnections, request, async ({ commandId, limitsDigest, ...asked }) => {
      const { rules, session } = context;
      const limited = await computeLimits(session, rules.ruleSet, asked);
      demand(limited.limitation.limitsDigest === limitsDigest, 'MARKET_LIMITS_DIFFER', {
        limitsDigest: limited.limitation.limitsDigest,
      });
      const { limitation, setPoints: rows } = await setAside(context, limitationRows(limited, commandId));
      limitations.save(session, limitation, commandId);
      for (const row of rows) {
        setPoints.save(session, row, row.participantId, row.fromSlot, commandId, row.bus);
      }
      context.record(limitedFact(limitation));
      return limitation;
    });
  }

  /** Lifts limits of connections. */
  @Transaction()
  @Returns('string')
  public async liftLimits(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.liftLimits, request, async ({ fromSlot, limitationId }) => {
      const { session } = context;
      const begun = await hasBegun(session, fromSlot);
      demand(!begun, 'MARKET_LIMIT_SLOT_BEGUN', { fromSlot });
      const row = found(await limitations.load(session, limitationId), 'MARKET_LIMITATION_UNKNOWN', { limitationId });
      const lifted = liftLimitation(row, fromSlot);
      limitations.save(session, lifted, limitationId);
      const { gridId, elementId } = lifted;
      context.record({ type: 'LimitsLifted', limitationId, gridId, elementId, fromSlot });
      return lifted;
    });
  }

  /** What limitConnections would do. */
  @Transaction(false)
  @Returns('string')
  public async computeLimits(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.computeLimits, request, async (asked) => {
      const { rules, session } = context;
      const { limitation, setPoints: rows } = await computeLimits(session, rules.ruleSet, asked);
      const limits = rows.map(({ bus, limitW, participantId, presentW }) => ({ participantId, bus, presentW, limitW }));
      return { limitsDigest: limitation.limitsDigest, unresolvedW: limitation.unresolvedW, limits };
    });
  }

  /** The limits of a participant's connections in a slot. */
  @Transaction(false)
  @Returns('string')
  public async getSetPoints(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getSetPoints, request, async ({ participantId, slot }) => {
      const lowest = new Map<string, LimitInForce>();
      for (const one of await loadSetPoints(context.session, participantId, slot)) {
        const { bus, direction, limitW } = one.setPoint;
        const key = `${bus} ${direction}`;
        const known = lowest.get(key);
        if (known === undefined || limitW < known.setPoint.limitW) lowest.set(key, one);
      }
      return {
        setPoints: [...lowest.values()].map(({ limitation, setPoint }) => ({
          setPoint,
          explanation: setPointInWords(setPoint, limitation),
        })),
      };
    });
  }
}

/** Sets aside what the limits may cost, where the rule set compensates them. */
async function setAside(
  { rules: { ruleSet }, session }: GridContext,
  rows: { readonly limitation: Limitation; readonly setPoints: readonly SetPoint[] },
): Promise<typeof rows> {
  const { limitation, setPoints: limited } = rows;
  if (limitation.compensation === undefined) return rows;
  const { fromSlot, gridId, limitationId } = limitation;
  const { availableMicro } = fundOf(await curtailmentFund.load(session));
  const { coveredMicro, setPoints: covered } = coverSetPoints(limited, ruleSet, availableMicro);
  if (coveredMicro > 0n) curtailmentFund.save(session, { availableMicro: micro(availableMicro - coveredMicro) });
  limitationSlots.save(session, { limitationId, fromSlot }, gridId, fromSlot, limitationId);
  return { limitation: { ...limitation, coveredMicro }, setPoints: covered };
}

function limitedFact(limitation: Limitation) {
  const { connections, direction, elementId, fromSlot, gridId, limitationId, limitsDigest, slots } = limitation;
  return {
    type: 'ConnectionsLimited',
    limitationId,
    gridId,
    elementId,
    direction,
    fromSlot,
    slots,
    measuredW: limitation.measuredW.toString(),
    elementLimitW: limitation.elementLimitW.toString(),
    connections,
    limitsDigest,
  } as const;
}
