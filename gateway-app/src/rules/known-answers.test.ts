import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from '../cli';

interface Auction {
  readonly name: string;
  readonly bids: readonly (readonly [number, number])[];
  readonly offers: readonly (readonly [number, number])[];
  readonly gridlabd?: { readonly price: number; readonly quantity: number };
  readonly reference: {
    readonly quantity: number;
    readonly welfare: number;
    readonly price_low: number | null;
    readonly price_high: number | null;
  };
}

interface DcCases {
  readonly cases: readonly {
    readonly limit_13: number;
    readonly g: readonly number[];
    readonly cost: number;
    readonly mu: number;
    readonly lmp: readonly number[];
  }[];
}

interface Printed {
  readonly tradedWh: number;
  readonly priceMicroPerKwh: number | null;
  readonly priceInterval: readonly [number, number] | null;
  readonly welfareMicro: number;
  readonly fills: readonly { readonly id: string; readonly energyWh: number; readonly priceMicroPerKwh: number }[];
  readonly nodalPrices?: Readonly<Record<string, number>>;
  readonly bindingLimits?: readonly object[];
  readonly certificate?: { readonly welfareNano: number; readonly upperBoundNano: number };
}

/** The files have at most five decimals: an amount is a kWh, a price a currency unit per kWh. */
const MICRO = 1_000_000;
const WH_PER_KWH = 1_000;

const shared = join(__dirname, '../../../../shared/data');
const auctionFiles = ['gridlabd-auctions/auctions.json', 'known-answers/auctions-extra.json'];
const dcFile = 'known-answers/dcopf-3bus.json';
const absent = [...auctionFiles, dcFile].filter((file) => !existsSync(join(shared, file)));
if (absent.length > 0) {
  process.stderr.write(`ABSENT: ${absent.join(', ')} in ../shared/data, so "rules clear" is not compared with them.\n`);
}
const describeKnown = absent.length === 0 ? describe : describe.skip;

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(shared, file), 'utf8')) as T;
}

const auctions = absent.length === 0 ? auctionFiles.flatMap((file) => read<readonly Auction[]>(file)) : [];
const dcCases = absent.length === 0 ? read<DcCases>(dcFile).cases : [];

function marketOf({ bids, offers }: Auction): object {
  const side = (name: 'buy' | 'sell', rows: Auction['bids']) =>
    rows.map(([price, quantity], index) => ({
      id: `${name} ${index + 1}`,
      side: name,
      energyWh: Math.round(quantity * WH_PER_KWH),
      limitPriceMicroPerKwh: Math.round(price * MICRO),
    }));
  return { orders: [...side('buy', bids), ...side('sell', offers)], mechanism: 'uniform' };
}

const hasNegative = ({ bids, offers }: Auction) => [...bids, ...offers].some(([, quantity]) => quantity <= 0);

describeKnown('"flexledger rules clear" on known answers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-rules-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function clear(market: object): Promise<Printed> {
    const file = join(folder, 'market.json');
    writeFileSync(file, JSON.stringify(market));
    const lines: string[] = [];
    await createProgram((line) => lines.push(line)).parseAsync(['node', 'flexledger', 'rules', 'clear', file]);
    return JSON.parse(lines.join('\n')) as Printed;
  }

  it('has all the auctions', () => {
    expect(auctions.filter(({ gridlabd }) => gridlabd !== undefined).length).toBeGreaterThanOrEqual(12);
    expect(auctions.filter(hasNegative).length).toBeGreaterThanOrEqual(2);
  });

  it.each(auctions.filter((auction) => !hasNegative(auction)).map((auction) => [auction.name, auction] as const))(
    '%s: price inside the interval, quantity and welfare of the optimum',
    async (_name, auction) => {
      const market = await clear(marketOf(auction));
      const { quantity, welfare, price_low: low, price_high: high } = auction.reference;
      expect(market.tradedWh).toBe(Math.round(quantity * WH_PER_KWH));
      expect(market.welfareMicro).toBe(Math.round(welfare * MICRO));
      if (low === null || high === null) {
        expect([market.priceMicroPerKwh, market.priceInterval, market.fills]).toEqual([null, null, []]);
        return;
      }
      expect(market.priceInterval).toEqual([Math.round(low * MICRO), Math.round(high * MICRO)]);
      expect(market.priceMicroPerKwh).toBe(Math.floor((Math.round(low * MICRO) + Math.round(high * MICRO)) / 2));
      if (auction.gridlabd !== undefined) {
        // GridLAB-D clips its price to 0.0001 inside the interval and rounds it to 0.001.
        expect(auction.gridlabd.price).toBeGreaterThanOrEqual(low - 0.001);
        expect(auction.gridlabd.price).toBeLessThanOrEqual(high + 0.001);
      }
      expect(market.fills.every((fill) => fill.priceMicroPerKwh === market.priceMicroPerKwh)).toBe(true);
    },
  );

  it.each(auctions.filter(hasNegative).map((auction) => [auction.name, auction] as const))(
    '%s: a negative quantity is refused with a code',
    async (_name, auction) => {
      await expect(clear(marketOf(auction))).rejects.toThrow(/^RULES_QUANTITY_INVALID: orders\[\d+\]\.energyWh is -/);
    },
  );

  it.each(dcCases.map((entry) => [entry.limit_13, entry] as const))(
    'three buses with a limit of %d on line 1-3: dispatch, cost, nodal prices, shadow price',
    async (_limit, { limit_13: limit, g, cost, mu, lmp }) => {
      // The file counts MW and currency units per MWh; here kW and millionths per kWh stand for them.
      const line = (id: string, from: string, to: string, limitKw: number) => ({
        id,
        from,
        to,
        limitW: limitKw * 1_000,
        xMilliOhm: 100,
      });
      const order = (id: string, side: string, at: string, kwh: number, price: number) => ({
        id,
        side,
        at,
        energyWh: kwh * WH_PER_KWH,
        limitPriceMicroPerKwh: price * MICRO,
      });
      const market = await clear({
        orders: [
          order('g1', 'sell', '1', 1_000, 20),
          order('g2', 'sell', '2', 1_000, 40),
          order('load', 'buy', '3', 200, 500),
        ],
        mechanism: 'uniform',
        grid: {
          buses: ['1', '2', '3'],
          lines: [line('l12', '1', '2', 1_000), line('l13', '1', '3', limit), line('l23', '2', '3', 1_000)],
          slack: '1',
        },
      });
      const fillOf = (id: string) => market.fills.find((fill) => fill.id === id)?.energyWh ?? 0;
      expect([fillOf('g1'), fillOf('g2'), fillOf('load')]).toEqual([...g, 200].map((kwh) => kwh * WH_PER_KWH));
      expect(500 * 200 * MICRO - market.welfareMicro).toBe(cost * MICRO);
      expect(market.nodalPrices).toEqual(Object.fromEntries(lmp.map((price, index) => [index + 1, price * MICRO])));
      expect(market.priceMicroPerKwh).toBe(lmp[0]! * MICRO);
      expect(market.bindingLimits).toEqual(
        mu === 0 ? [] : [{ id: 'l13', direction: 'forward', shadowPriceMicroPerKwh: mu * MICRO }],
      );
      expect(market.certificate!.welfareNano).toBe(market.certificate!.upperBoundNano);
    },
  );
});
