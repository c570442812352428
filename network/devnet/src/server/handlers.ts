import {
  status as GrpcCode,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import { StatusError, toGrpcError } from '../protocol/status';

/** Calls of one service on one peer at the same time; more are refused with the peer's own text. */
export class ConcurrencyLimit {
  private running = 0;

  constructor(
    private readonly serviceName: string,
    private readonly most: number,
  ) {}

  /** How many calls run now. */
  get inFlight(): number {
    return this.running;
  }

  /** Runs the call, or refuses it. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.running >= this.most) {
      throw new StatusError(
        GrpcCode.UNKNOWN,
        `too many requests for ${this.serviceName}, exceeding concurrency limit (${String(this.most)})`,
      );
    }
    this.running += 1;
    try {
      return await call();
    } finally {
      this.running -= 1;
    }
  }
}

/** Something that a client can give up. */
interface Cancellable {
  readonly cancelled: boolean;
  on(event: 'cancelled', listener: () => void): unknown;
}

function abortedBy(call: Cancellable): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => {
    controller.abort();
  });
  if (call.cancelled) controller.abort();
  return controller.signal;
}

/** The writable side of a streaming call. */
interface Sink<Response> {
  write(response: Response): boolean;
  once(event: 'drain' | 'cancelled', listener: () => void): unknown;
}

async function writeTo<Response>(sink: Sink<Response>, response: Response): Promise<void> {
  if (sink.write(response)) return;
  await new Promise<void>((resolve) => {
    sink.once('drain', resolve);
    sink.once('cancelled', resolve);
  });
}

/** A unary gRPC handler from a function that returns a response or throws a StatusError. */
export function unaryHandler<Request, Response>(
  limit: ConcurrencyLimit,
  answer: (request: Request, aborted: AbortSignal) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    limit
      .run(async () => answer(call.request, abortedBy(call)))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(toGrpcError(error));
        },
      );
  };
}

/** A server-streaming gRPC handler from a function that sends until it returns or throws a StatusError. */
export function serverStreamHandler<Request, Response>(
  limit: ConcurrencyLimit,
  serve: (request: Request, aborted: AbortSignal, send: (response: Response) => Promise<void>) => Promise<void>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    limit
      .run(async () => serve(call.request, abortedBy(call), async (response) => writeTo(call, response)))
      .then(
        () => {
          call.end();
        },
        (error: unknown) => {
          call.emit('error', toGrpcError(error));
        },
      );
  };
}

/**
 * A bidirectional gRPC handler that serves one request after the other; the stream ends when one is answered with false
 * or the client has sent its last.
 */
export function duplexHandler<Request, Response>(
  limit: ConcurrencyLimit,
  serve: (request: Request, aborted: AbortSignal, send: (response: Response) => Promise<void>) => Promise<boolean>,
): handleBidiStreamingCall<Request, Response> {
  return (call) => {
    const aborted = abortedBy(call);
    const send = async (response: Response): Promise<void> => writeTo(call, response);
    const serveAll = async (): Promise<void> =>
      new Promise((resolve, reject) => {
        let goesOn = Promise.resolve(true);
        call.on('data', (request: Request) => {
          goesOn = goesOn.then(async (isOpen) => isOpen && (await serve(request, aborted, send)));
          goesOn.then((isOpen) => {
            if (!isOpen) resolve();
          }, reject);
        });
        call.on('end', () => {
          goesOn.then(() => {
            resolve();
          }, reject);
        });
        aborted.addEventListener('abort', () => {
          resolve();
        });
      });
    limit.run(serveAll).then(
      () => {
        call.end();
      },
      (error: unknown) => {
        if (!aborted.aborted) call.emit('error', toGrpcError(error));
      },
    );
  };
}
