import { encodeBlock } from '@flexledger/fabric-model';
import { readBlocks } from '../../client/blocks';
import type { GatewayPort, HeightReader } from '../../client/gateway-port';
import type { BlockSource } from './block-file';

/** The blocks that a peer has at this moment, over its deliver service. */
export class PeerBlocks implements BlockSource {
  readonly channel: string;

  constructor(
    readonly name: string,
    private readonly port: Pick<GatewayPort, 'blocks' | 'channel'> & HeightReader,
  ) {
    this.channel = port.channel;
  }

  async *blocks(): AsyncGenerator<Uint8Array, void, void> {
    const height = await this.port.height();
    // A block is passed on in the bytes in which the peers write it: of what they write nothing is lost by decoding.
    for await (const block of readBlocks({ port: this.port, lastBlock: height - 1n })) {
      yield encodeBlock(block);
    }
  }
}
