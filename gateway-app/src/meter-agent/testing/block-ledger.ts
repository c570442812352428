import {
  exampleMeter,
  genesisLink,
  meterCodec,
  blockBytes,
  linkOf,
  unpackBlock,
  slotOfSeconds,
  verifySignature,
  type BlockResult,
  type JsonObject,
  type Meter,
  type MeterHead,
  type ProfileBlock,
} from '@flexledger/domain';
import { GatewayUnavailable, type GatewayClient } from '../gateway-client';
import type { BlockAnswer, MeterFacts } from '../meter-protocol';

const CHANNEL = 'test-channel';

interface Chain {
  readonly meter: Meter;
  head: MeterHead;
  readonly blocks: ProfileBlock[];
}

/** A ledger in memory with the rules of a meter's chain, and with the gateway in front of it. */
export class BlockLedger implements GatewayClient {
  readonly #chains = new Map<string, Chain>();
  /** While this is false nobody answers. */
  isReachable = true;
  /** Called before blocks are recorded; may throw. */
  beforeRecord: (blocks: readonly ProfileBlock[]) => Promise<void> | void = () => undefined;
  /** Called when blocks are recorded and nobody has been told; may throw. */
  afterRecord: (blocks: readonly ProfileBlock[]) => Promise<void> | void = () => undefined;

  /** Puts a meter with this key into service; its chain begins at this moment. */
  register(meterId: string, publicKey: string, firstSeconds: number, resolutionMinutes = 15): void {
    const { publicKey: _, ...entry } = exampleMeter as unknown as JsonObject;
    const firstSlot = slotOfSeconds(firstSeconds);
    const fields = { ...entry, meterId, firstSlot, resolutionMinutes, status: 'COMMISSIONED' };
    const meter = meterCodec.decode({ ...fields, keys: [{ version: 1, publicKey, firstSequence: 1 }] }, '');
    this.#chains.set(meterId, { meter, head: { sequence: 0, link: genesisLink, nextSlot: firstSlot }, blocks: [] });
  }

  /** The blocks of a meter in order. */
  blocks(meterId: string): readonly ProfileBlock[] {
    return this.#chain(meterId).blocks;
  }

  /** Every value of a meter as `slot: importWh/exportWh`, in the order of the chain. */
  values(meterId: string): string[] {
    return this.blocks(meterId).flatMap(({ startSlot, importWh, exportWh, resolutionMinutes }) =>
      importWh.map(
        (energy, index) => `${startSlot + (index * resolutionMinutes) / 15}: ${energy}/${exportWh[index] ?? ''}`,
      ),
    );
  }

  /** The operator records a gap: the chain goes on at this moment. */
  recordGap(meterId: string, nextSeconds: number): void {
    const chain = this.#chain(meterId);
    chain.head = { ...chain.head, nextSlot: slotOfSeconds(nextSeconds) };
  }

  async facts(meterId: string): Promise<MeterFacts | undefined> {
    if (!this.isReachable) throw new GatewayUnavailable('the test ledger is away');
    const chain = this.#chains.get(meterId);
    return chain === undefined ? undefined : { channel: CHANNEL, meter: chain.meter, head: chain.head };
  }

  async send(blocks: readonly string[]): Promise<readonly BlockAnswer[]> {
    if (!this.isReachable) throw new GatewayUnavailable('the test ledger is away');
    const decoded = blocks.map((block) => unpackBlock(block, ''));
    const outcomes = await this.record(decoded);
    return decoded.map(({ meterId, sequence }, index) => ({ meterId, sequence, ...outcomes[index]! }));
  }

  /** As one transaction of the contract. */
  async record(blocks: readonly ProfileBlock[]): Promise<readonly BlockResult[]> {
    await this.beforeRecord(blocks);
    const outcomes = blocks.map((block) => this.#judge(block));
    await this.afterRecord(blocks);
    return outcomes;
  }

  #judge(block: ProfileBlock): BlockResult {
    const chain = this.#chain(block.meterId);
    const { head, meter } = chain;
    const publicKey = meter.keys[0]?.publicKey ?? '';
    const isSigned = verifySignature(publicKey, blockBytes(CHANNEL, block), block.signature);
    if (!isSigned) return refused('READING_SIGNATURE');
    const recorded = chain.blocks[block.sequence - 1];
    if (recorded !== undefined) {
      return linkOf(recorded) === linkOf(block) ? { status: 'already' } : refused('READING_CONFLICT');
    }
    if (block.sequence !== head.sequence + 1) return refused('READING_SEQUENCE');
    if (block.previousLink !== head.link) return refused('READING_LINK');
    if (block.startSlot !== head.nextSlot) return refused('READING_NOT_CONTIGUOUS');
    chain.blocks.push(block);
    const nextSlot = (block.startSlot + block.totals.length) as MeterHead['nextSlot'];
    chain.head = { sequence: block.sequence, link: linkOf(block), startSlot: block.startSlot, nextSlot };
    return { status: 'recorded' };
  }

  #chain(meterId: string): Chain {
    const chain = this.#chains.get(meterId);
    if (chain === undefined) throw new RangeError(`there is no meter ${meterId}`);
    return chain;
  }
}

function refused(code: string): BlockResult {
  return { status: 'refused', code };
}
