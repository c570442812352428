import { RuleError } from '../../errors';
import type { ParticipantId } from '../../ids';
import { slot } from '../../time';
import { micro, microPerKwh, wh } from '../../units';
import { gridInputs, gridSession, testGrid, testTerms } from '../../testing/grid-session-fixture';
import { idOf } from '../../testing/session-fixture';
import { acceptClearingRequest } from './clearing-request';
import { clearGridSession } from './clear-grid-session';
import { clearingInputsDigest, intervalMarkets, type SessionInputs } from './grid-market';
import { gridOfInterval } from './grid-of-interval';
import { sessionFlowRows, sessionUse } from './session-flow';
import { priceAt } from './outcome';
import { provenBy } from './prove-interval';
import { checkGridTerms } from './terms';

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'ACCEPTED';
  } catch (error) {
    return error instanceof RuleError ? error.code : String(error);
  }
}

const hour = { firstSlot: slot(1_000), slots: 4 };
/** House 2 offers more than the transformer lets out; house 1 takes a little, the supplier the rest. */
const sunny = [
  ['supplier', 'buy', 0, 50_000n, 80_000n],
  ['supplier', 'sell', 0, 50_000n, 320_000n],
  ['house-1', 'buy', 0, 1_000n, 300_000n],
  ['house-2', 'sell', 0, 9_000n, 50_000n],
] as const;

describe('the grid of an interval', () => {
  it('carries what the branch, its congestion points and the terms allow at most, whichever end is named first', () => {
    const branches = new Map(gridOfInterval(testGrid, undefined, hour).branches.map((branch) => [branch.id, branch]));
    expect(branches.get('transformer')).toMatchObject({ forwardLimitWh: 6_000n, backwardLimitWh: 4_000n });
    expect(branches.get('street-2')).toMatchObject({ forwardLimitWh: 10_000n, backwardLimitWh: 10_000n });
  });

  it('is as tight in the whole interval as in its tightest quarter hour', () => {
    const second = gridOfInterval(testGrid, testTerms, { ...hour, firstSlot: slot(1_004) });
    const first = gridOfInterval(testGrid, testTerms, hour);
    const street = (grid: typeof first) => grid.branches.find(({ id }) => id === 'street-1');
    expect(street(second)).toMatchObject({ forwardLimitWh: 10_000n, backwardLimitWh: 5_000n });
    expect(street(first)).toMatchObject({ backwardLimitWh: 10_000n });
  });

  it('leaves what contracts do not use, and never less than nothing', () => {
    const used = new Map([['transformer', { forwardWh: 1_500n, backwardWh: 9_000n }]]);
    const [transformer] = gridOfInterval(testGrid, undefined, hour, used).branches.filter(
      ({ id }) => id === 'transformer',
    );
    expect(transformer).toMatchObject({ forwardLimitWh: 4_500n, backwardLimitWh: 0n });
  });
});

describe('contracts beside a session', () => {
  const contractFlows: SessionInputs['contractFlows'] = [
    {
      contractId: idOf('contract'),
      sellerBus: 'house-2',
      buyerBus: 'above',
      hour: slot(1_000),
      quartersWh: [600n, 600n, 600n, 600n].map(wh),
    },
  ];

  it('leave a session what they do not use: 60 % of what the station lets out is taken, 40 % binds', () => {
    const inputs = gridInputs(sunny, undefined, contractFlows);
    const [outcome] = clearGridSession(inputs, false, undefined).gridOutcomes;
    const [market] = intervalMarkets(inputs);
    const station = market?.grid.branches.find(({ id }) => id === 'transformer');
    expect(station).toMatchObject({ forwardLimitWh: 6_000n, backwardLimitWh: 1_600n });
    expect(outcome?.bindingLimits).toMatchObject([{ id: 'transformer', direction: 'backward' }]);
    const { clearing, flows } = clearGridSession(inputs, false, undefined);
    // House 1 takes its 1,000 Wh behind the station, the supplier what is left of it.
    expect(clearing.intervals[0]?.tradedWh).toBe(2_600n);
    expect(flows[0]?.branches).toContainEqual({ branchId: 'transformer', forwardWh: 0n, backwardWh: 1_600n });
  });

  it('are part of what a request freezes', () => {
    const beside = clearingInputsDigest(gridInputs(sunny, undefined, contractFlows));
    expect(beside).not.toBe(clearingInputsDigest(gridInputs(sunny)));
  });

  it('count what cleared sessions carry in a quarter hour, rounded up, in each direction', () => {
    const branches = [{ id: 'street-1', forwardWh: 10n, backwardWh: 0n }];
    const still = [{ id: 'street-1', forwardWh: 0n, backwardWh: 0n }];
    const rows = sessionFlowRows(gridSession, [branches, still]);
    expect(rows).toHaveLength(1);
    const used = sessionUse([...rows, ...rows], { firstSlot: slot(gridSession.firstSlot + 3), slots: 1 });
    expect(Object.fromEntries(used)).toEqual({ 'street-1': { forwardWh: 5n, backwardWh: 0n } });
    expect(sessionUse(rows, { firstSlot: slot(gridSession.firstSlot + 4), slots: 1 }).size).toBe(0);
  });
});

describe('terms of a grid', () => {
  it.each([
    ['a number that does not follow', { number: 3 }, 'GRID_TERMS_NUMBER'],
    ['a bus that is not there', { charges: [{ ...testTerms.charges[0], busId: 'moon' }] }, 'GRID_REFERENCE'],
    ['a bus twice', { charges: [testTerms.charges[0], testTerms.charges[0]] }, 'GRID_ID_TWICE'],
    ['a loss of everything', { charges: [{ ...testTerms.charges[0], lossPpm: 1_000_000n }] }, 'GRID_TERMS_INVALID'],
    ['a branch that is not there', { limits: [{ ...testTerms.limits[0], elementId: 'x' }] }, 'GRID_REFERENCE'],
    [
      'a period that ends before it begins',
      { limits: [{ ...testTerms.limits[0], toSlot: 1_005 }] },
      'GRID_TERMS_INVALID',
    ],
    ['nothing wrong', {}, 'ACCEPTED'],
  ])('with %s', (_, change, code) => {
    const terms = { ...testTerms, ...change } as unknown as typeof testTerms;
    expect(codeOf(() => checkGridTerms(terms, testGrid, 0))).toBe(code);
  });
});

describe('a request for a clearing', () => {
  const known = { hasLimits: true, exists: false, sealedOrders: 0, publishingEnded: false, expiryBegun: false };

  it.each([
    ['a session without limits', { hasLimits: false }, 950, 'MARKET_CLEARING_WITHOUT_LIMITS'],
    ['a second time', { exists: true }, 950, 'MARKET_CLEARING_REQUESTED'],
    ['orders that may still be published', { sealedOrders: 1 }, 950, 'MARKET_ORDERS_UNPUBLISHED'],
    ['orders that are void', { sealedOrders: 1, publishingEnded: true }, 950, 'ACCEPTED'],
    ['an end before the gate', {}, 900, 'MARKET_CLEARING_EXPIRY'],
    ['an end that is there', { expiryBegun: true }, 950, 'MARKET_CLEARING_EXPIRY'],
    ['an end during delivery', {}, 1_001, 'MARKET_CLEARING_EXPIRY'],
    ['everything in order', {}, 1_000, 'ACCEPTED'],
  ])('for %s', (_, change, expirySlot, code) => {
    expect(codeOf(() => acceptClearingRequest(gridSession, expirySlot, { ...known, ...change }))).toBe(code);
  });
});

describe('a session with limits', () => {
  it('is cleared as the limits allow, with a price on each side of what binds', () => {
    const { clearing, gridOutcomes } = clearGridSession(gridInputs(sunny), false, undefined);
    const [outcome] = gridOutcomes;
    expect(clearing.intervals[0]).toMatchObject({ tradedWh: 5_000n, bindingLimits: ['transformer'] });
    expect(outcome).toMatchObject({
      source: { kind: 'contract' },
      bindingLimits: [{ id: 'transformer', direction: 'backward', shadowPriceMicroPerKwh: 30_000n }],
      rentMicro: 120_000n,
    });
    const first = clearing.intervals[0];
    expect(first).toBeDefined();
    const prices = ['above', 'busbar', 'house-1', 'house-2'].map((busId) =>
      first === undefined ? undefined : priceAt(first, outcome, busId),
    );
    expect(prices).toEqual([80_000n, 50_000n, 50_000n, 50_000n]);
    expect(clearing).toMatchObject({ buyMicro: 370_000n, sellMicro: 250_000n, rentMicro: 120_000n, dustMicro: 0n });
  });

  it('is the same whoever names the limits, and refuses what is named wrongly or stated otherwise', () => {
    const inputs = gridInputs(sunny);
    const [market] = intervalMarkets(inputs);
    const right = {
      interval: 0,
      bindingLimits: [
        { id: 'transformer', direction: 'backward', shadowPriceMicroPerKwh: microPerKwh(30_000n) },
      ] as const,
      marginalOrderIds: [],
      tradedWh: wh(5_000n),
      welfareMicro: micro(370_000n),
    };
    if (market === undefined) throw new Error('the session has an interval');
    const { welfareNano } = provenBy(market, { ...right, welfareMicro: micro(370_000n) });
    expect(welfareNano).toBe(370_000_000n);
    const [binding] = right.bindingLimits;
    const wrong = [
      { ...right, tradedWh: wh(5_001n) },
      { ...right, welfareMicro: micro(370_001n) },
      { ...right, bindingLimits: [{ ...binding, shadowPriceMicroPerKwh: microPerKwh(30_001n) }] },
      { ...right, bindingLimits: [] },
      { ...right, bindingLimits: [binding, { ...binding, id: 'street-1', direction: 'forward' as const }] },
      { ...right, bindingLimits: [{ ...binding, id: 'nowhere' }] },
      { ...right, bindingLimits: [{ ...binding, direction: 'forward' as const }] },
      { ...right, bindingLimits: [binding, binding] },
    ];
    expect(wrong.map((answer) => codeOf(() => provenBy(market, answer)))).toEqual([
      'ORACLE_ANSWER_MISSTATED',
      'ORACLE_ANSWER_MISSTATED',
      'ORACLE_ANSWER_MISSTATED',
      'MARKET_CLEARING_LIMIT_EXCEEDED',
      'MARKET_CLEARING_LIMIT_NOT_REACHED',
      'MARKET_CLEARING_LIMIT_UNKNOWN',
      'MARKET_CLEARING_LIMIT_NOT_REACHED',
      'MARKET_CLEARING_LIMIT_TWICE',
    ]);
    const source = { kind: 'oracle', mspId: 'DsoMSP', answerDigest: 'A'.repeat(43), solver: 'highs 1.15.1' } as const;
    const [, empty] = intervalMarkets(inputs);
    expect(empty?.orders).toEqual([]);
    const none = { interval: 1, bindingLimits: [], marginalOrderIds: [], tradedWh: wh(0n), welfareMicro: micro(0n) };
    const answered = clearGridSession(inputs, false, { source, intervals: [right, none] });
    const searched = clearGridSession(inputs, false, undefined);
    expect(answered.gridOutcomes.map((outcome) => outcome.source.kind)).toEqual(['oracle', 'oracle']);
    expect(answered.chunks).toEqual(searched.chunks);
    expect(answered.clearing.intervals).toEqual(searched.clearing.intervals);
  });

  it('takes fees and losses into the limits of orders, so that nobody pays more than it said', () => {
    const { chunks } = clearGridSession(
      gridInputs(
        [
          ['supplier', 'sell', 0, 5_000n, 320_000n],
          // At the reference this is worth (330,000 - 10,000) ÷ 1.02: less than the supplier asks.
          ['house-2', 'buy', 0, 1_000n, 330_000n],
          // And this (336,400 - 10,000) ÷ 1.02: just what it asks.
          ['house-2', 'buy', 0, 1_000n, 336_400n],
        ],
        testTerms,
      ),
      false,
      undefined,
    );
    const fills = chunks.flatMap(({ participants }) => participants).flatMap((entry) => entry.fills);
    expect(fills.map(({ energyWh, side }) => [side, energyWh])).toEqual(
      expect.arrayContaining([
        ['buy', 1_000n],
        ['sell', 1_000n],
      ]),
    );
    expect(fills).toHaveLength(2);
  });

  it('has a digest that any change of an input changes, and the order of the rows does not', () => {
    const inputs = gridInputs(sunny, testTerms);
    const digest = clearingInputsDigest(inputs);
    expect(clearingInputsDigest({ ...inputs, orders: [...inputs.orders].reverse() })).toBe(digest);
    const [first, ...others] = inputs.orderSets;
    if (first === undefined) throw new Error('somebody has placed orders');
    const moved = { ...first, busId: 'house-1' };
    const changed = [
      { ...inputs, orders: inputs.orders.slice(1) },
      { ...inputs, orderSets: [moved, ...others] },
      { ...inputs, terms: { ...testTerms, limits: [] } },
      { ...inputs, grid: { ...testGrid, congestionPoints: [] } },
      { ...inputs, session: { ...inputs.session, ruleSet: { ...inputs.session.ruleSet, number: 8 } } },
    ];
    expect(new Set([digest, ...changed.map(clearingInputsDigest)]).size).toBe(changed.length + 1);
    expect(idOf<ParticipantId>('supplier')).toBe(first.participantId);
  });
});
