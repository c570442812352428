import { compareText } from '../../canonical';
import { compareBigint, greatest, least, sum } from '../../math';
import type { Slot } from '../../time';
import { ppm, ppmWhole, type Ppm } from '../../units';
import type { FlexOfferId } from '../ids';
import { bySlot, ispsOf, type FlexDirection } from '../isps';
import { activationStepPpm } from '../offer/offer';
import type { FlexOffer, OfferOption } from '../offer/rows';
import type { FlexRequest } from '../request/rows';
import { activate, type ActivatedOption } from './order';
import type { OrderedIsp } from './rows';

/** An option of an offer at an activation factor: what an order would name. */
export interface SelectedOption extends ActivatedOption {
  readonly offerId: FlexOfferId;
  readonly optionRef: string;
  readonly activationFactorPpm: Ppm;
}

/** Which options to order. */
export interface Selection {
  readonly options: readonly SelectedOption[];
  readonly priceMicro: bigint;
  /** What is still missing, in watts summed over the ISPs that are requested; zero where the offers suffice. */
  readonly missingW: bigint;
  /** False where there were too many combinations to try all, so that a cheaper one may exist. */
  readonly isComplete: boolean;
}

/** Combinations that are tried at most. */
const triesMax = 20_000;

/**
 * The options, at most one per offer, that leave the least of a request missing beside what is ordered already, and among these the cheapest; a
 * combination that comes to more than the request can take in an ISP is none. Offers are searched with branch and bound. The options of a
 * combination are then cut, the dearest first, to the smallest activation factor that leaves nothing more missing.
 */
export function selectOffers(
  request: Pick<FlexRequest, 'isps'>,
  offers: readonly Pick<FlexOffer, 'offerId' | 'options'>[],
  ordered: readonly OrderedIsp[] = [],
): Selection {
  const search = new Search(needOf(request), offers, ordered);
  return search.run();
}

/** What is requested of an ISP, and what it can take in either direction. */
interface Need {
  readonly direction: FlexDirection;
  readonly wantedW: bigint;
  readonly reduceMaxW: bigint;
  readonly increaseMaxW: bigint;
}

type Needs = ReadonlyMap<Slot, Need>;

function needOf({ isps }: Pick<FlexRequest, 'isps'>): Needs {
  return new Map(
    [...bySlot(isps)].map(([slot, { againstMaxW = 0n, direction, disposition, maxW, minW }]) => {
      const wantedW = disposition === 'requested' ? minW : 0n;
      const isReduce = direction === 'reduce';
      const reduceMaxW = isReduce ? maxW : againstMaxW;
      const increaseMaxW = isReduce ? againstMaxW : maxW;
      return [slot, { direction, wantedW, reduceMaxW, increaseMaxW }];
    }),
  );
}

interface Choice {
  readonly offerId: FlexOfferId;
  readonly option: OfferOption;
}

interface Candidate {
  readonly options: readonly SelectedOption[];
  readonly priceMicro: bigint;
  readonly missingW: bigint;
}

class Search {
  private readonly offers: readonly Pick<FlexOffer, 'offerId' | 'options'>[];
  /** What this offer and all after it can give at most, by ISP. */
  private readonly reachable: readonly ReadonlyMap<Slot, bigint>[];
  private best: Candidate;
  private tries = 0;

  public constructor(
    private readonly needs: Needs,
    offers: readonly Pick<FlexOffer, 'offerId' | 'options'>[],
    private readonly ordered: readonly OrderedIsp[],
  ) {
    // The options that help most come first, so that a combination that suffices is found soon.
    this.offers = [...offers]
      .sort((left, right) => compareText(left.offerId, right.offerId))
      .map(({ offerId, options }) => ({ offerId, options: this.mostHelpfulFirst(options) }));
    this.reachable = this.reachableFrom();
    this.best = { options: [], priceMicro: 0n, missingW: this.missingOf([]) };
  }

  public run(): Selection {
    this.visit(0, []);
    return { ...this.best, isComplete: this.tries <= triesMax };
  }

  private visit(index: number, chosen: readonly Choice[]): void {
    this.tries += 1;
    const offer = this.offers[index];
    if (offer === undefined) {
      this.judge(chosen);
      return;
    }
    if (this.tries > triesMax || !this.canImprove(index, chosen)) {
      return;
    }
    for (const option of offer.options) {
      this.visit(index + 1, [...chosen, { offerId: offer.offerId, option }]);
    }
    this.visit(index + 1, chosen);
  }

  /** False where even everything that is left could not make this combination better than the best one. */
  private canImprove(index: number, chosen: readonly Choice[]): boolean {
    const leastMissingW = this.missingOf(powersOf(chosen), this.reachable[index]);
    return isBetter({ missingW: leastMissingW, priceMicro: leastPrice(chosen) }, this.best);
  }

  private judge(chosen: readonly Choice[]): void {
    const missingW = this.missingOf(powersOf(chosen));
    if (!isBetter({ missingW, priceMicro: leastPrice(chosen) }, this.best)) {
      return;
    }
    const cut = this.cut(chosen, missingW);
    if (cut !== undefined && isBetter(cut, this.best)) {
      this.best = cut;
    }
  }

  /** The options of a combination cut as far as nothing more is missing; undefined where it is more than the request can take. */
  private cut(chosen: readonly Choice[], missingW: bigint): Candidate | undefined {
    const dearest = [...chosen].sort(
      (left, right) =>
        compareBigint(right.option.priceMicro, left.option.priceMicro) || compareText(left.offerId, right.offerId),
    );
    let options = dearest.map((choice) => selected(choice, ppmWhole));
    for (const [index, choice] of dearest.entries()) {
      for (let factor: bigint = ppmWhole - activationStepPpm; factor >= choice.option.minActivationFactorPpm;) {
        const tried = options.with(index, selected(choice, ppm(factor)));
        if (this.missingOf(tried.flatMap((option) => option.isps)) > missingW) {
          break;
        }
        options = tried;
        factor -= activationStepPpm;
      }
    }
    const priceMicro = sum(options.map((option) => option.priceMicro));
    return this.fits(options) ? { options, priceMicro, missingW } : undefined;
  }

  private fits(options: readonly SelectedOption[]): boolean {
    const total = totals([...this.ordered, ...options.flatMap((option) => option.isps)]);
    return [...total].every(([slot, { increaseW, reduceW }]) => {
      const need = this.needs.get(slot);
      return reduceW <= (need?.reduceMaxW ?? 0n) && increaseW <= (need?.increaseMaxW ?? 0n);
    });
  }

  private missingOf(given: readonly OrderedIsp[], further?: ReadonlyMap<Slot, bigint>): bigint {
    const total = totals([...this.ordered, ...given]);
    return sum(
      [...this.needs].map(([slot, { direction, wantedW }]) => {
        const at = total.get(slot);
        const givenW = (direction === 'reduce' ? at?.reduceW : at?.increaseW) ?? 0n;
        return greatest(0n, wantedW - givenW - (further?.get(slot) ?? 0n));
      }),
    );
  }

  private mostHelpfulFirst(options: readonly OfferOption[]): readonly OfferOption[] {
    const helps = (option: OfferOption) => sum(this.mostOf([option]).values());
    return [...options].sort(
      (left, right) => compareBigint(helps(right), helps(left)) || compareText(left.optionRef, right.optionRef),
    );
  }

  private reachableFrom(): readonly ReadonlyMap<Slot, bigint>[] {
    const after: ReadonlyMap<Slot, bigint>[] = [new Map()];
    for (const { options } of [...this.offers].reverse()) {
      const next = new Map(after[0]);
      for (const [slot, mostW] of this.mostOf(options)) {
        next.set(slot, (next.get(slot) ?? 0n) + mostW);
      }
      after.unshift(next);
    }
    return after;
  }

  private mostOf(options: readonly OfferOption[]): ReadonlyMap<Slot, bigint> {
    const most = new Map<Slot, bigint>();
    for (const { run, slot } of options.flatMap((option) => ispsOf(option.isps))) {
      if (this.needs.get(slot)?.direction === run.direction) {
        most.set(slot, greatest(most.get(slot) ?? 0n, run.powerW));
      }
    }
    return most;
  }
}

function selected({ offerId, option }: Choice, activationFactorPpm: Ppm): SelectedOption {
  return { offerId, optionRef: option.optionRef, activationFactorPpm, ...activate(option, activationFactorPpm) };
}

function powersOf(chosen: readonly Choice[]): readonly OrderedIsp[] {
  return chosen.flatMap(({ option }) =>
    ispsOf(option.isps).map(({ run: { direction, powerW }, slot }) => ({ slot, direction, powerW })),
  );
}

/** What the options of a combination cost at least: each at its smallest activation. */
function leastPrice(chosen: readonly Choice[]): bigint {
  return sum(chosen.map(({ option }) => activate(option, least(option.minActivationFactorPpm, ppmWhole)).priceMicro));
}

function isBetter(left: Pick<Candidate, 'missingW' | 'priceMicro'>, right: Candidate): boolean {
  return left.missingW === right.missingW ? left.priceMicro < right.priceMicro : left.missingW < right.missingW;
}

function totals(
  given: readonly OrderedIsp[],
): ReadonlyMap<Slot, { readonly reduceW: bigint; readonly increaseW: bigint }> {
  const total = new Map<Slot, { readonly reduceW: bigint; readonly increaseW: bigint }>();
  for (const { direction, powerW, slot } of given) {
    const { increaseW, reduceW } = total.get(slot) ?? { increaseW: 0n, reduceW: 0n };
    const isReduce = direction === 'reduce';
    total.set(slot, {
      reduceW: isReduce ? reduceW + powerW : reduceW,
      increaseW: isReduce ? increaseW : increaseW + powerW,
    });
  }
  return total;
}
