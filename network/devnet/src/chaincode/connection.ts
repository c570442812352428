import { peer } from '@hyperledger/fabric-protos';
import { messageOf } from '../errors';
import { refusalText } from './refusal-text';
import { messageTypeName, responderFor, type ChaincodeLimits } from './state-requests';
import { RunningTransaction, type TransactionContext } from './transaction-context';

/** The text that ends every transaction in flight when a chaincode process goes away; the gateway looks for it. */
export const streamTerminated = 'chaincode stream terminated';

const { Type } = peer.ChaincodeMessage;

/** The stream of messages between peer and chaincode, whichever side dialled. */
export interface ChaincodeStream {
  write(message: peer.ChaincodeMessage): unknown;
  end(): unknown;
  on(event: 'data', listener: (message: peer.ChaincodeMessage) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What a transaction of a chaincode came to: its response, and the event it set, if any. */
export interface ChaincodeResult {
  readonly response: peer.Response;
  readonly event: peer.ChaincodeEvent | undefined;
}

/** What one transaction is given to work on. */
export interface ExecuteRequest {
  readonly context: TransactionContext;
  readonly input: peer.ChaincodeInput;
}

/** Who hears when a connection becomes ready or ends. */
export interface ConnectionListener {
  /** Called with the chaincode's own id; throwing refuses the registration. */
  registered(connection: ChaincodeConnection, chaincodeId: string): void;
  closed(connection: ChaincodeConnection, reason: string): void;
}

function newMessage(type: number, payload: Uint8Array, transaction?: TransactionContext): peer.ChaincodeMessage {
  const message = new peer.ChaincodeMessage();
  message.setType(type as peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]);
  message.setPayload(payload);
  if (transaction !== undefined) {
    message.setTxid(transaction.transactionId);
    message.setChannelId(transaction.channel);
  }
  return message;
}

function transactionKey(channel: string, transactionId: string): string {
  return `${channel}\u0000${transactionId}`;
}

/**
 * The peer's side of one chaincode stream: created → established → ready, then any number of transactions at once, each
 * with one outstanding request, as in Fabric's handler.
 */
export class ChaincodeConnection {
  private state: 'created' | 'ready' | 'closed' = 'created';
  private readonly running = new Map<string, RunningTransaction>();

  constructor(
    private readonly stream: ChaincodeStream,
    private readonly limits: ChaincodeLimits,
    private readonly listener: ConnectionListener,
  ) {
    stream.on('data', (message) => {
      this.receive(message);
    });
    stream.on('end', () => {
      this.close(streamTerminated);
    });
    stream.on('close', () => {
      this.close(streamTerminated);
    });
    stream.on('error', (error) => {
      this.close(error.message);
    });
  }

  /** Whether transactions can be sent. */
  get isReady(): boolean {
    return this.state === 'ready';
  }

  /** Runs one transaction; rejects with Fabric's text when it times out, fails or the stream ends. */
  async execute(request: ExecuteRequest): Promise<ChaincodeResult> {
    const { context, input } = request;
    const key = transactionKey(context.channel, context.transactionId);
    if (this.running.has(key)) throw new Error(`txid: ${context.transactionId}(${context.channel}) exists`);
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<peer.ChaincodeMessage>((resolve, reject) => {
        this.running.set(key, new RunningTransaction(context, resolve, reject));
        timer = setTimeout(() => {
          reject(new Error('error sending: timeout expired while executing transaction'));
        }, this.limits.executeTimeoutMs);
        const message = newMessage(Type.TRANSACTION, input.serializeBinary(), context);
        message.setProposal(context.signedProposal);
        this.send(message);
      });
      return resultOf(answer, context);
    } catch (error) {
      if (error instanceof ChaincodeFailure) throw error;
      throw new Error(`failed to execute transaction ${context.transactionId}: ${messageOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
      this.running.delete(key);
    }
  }

  /** Ends the stream; transactions in flight fail. */
  close(reason: string): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.stream.end();
    for (const transaction of this.running.values()) transaction.fail(new Error(`error sending: ${streamTerminated}`));
    this.listener.closed(this, reason);
  }

  private send(message: peer.ChaincodeMessage): void {
    if (this.state === 'closed') throw new Error(`error sending: ${streamTerminated}`);
    this.stream.write(message);
  }

  private receive(message: peer.ChaincodeMessage): void {
    if (this.state === 'closed') return;
    const type = message.getType();
    if (type === Type.KEEPALIVE) return;
    if (this.state === 'created') {
      this.register(message);
    } else if (type === Type.COMPLETED || type === Type.ERROR) {
      this.running.get(transactionKey(message.getChannelId(), message.getTxid()))?.settle(message);
    } else if (responderFor(type) === undefined) {
      this.close(`[${message.getTxid()}] cannot handle message (${messageTypeName(type)}) while in ready state`);
    } else {
      void this.answer(message);
    }
  }

  private register(message: peer.ChaincodeMessage): void {
    if (message.getType() !== Type.REGISTER) {
      this.close(`cannot handle message (${messageTypeName(message.getType())}) while in created state`);
      return;
    }
    try {
      const chaincodeId = peer.ChaincodeID.deserializeBinary(message.getPayload_asU8()).getName();
      if (chaincodeId === '') throw new Error('error in handling register chaincode, chaincodeID name is empty');
      this.send(newMessage(Type.REGISTERED, new Uint8Array(0)));
      const parameters = new peer.ChaincodeAdditionalParams();
      parameters.setUseWriteBatch(true);
      parameters.setMaxSizeWriteBatch(this.limits.writeBatchMax);
      parameters.setUseGetMultipleKeys(true);
      parameters.setMaxSizeGetMultipleKeys(this.limits.multipleKeysMax);
      this.send(newMessage(Type.READY, parameters.serializeBinary()));
      this.state = 'ready';
      this.listener.registered(this, chaincodeId);
    } catch (error) {
      this.close(messageOf(error));
    }
  }

  private async answer(message: peer.ChaincodeMessage): Promise<void> {
    const key = transactionKey(message.getChannelId(), message.getTxid());
    const transaction = this.running.get(key);
    const responder = responderFor(message.getType());
    const failed = `${messageTypeName(message.getType())} failed: transaction ID: ${message.getTxid()}`;
    if (transaction?.isBusy === true || responder === undefined) return;
    const reply = newMessage(Type.RESPONSE, new Uint8Array(0));
    reply.setTxid(message.getTxid());
    reply.setChannelId(message.getChannelId());
    try {
      if (transaction === undefined) throw new Error('no ledger context');
      transaction.isBusy = true;
      reply.setPayload(await responder(transaction, message.getPayload_asU8(), this.limits));
    } catch (error) {
      reply.setType(Type.ERROR);
      reply.setPayload(Buffer.from(`${failed}: ${refusalText(error, message.getTxid())}`, 'utf8'));
    } finally {
      if (transaction !== undefined) transaction.isBusy = false;
    }
    if (this.isReady) this.send(reply);
  }
}

function resultOf(answer: peer.ChaincodeMessage, context: TransactionContext): ChaincodeResult {
  if (answer.getType() === Type.ERROR) {
    const text = Buffer.from(answer.getPayload_asU8()).toString('utf8');
    throw new ChaincodeFailure(`transaction returned with failure: ${text}`);
  }
  const event = answer.getChaincodeEvent();
  event?.setChaincodeId(context.chaincodeName);
  event?.setTxId(context.transactionId);
  return { response: peer.Response.deserializeBinary(answer.getPayload_asU8()), event };
}

/** The chaincode itself gave up (message ERROR), which is another thing than a response with status 500. */
export class ChaincodeFailure extends Error {
  override readonly name = 'ChaincodeFailure';
}
