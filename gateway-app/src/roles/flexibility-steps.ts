import {
  flexibilityRulesOf,
  flexIdOf,
  localDaySlots,
  orderedIspsCodec,
  requestForCongestion,
  requestRunsCodec,
  selectOffers,
  slot,
  w,
  type CommandId,
  type FlexOffer,
  type FlexRequestId,
  type Grid,
  type OrderedIsp,
  type SelectedOption,
  type W,
} from '@flexledger/domain';
import { allPages } from './all-pages';
import type { Place } from './flexibility-place';
import type { StepArguments } from './protocol';
import { participantIdOfLabel } from './registration-steps';
import { textsArgument } from './signed-steps';
import { numberArgument, textArgument, type RoleContext, type RoleStep } from './role-context';

/**
 * The system operator compares the D-prognoses of a congestion point and day with its limits, and requests what is above them
 * (`congestionPointId`, `periodSlot`); offers can be made until `answerBySlot`. It keeps `reserveW` below them, as not everybody who opts in
 * delivers; default nothing.
 */
export const requestFlexibility: RoleStep = async (context, stepArguments) => {
  const place = placeOf(context, stepArguments);
  const prognoses = await allPages((page) => context.evaluate('flexibility', 'listDPrognoses', { ...place, ...page }));
  const grid = await context.evaluate('registry', 'getGrid', { gridId: place.gridId });
  const point = grid.congestionPoints.find(({ id }) => id === place.congestionPointId);
  if (point === undefined) throw new RangeError(`the grid has no congestion point ${place.congestionPointId}`);
  const { governance } = await context.evaluate('registry', 'getGovernance', {});
  if (governance === null) throw new RangeError('the consortium is not founded');
  const { timeZone } = flexibilityRulesOf(governance.ruleSet);
  const periodSlot = slot(place.periodSlot);
  const periodIsps = localDaySlots(timeZone, periodSlot);
  if (periodIsps === undefined) throw new RangeError(`no day of ${timeZone} begins with slot ${place.periodSlot}`);
  const reserveW = BigInt(stepArguments['reserveW'] === undefined ? 0 : numberArgument(stepArguments, 'reserveW'));
  const isps = requestForCongestion(prognoses, belowLimits(point, reserveW), { periodSlot, periodIsps });
  if (isps === undefined) return { requestId: null, requestedIsps: 0 };
  const { requestId } = await context.submit('flexibility', 'requestFlexibility', labelOf(place), (commandId) => ({
    request: {
      commandId,
      ...place,
      ispMinutes: 15,
      timeZone,
      revision: 1,
      isps: requestRunsCodec.encode(isps),
      answerBySlot: numberArgument(stepArguments, 'answerBySlot'),
    },
  }));
  const wanted = isps.filter(({ disposition }) => disposition === 'requested');
  return { requestId, requestedIsps: wanted.reduce((total, { slots }) => total + slots, 0) };
};

/**
 * The system operator takes no more offers to its request, orders the cheapest ones that suffice, and declares orange where all together do not.
 */
export const orderFlexibility: RoleStep = async (context, stepArguments) => {
  const place = placeOf(context, stepArguments);
  const requestId = requestIdOf(context, place);
  const { request } = await context.evaluate('flexibility', 'getFlexRequest', { requestId });
  if (request === null) return { orderIds: [], missingW: '0', regime: 'GREEN', orangeSlots: [] };
  await context.submit('flexibility', 'endFlexRequest', `${labelOf(place)}/end`, (commandId) => ({
    request: { commandId, requestId, state: 'CLOSED' },
  }));
  const offers = await allPages((page) => context.evaluate('flexibility', 'listFlexOffers', { requestId, ...page }));
  const open = offers.filter(({ state }) => state === 'OPEN');
  const { missingW, options } = selectOffers(request, open, await orderedBefore(context, offers));
  for (const option of options) await order(context, option);
  if (missingW > 0n) {
    await context.submit('flexibility', 'declareOrange', `${labelOf(place)}/orange`, (commandId) => ({
      request: { commandId, requestId },
    }));
  }
  const { regime, shortfalls } = await context.evaluate('flexibility', 'getRegime', place);
  const orders = await allPages((page) => context.evaluate('flexibility', 'listFlexOrders', { ...place, ...page }));
  return {
    orderIds: orders.map(({ orderId }) => orderId),
    missingW: missingW.toString(),
    regime,
    orangeSlots: shortfalls.map((shortfall) => shortfall.slot),
  };
};

/** The system operator declares the congestion point free again, once all that was ordered or fell short is over. */
export const declareGreen: RoleStep = async (context, stepArguments) => {
  const place = placeOf(context, stepArguments);
  const { regime } = await context.evaluate('flexibility', 'getRegime', place);
  if (regime === 'GREEN') return { regime };
  const after = await context.submit('flexibility', 'declareGreen', `${labelOf(place)}/green`, (commandId) => ({
    request: { commandId, ...place },
  }));
  return { regime: after.regime };
};

/** The market operator books what the system operator has paid in for flexibility (`amountMicro`, in micro-units of the currency). */
export const fundFlexibility: RoleStep = async (context, stepArguments) => {
  const amountMicro = textArgument(stepArguments, 'amountMicro');
  const { gridId } = context.plan;
  await context.submit('flexibility', 'fundFlexibility', 'flexibility/fund', (commandId) => ({
    request: { commandId, gridId, amountMicro, reference: 'paid in by the system operator' },
  }));
  return null;
};

/** The market operator books what aggregators (`labels`) have paid in, of which orders have them set something aside for penalties. */
export const fundAggregators: RoleStep = async (context, stepArguments) => {
  const amountMicro = textArgument(stepArguments, 'amountMicro');
  await Promise.all(
    textsArgument(stepArguments, 'labels').map((label) =>
      context.submit('accounts', 'fund', `fund/${label}`, (commandId) => ({
        request: {
          commandId,
          participantId: participantIdOfLabel(context, label),
          amountMicro,
          reference: `paid in by ${label}`,
        },
      })),
    ),
  );
  return null;
};

/** The limits of a congestion point less what the system operator keeps in reserve. */
function belowLimits(point: CongestionPoint, reserveW: bigint): CongestionPoint {
  const below = (limitW: bigint): W => w(limitW > reserveW ? limitW - reserveW : 0n);
  return { ...point, importLimitW: below(point.importLimitW), exportLimitW: below(point.exportLimitW) };
}

type CongestionPoint = Grid['congestionPoints'][number];

function placeOf({ plan }: RoleContext, stepArguments: StepArguments): Place {
  const congestionPointId = textArgument(stepArguments, 'congestionPointId');
  return { gridId: plan.gridId, congestionPointId, periodSlot: numberArgument(stepArguments, 'periodSlot') };
}

function labelOf({ congestionPointId, periodSlot }: Place): string {
  return `flexibility/${congestionPointId}/${periodSlot}`;
}

/** The id that the request of this step has, once it is made. */
function requestIdOf(context: RoleContext, place: Place): FlexRequestId {
  return flexIdOf(context.commandId(labelOf(place)) as CommandId);
}

async function orderedBefore(context: RoleContext, offers: readonly FlexOffer[]): Promise<readonly OrderedIsp[]> {
  const ids = offers.flatMap(({ orderId }) => orderId ?? []);
  const answers = await Promise.all(ids.map((orderId) => context.evaluate('flexibility', 'getFlexOrder', { orderId })));
  return answers.flatMap(({ order: placed }) => placed?.isps ?? []);
}

async function order(context: RoleContext, option: SelectedOption): Promise<void> {
  const { activationFactorPpm, isps, offerId, optionRef, priceMicro } = option;
  await context.submit('flexibility', 'orderFlexibility', `flexibility/order/${offerId}`, (commandId) => ({
    request: {
      commandId,
      offerId,
      optionRef,
      activationFactorPpm: activationFactorPpm.toString(),
      isps: orderedIspsCodec.encode(isps),
      priceMicro: priceMicro.toString(),
    },
  }));
}
