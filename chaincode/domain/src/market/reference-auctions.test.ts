import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval } from './clear';
import type { ClearingOrder } from './types';
import { findClearingFault } from './verify-clearing';

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
    readonly price_k_half: number | null;
  };
}

/** Prices and quantities of the files have at most five decimals; a price is doubled so that its half is whole. */
const priceScale = 200_000;
const quantityScale = 1_000;
const half = 500_000n;

const folder = join(__dirname, '../../../../../shared/data');
const files = ['gridlabd-auctions/auctions.json', 'known-answers/auctions-extra.json'];

function scaled(value: number, scale: number): bigint {
  return BigInt(Math.round(value * scale));
}

function ordersOf(auction: Auction): readonly ClearingOrder[] {
  const side = (name: 'buy' | 'sell', rows: Auction['bids']): readonly ClearingOrder[] =>
    rows.map(([price, quantity], index) => ({
      orderId: `${name}-${String(index).padStart(4, '0')}`,
      side: name,
      limitPriceMicroPerKwh: scaled(price, priceScale),
      energyWh: scaled(quantity, quantityScale),
    }));
  return [...side('buy', auction.bids), ...side('sell', auction.offers)];
}

function hasNegativeQuantity({ bids, offers }: Auction): boolean {
  return [...bids, ...offers].some(([, quantity]) => quantity <= 0);
}

const present = files.every((file) => existsSync(join(folder, file)));
if (!present) {
  process.stderr.write(
    `ABSENT: ${files.join(' and ')} are not in ../shared/data, so the clearing is not compared with them here.\n`,
  );
}
const auctions = present
  ? files.flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly Auction[])
  : [];

(present ? describe : describe.skip)('auctions with known answers', () => {
  it('are all there', () => {
    expect(auctions.length).toBeGreaterThanOrEqual(15);
    expect(auctions.filter(hasNegativeQuantity).length).toBeGreaterThanOrEqual(2);
  });

  it.each(
    auctions.filter((auction) => !hasNegativeQuantity(auction)).map((auction) => [auction.name, auction] as const),
  )('%s: quantity, welfare and price are those of the optimum', (_name, auction) => {
    const orders = ordersOf(auction);
    const clearing = clearInterval(orders, half);
    expect(findClearingFault(orders, clearing, half)).toBeUndefined();
    const filled = new Map(clearing.fills.map((fill) => [fill.orderId, fill.energyWh]));
    const welfare = orders.reduce((total, order) => {
      const value = order.limitPriceMicroPerKwh * (filled.get(order.orderId) ?? 0n);
      return order.side === 'buy' ? total + value : total - value;
    }, 0n);
    expect(clearing.tradedWh).toBe(scaled(auction.reference.quantity, quantityScale));
    expect(welfare).toBe(scaled(auction.reference.welfare, priceScale * quantityScale));
    expect(clearing.price?.lowMicroPerKwh ?? null).toBe(priceOf(auction.reference.price_low));
    expect(clearing.price?.highMicroPerKwh ?? null).toBe(priceOf(auction.reference.price_high));
    expect(clearing.price?.clearingMicroPerKwh ?? null).toBe(priceOf(auction.reference.price_k_half));
    expectGridlabdInside(auction, clearing.price);
  });

  it.each(auctions.filter(hasNegativeQuantity).map((auction) => [auction.name, auction] as const))(
    '%s: a negative quantity is refused',
    (_name, auction) => {
      expect(() => clearInterval(ordersOf(auction), half)).toThrow('INVARIANT_BROKEN');
    },
  );
});

function priceOf(price: number | null): bigint | null {
  return price === null ? null : scaled(price, priceScale);
}

/** GridLAB-D clips its price to 0.0001 inside the interval and publishes one even where nothing trades. */
function expectGridlabdInside(
  { gridlabd }: Auction,
  price: { readonly lowMicroPerKwh: bigint; readonly highMicroPerKwh: bigint } | undefined,
): void {
  if (gridlabd === undefined || price === undefined) {
    return;
  }
  const tolerance = scaled(0.001, priceScale);
  expect(scaled(gridlabd.price, priceScale)).toBeGreaterThanOrEqual(price.lowMicroPerKwh - tolerance);
  expect(scaled(gridlabd.price, priceScale)).toBeLessThanOrEqual(price.highMicroPerKwh + tolerance);
}
