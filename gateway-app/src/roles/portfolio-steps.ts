import { sum, type CommandId, type JsonObject, type Programme } from '@flexledger/domain';
import { offerTo, type PortfolioProgramme } from '../agents/aggregator-agent';
import { participantEntry } from '../agents/participant-entry';
import { derivePrivateKey } from '../agents/seed';
import { SigningKey } from '../client/keys';
import { participantKeyLabel, SLOTS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import { allPages } from './all-pages';
import { bookedBySlot } from './booked-positions';
import { dayPlace } from './flexibility-place';
import { participantIdOfLabel } from './registration-steps';
import { textArgument, type RoleContext, type RoleStep } from './role-context';
import { DAY_FLEXIBILITY } from './rule-set';
import { objectArgument, submitSigned, textsArgument } from './signed-steps';

/** What an aggregator's own connection carries: it has none that matters. */
const CONNECTION_LIMIT_W = 4_000n;
/** The smallest part of an offer that can be ordered: a hundredth. */
const MIN_ACTIVATION_PPM = '10000';

/** Registers aggregators as participants (`labels`); each proves that it holds its key. */
export const registerAggregators: RoleStep = async (context, stepArguments) => {
  const labels = textsArgument(stepArguments, 'labels');
  const { channel } = context.ledger;
  const entryOf = (label: string, commandId: string): JsonObject => {
    const key = new SigningKey(derivePrivateKey(context.plan.seed, participantKeyLabel(label)));
    const own = { kind: 'aggregator', custodial: false, connectionLimitW: CONNECTION_LIMIT_W } as const;
    return participantEntry({ channel, key }, commandId as CommandId, own);
  };
  await context.submit('registry', 'registerParticipants', 'participants/aggregators', (commandId) => ({
    request: { commandId, participants: labels.map((label) => entryOf(label, commandId)) },
  }));
  return null;
};

/** An aggregator creates a programme with `terms`; answers its id. */
export const createProgramme: RoleStep = async (context, stepArguments) => {
  const terms = objectArgument(stepArguments, 'terms');
  const aggregator = textArgument(stepArguments, 'aggregator');
  const about = textArgument(stepArguments, 'name');
  const { programmeId } = await submitSigned(context, aggregator, 'createProgramme', about, { terms });
  return { programmeId };
};

/**
 * An aggregator files what it expects of its part of the market's day: `quartersW`, import less export in W by its own forecast, or else what its
 * participants (`owners`) have traded, of which the ISPs of an hour have the mean power.
 */
export const fileDPrognosis: RoleStep = async (context, stepArguments) => {
  const aggregator = textArgument(stepArguments, 'aggregator');
  const expectedW =
    stepArguments['quartersW'] === undefined
      ? await tradedW(context, textsArgument(stepArguments, 'owners'))
      : textsArgument(stepArguments, 'quartersW').map(BigInt);
  const isps = expectedW.map((netW, index) => ({
    startSlot: dayPlace(context.plan).periodSlot + index,
    slots: 1,
    importW: (netW > 0n ? netW : 0n).toString(),
    exportW: (netW < 0n ? -netW : 0n).toString(),
  }));
  await submitSigned(context, aggregator, 'fileDPrognosis', '1', { ...headerOf(context), revision: 1, isps });
  return null;
};

async function tradedW(context: RoleContext, owners: readonly string[]): Promise<readonly bigint[]> {
  const { periodSlot } = dayPlace(context.plan);
  const booked = await Promise.all(owners.map((owner) => bookedBySlot(context, owner)));
  const tradedWh = (slot: number): bigint => sum(booked.map((bySlot) => bySlot.get(slot) ?? 0n));
  return Array.from({ length: SLOTS_PER_DAY }, (_, index) => {
    const hourSlot = periodSlot + index - (index % SLOTS_PER_HOUR);
    return sum(Array.from({ length: SLOTS_PER_HOUR }, (_quarter, quarter) => tradedWh(hourSlot + quarter)));
  });
}

/** An aggregator offers to a request as much of its programmes as it counts on; answers the power of the first run and the price, if any. */
export const offerFlexibility: RoleStep = async (context, stepArguments) => {
  const aggregator = textArgument(stepArguments, 'aggregator');
  const requestId = textArgument(stepArguments, 'requestId');
  const { request } = await context.evaluate('flexibility', 'getFlexRequest', { requestId });
  const policy = {
    reliablePpm: BigInt(textArgument(stepArguments, 'reliablePpm')),
    marginPpm: BigInt(textArgument(stepArguments, 'marginPpm')),
  };
  const option = request === null ? undefined : offerTo(request, await portfolioOf(context, aggregator), policy);
  if (option === undefined) return null;
  const isps = option.isps.map((run) => ({ ...run, powerW: run.powerW.toString() }));
  const priceMicro = option.priceMicro.toString();
  await submitSigned(context, aggregator, 'offerFlexibility', requestId, {
    ...headerOf(context),
    requestId,
    options: [{ optionRef: 'all', isps, priceMicro, minActivationFactorPpm: MIN_ACTIVATION_PPM }],
    orderBySlot: context.plan.deliverySlot,
  });
  return { powerW: isps[0]?.powerW ?? '0', priceMicro };
};

async function portfolioOf(context: RoleContext, aggregator: string): Promise<readonly PortfolioProgramme[]> {
  const programmes = await programmesOf(context, aggregator);
  return Promise.all(
    programmes.map(async (programme) => {
      const { programmeId } = programme;
      const enrolments = await allPages((page) =>
        context.evaluate('flexibility', 'listEnrolments', { programmeId, ...page }),
      );
      return { programme, enrolments };
    }),
  );
}

/** The programmes of an aggregator that are open, in the order of their ids. */
export async function programmesOf(context: RoleContext, aggregator: string): Promise<readonly Programme[]> {
  const aggregatorId = participantIdOfLabel(context, aggregator);
  const all = await allPages((page) => context.evaluate('flexibility', 'listProgrammes', page));
  return all.filter((programme) => programme.aggregatorId === aggregatorId && programme.state === 'OPEN');
}

function headerOf({ plan }: RoleContext): JsonObject {
  return { ...dayPlace(plan), ispMinutes: 15, timeZone: DAY_FLEXIBILITY.timeZone };
}
