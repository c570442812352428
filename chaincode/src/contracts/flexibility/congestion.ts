import {
  checkPrognosis,
  contracts,
  demand,
  demandPeriod,
  firstNewSlot,
  flexibilityRulesOf,
  proposeReservation,
  updateReservation,
  type Reservation,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { demandOperator, knownPlace, periodClock, signingAs } from './flexibility-steps';
import { GridContext } from '../../grid-context';
import { GridContract } from '../../grid-contract';
import {
  lastPrognosis,
  loadPrognosis,
  pagePrognoses,
  reservations,
  savePrognosis,
} from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` about what is expected at congestion points and what is reserved there. */
export abstract class FlexCongestionContract extends GridContract {
  /** Files a D-prognosis or a new revision of it. */
  @Transaction()
  @Returns('string')
  public async fileDPrognosis(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fileDPrognosis, request, async (asked) => {
      const { isps, participantId, revision } = asked;
      const rules = await signingAs(context, 'aggregator', 'fileDPrognosis', asked);
      const { grid, place } = await knownPlace(context, asked, rules);
      checkPrognosis(isps, place, grid);
      const prognosis = { ...place, aggregatorId: participantId, revision, isps };
      const firstSlot = firstNewSlot(prognosis, await lastPrognosis(context.session, place, participantId));
      demandPeriod(place, await periodClock(context, place, firstSlot, rules));
      savePrognosis(context.session, prognosis);
      context.record({ type: 'DPrognosisFiled', ...factOf(prognosis), aggregatorId: participantId, revision });
      return prognosis;
    });
  }

  /** Binds an aggregator by a bilateral contract. */
  @Transaction()
  @Returns('string')
  public async proposeReservation(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.proposeReservation, request, async (asked) => {
      const { contractId, isps, participantId } = asked;
      const rules = await signingAs(context, 'aggregator', 'proposeReservation', asked);
      const { place } = await knownPlace(context, asked, rules);
      const terms = { contractId, aggregatorId: participantId, contractedIsps: isps };
      const reservation = proposeReservation(place, terms);
      demandPeriod(place, await periodClock(context, place, place.periodSlot, rules));
      const isTaken = await reservations.exists(context.session, place, contractId);
      demand(!isTaken, 'FLEX_DUPLICATE_IDENTIFIER', { contractId });
      return savedReservation(context, 'FlexReservationProposed', reservation);
    });
  }

  /** Says what of a contract is reserved. */
  @Transaction()
  @Returns('string')
  public async reserveFlexibility(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.reserveFlexibility, request, async (asked) => {
      const { contractId, gridId, isps } = asked;
      const rules = flexibilityRulesOf(context.rules.ruleSet);
      await demandOperator(context, gridId);
      const { place } = await knownPlace(context, asked, rules);
      demandPeriod(place, await periodClock(context, place, place.periodSlot, rules));
      const row = await reservations.load(context.session, place, contractId);
      const reservation = found(row, 'FLEX_REFERENCE_UNKNOWN', { contractId });
      return savedReservation(context, 'FlexReserved', updateReservation(reservation, isps));
    });
  }

  /** The last revision of a D-prognosis, or null. */
  @Transaction(false)
  @Returns('string')
  public async getDPrognosis(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getDPrognosis, request, async ({ aggregatorId, revision, ...place }) => {
      const { session } = context;
      const prognosis =
        revision === undefined
          ? await lastPrognosis(session, place, aggregatorId)
          : await loadPrognosis(session, place, aggregatorId, revision);
      return { prognosis: prognosis ?? null };
    });
  }

  /** The last D-prognoses of all aggregators at a place. */
  @Transaction(false)
  @Returns('string')
  public async listDPrognoses(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listDPrognoses, request, ({ bookmark, ...place }) =>
      pagePrognoses(context.session, place, bookmark),
    );
  }

  /** A reservation, or null. */
  @Transaction(false)
  @Returns('string')
  public async getReservation(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getReservation, request, async ({ contractId, ...place }) => {
      return { reservation: (await reservations.load(context.session, place, contractId)) ?? null };
    });
  }
}

function savedReservation(
  context: GridContext,
  type: 'FlexReservationProposed' | 'FlexReserved',
  reservation: Reservation,
): Reservation {
  const { aggregatorId, contractId, revision } = reservation;
  reservations.save(context.session, reservation, reservation, contractId);
  context.record({ type, ...factOf(reservation), contractId, aggregatorId, revision });
  return reservation;
}

function factOf({ congestionPointId, gridId, periodSlot }: Reservation | Parameters<typeof savePrognosis>[1]) {
  return { gridId, congestionPointId, periodSlot };
}
