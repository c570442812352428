import type { AssetId, JsonObject } from '@flexledger/domain';
import { callers, command, idOf, type Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';

const green = { pairing: { kind: 'green' } } as const;

async function registerAsset(made: MarketScene, owner: Signer, kind: string, ratedPowerW: string): Promise<void> {
  const { participantId } = owner;
  const assetId = idOf<AssetId>(`${kind} of ${participantId}`);
  const asset = { assetId, participantId, gridId: 'rural-1', bus: 'bus-2', kind, phases: 3, ratedPowerW };
  const register = { commandId: command(`register ${assetId}`), assets: [asset] };
  await made.ledger.submit(callers.aggregator, 'registry:registerAssets', register);
  const commission = { commandId: command(`commission ${assetId}`), assetIds: [assetId], reason: 'Installed' };
  await made.ledger.submit(callers.dso, 'registry:commissionAssets', commission);
}

/** Ann wishes for green energy; bob asks less than cyd, who has a roof. Answers who is listed as selling to ann. */
async function sellerToAnn(rules: JsonObject): Promise<readonly string[]> {
  const made = await MarketScene.create(rules);
  const { ann, bob, cyd, supplier } = made;
  const contents = {
    ann: contentOf('ann', ['buy', 0, 1_000n, 300_000n], green),
    supplier: contentOf('supplier', ['buy', 0, 1_000n, 200_000n]),
    bob: contentOf('bob', ['sell', 0, 1_000n, 50_000n]),
    cyd: contentOf('cyd', ['sell', 0, 1_000n, 100_000n]),
  };
  await made.place(ann, [contents.ann]);
  await made.place(supplier, [contents.supplier], { collateralMicro: '5000000000' }, callers.market);
  await made.place(bob, [contents.bob]);
  await made.place(cyd, [contents.cyd]);
  await made.clearAll(Object.values(contents));
  const { rows } = await made.ledger.evaluate(callers.tso, 'market:listPairs', { sessionId: scene.sessionId });
  const pairs = (rows as JsonObject[]).flatMap((row) => row.pairs as JsonObject[]);
  const names = new Map<string, string>(Object.entries(contents).map(([name, { orderId }]) => [orderId, name]));
  return pairs
    .filter(({ buyOrderId }) => buyOrderId === contents.ann.orderId)
    .map(({ sellOrderId }) => names.get(String(sellOrderId)) ?? '');
}

describe('the assets that are registered for sellers', () => {
  it('say whose energy is green to who wishes for it, where the rule set asks for them', async () => {
    expect(await sellerToAnn({})).toEqual(['bob']);
    expect(await sellerToAnn({ sellerAssets: 'registered' })).toEqual(['cyd']);
  });

  it('stand with the orders: a roof with its rated power is installed, a boiler beside it makes nothing green', async () => {
    const made = await MarketScene.create({ sellerAssets: 'registered' });
    await registerAsset(made, made.cyd, 'pv', '8000');
    await registerAsset(made, made.bob, 'pv', '5000');
    await registerAsset(made, made.bob, 'chp', '2000');
    for (const signer of [made.ann, made.bob, made.cyd]) {
      await made.place(signer, [contentOf(signer.participantId, ['sell', 0, 100n, 100_000n])]);
    }
    const sets = [...made.ledger.rows('order-set').values()] as JsonObject[];
    const sellerOf = ({ participantId }: Signer) => sets.find((set) => set.participantId === participantId)?.seller;
    expect(sellerOf(made.cyd)).toEqual({ isGreen: true, installedW: '8000' });
    expect(sellerOf(made.bob)).toEqual({ isGreen: false, installedW: '7000' });
    expect(sellerOf(made.ann)).toEqual({ isGreen: false });
  });

  it('are not looked at where the rule set does not ask for them', async () => {
    const made = await MarketScene.create();
    await registerAsset(made, made.cyd, 'pv', '8000');
    await made.place(made.cyd, [contentOf('cyd', ['sell', 0, 100n, 100_000n])]);
    const [set] = [...made.ledger.rows('order-set').values()] as JsonObject[];
    expect(set).not.toHaveProperty('seller');
    expect(made.ledger.rows('participant-asset').size).toBe(0);
  });
});
