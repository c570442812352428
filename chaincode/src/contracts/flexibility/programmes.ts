import {
  activeEnrolment,
  closeProgramme,
  contracts,
  createProgramme,
  enrol,
  knownProgramme,
  leave,
  limits,
  programmeIdOf,
  setAvailability,
  type AssetId,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { enrolments, loadAssetPlaces, programmes, saveEnrolment } from '../../store/flexibility/programme-store';
import { assets, grids } from '../../store/registry/registry-store';
import { RegimeContract } from './regime';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` that is about programmes and enrolments. */
export abstract class ProgrammeContract extends RegimeContract {
  /** Creates a programme. */
  @Transaction()
  @Returns('string')
  public async createProgramme(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.createProgramme, request, async (asked) => {
      const { commandId, terms } = asked;
      const aggregator = await signingParticipant(context, 'flexibility', 'createProgramme', asked);
      for (const gridId of terms.gridIds) {
        found(await grids.load(context.session, gridId), 'GRID_UNKNOWN', { gridId });
      }
      const programme = createProgramme(programmeIdOf(commandId), aggregator, terms);
      const { aggregatorId, programmeId } = programme;
      programmes.save(context.session, programme, programmeId);
      const { direction, gridIds, name } = terms;
      context.record({ type: 'ProgrammeCreated', programmeId, aggregatorId, name, direction, gridIds });
      return programme;
    });
  }

  /** Closes a programme. */
  @Transaction()
  @Returns('string')
  public async closeProgramme(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.closeProgramme, request, async (asked) => {
      const { participantId, programmeId } = asked;
      await signingParticipant(context, 'flexibility', 'closeProgramme', asked);
      const programme = knownProgramme(await programmes.load(context.session, programmeId), programmeId);
      const closed = closeProgramme(programme, participantId);
      programmes.save(context.session, closed, programmeId);
      context.record({ type: 'ProgrammeClosed', programmeId, aggregatorId: participantId });
      return closed;
    });
  }

  /** Enrols a prosumer. */
  @Transaction()
  @Returns('string')
  public async enrol(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.enrol, request, async (asked) => {
      const { session } = context;
      const { participantId: _participantId, programmeId, ...said } = asked;
      const participant = await signingParticipant(context, 'flexibility', 'enrol', asked);
      const ids = said.assets.map(({ assetId }) => assetId);
      const [programme, existing, registered, places] = await Promise.all([
        programmes.load(session, programmeId),
        enrolments.load(session, programmeId, participant.participantId),
        Promise.all(ids.map((assetId) => assets.load(session, assetId))),
        loadAssetPlaces(session, ids),
      ]);
      const enrolment = enrol(said, {
        programme: knownProgramme(programme, programmeId),
        participant,
        existing,
        assets: byId(registered),
        places,
      });
      await saveEnrolment(session, enrolment);
      const { aggregatorId, participantId } = enrolment;
      context.record({ type: 'Enrolled', programmeId, aggregatorId, participantId, assetIds: ids });
      return enrolment;
    });
  }

  /** Ends an enrolment. */
  @Transaction()
  @Returns('string')
  public async leaveProgramme(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.leaveProgramme, request, async (asked) => {
      const { participantId, programmeId } = asked;
      await signingParticipant(context, 'flexibility', 'leaveProgramme', asked);
      const existing = await enrolments.load(context.session, programmeId, participantId);
      const left = leave(activeEnrolment(existing, programmeId, participantId));
      await saveEnrolment(context.session, left);
      const { aggregatorId } = left;
      context.record({ type: 'EnrolmentLeft', programmeId, aggregatorId, participantId });
      return left;
    });
  }

  /** Says when a prosumer cannot be called. */
  @Transaction()
  @Returns('string')
  public async setAvailability(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.setAvailability, request, async (asked) => {
      const { participantId, programmeId, unavailable } = asked;
      await signingParticipant(context, 'flexibility', 'setAvailability', asked);
      const existing = await enrolments.load(context.session, programmeId, participantId);
      const changed = setAvailability(activeEnrolment(existing, programmeId, participantId), unavailable);
      enrolments.save(context.session, changed, programmeId, participantId);
      const { aggregatorId } = changed;
      context.record({ type: 'AvailabilitySet', programmeId, aggregatorId, participantId, unavailable });
      return changed;
    });
  }

  /** A programme, or null. */
  @Transaction(false)
  @Returns('string')
  public async getProgramme(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getProgramme, request, async ({ programmeId }) => {
      return { programme: (await programmes.load(context.session, programmeId)) ?? null };
    });
  }

  /** All programmes. */
  @Transaction(false)
  @Returns('string')
  public async listProgrammes(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listProgrammes, request, ({ bookmark }) =>
      programmes.page(context.session, prefixes.programmes(), limits.listRowsMax, bookmark),
    );
  }

  /** An enrolment, or null. */
  @Transaction(false)
  @Returns('string')
  public async getEnrolment(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getEnrolment, request, async ({ participantId, programmeId }) => {
      return { enrolment: (await enrolments.load(context.session, programmeId, participantId)) ?? null };
    });
  }

  /** The enrolments in a programme. */
  @Transaction(false)
  @Returns('string')
  public async listEnrolments(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listEnrolments, request, ({ bookmark, programmeId }) =>
      enrolments.page(context.session, prefixes.enrolments(programmeId), limits.listRowsMax, bookmark),
    );
  }
}

function byId<T extends { readonly assetId: AssetId }>(rows: readonly (T | undefined)[]): ReadonlyMap<AssetId, T> {
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.assetId, row] as const])));
}
