import { readFileSync } from 'node:fs';
import { connect, type MqttClient } from 'mqtt';
import { Handover } from './handover';
import type { Fault, InputItem, MeterInput } from './measurement';
import { readPayload, type PayloadOptions } from './mqtt-payload';

/** Which topic has a meter's values and how its messages are read. */
export interface MqttOptions extends PayloadOptions {
  /** Such as `mqtt://127.0.0.1:1883` or `mqtts://broker.example:8883`. */
  readonly url: string;
  /** Under this name the broker keeps messages while the agent is away; no other client may have it. */
  readonly clientId: string;
  readonly username?: string | undefined;
  /** File that holds nothing but the password. */
  readonly passwordFile?: string | undefined;
}

const RECONNECT_MS = 1_000;

/**
 * Messages of an MQTT topic. They are asked for with quality of service 1 in a session that outlives the connection, and each is
 * acknowledged to the broker only when it has been written down: what comes while the agent is away or killed comes again.
 */
export class MqttInput implements MeterInput {
  readonly replayable = false;
  readonly #options: MqttOptions;
  readonly #nowMs: () => number;

  constructor(options: MqttOptions, nowMs: () => number) {
    this.#options = options;
    this.#nowMs = nowMs;
  }

  /** Ends only when it is told to stop: a broker that does not answer is tried again. */
  async *read(_: string | undefined, stop: AbortSignal): AsyncGenerator<InputItem> {
    const messages = new Handover<Uint8Array | Fault>();
    const client = this.#connect(messages);
    try {
      for await (const message of messages.take(stop)) {
        const arrived = Math.floor(this.#nowMs() / 1000);
        const read = 'code' in message ? message : readPayload(message, this.#options, arrived);
        yield 'code' in read ? { position: '', faults: [read] } : { position: '', faults: [], measurement: read };
      }
    } finally {
      client.end(true);
    }
  }

  #connect(messages: Handover<Uint8Array | Fault>): MqttClient {
    const { url, topic, clientId, username, passwordFile } = this.#options;
    const client = connect(url, {
      clientId,
      clean: false,
      reconnectPeriod: RECONNECT_MS,
      ...(username === undefined ? {} : { username }),
      ...(passwordFile === undefined ? {} : { password: readFileSync(passwordFile, 'utf8').trim() }),
    });
    // The client acknowledges a message when `done` is called.
    client.handleMessage = (packet, done) => {
      const { payload } = packet;
      messages.give(typeof payload === 'string' ? Buffer.from(payload) : payload, () => done());
    };
    let isSilent = false;
    // The client connects again by itself; one fault stands for all tries until it has succeeded.
    client.on('error', (error) => {
      const sentence = `the broker does not take the agent (${error.message}) and is tried again`;
      if (!isSilent) messages.give({ code: 'MQTT_BROKER', where: url, sentence }, () => undefined);
      isSilent = true;
    });
    client.on('connect', () => {
      isSilent = false;
      client.subscribe(topic, { qos: 1 });
    });
    return client;
  }
}
