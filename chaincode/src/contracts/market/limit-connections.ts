import {
  addSlots,
  demandInTime,
  feederMeterOf,
  flowTreeOf,
  knownElement,
  limitConnections,
  metersOfConnections,
  setPointRulesOf,
  silentAfterSlots,
  slot,
  type Grid,
  type LimitationAsked,
  type Limited,
  type Meter,
  type MeterFlow,
  type ParticipantId,
  type QualifiedTotal,
  type RuleSet,
  type SetPoint,
  type Slot,
} from '@flexledger/domain';
import { hasBegun } from '../../store/clock-store';
import { knownRegime } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { loadIntervalTotals } from '../../store/metering/reading-queries';
import { gridMeters, grids, meters, participants } from '../../store/registry/registry-store';
import type { StoreSession } from '../../store/session';
import { loadSetPoints } from '../../store/market/set-point-store';

/**
 * Loads what limits of connections follow from, and applies the rule. A submit that does this conflicts with a meter that joins the grid
 * and with readings of the measured hour that commit first: then the limits would be others.
 */
export async function computeLimits(session: StoreSession, ruleSet: RuleSet, asked: LimitationAsked): Promise<Limited> {
  const { elementId, fromSlot, gridId, measuredSlot } = asked;
  const grid = found(await grids.load(session, gridId), 'GRID_UNKNOWN', { gridId });
  const feeder = await loadFeeder(session, asked);
  setPointRulesOf(ruleSet);
  const tree = flowTreeOf(grid);
  const element = knownElement(grid, tree, elementId);
  demandInTime(asked, {
    fromHasBegun: await hasBegun(session, fromSlot),
    measuredHasEnded: await hasBegun(session, addSlots(measuredSlot, 1)),
  });
  const behind = metersOfConnections(tree, element, await loadGridMeters(session, grid));
  const owners = [...new Set(behind.map(({ participantId }) => participantId))].filter((owner) => owner !== undefined);
  const [flows, rows, feederTotal, heldThen, regime] = await Promise.all([
    Promise.all(behind.map((meter) => loadFlow(session, meter, measuredSlot))),
    Promise.all(owners.map((owner) => participants.load(session, owner))),
    feeder?.feeder.elementId === element.id ? loadTotal(session, feeder, measuredSlot) : undefined,
    ruleSet.curtailmentCompensation === undefined ? [] : loadHeld(session, owners, measuredSlot),
    asked.orange === undefined ? undefined : knownRegime(session, { gridId, ...asked.orange }),
  ]);
  const known = rows.filter((row) => row !== undefined);
  return limitConnections(asked, {
    grid,
    ruleSet,
    feederTotal,
    flows,
    heldThen,
    regime,
    participants: new Map(known.map((participant) => [participant.participantId, participant])),
  });
}

async function loadFeeder(session: StoreSession, { source }: LimitationAsked) {
  if (source.kind === 'stated') return undefined;
  const { meterId } = source;
  return feederMeterOf(found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId }));
}

async function loadGridMeters(session: StoreSession, { gridId }: Grid): Promise<readonly Meter[]> {
  const owned = await gridMeters.list(session, prefixes.metersOfGrid(gridId));
  const rows = await Promise.all(owned.map(({ meterId }) => meters.load(session, meterId)));
  return rows.filter((row) => row !== undefined);
}

/** Limits of some participants that held in a slot. */
async function loadHeld(
  session: StoreSession,
  owners: readonly ParticipantId[],
  at: Slot,
): Promise<readonly SetPoint[]> {
  const all = await Promise.all(owners.map((owner) => loadSetPoints(session, owner, at)));
  return all.flat().map(({ setPoint }) => setPoint);
}

async function loadFlow(session: StoreSession, meter: Meter, measuredSlot: Slot): Promise<MeterFlow> {
  const start = slot(Math.max(0, measuredSlot - silentAfterSlots + 1));
  return { meter, totals: await loadIntervalTotals(session, meter.meterId, start, measuredSlot) };
}

async function loadTotal(session: StoreSession, meter: Meter, measuredSlot: Slot): Promise<QualifiedTotal | undefined> {
  return (await loadIntervalTotals(session, meter.meterId, measuredSlot, measuredSlot))[0];
}
