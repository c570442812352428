import { createReadStream } from 'node:fs';
import type { InputItem, MeterInput } from './measurement';
import { P1Framer, readTelegram, type P1Frame } from './p1-telegram';
import { openDevice, openTcp, type ByteSource } from './p1-source';
import { repeatedly } from './repeatedly';

/** Where a P1 port is read. */
export interface P1Options {
  /** Exactly one of these: a serial device, `host:port`, or a file with recorded telegrams. */
  readonly device?: string | undefined;
  readonly tcp?: string | undefined;
  readonly file?: string | undefined;
  /** Speed of the serial device. */
  readonly baud: number;
  /** How far the meter's winter time is ahead of UTC. */
  readonly winterOffsetMinutes: number;
}

/** The telegrams of a meter's P1 port (DSMR 4 and 5): counters at the time that the meter says. */
export class P1Input implements MeterInput {
  readonly #options: P1Options;

  constructor(options: P1Options) {
    this.#options = options;
  }

  get replayable(): boolean {
    return this.#options.file !== undefined;
  }

  async *read(position: string | undefined, stop: AbortSignal): AsyncGenerator<InputItem> {
    const { file } = this.#options;
    if (file === undefined) {
      yield* repeatedly(
        stop,
        (reached) => this.#live(stop, reached),
        (code) => this.#failure(code),
      );
      return;
    }
    const start = Number(position ?? '0');
    yield* this.#frames(createReadStream(file, { start }), new P1Framer(start), stop);
  }

  /** One connection, until it breaks. */
  async *#live(stop: AbortSignal, reached: () => void): AsyncGenerator<InputItem> {
    const { device, tcp, baud } = this.#options;
    const source = tcp === undefined ? await openDevice(device ?? '', baud, stop) : await openTcp(tcp, stop);
    yield* this.#frames(source, new P1Framer(), stop, reached);
  }

  async *#frames(
    source: ByteSource,
    framer: P1Framer,
    stop: AbortSignal,
    reached?: () => void,
  ): AsyncGenerator<InputItem> {
    try {
      for await (const bytes of source) {
        reached?.();
        for (const frame of framer.push(bytes)) {
          yield this.#item(frame);
          if (stop.aborted) return;
        }
      }
      for (const frame of framer.end()) yield this.#item(frame);
    } finally {
      source.destroy();
    }
  }

  #failure(code: string): InputItem {
    const { device, tcp } = this.#options;
    const sentence = `it cannot be read (${code}) and is tried again`;
    return { position: '', faults: [{ code: 'P1_SOURCE', where: tcp ?? device ?? '', sentence }] };
  }

  #item(frame: P1Frame): InputItem {
    const position = String(frame.end);
    if ('fault' in frame) return { position, faults: [frame.fault] };
    const read = readTelegram(frame.text, frame.at, this.#options.winterOffsetMinutes);
    return 'code' in read ? { position, faults: [read] } : { position, measurement: read, faults: [] };
  }
}
