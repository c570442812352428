import {
  commitmentOfMinutes,
  dispatchableOf,
  dispatchByMerit,
  leafOfAsset,
  openedMinutesCodec,
  openedSetPointsCodec,
  rootOfSetPoints,
  type Activation,
  type Coalition,
  type CoalitionMember,
  type Dispatchable,
  type Handover,
  type JsonObject,
  type PoolDelivery,
  type Remuneration,
} from '@flexledger/domain';
import { deriveBytes } from '@flexledger/gateway-app';
import type { Chosen } from './choice';
import { OPERATOR, WHOLESALE, type Gathering } from './gathering';
import type { PoolPhysics } from './pool';
import type { PoolWorld } from './world';

const MINUTES = 15;
/** Minutes after the begin of the slice at which it is called, and from when on the whole power is due. */
const SIGNAL_MINUTE = 2;
/** Quarter hours for which it is called. */
const PERIODS = 2;
/** Minutes after the whole power is due at which a battery drops out. */
const STOP_MINUTE = 3;

/** What came of a coalition from its proposal to the end of its slice. */
export interface Operated extends Dispatched {
  readonly coalition: Coalition;
  readonly activation: Activation;
  readonly handover: Handover;
  readonly deliveries: readonly PoolDelivery[];
}

/** How many assets were dispatched, and how many owners have acknowledged it. */
export interface Dispatched {
  readonly dispatched: number;
  readonly acknowledged: number;
}

/** Power in force from a minute on, by asset. */
interface InForce {
  readonly fromMinute: number;
  readonly powersW: ReadonlyMap<string, bigint>;
}

/** A coalition from its proposal to the end of its slice: what its aggregator, its buyer and its members' agents send. */
export class Operation {
  readonly #inForce: InForce[] = [];
  readonly #salt: string;

  constructor(
    protected readonly world: PoolWorld,
    protected readonly pool: Gathering,
    protected readonly physics: PoolPhysics,
    protected readonly say: (line: string) => void,
  ) {
    this.#salt = deriveBytes(world.seed, 'dispatch-salt', 16).toString('base64url');
  }

  /** The coalition of a plan for a request is proposed, offered and accepted; standing mandates are its members' consents. */
  async form({ planId, requests }: Chosen, label: string, acceptBySlot: number): Promise<Coalition> {
    const { world } = this;
    const requestId = requests.get(label);
    if (requestId === undefined) throw new RangeError(`nobody has asked for the ${label}`);
    const asked = { planId, requestId, consentBySlot: acceptBySlot - 1, acceptBySlot };
    const proposed = await world.sign('aggregator', OPERATOR, 'proposeCoalition', label, asked);
    const { buyer, coalitionId } = proposed;
    await world.sign('aggregator', OPERATOR, 'offerCapacity', label, { coalitionId });
    const accepted =
      buyer.participantId === undefined
        ? await world.submit(buyer.mspId === 'DsoMSP' ? 'dso' : 'tso', 'vpp', 'acceptOffer', label, { coalitionId })
        : await world.sign('market', WHOLESALE, 'acceptOffer', label, { coalitionId });
    this.say(`a coalition of ${accepted.memberCount} assets has sold the ${label}`);
    return accepted;
  }

  /** A coalition that nobody calls is ready to the end of its slice. */
  async keepReady({ coalitionId, firstSlot, sliceSlots }: Coalition): Promise<Coalition> {
    await this.world.tickTo(firstSlot + sliceSlots);
    return this.world.submit('market', 'vpp', 'verifyCoalition', coalitionId, { coalitionId });
  }

  /** The buyer calls all of it; a battery drops out and others take over; meters and telemetry show what was delivered. */
  async serve({ coalitionId, firstSlot, slices, sliceSlots }: Coalition): Promise<Operated> {
    const { world } = this;
    await world.tickTo(firstSlot);
    const activation = await world.submit('tso', 'vpp', 'activate', 'mfrr', {
      coalitionId,
      slice: 0,
      direction: 'up',
      powerW: (slices[0]?.offeredW ?? 0n).toString(),
      signalMinute: firstSlot * MINUTES + SIGNAL_MINUTE,
      periods: PERIODS,
    });
    const members = await this.dispatchables(coalitionId, activation);
    const { acknowledged, dispatched } = await this.dispatch('mfrr', activation, members, 750);
    const calledSlot = firstSlot + 1;
    await world.tickTo(calledSlot);
    const handover = await this.handOver(activation, members);
    const called = Array.from({ length: PERIODS }, (_, index) => calledSlot + index);
    this.follow(activation, called);
    for (const slot of called) {
      await world.tickTo(slot + 1);
      await this.tell(coalitionId, slot);
    }
    await world.tickTo(firstSlot + 4);
    await this.pool.measureTo(firstSlot + 4);
    const deliveries: PoolDelivery[] = [];
    for (const slot of called) {
      deliveries.push(await world.submit('tso', 'vpp', 'verifyDelivery', `${slot}`, { coalitionId, slot }));
    }
    const { activationId } = activation;
    const completed = await world.submit('tso', 'vpp', 'completeActivation', 'mfrr', { activationId });
    this.say('what was called has been delivered, as the meters show');
    await world.tickTo(firstSlot + sliceSlots);
    const coalition = await world.submit('tso', 'vpp', 'verifyCoalition', 'mfrr', { coalitionId });
    return { coalition, activation: completed, dispatched, acknowledged, handover, deliveries };
  }

  /** What its buyer owes for a measured coalition is paid out of what is set aside, and shared. */
  pay({ coalitionId }: Coalition): Promise<Remuneration> {
    return this.world.submit('aggregator', 'vpp', 'remunerate', coalitionId, { coalitionId });
  }

  /** What each member can do, as the aggregator's app reads it from the ledger. */
  protected async dispatchables(coalitionId: string, activation: Activation): Promise<readonly Dispatchable[]> {
    const { coalition } = await this.world.read('vpp', 'getCoalition', { coalitionId });
    if (coalition === null) throw new Error(`there is no coalition ${coalitionId}`);
    const { rows } = await this.world.read('vpp', 'listMembers', { coalitionId });
    return Promise.all(
      rows.map(async (member: CoalitionMember) => {
        const { assetId } = member;
        const [{ data }, { bands }] = await Promise.all([
          this.world.read('vpp', 'getTechnicalData', { assetId }),
          this.world.read('vpp', 'getBands', { assetId }),
        ]);
        const band = bands?.bands.find(({ direction }) => direction === activation.direction);
        const state = { member, technicalData: data ?? undefined, band, isCommissioned: true, hasDroppedOut: false };
        return dispatchableOf(coalition, activation, state, []);
      }),
    );
  }

  /** Set-points go out by the merit order, and each owner's agent signs that it has its own. */
  protected async dispatch(
    label: string,
    { activationId, dueMinute, periods, powerW }: Activation,
    members: readonly Dispatchable[],
    fullActivationSeconds: number,
  ): Promise<Dispatched> {
    const targetsW = Array.from({ length: periods }, () => powerW);
    const setPoints = dispatchByMerit({ members, targetsW, fullActivationSeconds });
    const confidential = {
      salt: this.#salt,
      setPoints: setPoints.map(({ assetId, powersW }) => ({ assetId, powersW: powersW.map(String) })),
    };
    const opened = openedSetPointsCodec.decode(confidential, '');
    const root = rootOfSetPoints(opened.salt, opened.setPoints);
    await this.world.sign('aggregator', OPERATOR, 'recordDispatch', label, { activationId, root }, confidential);
    this.#inForce.push({
      fromMinute: dueMinute,
      powersW: new Map(setPoints.map(({ assetId, powersW }) => [assetId, powersW[0] ?? 0n])),
    });
    const entries = setPoints.map(({ assetId }): JsonObject => {
      const { label: asset, owner } = this.pool.asset(assetId);
      const leaf = leafOfAsset(opened, assetId) ?? '';
      const fields = { activationId, revision: 1, assetId, leaf, isAccepted: true };
      return this.world.signed({ who: owner, transaction: 'acknowledgeDispatch', label: `${label} ${asset}`, fields });
    });
    await this.world.submit('community', 'vpp', 'acknowledgeDispatch', label, { entries });
    const { rows } = await this.world.read('vpp', 'listAcknowledgements', { activationId });
    return { dispatched: setPoints.length, acknowledged: rows.length };
  }

  /** The largest battery whose power the others have to spare drops out, or the smallest of all; the contract says who takes over. */
  private async handOver(
    { activationId, dueMinute, powerW }: Activation,
    members: readonly Dispatchable[],
  ): Promise<Handover> {
    const [before] = this.#inForce;
    if (before === undefined) throw new Error('nothing has been dispatched');
    const promised = new Map(members.map(({ assetId, promisedW }) => [assetId as string, promisedW[0] ?? 0n]));
    const spareW = [...promised.values()].reduce((sum, one) => sum + one, 0n) - powerW;
    const whole = [...before.powersW].filter(([assetId, own]) => own === promised.get(assetId));
    const bySize = whole.sort(([, left], [, right]) => Number(right - left));
    const [fromAssetId, lostW] = bySize.find(([, own]) => own <= spareW) ?? bySize.at(-1) ?? ['', 0n];
    const stopMinute = dueMinute + STOP_MINUTE;
    const dropped = { activationId, fromAssetId, stopMinute };
    const { handover } = await this.world.sign('aggregator', OPERATOR, 'handOver', 'mfrr', dropped);
    const without = new Map([...before.powersW].filter(([assetId]) => assetId !== fromAssetId));
    this.#inForce.push({ fromMinute: stopMinute, powersW: without });
    const after = new Map(without);
    for (const { assetId, powerW: moreW } of handover.takenOver) after.set(assetId, (after.get(assetId) ?? 0n) + moreW);
    this.#inForce.push({ fromMinute: handover.takeoverMinute, powersW: after });
    this.say(`${this.pool.asset(fromAssetId).label} drops out with ${lostW} W; ${handover.takenOver.length} take over`);
    return handover;
  }

  /** The storages do what they are told, minute by minute; in the quarter hour of the signal they rise evenly to their power. */
  private follow({ dueMinute, signalMinute }: Activation, called: readonly number[]): void {
    const [first] = this.#inForce;
    for (const [assetId, powerW] of first?.powersW ?? []) {
      const risingMinutes = BigInt(dueMinute - signalMinute);
      this.physics.call(assetId, Math.floor(signalMinute / MINUTES), (powerW * risingMinutes) / 120n);
    }
    for (const slot of called) {
      const minutes = minutesOf(slot).map((minute) => this.powersIn(minute));
      for (const assetId of new Set(minutes.flatMap((powers) => [...powers.keys()]))) {
        const sum = minutes.reduce((total, powers) => total + (powers.get(assetId) ?? 0n), 0n);
        this.physics.call(assetId, slot, sum / 60n);
      }
    }
  }

  /** What each asset has to give in a minute. */
  protected powersIn(minute: number): ReadonlyMap<string, bigint> {
    return this.#inForce.findLast(({ fromMinute }) => fromMinute <= minute)?.powersW ?? new Map<string, bigint>();
  }

  /** The aggregator commits to the minutes of its pool before the next quarter hour has ended, and opens them. */
  protected async tell(coalitionId: string, slot: number): Promise<void> {
    const minutes = minutesOf(slot).map((minute) => {
      const exportW = [...this.powersIn(minute).values()].reduce((sum, one) => sum + one, 0n);
      return { importW: '0', exportW: exportW.toString() };
    });
    const confidential = { salt: this.#salt, minutes };
    const commitment = commitmentOfMinutes(openedMinutesCodec.decode(confidential, ''));
    await this.world.sign('aggregator', OPERATOR, 'commitTelemetry', `${slot}`, { coalitionId, slot, commitment });
    await this.world.submit('aggregator', 'vpp', 'openTelemetry', `${slot}`, { coalitionId, slot }, confidential);
  }
}

/** The minutes of a quarter hour. */
export function minutesOf(slot: number): readonly number[] {
  return Array.from({ length: MINUTES }, (_, minute) => slot * MINUTES + minute);
}
