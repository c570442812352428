import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from '../cli-errors';
import { outcomeJson } from '../commands/rules-command';
import { clearMarket } from './clear-market';
import { readMarketFile } from './market-file';

const sell = { id: 's1', side: 'sell', energyWh: 4000, limitPriceMicroPerKwh: 100 };
const buy = { id: 'b1', side: 'buy', energyWh: 3000, limitPriceMicroPerKwh: 300 };
const line = { id: 'l', from: 'north', to: 'south', limitW: 2000 };
const grid = { buses: ['north', 'south'], lines: [line], slack: 'north' };

function outcome(market: object): Record<string, unknown> {
  return JSON.parse(outcomeJson(clearMarket(readMarketFile(JSON.stringify(market))))) as Record<string, unknown>;
}

function refusal(market: unknown): { readonly code: string; readonly exitCode: number } {
  try {
    clearMarket(readMarketFile(typeof market === 'string' ? market : JSON.stringify(market)));
  } catch (error) {
    const { line: text, exitCode } = explainFailure(error);
    expect(text).not.toContain('\n');
    return { code: text.split(':', 1)[0]!, exitCode };
  }
  return { code: 'cleared', exitCode: 0 };
}

describe('clearing a market file', () => {
  it('gives everybody one price, in the middle of its interval', () => {
    expect(outcome({ orders: [buy, sell], mechanism: 'uniform' })).toEqual({
      tradedWh: 3000,
      priceMicroPerKwh: 100,
      priceInterval: [100, 100],
      welfareMicro: 600,
      fills: [
        { id: 'b1', energyWh: 3000, priceMicroPerKwh: 100 },
        { id: 's1', energyWh: 3000, priceMicroPerKwh: 100 },
      ],
    });
  });

  it('has no price where nothing trades, with and without a grid', () => {
    const nothing = { tradedWh: 0, priceMicroPerKwh: null, priceInterval: null, welfareMicro: 0, fills: [] };
    expect(outcome({ orders: [], mechanism: 'uniform' })).toEqual(nothing);
    expect(outcome({ orders: [{ ...buy, at: 'south' }], mechanism: 'pay-as-bid', grid })).toEqual({
      ...nothing,
      bindingLimits: [],
      certificate: { welfareNano: 0, upperBoundNano: 0 },
    });
  });

  it('prices every trade between its two limits in pay-as-bid, with the fills of the uniform price', () => {
    const orders = [buy, { ...buy, id: 'b2', energyWh: 2000, limitPriceMicroPerKwh: 150 }, sell];
    const uniform = outcome({ orders, mechanism: 'uniform' });
    const bid = outcome({ orders, mechanism: 'pay-as-bid' });
    // s1 sells 3,000 Wh at 200 and 1,000 Wh at 125.
    expect(bid).toEqual({
      ...uniform,
      priceMicroPerKwh: null,
      fills: [
        { id: 'b1', energyWh: 3000, priceMicroPerKwh: 200 },
        { id: 'b2', energyWh: 1000, priceMicroPerKwh: 125 },
        { id: 's1', energyWh: 4000, priceMicroPerKwh: 181 },
      ],
    });
  });

  it('keeps the limit of a line over the hours asked for, and prices its two sides apart', () => {
    const orders = [{ ...buy, at: 'south' }, sell, { ...buy, id: 'b2', energyWh: '3500', limitPriceMicroPerKwh: 120 }];
    const market = outcome({ orders, mechanism: 'uniform', grid, hours: 0.25 });
    expect(market).toMatchObject({
      tradedWh: 4000,
      priceMicroPerKwh: 110,
      priceInterval: [100, 120],
      nodalPrices: { north: 110, south: 300 },
      bindingLimits: [{ id: 'l', direction: 'forward', shadowPriceMicroPerKwh: 190 }],
    });
    expect(outcome({ orders, mechanism: 'uniform', grid, hours: '2' })).toMatchObject({ bindingLimits: [] });
  });

  it('trades with the boundary of a zone at the price of the zone in pay-as-bid', () => {
    const orders = [{ ...buy, at: 'south' }, sell];
    const market = outcome({ orders, mechanism: 'pay-as-bid', grid });
    expect(market.nodalPrices).toEqual({ north: 100, south: 300 });
    expect(market.fills).toEqual([
      { id: 'b1', energyWh: 2000, priceMicroPerKwh: 300 },
      { id: 's1', energyWh: 2000, priceMicroPerKwh: 100 },
    ]);
  });

  it('takes and prints integers of any size exactly: strings from 2^53 on', () => {
    const large = { energyWh: '90071992547409930', limitPriceMicroPerKwh: '-9007199254740993' };
    const orders = [{ id: 'ß "1"', side: 'sell', ...large }, { id: 'b', side: 'buy', ...large }]; // prettier-ignore
    expect(outcome({ orders, mechanism: 'uniform' })).toMatchObject({
      tradedWh: '90071992547409930',
      priceMicroPerKwh: '-9007199254740993',
      welfareMicro: 0,
      fills: [{ id: 'b' }, { id: 'ß "1"' }],
    });
  });

  it('takes a ring with reactances, lines without limits, and whole numbers for names', () => {
    const lines = [
      { id: 1, from: 1, to: 2, limitW: 1000, xMilliOhm: 10 },
      { id: 2, from: 2, to: 3, xMilliOhm: '10' },
      { id: 3, from: 3, to: 1, xMilliOhm: 10 },
    ];
    const orders = [{ ...sell, at: 1 }, { ...buy, at: 2 }]; // prettier-ignore
    // Two thirds of what goes from 1 to 2 take the line between them.
    expect(outcome({ orders, mechanism: 'uniform', grid: { buses: [1, 2, 3], lines, slack: 1 } })).toMatchObject({
      tradedWh: 1500,
      bindingLimits: [{ id: '1', direction: 'forward', shadowPriceMicroPerKwh: 300 }],
    });
  });
});

describe('the example of docs/market.md', () => {
  it('comes out as the page says', () => {
    const page = readFileSync(join(__dirname, '../../../docs/market.md'), 'utf8');
    const [, text = ''] = /^cat > market\.json <<'END'\n(.*?)\nEND$/ms.exec(page) ?? [];
    expect(JSON.parse(outcomeJson(clearMarket(readMarketFile(text))))).toMatchObject({
      tradedWh: 7000,
      priceMicroPerKwh: 300000,
      fills: [
        { id: 'car', energyWh: 5500, priceMicroPerKwh: 320000 },
        { id: 'retail', energyWh: 4000, priceMicroPerKwh: 300000 },
        { id: 'roof', energyWh: 3000, priceMicroPerKwh: 320000 },
        { id: 'stove', energyWh: 1500, priceMicroPerKwh: 320000 },
      ],
      bindingLimits: [{ id: 'cable', direction: 'forward', shadowPriceMicroPerKwh: 20000 }],
    });
  });
});

describe('a market file is refused', () => {
  const market = { orders: [buy, sell], mechanism: 'uniform' };
  const withOrder = (more: object) => ({ ...market, orders: [{ ...buy, ...more }] });
  const withGrid = (more: object) => ({ ...market, grid: { ...grid, ...more } });
  const ring = [line, { ...line, id: 'm' }];

  it.each<[string, string, unknown]>([
    ['not JSON', 'RULES_NOT_JSON', '{"orders":'],
    ['no object', 'RULES_FIELD_INVALID', []],
    ['an unknown field', 'RULES_FIELD_UNKNOWN', { ...market, k: 1 }],
    ['an unknown field of an order', 'RULES_FIELD_UNKNOWN', withOrder({ price: 1 })],
    ['an unknown field of a grid', 'RULES_FIELD_UNKNOWN', withGrid({ nodes: [] })],
    ['an unknown field of a line', 'RULES_FIELD_UNKNOWN', withGrid({ lines: [{ ...line, rMilliOhm: 1 }] })],
    ['no orders', 'RULES_FIELD_INVALID', { mechanism: 'uniform' }],
    ['an unknown mechanism', 'RULES_MECHANISM_UNKNOWN', { ...market, mechanism: 'vickrey' }],
    ['no mechanism', 'RULES_MECHANISM_UNKNOWN', { orders: [] }],
    ['an unknown side', 'RULES_SIDE_UNKNOWN', withOrder({ side: 'Buy' })],
    ['a negative quantity', 'RULES_QUANTITY_INVALID', withOrder({ energyWh: -1 })],
    ['a quantity of zero', 'RULES_QUANTITY_INVALID', withOrder({ energyWh: 0 })],
    ['a fractional quantity', 'RULES_QUANTITY_INVALID', withOrder({ energyWh: 0.5 })],
    ['a fractional quantity as text', 'RULES_QUANTITY_INVALID', withOrder({ energyWh: '1.5' })],
    ['a quantity that is not exact', 'RULES_QUANTITY_INVALID', withOrder({ energyWh: 2 ** 53 })],
    ['a quantity of nothing', 'RULES_QUANTITY_INVALID', withOrder({ energyWh: null })],
    ['a fractional price', 'RULES_PRICE_INVALID', withOrder({ limitPriceMicroPerKwh: 1.5 })],
    ['a price with spaces', 'RULES_PRICE_INVALID', withOrder({ limitPriceMicroPerKwh: ' 1' })],
    ['no price', 'RULES_PRICE_INVALID', withOrder({ limitPriceMicroPerKwh: undefined })],
    ['an order twice', 'RULES_ORDER_TWICE', { ...market, orders: [buy, { ...sell, id: 'b1' }] }],
    ['an id that is empty', 'RULES_FIELD_INVALID', withOrder({ id: '' })],
    ['an id with a line break', 'RULES_FIELD_INVALID', withOrder({ id: 'a\nb' })],
    ['a bus without a grid', 'RULES_BUS_UNKNOWN', withOrder({ at: 'north' })],
    ['an unknown bus of an order', 'RULES_BUS_UNKNOWN', { ...withGrid({}), orders: [{ ...buy, at: 'west' }] }],
    ['an unknown bus of a line', 'RULES_BUS_UNKNOWN', withGrid({ lines: [{ ...line, to: 'west' }] })],
    ['an unknown slack', 'RULES_BUS_UNKNOWN', withGrid({ slack: 'west' })],
    ['a bus twice', 'RULES_FIELD_INVALID', withGrid({ buses: ['north', 'south', 'north'] })],
    ['a line twice', 'RULES_FIELD_INVALID', withGrid({ lines: [line, line] })],
    ['a line to itself', 'RULES_FIELD_INVALID', withGrid({ lines: [{ ...line, to: 'north' }] })],
    ['a negative limit', 'RULES_FIELD_INVALID', withGrid({ lines: [{ ...line, limitW: -1 }] })],
    ['a reactance of zero', 'RULES_FIELD_INVALID', withGrid({ lines: [{ ...line, xMilliOhm: 0 }] })],
    ['a grid in two parts', 'RULES_GRID_DISCONNECTED', withGrid({ lines: [] })],
    ['a ring without reactances', 'RULES_REACTANCE_MISSING', withGrid({ lines: ring })],
    ['hours of zero', 'RULES_FIELD_INVALID', { ...market, hours: 0 }],
    ['negative hours', 'RULES_FIELD_INVALID', { ...market, hours: -1 }],
  ])('for %s, with the code %s in one line', (_what, code, asked) => {
    expect(refusal(asked)).toEqual({ code, exitCode: 20 });
  });
});
