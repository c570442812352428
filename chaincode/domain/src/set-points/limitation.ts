import { assert, present } from '../assert';
import { compareText } from '../canonical';
import { digestOf } from '../digest';
import { demand, RuleError } from '../errors';
import type { CommandId, ParticipantId } from '../ids';
import { limits } from '../limits';
import { greatest, sum } from '../math';
import type { QualifiedTotal } from '../meter/types';
import type { Regime } from '../flexibility/regime/rows';
import type { Meter } from '../registry/device-types';
import type { Grid, Participant } from '../registry/types';
import type { RuleSet } from '../rule-set';
import { slotsPerHour, type Slot } from '../time';
import { ppm, ppmWhole, w, wh, type W } from '../units';
import { elementOf, flowTreeOf, isBehind, type FlowTree, type TreeElement } from './flow-tree';
import { expectedInOrange, possibleInOrange } from './orange';
import type { Limitation, LimitationAsked, PossiblePower, SetPoint, SetPointRules } from './rows';
import { setPointLimits, type ConnectionFlow, type ConnectionLimit } from './set-point-limits';

/** A meter behind an element and its totals of the hour up to the measured slot. */
export interface MeterFlow {
  readonly meter: Pick<Meter, 'meterId' | 'participantId' | 'bus' | 'deviceType'>;
  readonly totals: readonly QualifiedTotal[];
}

/** What the ledger knows when connections are limited. */
export interface LimitationKnown {
  readonly grid: Grid;
  readonly ruleSet: RuleSet;
  /** The feeder meter's total of the measured slot; undefined where the flow is stated or the meter is of another element. */
  readonly feederTotal: QualifiedTotal | undefined;
  readonly flows: readonly MeterFlow[];
  readonly participants: ReadonlyMap<ParticipantId, Pick<Participant, 'connectionLimitW'>>;
  /** Limits that held in the measured slot: what these connections showed then is not what they could have had. */
  readonly heldThen: readonly SetPoint[];
  /** The regime that the limits name as their reason; undefined where they name none or there is none. */
  readonly regime?: Regime | undefined;
}

/** The limits of connections before they are rows of a command. */
export interface Limited {
  readonly limitation: Omit<Limitation, 'limitationId' | 'liftedSlot'>;
  readonly setPoints: readonly Omit<SetPoint, 'limitationId'>[];
}

/** Quarter hours, the measured one included, in which a meter must have shown something in order not to count as silent. */
export const silentAfterSlots = slotsPerHour;

/**
 * Shares of 4.2 kW for each controllable device after the first, in ppm, by the number of devices from 2 on (the last one for all
 * larger numbers): the simultaneity factors of the Bundesnetzagentur's ruling BK6-22-300 on section 14a EnWG.
 */
const furtherDevicePpm = [800_000n, 750_000n, 700_000n, 650_000n, 600_000n, 550_000n, 500_000n, 450_000n] as const;

/** Import that a connection is always left: P + (n - 1) x g x P for n controllable devices, rounded up; P for none or one. */
export function importFloorW(floorW: bigint, controllableDevices: number): bigint {
  const further = controllableDevices - 1;
  if (further < 1) return floorW;
  const sharePpm = furtherDevicePpm[Math.min(further, furtherDevicePpm.length) - 1] ?? ppmWhole;
  return floorW + (floorW * BigInt(further) * sharePpm + ppmWhole - 1n) / ppmWhole;
}

/** The rules by which the rule set in force limits connections; refuses with MARKET_SET_POINTS_OFF where it has none. */
export function setPointRulesOf({ number, setPoints }: RuleSet): SetPointRules {
  if (setPoints === undefined) {
    throw new RuleError('MARKET_SET_POINTS_OFF', { ruleSet: number });
  }
  return setPoints;
}

/** An element of a grid by its own id or that of a congestion point; refuses any other with MARKET_ELEMENT_UNKNOWN. */
export function knownElement(grid: Grid, tree: FlowTree, elementId: string): TreeElement {
  const element = elementOf(grid, tree, elementId);
  if (element === undefined) {
    throw new RuleError('MARKET_ELEMENT_UNKNOWN', { elementId });
  }
  return element;
}

/** Refuses limits from a slot that has begun (MARKET_LIMIT_SLOT_BEGUN) or because of an old or future flow (MARKET_MEASUREMENT_STALE). */
export function demandInTime(
  { fromSlot, measuredSlot }: Pick<LimitationAsked, 'fromSlot' | 'measuredSlot'>,
  clock: { readonly fromHasBegun: boolean; readonly measuredHasEnded: boolean },
): void {
  demand(!clock.fromHasBegun, 'MARKET_LIMIT_SLOT_BEGUN', { fromSlot });
  const age = fromSlot - measuredSlot;
  const fresh = clock.measuredHasEnded && age >= 1 && age <= silentAfterSlots + 1;
  demand(fresh, 'MARKET_MEASUREMENT_STALE', { measuredSlot });
}

/** The meters behind an element that a connection's flow is made of: in service, at a bus behind it, and somebody's. */
export function metersOfConnections(tree: FlowTree, element: TreeElement, meters: readonly Meter[]): readonly Meter[] {
  const inService = meters.filter(({ participantId, status }) => {
    return participantId !== undefined && (status === 'COMMISSIONED' || status === 'FROZEN');
  });
  const behind = inService.filter(({ bus }) => isBehind(tree, element, bus));
  const connections = new Set(behind.map((meter) => connectionId(ownerOf(meter), meter.bus)));
  const most = limits.setPointConnectionsMax;
  const few = connections.size <= most && behind.length <= limits.metersPerFeederMax;
  demand(few, 'MARKET_CONNECTIONS_TOO_MANY', { elementId: element.id });
  return behind;
}

/**
 * The limits of the connections behind an element whose measured flow has come to the rule set's share of its limit, from what is on
 * the ledger alone. Refuses a flow that is not the feeder meter's, and limits that are not needed.
 */
export function limitConnections(asked: LimitationAsked, known: LimitationKnown): Limited {
  const { direction, elementId, measuredW } = asked;
  const rules = setPointRulesOf(known.ruleSet);
  const tree = flowTreeOf(known.grid);
  const element = knownElement(known.grid, tree, elementId);
  checkMeasured(asked, known.feederTotal);
  const limitW = direction === 'import' ? element.importLimitW : element.exportLimitW;
  assert(limitW !== undefined, 'Every element of a registered grid has a limit.');
  const expectedW = expectedInOrange(asked, { elementId: element.id, grid: known.grid, limitW }, known.regime);
  // What is expected does not wait until it flows.
  const triggerPpm = expectedW === undefined ? rules.triggerPpm : ppm(0n);
  const near = measuredW > 0n && measuredW * ppmWhole >= limitW * triggerPpm;
  demand(near, 'MARKET_LIMIT_NOT_NEEDED', { elementId });
  const connections = connectionsOf(known, rules);
  const all = setPointLimits(
    connections.map(({ flow }) => flow),
    behindOf(tree, element),
    {
      triggerPpm,
      sharing: rules.sharing,
      ...(rules.targetPpm === undefined ? {} : { targetPpm: rules.targetPpm }),
      onlyElementId: element.id,
      unmetered: new Map([[element.id, unmeteredOf(asked, connections)]]),
    },
  );
  const own = all.limits.filter((limit) => limit.direction === direction);
  demand(own.length > 0, 'MARKET_LIMIT_NOT_NEEDED', { elementId });
  const byId = new Map(connections.map((connection) => [connection.flow.id, connection]));
  const setPoints = own.map((limit) =>
    setPointOf(
      { asked, expectedW },
      limit,
      present(byId.get(limit.connectionId), 'A limit is of a connection.'),
      known.heldThen,
    ),
  );
  const excess = all.unresolved.find((one) => one.elementId === element.id && one.direction === direction);
  const { curtailmentCompensation } = known.ruleSet;
  const limitation = {
    ...asked,
    elementLimitW: w(limitW),
    rules,
    ...(curtailmentCompensation === undefined ? {} : { compensation: curtailmentCompensation }),
    ...(expectedW === undefined ? {} : { expectedW }),
    connections: setPoints.length,
    limitsDigest: limitsDigestOf(setPoints),
    unresolvedW: w(excess?.excessW ?? 0n),
  };
  return { limitation, setPoints };
}

/** What a caller names in order to say which limits it expects: a digest over who gets which, in order. */
export function limitsDigestOf(setPoints: readonly Pick<SetPoint, 'participantId' | 'bus' | 'limitW'>[]): string {
  return digestOf(
    setPoints.map(({ bus, limitW, participantId }) => ({ bus, limitW: limitW.toString(), participantId })),
  );
}

/** The limitation without effect from a slot on. Refuses one that has none then (MARKET_LIMITATION_LIFTED). */
export function liftLimitation(limitation: Limitation, fromSlot: Slot): Limitation {
  const end = limitation.liftedSlot ?? limitation.fromSlot + limitation.slots;
  demand(fromSlot < end, 'MARKET_LIMITATION_LIFTED', { fromSlot });
  return { ...limitation, liftedSlot: fromSlot };
}

/** The tree with an element and what is behind it alone: of what is elsewhere no flows are read. */
function behindOf(tree: FlowTree, { endPlace, firstPlace }: TreeElement): FlowTree {
  const inside = (one: TreeElement) => one.firstPlace >= firstPlace && one.endPlace <= endPlace;
  return { ...tree, elements: tree.elements.filter(inside) };
}

interface Connection {
  readonly participantId: ParticipantId;
  readonly bus: string;
  readonly flow: ConnectionFlow;
}

/** A participant's meters at one bus are one connection; the flow is what they showed last, together. */
function connectionsOf({ flows, participants }: LimitationKnown, rules: SetPointRules): readonly Connection[] {
  const groups = new Map<string, MeterFlow[]>();
  for (const one of flows) {
    const id = connectionId(ownerOf(one.meter), one.meter.bus);
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  const sorted = [...groups].sort(([left], [right]) => compareText(left, right));
  return sorted.map(([id, own]) => {
    const { meter } = present(own[0], 'A connection has a meter.');
    const participantId = ownerOf(meter);
    const participant = present(participants.get(participantId), 'A meter is of a participant that exists.');
    const last = own.map(({ totals }) => totals.findLast(({ quality }) => quality !== 'MISSING'));
    const shown = last.filter((total) => total !== undefined);
    const netWh = sum(shown.map(({ exportWh, importWh }) => importWh - exportWh));
    const isSilent = shown.length < own.length;
    const netW = isSilent ? 0n : netWh * BigInt(slotsPerHour);
    const devices = own.filter(({ meter: { deviceType } }) => isControllable(deviceType)).length;
    const flow: ConnectionFlow = {
      id,
      busId: meter.bus,
      importW: greatest(netW, 0n),
      exportW: greatest(-netW, 0n),
      sizeW: participant.connectionLimitW,
      isSilent,
      importFloorW: importFloorW(rules.importFloorW, devices),
    };
    return { participantId, bus: meter.bus, flow };
  });
}

function setPointOf(
  { asked, expectedW }: { readonly asked: LimitationAsked; readonly expectedW: W | undefined },
  limit: ConnectionLimit,
  connection: Connection,
  heldThen: readonly SetPoint[],
): Limited['setPoints'][number] {
  const { bus, flow, participantId } = connection;
  const { direction, fromSlot, slots } = asked;
  const presentW = direction === 'import' ? flow.importW : flow.exportW;
  const before = possibleBefore(asked, connection, heldThen, presentW);
  const possible =
    expectedW === undefined
      ? before
      : possibleInOrange(asked, expectedW, { presentW, sizeW: flow.sizeW ?? presentW, before });
  const heldBackW = greatest((possible?.powerW ?? presentW) - limit.limitW, 0n);
  return {
    participantId,
    bus,
    direction,
    fromSlot,
    slots,
    presentW: w(presentW),
    limitW: w(limit.limitW),
    silent: flow.isSilent === true,
    decidedBy: limit.elementId,
    heldBackWh: wh((heldBackW * BigInt(slots)) / BigInt(slotsPerHour)),
    ...(possible === undefined ? {} : { possible }),
  };
}

/**
 * What a connection had before it was limited, where a limit held in the measured slot already: limits that follow each other are one
 * measure, for as long as one limit can hold. Undefined where that is not more than what it shows now.
 */
function possibleBefore(
  { direction, measuredSlot }: LimitationAsked,
  { bus, participantId }: Connection,
  heldThen: readonly SetPoint[],
  presentW: bigint,
): PossiblePower | undefined {
  const own = heldThen.filter(
    (one) => one.participantId === participantId && one.bus === bus && one.direction === direction,
  );
  const before = own.map(({ fromSlot, possible, presentW: powerW }) => possible ?? { powerW, sinceSlot: fromSlot });
  const fresh = before.filter((one) => measuredSlot - one.sinceSlot <= limits.setPointSlotsMax);
  return fresh
    .filter(({ powerW }) => powerW > presentW)
    .reduce<PossiblePower | undefined>(
      (most, one) => (most === undefined || one.powerW > most.powerW ? one : most),
      undefined,
    );
}

/** What the element carries beside the flows of the connections, so that both together are what was measured. */
function unmeteredOf(
  { direction, measuredW }: LimitationAsked,
  connections: readonly Connection[],
): { readonly importW: bigint; readonly exportW: bigint } {
  const netW = sum(connections.map(({ flow }) => flow.importW - flow.exportW));
  const meteredW = direction === 'import' ? netW : -netW;
  const [along, against] = [greatest(measuredW - meteredW, 0n), greatest(meteredW - measuredW, 0n)];
  return direction === 'import' ? { importW: along, exportW: against } : { importW: against, exportW: along };
}

function checkMeasured({ direction, measuredW, source }: LimitationAsked, total: QualifiedTotal | undefined): void {
  if (source.kind === 'stated') return;
  const { meterId } = source;
  const shown = total !== undefined && total.quality !== 'MISSING' ? flowW(total, direction) : undefined;
  demand(shown === measuredW, 'MARKET_MEASUREMENT_DIFFERS', { meterId });
}

/** The mean power of a quarter hour in a direction; 0 where more flowed the other way. */
export function flowW(
  { exportWh, importWh }: Pick<QualifiedTotal, 'importWh' | 'exportWh'>,
  direction: 'import' | 'export',
): W {
  const netWh = direction === 'import' ? importWh - exportWh : exportWh - importWh;
  return w(greatest(netWh, 0n) * BigInt(slotsPerHour));
}

function isControllable(deviceType: Meter['deviceType']): boolean {
  return deviceType === 'heat-pump' || deviceType === 'ev-charger';
}

function ownerOf({ participantId }: Pick<Meter, 'participantId'>): ParticipantId {
  return present(participantId, 'A meter of a connection is of somebody.');
}

function connectionId(participantId: ParticipantId, bus: string): string {
  return `${participantId}.${bus}`;
}

/** Why a connection is limited and by how much, in sentences for the participant. */
export function setPointInWords(setPoint: SetPoint, limitation: Limitation): readonly string[] {
  const { direction, elementId, elementLimitW, expectedW, measuredSlot, measuredW, orange, rules, source } = limitation;
  const by = source.kind === 'stated' ? `stated by the operator: ${source.source}` : `by meter ${source.meterId}`;
  const part = rules.targetPpm === undefined ? 'the limit' : `${rules.targetPpm} ppm of the limit`;
  const share = rules.sharing === 'present-flow' ? 'what flows now' : 'the size of the connection';
  return [
    `Element ${elementId} carried ${measuredW} W (${direction}) in slot ${measuredSlot}; its limit is ${elementLimitW} W.`,
    `Measured ${by}.`.slice(0, limits.textCharactersMax),
    orange === undefined
      ? `From ${rules.triggerPpm} ppm of a limit on, the connections behind it share ${part} in proportion to ${share}.`
      : `Offers do not suffice at ${orange.congestionPointId}: ${expectedW ?? elementLimitW} W are expected, so the connections ` +
        `behind it share ${part} in proportion to ${share}.`,
    setPoint.silent
      ? `A meter of this connection has shown nothing for an hour: it is left its floor of ${setPoint.limitW} W.`
      : `This connection had ${setPoint.presentW} W; ${setPoint.decidedBy} leaves it ${setPoint.limitW} W.`,
    ...compensationInWords(setPoint, limitation),
  ];
}

function compensationInWords({ possible, presentW }: SetPoint, { compensation }: Limitation): string[] {
  if (compensation === undefined) return [];
  const price =
    compensation.kind === 'fixed'
      ? `${compensation.priceMicroPerKwh} per kWh`
      : "the session's price at the connection";
  return [`What is held back of ${possible?.powerW ?? presentW} W is settled from the meters, at ${price}.`];
}

/** The id under which rows of a command stand. */
export function limitationRows(
  limited: Limited,
  limitationId: CommandId,
): {
  readonly limitation: Limitation;
  readonly setPoints: readonly SetPoint[];
} {
  return {
    limitation: { ...limited.limitation, limitationId },
    setPoints: limited.setPoints.map((setPoint) => ({ ...setPoint, limitationId })),
  };
}
