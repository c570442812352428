import {
  demand,
  flexibilityRulesOf,
  placeOf,
  present,
  slot,
  slotsPerDay,
  type FlexHeader,
  type FlexibilityRules,
  type FlexOffer,
  type FlexOfferId,
  type FlexPlace,
  type FlexRequest,
  type FlexRequestId,
  type Grid,
  type Participant,
  type PeriodClock,
  type Regime,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { signingParticipant, type SignedRequest } from '../../participant-command';
import { hasCome } from '../../store/clock-store';
import { flexOffers, flexRequests, saveRegime } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { gridOperators, grids } from '../../store/registry/registry-store';

/** The rules for what a participant of a kind has signed. Refuses another kind (FLEX_ROLE_MISMATCH) and an absence of rules (FLEX_OFF). */
export async function signingAs(
  context: GridContext,
  kind: Participant['kind'],
  transaction: string,
  asked: SignedRequest,
): Promise<FlexibilityRules> {
  const participant = await signingParticipant(context, 'flexibility', transaction, asked);
  demand(participant.kind === kind, 'FLEX_ROLE_MISMATCH', { kind: participant.kind, needed: kind });
  return flexibilityRulesOf(context.rules.ruleSet);
}

/** Where and when a message is about, and the grid. */
export interface KnownPlace {
  readonly place: FlexPlace;
  readonly grid: Grid;
}

/** Where and when a message is about; see `placeOf`. */
export async function knownPlace(
  context: GridContext,
  header: FlexHeader,
  rules: FlexibilityRules,
): Promise<KnownPlace> {
  const grid = await grids.load(context.session, header.gridId);
  const place = placeOf(header, grid, rules);
  return { place, grid: present(grid, 'A place is in a grid.') };
}

/** Refuses a system operator in the grid of another one (FLEX_NOT_GRID_OPERATOR). */
export async function demandOperator({ caller, session }: GridContext, gridId: string): Promise<void> {
  const operator = await gridOperators.load(session, gridId);
  demand(operator === undefined || operator.mspId === caller.mspId, 'FLEX_NOT_GRID_OPERATOR', { gridId });
}

/** What the clock says of the first ISP of a message and of how far ahead its day lies. */
export async function periodClock(
  { session }: GridContext,
  { periodSlot }: FlexPlace,
  firstIsp: Slot,
  { periodDaysAheadMax }: FlexibilityRules,
): Promise<PeriodClock> {
  const windowSlot = slot(Math.max(0, periodSlot - periodDaysAheadMax * slotsPerDay));
  const [firstHasBegun, windowHasBegun] = await Promise.all([hasCome(session, firstIsp), hasCome(session, windowSlot)]);
  return { firstHasBegun, windowHasBegun };
}

/** The request of an id; refuses with FLEX_REFERENCE_UNKNOWN. */
export async function knownRequest({ session }: GridContext, requestId: FlexRequestId): Promise<FlexRequest> {
  return found(await flexRequests.load(session, requestId), 'FLEX_REFERENCE_UNKNOWN', { requestId });
}

/** The offer of an id; refuses with FLEX_REFERENCE_UNKNOWN. */
export async function knownOffer({ session }: GridContext, offerId: FlexOfferId): Promise<FlexOffer> {
  return found(await flexOffers.load(session, offerId), 'FLEX_REFERENCE_UNKNOWN', { offerId });
}

/** Writes the regime of a place, and notes the change where there is one. */
export function changeRegime(context: GridContext, before: Regime, after: Regime): Regime {
  saveRegime(context.session, after);
  const { congestionPointId, gridId, periodSlot, regime, shortfalls } = after;
  if (before.regime !== regime || before.shortfalls.length !== shortfalls.length) {
    const { regime: from } = before;
    const fact = { gridId, congestionPointId, periodSlot, from, to: regime, shortfallIsps: shortfalls.length };
    context.record({ type: 'RegimeChanged', ...fact });
  }
  return after;
}
