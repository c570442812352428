import fc from 'fast-check';
import { idOf } from '../../testing/session-fixture';
import { slot } from '../../time';
import { micro, ppm, w } from '../../units';
import type { FlexOfferId } from '../ids';
import type { FlexDirection } from '../isps';
import type { OfferOption } from '../offer/rows';
import type { RequestRun } from '../request/rows';
import { requestForCongestion } from '../request/congestion-request';
import { activate } from './order';
import { selectOffers } from './select-offers';

const first = slot(1_626_040);
const at = (index: number) => slot(first + index);

/** Runs of one ISP each, of powers that reduce. */
const run = (index: number, powerW: bigint, direction: FlexDirection = 'reduce') => ({
  startSlot: at(index),
  slots: 1,
  direction,
  powerW: w(powerW),
});

function optionOf(optionRef: string, powers: readonly bigint[], price: bigint, least = 1_000_000n): OfferOption {
  return {
    optionRef,
    isps: powers.map((power, index) => run(index, power)),
    priceMicro: micro(price * 100n),
    minActivationFactorPpm: ppm(least),
  };
}

function requested(wanted: readonly bigint[], mostW = 1_000n): { readonly isps: readonly RequestRun[] } {
  return {
    isps: wanted.map((minW, index) => ({
      startSlot: at(index),
      slots: 1,
      disposition: minW > 0n ? ('requested' as const) : ('available' as const),
      direction: 'reduce' as const,
      minW: w(minW),
      maxW: w(mostW),
    })),
  };
}

const offerOf = (name: string, ...options: readonly OfferOption[]) => ({ offerId: idOf<FlexOfferId>(name), options });
const refs = (selection: ReturnType<typeof selectOffers>) => selection.options.map(({ optionRef }) => optionRef).sort();

describe('the offers to order', () => {
  it('are the cheapest that suffice, at most one option of each', () => {
    const offers = [
      offerOf('first', optionOf('dear', [100n, 100n], 50n), optionOf('half', [50n, 100n], 10n)),
      offerOf('second', optionOf('other half', [50n, 0n], 15n)),
      offerOf('third', optionOf('whole', [100n, 100n], 30n)),
    ];
    const selection = selectOffers(requested([100n, 100n]), offers);
    expect(refs(selection)).toEqual(['half', 'other half']);
    expect(selection).toMatchObject({ priceMicro: 2_500n, missingW: 0n, isComplete: true });
  });

  it('are cut to the smallest factor that still suffices', () => {
    const offers = [offerOf('one', optionOf('all', [1_000n, 2_000n], 50n, 500_000n))];
    const selection = selectOffers(requested([800n, 1_500n], 5_000n), offers);
    expect(selection.options).toMatchObject([{ activationFactorPpm: 800_000n, priceMicro: 4_000n }]);
    expect(selection.options[0]?.isps.map(({ powerW }) => powerW)).toEqual([800n, 1_600n]);
  });

  it('that do not suffice are those that leave the least missing', () => {
    const offers = [offerOf('one', optionOf('a', [30n, 0n], 1n), optionOf('b', [30n, 40n], 99n))];
    expect(selectOffers(requested([100n, 100n]), offers)).toMatchObject({
      options: [{ optionRef: 'b' }],
      missingW: 130n,
    });
    expect(selectOffers(requested([100n, 100n]), [])).toMatchObject({ options: [], missingW: 200n, priceMicro: 0n });
  });

  it('come to no more in any ISP than the request can take, what was ordered before included', () => {
    const offers = [offerOf('one', optionOf('a', [60n], 1n)), offerOf('two', optionOf('b', [60n], 2n))];
    expect(selectOffers(requested([100n], 110n), offers)).toMatchObject({
      options: [{ optionRef: 'a' }],
      missingW: 40n,
    });
    const before = [{ slot: at(0), direction: 'reduce' as const, powerW: w(40n) }];
    expect(selectOffers(requested([100n], 110n), offers, before)).toMatchObject({
      options: [{ optionRef: 'a' }],
      missingW: 0n,
    });
    const rebound = { ...optionOf('c', [100n], 1n), isps: [run(0, 100n), run(1, 20n, 'increase')] };
    expect(selectOffers(requested([100n, 0n]), [offerOf('three', rebound)])).toMatchObject({ options: [] });
  });

  it('equal brute force where options are ordered wholly or not at all', () => {
    const option = fc.tuple(
      fc.bigInt({ min: 0n, max: 60n }),
      fc.bigInt({ min: 0n, max: 60n }),
      fc.bigInt({ min: 1n, max: 40n }),
    );
    const offers = fc.array(fc.array(option, { minLength: 1, maxLength: 3 }), { maxLength: 5 });
    const wanted = fc.tuple(fc.bigInt({ min: 1n, max: 120n }), fc.bigInt({ min: 0n, max: 120n }));
    const holds = fc.property(offers, wanted, (drawn, need) => {
      const all = drawn.map((options, index) =>
        offerOf(
          `offer ${index}`,
          ...options.map(([a, b, price], place) => optionOf(`o${index}.${place}`, [a, b], price)),
        ),
      );
      const request = requested(need, 150n);
      const selection = selectOffers(request, all);
      expect({ missingW: selection.missingW, priceMicro: selection.priceMicro }).toEqual(bruteForce(need, 150n, all));
    });
    fc.assert(holds, { numRuns: Number(process.env.PROPERTY_RUNS ?? '300'), seed: 5 });
  });

  it('say when there were too many combinations to try all', () => {
    const options = Array.from({ length: 20 }, (_, index) =>
      optionOf(`o${index}`, [BigInt(index + 1)], BigInt(index + 7)),
    );
    const offers = Array.from({ length: 12 }, (_, index) => offerOf(`offer ${index}`, ...options));
    expect(selectOffers(requested([150n]), offers)).toMatchObject({ missingW: 0n, isComplete: false });
  });
});

function bruteForce(
  need: readonly bigint[],
  mostW: bigint,
  offers: readonly { readonly options: readonly OfferOption[] }[],
): { readonly missingW: bigint; readonly priceMicro: bigint } {
  let best = { missingW: need.reduce((total, wanted) => total + wanted, 0n), priceMicro: 0n };
  const visit = (index: number, powers: readonly bigint[], priceMicro: bigint): void => {
    if (index === offers.length) {
      const missingW = need.reduce((total, wanted, place) => {
        const left = wanted - (powers[place] ?? 0n);
        return total + (left > 0n ? left : 0n);
      }, 0n);
      const isBetter = missingW < best.missingW || (missingW === best.missingW && priceMicro < best.priceMicro);
      if (isBetter && powers.every((power) => power <= mostW)) best = { missingW, priceMicro };
      return;
    }
    visit(index + 1, powers, priceMicro);
    for (const option of offers[index]?.options ?? []) {
      const { isps, priceMicro: price } = activate(option, ppm(1_000_000n));
      visit(
        index + 1,
        powers.map((power, place) => power + (isps[place]?.powerW ?? 0n)),
        priceMicro + price,
      );
    }
  };
  visit(
    0,
    need.map(() => 0n),
    0n,
  );
  return best;
}

describe('what is requested for a congestion', () => {
  const point = { id: 'point', elementId: 'transformer', importLimitW: w(100n), exportLimitW: w(80n) };
  const place = { periodSlot: first, periodIsps: 96 };
  const prognosis = (...parts: readonly (readonly [slots: number, importW: bigint, exportW: bigint])[]) => {
    let next = 0;
    return {
      isps: parts.map(([slots, importW, exportW]) => {
        const startSlot = at(next);
        next += slots;
        return { startSlot, slots, importW: w(importW), exportW: w(exportW) };
      }),
    };
  };

  it('is what the D-prognoses together have above the limit, and the room that is left elsewhere', () => {
    const ones = [
      prognosis([70, 60n, 0n], [2, 90n, 0n], [24, 0n, 70n]),
      prognosis([70, 30n, 0n], [2, 61n, 0n], [24, 0n, 20n]),
    ];
    expect(requestForCongestion(ones, point, place)).toEqual([
      {
        startSlot: at(0),
        slots: 70,
        disposition: 'available',
        direction: 'increase',
        minW: 0n,
        maxW: 10n,
        againstMaxW: 170n,
      },
      { startSlot: at(70), slots: 2, disposition: 'requested', direction: 'reduce', minW: 51n, maxW: 151n },
      { startSlot: at(72), slots: 24, disposition: 'requested', direction: 'increase', minW: 10n, maxW: 90n },
    ]);
  });

  it('is nothing where they fit to the watt', () => {
    expect(requestForCongestion([prognosis([48, 100n, 0n], [48, 0n, 80n])], point, place)).toBeUndefined();
  });
});
