import path from 'node:path';
import {
  addressOf,
  exampleMeter,
  packProfile,
  slot,
  wh,
  type CommandId,
  type JsonObject,
  type JsonValue,
  type SubmitName,
} from '@flexledger/domain';
import {
  closeBlock,
  deriveBytes,
  deriveId,
  derivePrivateKey,
  signBlock,
  SigningKey,
  type DayPlan,
  type UnsignedBlock,
} from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty, submitPlain, type Party } from '../../faults/party';

const MINUTES = 60;
const SLOTS = 4;

/** A meter with values of minutes that joins a played day, is cloned and corrected, and leaves with everything that was kept of it. */
export class MinuteMeter {
  readonly meterId: string;
  readonly meteringPoint = 'DE0009876543210000000000000012345';
  readonly identitySalt: Buffer;
  readonly #key: SigningKey;
  readonly #blocks: UnsignedBlock[] = [];
  readonly #clone: UnsignedBlock;

  private constructor(
    private readonly plan: DayPlan,
    private readonly channel: string,
    private readonly dso: Party,
    private readonly community: Party,
  ) {
    const { seed } = plan;
    this.meterId = deriveId(seed, 'meter/minutes');
    this.#key = new SigningKey(derivePrivateKey(seed, 'meter-key/minutes'));
    this.identitySalt = deriveBytes(seed, 'identity-salt/minutes', 16);
    this.#blocks.push(this.#close(undefined, 0n));
    this.#blocks.push(this.#close(this.#blocks[0], 0n));
    this.#clone = this.#close(this.#blocks[0], 1n);
  }

  static async open(plan: DayPlan, handle: NetworkHandle, folder: string): Promise<MinuteMeter> {
    const party = (organization: string, identity: string): Promise<Party> =>
      openParty(handle, { organization, identity }, path.join(folder, identity));
    return new MinuteMeter(plan, handle.channelName, await party('Dso', 'dso'), await party('Community', 'community'));
  }

  /** Bytes of which none may be found once they are purged, of the block that was refused neither: salts, rows of values, and values alone, packed and as text. */
  get secrets(): readonly Buffer[] {
    return [...this.#blocks, this.#clone].flatMap((block) => {
      const row = Buffer.from(packProfile(block));
      const salt = Buffer.from(block.salt, 'base64url');
      const values = block.importWh.slice(0, 8).map(String);
      const texts = [values.join(','), values.join('","'), values.join(' ')].map((text) => Buffer.from(text));
      return [salt, row, row.subarray(row.indexOf(salt) + salt.length), ...texts];
    });
  }

  /** Bytes that say who is behind the meter. */
  get identity(): readonly Buffer[] {
    return [Buffer.from(this.meteringPoint), this.identitySalt];
  }

  /** Two blocks, a clone of the second one, and a new version of a total. */
  async live(): Promise<void> {
    const { meterId, plan } = this;
    const [participant] = plan.participants;
    const meter = {
      ...(exampleMeter as unknown as JsonObject),
      meterId,
      participantId: addressOf(participant?.publicKey ?? ''),
      gridId: plan.gridId,
      bus: `bus-${plan.meters[0]?.unit.bus}`,
      resolutionMinutes: 1,
      firstSlot: plan.deliverySlot,
      publicKey: this.#key.publicKey,
    };
    const { meteringPoint } = this;
    const identities = [{ meterId, meteringPoint, salt: this.identitySalt.toString('base64url') }];
    await this.#submit(this.dso, 'registry', 'registerMeters', { meters: [meter] }, identities);
    await this.#submit(this.dso, 'registry', 'commissionMeters', { meterIds: [meterId], reason: 'Installed' });
    await this.#record('blocks', this.#blocks);
    await this.#record('clone', [this.#clone]);
    const fromSlot = plan.deliverySlot + 1;
    const totals = [{ importWh: '17', exportWh: '0' }];
    const amendment = { meterId, fromSlot, totals, cause: 'correction', reason: 'Read at the meter' };
    await this.#submit(this.dso, 'metering', 'correct', amendment);
  }

  /** Retires the meter and purges its values and who was behind it. */
  async leave(): Promise<void> {
    const { meterId, plan } = this;
    const step = { meterIds: [meterId], reason: 'The customer has asked for it' };
    await this.#submit(this.dso, 'registry', 'retireMeters', step);
    const slots = { fromSlot: plan.deliverySlot, toSlot: plan.deliverySlot + 2 * SLOTS };
    await this.#submit(this.dso, 'metering', 'purge', { meterId, ...slots, cause: 'request' });
    await this.#submit(this.dso, 'registry', 'purgeIdentities', step);
  }

  async close(): Promise<void> {
    await Promise.all([this.dso.close(), this.community.close()]);
  }

  #close(previous: UnsignedBlock | undefined, moreWh: bigint): UnsignedBlock {
    const startSlot = slot(this.plan.deliverySlot + (previous?.sequence ?? 0) * SLOTS);
    const noise = deriveBytes(this.plan.seed, `minutes/${startSlot}`, MINUTES);
    const importWh = [...noise].map((value) => wh(100n + BigInt(value) + moreWh));
    const measured = { startSlot, resolutionMinutes: 1, importWh, exportWh: importWh.map(() => wh(0n)) } as const;
    const salt = deriveBytes(this.plan.seed, `minute-salt/${startSlot}/${moreWh}`, 16).toString('base64url');
    return closeBlock({ meterId: this.meterId, keyVersion: 1, previous, measured, salt });
  }

  async #record(label: string, blocks: readonly UnsignedBlock[]): Promise<void> {
    const packed = blocks.map((block) => signBlock(this.channel, this.#key, block).content);
    const request = { count: blocks.length };
    await this.#submit(this.community, 'metering', 'recordProfiles', request, { blocks: packed }, label);
  }

  #submit<C extends 'registry' | 'metering'>(
    party: Party,
    contract: C,
    transaction: SubmitName<C>,
    request: JsonObject,
    confidential?: JsonValue,
    label = String(transaction),
  ): Promise<unknown> {
    const commandId = deriveId(this.plan.seed, `command/minutes/${label}`) as CommandId;
    const more = confidential === undefined ? {} : { confidential };
    return submitPlain(party, contract, transaction, { commandId, ...request }, more);
  }
}
