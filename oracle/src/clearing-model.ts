import type { BindingLimit, ClearingHint, IntervalMarket } from '@flexledger/domain';
import { Model, type Solution, type Term } from '@flexledger/solver';

/** Orders of one bus, side and price, which the model does not tell apart. */
interface Block {
  readonly busId: string;
  readonly side: 'buy' | 'sell';
  readonly price: bigint;
  readonly firstOrderId: string;
  readonly variable: number;
  readonly energyWh: bigint;
}

/** A limit of the model and where its worth is read. */
interface NamedLimit {
  readonly limit: BindingLimit;
  /** The worth of one more Wh, in micro-units per kWh; positive where the limit binds. */
  worth(solution: Solution): number;
}

/** A worth below this share of a micro-unit is rounding: the smallest one that the model can make is above it. */
const WORTH_MIN = 1e-5;
/** Energy closer than this to an end of a block stands at the end, in Wh. */
const ENERGY_ROUNDING = 1e-3;

/**
 * One interval as a linear programme: how much of each block of orders is traded and what each branch carries, so that the welfare is the
 * most that the limits allow. Prices are whole micro-units and energies whole Wh, which doubles hold exactly. Among outcomes of equal
 * welfare the rule wants the largest volume; so each Wh bought earns a share of a micro-unit on top, too little to outweigh a
 * whole one anywhere on the grid.
 */
export class ClearingModel {
  readonly model = new Model('maximise');
  readonly #market: IntervalMarket;
  readonly #blocks: readonly Block[];
  readonly #limits: NamedLimit[] = [];

  constructor(market: IntervalMarket) {
    this.#market = market;
    this.#blocks = this.#addBlocks();
    this.#addBranches();
    this.#addRows();
  }

  /** What the solver found, as a hint for the derivation. */
  hint(solution: Solution): ClearingHint {
    const bindingLimits = this.#limits.filter(({ worth }) => worth(solution) > WORTH_MIN).map(({ limit }) => limit);
    const hasRows = bindingLimits.some(({ direction }) => direction === 'row');
    return { bindingLimits, ...(hasRows ? { marginalOrderIds: this.#marginal(solution) } : {}) };
  }

  #addBlocks(): readonly Block[] {
    const groups = new Map<string, Omit<Block, 'variable'>>();
    for (const { busId, energyWh, limitPriceMicroPerKwh: price, orderId, side } of this.#market.orders) {
      const key = `${side} ${price} ${busId}`;
      const known = groups.get(key);
      const first = known?.firstOrderId ?? orderId;
      groups.set(key, { busId, side, price, firstOrderId: first, energyWh: (known?.energyWh ?? 0n) + energyWh });
    }
    const bonus = 1 / (2 * (this.#market.grid.branches.length + 1));
    return [...groups].map(([name, block]): Block => {
      const price = Number(block.price);
      const cost = block.side === 'buy' ? price + bonus : -price;
      return { ...block, variable: this.model.addVariable({ name, lower: 0, upper: block.energyWh, cost }) };
    });
  }

  /** At each bus, what is sold less what is bought flows out. */
  #addBranches(): void {
    const terms = new Map<string, Term[]>(this.#market.grid.buses.map((busId) => [busId, []]));
    for (const { busId, side, variable } of this.#blocks) {
      terms.get(busId)?.push({ variable, coefficient: side === 'sell' ? 1 : -1 });
    }
    for (const { backwardLimitWh, forwardLimitWh, fromBus, id, toBus } of this.#market.grid.branches) {
      const variable = this.model.addVariable({
        name: `flow ${id}`,
        ...(backwardLimitWh === undefined ? {} : { lower: -backwardLimitWh }),
        ...(forwardLimitWh === undefined ? {} : { upper: forwardLimitWh }),
        cost: 0,
      });
      terms.get(fromBus)?.push({ variable, coefficient: -1 });
      terms.get(toBus)?.push({ variable, coefficient: 1 });
    }
    this.#addBalances(terms);
  }

  #addBalances(terms: ReadonlyMap<string, readonly Term[]>): void {
    const balances = new Map<string, number>();
    for (const [busId, entries] of terms) {
      balances.set(busId, this.model.addRow({ name: `balance ${busId}`, lower: 0, upper: 0, terms: entries }));
    }
    for (const { fromBus, id, toBus } of this.#market.grid.branches) {
      // The dual of a balance is what one more Wh that is asked for there costs, below zero.
      const rise = ({ duals }: Solution): number =>
        (duals[balances.get(fromBus) ?? 0] ?? 0) - (duals[balances.get(toBus) ?? 0] ?? 0);
      this.#limits.push({ limit: { id, direction: 'forward' }, worth: rise });
      this.#limits.push({ limit: { id, direction: 'backward' }, worth: (solution) => -rise(solution) });
    }
  }

  #addRows(): void {
    for (const { bound, coefficients, id } of this.#market.grid.rows ?? []) {
      const terms = this.#blocks.flatMap(({ busId, side, variable }): Term[] => {
        const coefficient = coefficients.get(busId) ?? 0n;
        return coefficient === 0n ? [] : [{ variable, coefficient: side === 'sell' ? coefficient : -coefficient }];
      });
      const row = this.model.addRow({ name: `row ${id}`, upper: bound, terms });
      const worth = ({ duals }: Solution): number => Math.abs(duals[row] ?? 0) * scaleOf(coefficients.values());
      this.#limits.push({ limit: { id, direction: 'row' }, worth });
    }
  }

  /** The first order of each block that is traded in part. */
  #marginal({ primal }: Solution): readonly string[] {
    return this.#blocks
      .filter(({ energyWh, variable }) => {
        const traded = primal[variable] ?? 0;
        return traded > ENERGY_ROUNDING && traded < Number(energyWh) - ENERGY_ROUNDING;
      })
      .map(({ firstOrderId }) => firstOrderId);
  }
}

/** The largest coefficient of a row: what its worth for one unit of the bound has to be multiplied with to be one for a Wh. */
function scaleOf(coefficients: Iterable<bigint>): number {
  return [...coefficients].reduce((largest, value) => Math.max(largest, Math.abs(Number(value))), 1);
}
