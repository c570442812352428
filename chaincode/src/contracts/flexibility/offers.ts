import {
  checkOffer,
  checkOptionIsps,
  contracts,
  demand,
  demandAnswerableRequest,
  demandExpiry,
  demandPeriod,
  demandSamePlace,
  firstOfferedSlot,
  flexIdOf,
  revokeOffer,
  type FlexOffer,
  type FlexPlace,
  type FlexRequest,
  type FlexRequestId,
  type Reservation,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { knownOffer, knownPlace, knownRequest, periodClock, signingAs } from './flexibility-steps';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasCome } from '../../store/clock-store';
import {
  flexOffers,
  lastPrognosis,
  pageOffersTo,
  pageUnsolicited,
  reservations,
  saveNewOffer,
} from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { FlexRequestContract } from './requests';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` by which aggregators offer. */
export abstract class FlexOfferContract extends FlexRequestContract {
  /** Offers flexibility. */
  @Transaction()
  @Returns('string')
  public async offerFlexibility(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.offerFlexibility, request, async (asked) => {
      const { session } = context;
      const { contractId, options, orderBySlot, participantId, requestId } = asked;
      const rules = await signingAs(context, 'aggregator', 'offerFlexibility', asked);
      const { place } = await knownPlace(context, asked, rules);
      checkOptionIsps(options, place);
      const firstIsp = firstOfferedSlot(options, place);
      demandPeriod(place, await periodClock(context, place, firstIsp, rules));
      demandExpiry(orderBySlot, firstIsp, await hasCome(session, orderBySlot));
      const offerId = flexIdOf<FlexOffer['offerId']>(context.commandId);
      demand(!(await flexOffers.exists(session, offerId)), 'FLEX_DUPLICATE_IDENTIFIER', { offerId });
      const answered = await answeredRequest(context, requestId, place);
      const reservation = await calledReservation(context, contractId, place);
      const prognosis = await lastPrognosis(session, place, participantId);
      demand(prognosis !== undefined || !rules.prognosisRequired, 'FLEX_NO_BASELINE', { aggregatorId: participantId });
      const offer: FlexOffer = {
        offerId,
        ...place,
        ...(requestId === undefined ? {} : { requestId }),
        ...(contractId === undefined ? {} : { contractId }),
        options,
        orderBySlot,
        aggregatorId: participantId,
        ...(prognosis === undefined ? {} : { prognosisRevision: prognosis.revision }),
        ...(answered?.requesterId === undefined ? {} : { requesterId: answered.requesterId }),
        state: 'OPEN',
      };
      checkOffer(offer, { rules, request: answered, reservation });
      await saveNewOffer(session, offer);
      return noted(context, 'FlexOffered', offer);
    });
  }

  /** Takes back an offer. */
  @Transaction()
  @Returns('string')
  public async revokeFlexOffer(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.revokeFlexOffer, request, async (asked) => {
      const { offerId, participantId } = asked;
      await signingParticipant(context, 'flexibility', 'revokeFlexOffer', asked);
      const offer = revokeOffer(await knownOffer(context, offerId), participantId);
      flexOffers.save(context.session, offer, offerId);
      return noted(context, 'FlexOfferRevoked', offer);
    });
  }

  /** An offer, or null. */
  @Transaction(false)
  @Returns('string')
  public async getFlexOffer(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFlexOffer, request, async ({ offerId }) => {
      return { offer: (await flexOffers.load(context.session, offerId)) ?? null };
    });
  }

  /** The offers to a request. */
  @Transaction(false)
  @Returns('string')
  public async listFlexOffers(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listFlexOffers, request, ({ bookmark, requestId }) =>
      pageOffersTo(context.session, requestId, bookmark),
    );
  }

  /** The offers at a place that nobody requested. */
  @Transaction(false)
  @Returns('string')
  public async listUnsolicitedOffers(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listUnsolicitedOffers, request, ({ bookmark, ...place }) =>
      pageUnsolicited(context.session, place, bookmark),
    );
  }
}

/** The request that an offer answers, which has to be of the same place and still open; undefined for an unsolicited offer. */
async function answeredRequest(
  context: GridContext,
  requestId: FlexRequestId | undefined,
  place: FlexPlace,
): Promise<FlexRequest | undefined> {
  if (requestId === undefined) {
    return undefined;
  }
  const request = await knownRequest(context, requestId);
  demandSamePlace(place, request);
  demandAnswerableRequest(request, await hasCome(context.session, request.answerBySlot));
  return request;
}

async function calledReservation(
  { session }: GridContext,
  contractId: string | undefined,
  place: FlexPlace,
): Promise<Reservation | undefined> {
  if (contractId === undefined) {
    return undefined;
  }
  return found(await reservations.load(session, place, contractId), 'FLEX_REFERENCE_UNKNOWN', { contractId });
}

function noted(context: GridContext, type: 'FlexOffered' | 'FlexOfferRevoked', offer: FlexOffer): FlexOffer {
  const { aggregatorId, congestionPointId, gridId, offerId, periodSlot, requestId } = offer;
  const answered = requestId === undefined ? {} : { requestId };
  context.record({ type, offerId, ...answered, gridId, congestionPointId, periodSlot, aggregatorId });
  return offer;
}
