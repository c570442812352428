import {
  balanced,
  contracts,
  demand,
  endServiceRequest,
  knownService,
  knownServiceRequest,
  limits,
  move,
  payIntoServiceFund,
  publishService,
  requestService,
  retireService,
  vppIdOf,
  vppRulesOf,
  type RequestAt,
  type ServiceRequest,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { post } from '../../store/accounts/account-store';
import { hasCome } from '../../store/clock-store';
import { found } from '../../store/found';
import { grids } from '../../store/registry/registry-store';
import { vppPrefixes } from '../../store/vpp/asset-keys';
import {
  loadServiceFund,
  loadServiceUse,
  pageServiceRequests,
  saveEndedServiceRequest,
  saveNewServiceRequest,
  saveService,
  saveServiceFund,
  serviceRequests,
  services,
  serviceVersions,
} from '../../store/vpp/service-store';
import { VppBandContract } from './bands';
import { buyerOf } from './buyers';

const specs = contracts.vpp;

/** The part of the contract `vpp` that keeps the catalogue of services, their requests and the funds of buyers. */
export abstract class ServiceContract extends VppBandContract {
  /** Publishes a service. */
  @Transaction()
  @Returns('string')
  public async publishService(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.publishService, request, async ({ commandId: _command, ...asked }) => {
      const { caller, rules, session: store } = context;
      vppRulesOf(rules.ruleSet);
      const { serviceId } = asked;
      const product = publishService(asked, {
        publisher: caller,
        before: await services.load(store, serviceId),
        use: await loadServiceUse(store, serviceId),
      });
      saveService(store, product);
      const { kind, publisherMspId, version } = product;
      context.record({ type: 'ServicePublished', serviceId, version, kind, mspId: publisherMspId });
      return product;
    });
  }

  /** Retires a service. */
  @Transaction()
  @Returns('string')
  public async retireService(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.retireService, request, async ({ serviceId }) => {
      const { caller, rules, session: store } = context;
      vppRulesOf(rules.ruleSet);
      const product = knownService(await services.load(store, serviceId), serviceId);
      const retired = retireService(product, caller.mspId, await loadServiceUse(store, serviceId));
      services.save(store, retired, serviceId);
      context.record({ type: 'ServiceRetired', serviceId, version: retired.version });
      return retired;
    });
  }

  /** Issues money that an organisation has paid in for services. */
  @Transaction()
  @Returns('string')
  public async fundService(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fundService, request, async ({ amountMicro, commandId, mspId, reference }) => {
      const { rules, session: store } = context;
      vppRulesOf(rules.ruleSet);
      const buys = rules.roles.some(({ mspIds, role }) => (role === 'tso' || role === 'dso') && mspIds.includes(mspId));
      demand(buys, 'VPP_BUYER_REFUSED', { mspId });
      const fund = payIntoServiceFund(await loadServiceFund(store, mspId), amountMicro);
      const entries = move('bank', 'vpp', amountMicro, 'fund');
      await post(store, balanced({ cause: { kind: 'fund', commandId }, entries, reference }));
      context.record({ type: 'ServiceFunded', mspId, amountMicro: amountMicro.toString() });
      return saveServiceFund(store, fund);
    });
  }

  /** Requests a service. */
  @Transaction()
  @Returns('string')
  public async requestService(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestService, request, async (asked) => {
      const { rules, session: store } = context;
      const { commandId, expirySlot: _expiry, participantId: _participant, signature: _signature, ...said } = asked;
      const { buyer, kind } = await buyerOf(context, 'requestService', asked);
      for (const gridId of said.gridIds) {
        found(await grids.load(store, gridId), 'GRID_UNKNOWN', { gridId });
      }
      vppRulesOf(rules.ruleSet);
      const made = requestService(
        { requestId: vppIdOf(commandId), ...said },
        {
          product: await services.load(store, said.serviceId),
          buyer,
          buyerKind: kind,
          use: await loadServiceUse(store, said.serviceId),
          answerHasCome: await hasCome(store, said.answerBySlot),
        },
      );
      await saveNewServiceRequest(store, made);
      recordRequest(context, made);
      return made;
    });
  }

  /** Withdraws a request. */
  @Transaction()
  @Returns('string')
  public async withdrawServiceRequest(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.withdrawServiceRequest, request, (asked) =>
      end(context, 'withdrawServiceRequest', asked, 'WITHDRAWN'),
    );
  }

  /** Closes a request. */
  @Transaction()
  @Returns('string')
  public async closeServiceRequest(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.closeServiceRequest, request, (asked) =>
      end(context, 'closeServiceRequest', asked, 'CLOSED'),
    );
  }

  /** A service, or null. */
  @Transaction(false)
  @Returns('string')
  public async getService(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getService, request, async ({ serviceId, version }) => {
      const { session: store } = context;
      const row =
        version === undefined
          ? await services.load(store, serviceId)
          : await serviceVersions.load(store, serviceId, version);
      return { service: row ?? null };
    });
  }

  /** The catalogue. */
  @Transaction(false)
  @Returns('string')
  public async listServices(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listServices, request, ({ bookmark }) =>
      services.page(context.session, vppPrefixes.services(), limits.listRowsMax, bookmark),
    );
  }

  /** What is left of a fund. */
  @Transaction(false)
  @Returns('string')
  public async getServiceFund(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getServiceFund, request, ({ mspId }) =>
      loadServiceFund(context.session, mspId),
    );
  }

  /** A request, or null. */
  @Transaction(false)
  @Returns('string')
  public async getServiceRequest(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getServiceRequest, request, async ({ requestId }) => {
      return { request: (await serviceRequests.load(context.session, requestId)) ?? null };
    });
  }

  /** The requests for a service. */
  @Transaction(false)
  @Returns('string')
  public async listServiceRequests(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listServiceRequests, request, ({ bookmark, serviceId }) =>
      pageServiceRequests(context.session, serviceId, bookmark),
    );
  }
}

type EndAsked = RequestAt<'vpp', 'closeServiceRequest'>;
type EndName = 'closeServiceRequest' | 'withdrawServiceRequest';

/** Ends a request as its buyer asks. */
async function end(
  context: GridContext,
  transaction: EndName,
  asked: EndAsked,
  state: 'CLOSED' | 'WITHDRAWN',
): Promise<ServiceRequest> {
  const { rules, session: store } = context;
  const { requestId } = asked;
  const { buyer } = await buyerOf(context, transaction, asked);
  vppRulesOf(rules.ruleSet);
  const known = knownServiceRequest(await serviceRequests.load(store, requestId), requestId);
  const ended = endServiceRequest(known, buyer, state);
  await saveEndedServiceRequest(store, ended);
  context.record({ type: 'ServiceRequestEnded', requestId, state });
  return ended;
}

function recordRequest(context: GridContext, made: ServiceRequest): void {
  const { answerBySlot, buyer, direction, firstSlot, kind, requestId, serviceId, slices, volumeMaxW } = made;
  const what = { serviceId, kind, direction, firstSlot, slices, volumeMaxW: volumeMaxW.toString(), answerBySlot };
  context.record({ type: 'ServiceRequested', requestId, ...what, ...buyer });
}
