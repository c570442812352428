import {
  flowsBeside,
  hasGridLimits,
  historyOf,
  hoursOf,
  limits,
  slot,
  type AssetId,
  type ClearingRequest,
  type CoalitionPlanId,
  type CoalitionRequest,
  type CommandId,
  type Computation,
  type ContractFlow,
  type DisaggregationRequest,
  type FeedPublication,
  type MeterHistory,
  type MeterId,
  type QualifiedTotal,
  type Order,
  type OrderSet,
  type RequestId,
  type Session,
  type SessionFlow,
  type SessionId,
  type SessionInputs,
  type TechnicalData,
} from '@flexledger/domain';
import { RuleRejected, type Ledger } from '@flexledger/gateway-app';
import type {
  AnswerRequest,
  BandLedger,
  BandsRequest,
  ClearingAnswerRequest,
  ClearingLedger,
  CoalitionAnswerRequest,
  CoalitionLedger,
  DisaggregationAnswerRequest,
  DisaggregationLedger,
  DisaggregationPlace,
  OracleLedger,
  RefuseRequest,
} from './ports';

/** What an oracle needs, over the typed ledger client. */
export class LedgerPort implements OracleLedger, ClearingLedger, DisaggregationLedger, CoalitionLedger, BandLedger {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get mspId(): string {
    return this.#ledger.mspId;
  }

  async getRequest(requestId: RequestId): Promise<Computation> {
    return this.#ledger.evaluate('oracle', 'getRequest', { requestId });
  }

  async openRequests(): Promise<readonly Computation[]> {
    return allPages((page) => this.#ledger.evaluate('oracle', 'listRequests', { state: 'OPEN', ...page }));
  }

  async getClearingRequest(sessionId: SessionId): Promise<ClearingRequest | undefined> {
    return (await this.#ledger.evaluate('market', 'getClearingRequest', { sessionId })).request ?? undefined;
  }

  async openClearingRequests(): Promise<readonly ClearingRequest[]> {
    return allPages((page) => this.#ledger.evaluate('oracle', 'listClearingRequests', { state: 'OPEN', ...page }));
  }

  async sessionInputs(sessionId: SessionId): Promise<SessionInputs> {
    const session = await this.#ledger.evaluate('market', 'getSession', { sessionId });
    const { gridId, gridTerms: number } = session;
    const grid = await this.#ledger.evaluate('registry', 'getGrid', { gridId });
    const { terms } =
      number === undefined
        ? { terms: null }
        : await this.#ledger.evaluate('market', 'getGridTerms', { gridId, number });
    const orders = await allPages<Order>((page) =>
      this.#ledger.evaluate('market', 'listOrders', { sessionId, ...page }),
    );
    const orderSets = await allPages<OrderSet>((page) =>
      this.#ledger.evaluate('market', 'listOrderSets', { sessionId, ...page }),
    );
    const flows = await this.#flowsBeside(session);
    return { session, grid, terms: terms ?? undefined, orders, orderSets, ...flows };
  }

  /** What contracts and other sessions carry in the hours of a session; an interval of theirs may lie in two of these. */
  async #flowsBeside(session: Session): Promise<Pick<SessionInputs, 'contractFlows' | 'clearedFlows'>> {
    const { gridId } = session;
    const contractFlows: ContractFlow[] = [];
    const clearedFlows = new Map<string, SessionFlow>();
    for (const hour of hasGridLimits(session) ? hoursOf(session) : []) {
      const contracts = await allPages<ContractFlow>((page) =>
        this.#ledger.evaluate('market', 'listContractFlows', { gridId, hour, ...page }),
      );
      contractFlows.push(...contracts);
      const cleared = await allPages<SessionFlow>((page) =>
        this.#ledger.evaluate('market', 'listClearedFlows', { gridId, hour, ...page }),
      );
      for (const flow of cleared) {
        clearedFlows.set(`${flow.sessionId} ${flow.firstSlot}`, flow);
      }
    }
    return { contractFlows, clearedFlows: flowsBeside(session, [...clearedFlows.values()]) };
  }

  async answerClearing(request: ClearingAnswerRequest): Promise<void> {
    await this.#ledger.submit('oracle', 'answerClearing', request);
  }

  async getDisaggregation(place: DisaggregationPlace): ReturnType<DisaggregationLedger['getDisaggregation']> {
    const { asked, request } = await this.#ledger.evaluate('flexibility', 'getDisaggregation', place);
    return { request: request ?? undefined, asked: asked ?? undefined };
  }

  async openDisaggregations(): Promise<readonly DisaggregationRequest[]> {
    return allPages((page) => this.#ledger.evaluate('flexibility', 'listDisaggregations', { state: 'OPEN', ...page }));
  }

  async answerDisaggregation(request: DisaggregationAnswerRequest): Promise<void> {
    await this.#ledger.submit('flexibility', 'answerDisaggregation', request);
  }

  async getCoalitionPlan(planId: CoalitionPlanId): ReturnType<CoalitionLedger['getCoalitionPlan']> {
    const { asked, request } = await this.#ledger.evaluate('vpp', 'getCoalitionPlan', { planId });
    return { request: request ?? undefined, asked: asked ?? undefined };
  }

  async openCoalitionRequests(): Promise<readonly CoalitionRequest[]> {
    return allPages((page) => this.#ledger.evaluate('vpp', 'listCoalitionRequests', { state: 'OPEN', ...page }));
  }

  async answerCoalition(request: CoalitionAnswerRequest): Promise<void> {
    await this.#ledger.submit('vpp', 'answerCoalition', request);
  }

  async segmentRules(): ReturnType<BandLedger['segmentRules']> {
    const { governance } = await this.#ledger.evaluate('registry', 'getGovernance', {});
    const { number, vpp: rules } = governance?.ruleSet ?? {};
    return rules === undefined || number === undefined ? undefined : { rules, number };
  }

  async segmentedAssets(): Promise<readonly AssetId[]> {
    const rows = await allPages<TechnicalData>((page) => this.#ledger.evaluate('vpp', 'listTechnicalData', page));
    return rows.map(({ assetId }) => assetId);
  }

  async segmented(assetId: AssetId): ReturnType<BandLedger['segmented']> {
    const [{ data }, samples, { bands }] = await Promise.all([
      this.#ledger.evaluate('vpp', 'getTechnicalData', { assetId }),
      this.#ledger.evaluate('vpp', 'getDeliverySamples', { assetId }),
      this.#ledger.evaluate('vpp', 'getBands', { assetId }),
    ]);
    return { data: data ?? undefined, samples, filed: bands ?? undefined };
  }

  async fileBands(request: BandsRequest): Promise<void> {
    await this.#ledger.submit('vpp', 'fileBands', request);
  }

  async history({ inputs, historyFromSlot }: Computation): Promise<readonly MeterHistory[]> {
    const totals = new Map<MeterId, QualifiedTotal[]>(inputs.map(({ meterId }) => [meterId, []]));
    const lastSlot = Math.max(...inputs.map(({ toSlot }) => toSlot)) - 1;
    for (let first: number = historyFromSlot; first <= lastSlot; first += limits.slotsPerQueryMax) {
      const toSlot = slot(Math.min(first + limits.slotsPerQueryMax - 1, lastSlot));
      for (const meterIds of groups([...totals.keys()], limits.meterIdsPerQueryMax)) {
        const answer = await this.#ledger.evaluate('metering', 'getIntervalTotals', {
          meterIds,
          fromSlot: slot(first),
          toSlot,
        });
        for (const meter of answer.meters) {
          totals.get(meter.meterId)?.push(...meter.totals);
        }
      }
    }
    return inputs.map(({ meterId, toSlot }) => historyOf(meterId, totals.get(meterId) ?? [], toSlot));
  }

  async publications({ feeds = [] }: Computation): Promise<readonly FeedPublication[]> {
    const quoted = feeds.flatMap(({ feedId, publication, state }) =>
      state === 'USED' && publication !== undefined ? [{ feedId, sequence: publication.sequence }] : [],
    );
    const found = await Promise.all(quoted.map((quote) => this.#ledger.evaluate('oracle', 'getFeed', quote)));
    return found.map(({ publication }) => publication).filter((publication) => publication !== null);
  }

  async answer(request: AnswerRequest): Promise<void> {
    await this.#ledger.submit('oracle', 'answer', request);
  }

  async refuse(request: RefuseRequest): Promise<boolean> {
    return (await this.#ledger.submit('oracle', 'refuse', request)).response.mayExpire;
  }

  async expire(commandId: CommandId, requestId: RequestId): Promise<boolean> {
    try {
      await this.#ledger.submit('oracle', 'expire', { commandId, requestId });
      return true;
    } catch (error) {
      if (error instanceof RuleRejected && error.code === 'ORACLE_REQUEST_CLOSED') {
        return false;
      }
      throw error;
    }
  }
}

/** All rows of a list, page by page. */
async function allPages<T>(
  read: (page: {
    readonly bookmark?: string;
  }) => Promise<{ readonly rows: readonly T[]; readonly bookmark: string | null }>,
): Promise<readonly T[]> {
  const rows: T[] = [];
  let bookmark: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof read>> = await read(bookmark === null ? {} : { bookmark });
    rows.push(...page.rows);
    bookmark = page.bookmark;
  } while (bookmark !== null);
  return rows;
}

function groups<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
