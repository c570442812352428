import { caseSpan, type CoalitionPlan, type JsonObject } from '@flexledger/domain';
import { loadProfileYear, unitEnergiesWh, type ProfileYear, type SimbenchGrid } from '@flexledger/gateway-app';
import { OPERATOR, type Gathering } from './gathering';
import { COPIES, DAY, gridIdOf } from './pool';
import type { PoolWorld } from './world';

/** How long an oracle has until the ledger's clock goes on to the time by which answers are taken. */
const ANSWER_MS = 30_000;
const PAUSE_MS = 500;

/** Which assets serve what, as it was proven. */
export interface Chosen {
  readonly planId: string;
  readonly plan: CoalitionPlan;
  /** The ids of the requests, by their labels. */
  readonly requests: ReadonlyMap<string, string>;
}

/** What the operator's app does before each part of the day: it asks the oracles which of its assets serve which of the open requests. */
export class Choice {
  readonly #year: ProfileYear = loadProfileYear();

  constructor(
    private readonly world: PoolWorld,
    private readonly pool: Gathering,
    private readonly grid: SimbenchGrid,
  ) {}

  /** Asks, and makes the best answer the plan once no more are taken. */
  async make(label: string, requests: ReadonlyMap<string, string>, answerBySlot: number): Promise<Chosen> {
    const requestIds = [...requests.values()];
    const { planId } = await this.world.sign('aggregator', OPERATOR, 'requestCoalition', label, {
      requestIds,
      groups: [...(await this.transformers(requestIds))],
      answerBySlot,
    });
    await this.awaitAnswer(planId);
    await this.world.tickTo(answerBySlot);
    const plan = await this.world.submit('aggregator', 'vpp', 'planCoalition', label, { planId });
    return { planId, plan, requests };
  }

  /** Waits until an answer is proven, or for as long as an oracle has; the contract falls back on its own rule without one. */
  private async awaitAnswer(planId: string): Promise<void> {
    const begin = performance.now();
    while (performance.now() - begin < ANSWER_MS) {
      const { request } = await this.world.read('vpp', 'getCoalitionPlan', { planId });
      if (request?.answer !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** What each transformer can still carry away in each step, beyond what its copy gives without being called. */
  private async transformers(requestIds: readonly string[]): Promise<readonly JsonObject[]> {
    const requests = await Promise.all(
      requestIds.map(async (requestId) => {
        const { request } = await this.world.read('vpp', 'getServiceRequest', { requestId });
        if (request === null) throw new Error(`there is no request ${requestId}`);
        return request;
      }),
    );
    const { firstSlot, stepSlots, steps } = caseSpan(requests);
    return Array.from({ length: COPIES }, (_, copy) => {
      const assetIds = this.pool.assets.filter((asset) => asset.copy === copy).map(({ assetId }) => assetId);
      const netW = this.netImportW(copy, firstSlot, stepSlots * steps);
      const maxWByStep = Array.from({ length: steps }, (_one, step) => {
        const least = netW
          .slice(step * stepSlots, (step + 1) * stepSlots)
          .reduce((lowest, powerW) => (powerW < lowest ? powerW : lowest));
        const leftW = this.grid.transformer.limitW + least;
        return (leftW < 0n ? 0n : leftW).toString();
      });
      return { groupId: gridIdOf(copy), assetIds: assetIds.sort(), direction: 'up', maxWByStep };
    });
  }

  /** What a copy takes less what it gives in each quarter hour if nobody is called, in W; the operator's forecast is right. */
  private netImportW(copy: number, firstSlot: number, slots: number): readonly bigint[] {
    const series = (units: SimbenchGrid['loads']): readonly bigint[][] =>
      units.map((unit) => unitEnergiesWh(this.#year, unit, firstSlot - copy * DAY, slots));
    const total = (all: readonly bigint[][], index: number): bigint =>
      all.reduce((sum, own) => sum + (own[index] ?? 0n), 0n);
    const [loads, pv] = [series(this.grid.loads), series(this.grid.pv)];
    return Array.from({ length: slots }, (_, index) => (total(loads, index) - total(pv, index)) * 4n);
  }
}

/** What a plan serves a request with, in each of its slices, and the labels of the assets that do it. */
export interface ServedRequest {
  readonly label: string;
  readonly slicesW: readonly bigint[];
  readonly assets: readonly string[];
}

/** What a plan serves. */
export function servedBy({ plan, requests }: Chosen, pool: Gathering): readonly ServedRequest[] {
  const labels = new Map([...requests].map(([label, requestId]) => [requestId, label]));
  return plan.served.map(({ requestId, slicesW }) => ({
    label: labels.get(requestId) ?? requestId,
    slicesW,
    assets: plan.assignments
      .filter(({ duties }) => duties.some((duty) => duty.requestId === requestId))
      .map(({ assetId }) => pool.asset(assetId).label),
  }));
}
