import {
  array,
  assetIdCodec,
  coalitionPlanIdCodec,
  disaggregationPlaceFields,
  limits,
  object,
  sessionIdCodec,
  type AssetId,
  type CoalitionPlanId,
  type Fact,
  type SessionId,
} from '@flexledger/domain';
import { answerClearing, type ClearingParts } from './answer-clearing';
import { answerCoalition, type CoalitionParts } from './answer-coalition';
import { answerDisaggregation, type DisaggregationParts } from './answer-disaggregation';
import { fileBands, type BandParts } from './file-bands';
import type { DisaggregationPlace, OracleLog } from './ports';
import type { AnswerOutcome } from './send-answer';

/** One thing that an oracle has to do; doing it again does no harm. */
export interface Job {
  /** What it is about, for the log. */
  readonly place: object;
  run(): Promise<AnswerOutcome>;
}

/** What an oracle does about requests of one kind. */
export interface Work {
  readonly kind: string;
  /** What is to be done about a fact, by its type. */
  readonly heard: Readonly<Record<string, (fact: Fact) => Promise<readonly Job[]>>>;
  /** What waited before the process started, and what a fact about everything leads to. */
  waiting(): Promise<readonly Job[]>;
}

/** What the kinds without a command of their own for what nobody answers need; each is absent for an oracle that does not do it. */
export interface WorkParts {
  readonly clearings?: ClearingParts;
  readonly disaggregations?: DisaggregationParts;
  readonly coalitions?: CoalitionParts;
  readonly bands?: BandParts;
}

/** One row of the table: how requests of a kind are heard of, found and answered. */
export interface WorkRow<Place> {
  readonly kind: string;
  readonly fact: string;
  readonly placeOf: (fact: Fact) => Place;
  /** The places of what waits. */
  readonly waiting: () => Promise<readonly Place[]>;
  readonly run: (place: Place) => Promise<AnswerOutcome>;
  readonly shown: (place: Place) => object;
}

export function workOf<Place>({ fact: type, kind, placeOf, run, shown, waiting }: WorkRow<Place>): Work {
  const jobOf = (place: Place): Job => ({ place: shown(place), run: () => run(place) });
  return {
    kind,
    heard: { [type]: (fact) => Promise.resolve([jobOf(placeOf(fact))]) },
    waiting: async () => (await waiting()).map(jobOf),
  };
}

const splitPlaceCodec = object(disaggregationPlaceFields);

/** The assets whose bands a fact may have changed. */
const sampledCodec = array(assetIdCodec, limits.coalitionMembersMax);

/**
 * The kinds of requests that need no command to expire: a clearing, a split or a choice of coalitions that nobody answers is done by the
 * contract, and bands that could not be filed are found again with the next change or start.
 */
export function provenWorks(
  { bands, clearings, coalitions, disaggregations }: WorkParts,
  log: OracleLog,
): readonly Work[] {
  return [
    ...(clearings === undefined ? [] : [clearingWork(clearings, log)]),
    ...(disaggregations === undefined ? [] : [splitWork(disaggregations, log)]),
    ...(coalitions === undefined ? [] : [coalitionWork(coalitions, log)]),
    ...(bands === undefined ? [] : [bandWork(bands, log)]),
  ];
}

function clearingWork(parts: ClearingParts, log: OracleLog): Work {
  return workOf<SessionId>({
    kind: 'clearing',
    fact: 'ClearingRequested',
    placeOf: ({ sessionId = null }) => sessionIdCodec.decode(sessionId, '/sessionId'),
    waiting: async () => (await parts.ledger.openClearingRequests()).map(({ sessionId }) => sessionId),
    run: (sessionId) => answerClearing(parts, log, sessionId),
    shown: (sessionId) => ({ sessionId }),
  });
}

function splitWork(parts: DisaggregationParts, log: OracleLog): Work {
  return workOf<DisaggregationPlace>({
    kind: 'disaggregation',
    fact: 'DisaggregationRequested',
    placeOf: ({ orderId = null, revision = null }) => splitPlaceCodec.decode({ orderId, revision }, ''),
    waiting: async () =>
      (await parts.ledger.openDisaggregations()).map(({ orderId, revision }) => ({ orderId, revision })),
    run: (place) => answerDisaggregation(parts, log, place),
    shown: (place) => place,
  });
}

function coalitionWork(parts: CoalitionParts, log: OracleLog): Work {
  return workOf<CoalitionPlanId>({
    kind: 'coalition',
    fact: 'CoalitionRequested',
    placeOf: ({ planId = null }) => coalitionPlanIdCodec.decode(planId, '/planId'),
    waiting: async () => (await parts.ledger.openCoalitionRequests()).map(({ planId }) => planId),
    run: (planId) => answerCoalition(parts, log, planId),
    shown: (planId) => ({ planId }),
  });
}

/** Bands that are as they should be need nothing. */
function bandWork(parts: BandParts, log: OracleLog): Work {
  const jobOf = (assetIds: readonly AssetId[]): readonly Job[] =>
    assetIds.length === 0 ? [] : [{ place: { assets: assetIds.length }, run: () => fileBands(parts, log, assetIds) }];
  const waiting = async (): Promise<readonly Job[]> => jobOf(await parts.ledger.segmentedAssets());
  return {
    kind: 'segmentation',
    heard: {
      TechnicalDataFiled: ({ assetId = null }) => Promise.resolve(jobOf([assetIdCodec.decode(assetId, '/assetId')])),
      DeliverySampled: ({ assetIds = null }) => Promise.resolve(jobOf(sampledCodec.decode(assetIds, '/assetIds'))),
      GovernanceChanged: waiting,
    },
    waiting,
  };
}
