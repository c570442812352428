import { RuleRejected } from '@flexledger/gateway-app';
import type { JsonObject } from '@flexledger/domain';
import { ASKED, hourSlot, requestOf, SERVICES, type AskedService } from './catalogue';
import { METERED_FROM, OPERATOR, WHOLESALE, type Gathering } from './gathering';
import { assetOf, COPIES, HOUR, type AssetPlate, type PoolAsset, type PoolPhysics } from './pool';
import type { PoolWorld } from './world';

/** Something that was tried and refused, with the code. */
export interface Refused {
  readonly what: string;
  readonly code: string;
}

/** What a test activation has come to. */
export interface TestPlayed {
  readonly state: string;
  readonly powerMaxW: bigint;
  readonly quarters: readonly { readonly askedWh: bigint; readonly deliveredWh: bigint }[];
}

const TEST_SLOT = METERED_FROM + 4;
const TEST_SLOTS = 2;
/** Storages are tested with so much together behind each transformer, which carries 160 kVA. */
const TESTED_PER_COPY_W = 150_000n;
const FULL_ACTIVATION_SECONDS = 750n;
const QUARTER_SECONDS = 900n;

/** What joins while the day goes on. */
const LATE: readonly AssetPlate[] = [
  { copy: 0, bus: 4, kind: 'storage', id: 90, ratedW: 60_000n, energyWh: 120_000n },
  { copy: 1, bus: 4, kind: 'generator', id: 91, ratedW: 100_000n, syncSeconds: 1_800 },
];

/** The chapters of the day of a virtual power plant. */
export class VirtualPowerPlant {
  readonly refused: Refused[] = [];
  readonly requests = new Map<string, string>();
  #test: TestPlayed | undefined;

  constructor(
    private readonly world: PoolWorld,
    private readonly pool: Gathering,
    private readonly physics: PoolPhysics,
    private readonly say: (line: string) => void,
  ) {}

  get test(): TestPlayed {
    if (this.#test === undefined) throw new Error('the pool has not been tested');
    return this.#test;
  }

  /** The catalogue, and money of the buyers. */
  async publish(): Promise<void> {
    for (const { publisher, terms } of Object.values(SERVICES)) {
      await this.world.submit(publisher, 'vpp', 'publishService', terms.serviceId, terms);
    }
    for (const mspId of ['TsoMSP', 'DsoMSP']) {
      const paid = { mspId, amountMicro: '1000000000', reference: 'paid in for services' };
      await this.world.submit('market', 'vpp', 'fundService', mspId, paid);
    }
    await this.world.submit('market', 'accounts', 'fund', 'wholesale', {
      participantId: this.world.idOf(WHOLESALE),
      amountMicro: '2000000000',
      reference: 'paid in by the buyer',
    });
  }

  /** The storages of the pool show together that they reach what they promise in 12.5 minutes. */
  async prequalify(): Promise<void> {
    const storages = this.pool.assets.filter(({ kind }) => kind === 'storage');
    const shares = sharesOf(storages, TESTED_PER_COPY_W);
    const tested = (powers: ReadonlyMap<string, bigint>, changes: JsonObject = {}): JsonObject => ({
      subjectKind: 'pool',
      serviceId: 'mfrr',
      direction: 'up',
      firstSlot: TEST_SLOT,
      slots: TEST_SLOTS,
      shares: [...powers].map(([assetId, powerW]) => ({ assetId, powerW: powerW.toString() })),
      ...changes,
    });
    const [pv] = this.pool.assets.filter(({ kind }) => kind === 'pv');
    await this.refuse('a PV system that is to be tested upwards', () =>
      this.startTest('pv upwards', tested(new Map([[pv?.assetId ?? '', 1_000n]]), { subjectKind: 'asset' })),
    );
    await this.refuse('a pool of 999 kW', () => this.startTest('999 kW', tested(sharesOf(storages, 99_900n))));
    await this.startTest('storages', tested(shares));
    this.follow(shares);
    await this.world.tickTo(TEST_SLOT + TEST_SLOTS);
    await this.pool.measureTo(TEST_SLOT + TEST_SLOTS);
    const outcome = await this.world.submit('tso', 'vpp', 'completeTest', 'storages', {
      subjectId: this.world.idOf(OPERATOR),
      kind: 'mfrr',
      direction: 'up',
    });
    this.#test = { state: outcome.state, powerMaxW: outcome.powerMaxW, quarters: outcome.result ?? [] };
    this.say(`the test activation of ${storages.length} storages: ${outcome.state}, ${outcome.powerMaxW / 1_000n} kW`);
  }

  /** Buyers ask for services: the system operators as organisations, the wholesale market with its signature. */
  async ask(): Promise<void> {
    const [first] = ASKED;
    if (first === undefined) throw new Error('nothing is asked for');
    await this.refuse('a bid of 999 kW for a service of 1 MW', () =>
      this.request(first, '999 kW', { volumeMaxW: '999000', bidMinW: '999000' }),
    );
    for (const asked of ASKED) this.requests.set(asked.label, await this.request(asked, asked.label));
    this.say(`${this.requests.size} services are asked for in the course of the day`);
  }

  /** Two assets are registered while the day goes on: a storage, and a back-up generator that needs half an hour to be synchronised. */
  async joinLate(): Promise<void> {
    await this.world.tickTo(hourSlot(8));
    await this.pool.join(
      'late',
      LATE.map((plate) => assetOf(this.world.seed, plate)),
      hourSlot(12),
    );
    await this.pool.awaitBands();
    const generator = this.pool.assets.find(({ kind }) => kind === 'generator');
    const asked = {
      subjectKind: 'asset',
      serviceId: 'mfrr',
      direction: 'up',
      firstSlot: hourSlot(12),
      slots: 1,
      shares: [{ assetId: generator?.assetId ?? '', powerW: '100000' }],
    };
    await this.refuse('mFRR of a generator that needs half an hour to be synchronised', () =>
      this.startTest('generator', asked),
    );
    this.say('a storage and a generator have joined in the course of the day');
  }

  /** The ids of the requests of a time of the day, by their labels. */
  requestsOf(time: string): ReadonlyMap<string, string> {
    return new Map([...this.requests].filter(([label]) => label.endsWith(time)));
  }

  private async request(asked: AskedService, label: string, changes: JsonObject = {}): Promise<string> {
    const { publisher } = SERVICES[asked.service];
    const fields = requestOf(asked, changes);
    const { requestId } =
      publisher === 'market'
        ? await this.world.sign('market', WHOLESALE, 'requestService', label, fields)
        : await this.world.submit(publisher, 'vpp', 'requestService', label, fields);
    return requestId;
  }

  private async startTest(label: string, fields: JsonObject): Promise<void> {
    await this.world.sign('aggregator', OPERATOR, 'startTest', label, fields);
  }

  /** The storages do what the test asks: rise evenly to the whole in 12.5 minutes, and stay there; in the hour after it they charge again. */
  private follow(shares: ReadonlyMap<string, bigint>): void {
    for (const [assetId, powerW] of shares) {
      const risingWh = (powerW * (2n * QUARTER_SECONDS - FULL_ACTIVATION_SECONDS)) / 7_200n;
      this.physics.call(assetId, TEST_SLOT, risingWh);
      for (let slot = TEST_SLOT + 1; slot < TEST_SLOT + TEST_SLOTS; slot += 1) {
        this.physics.call(assetId, slot, powerW / 4n);
      }
      for (let slot = TEST_SLOT + TEST_SLOTS; slot < TEST_SLOT + TEST_SLOTS + HOUR; slot += 1) {
        this.physics.call(assetId, slot, -((risingWh + powerW / 4n) * 100n) / 361n);
      }
    }
  }

  private async refuse(what: string, attempt: () => Promise<unknown>): Promise<void> {
    this.refused.push({ what, code: await codeOf(attempt) });
  }
}

async function codeOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return 'ACCEPTED';
  } catch (error) {
    if (error instanceof RuleRejected) return error.code;
    throw error;
  }
}

/** What each storage brings where those of each copy bring so much together, in proportion to what they can. */
function sharesOf(storages: readonly PoolAsset[], perCopyW: bigint): ReadonlyMap<string, bigint> {
  const shares = new Map<string, bigint>();
  for (let copy = 0; copy < COPIES; copy += 1) {
    const own = storages.filter((storage) => storage.copy === copy);
    const wholeW = own.reduce((sum, { activeW }) => sum + activeW, 0n);
    let leftW = perCopyW;
    own.forEach(({ activeW, assetId }, index) => {
      const powerW = index === own.length - 1 ? leftW : (perCopyW * activeW) / wholeW;
      shares.set(assetId, powerW);
      leftW -= powerW;
    });
  }
  return shares;
}
