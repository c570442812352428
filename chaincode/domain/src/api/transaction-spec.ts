import type { Codec, TypeOf } from '../decode';
import { RuleError, type ErrorCode } from '../errors';
import type { FactType } from '../facts';
import type { Role } from '../field-codecs';
import type { JsonObject } from '../json';

/** A private data collection that a transaction reads or writes. */
export type CollectionName = 'profiles' | 'orders';

/** Whether a transaction writes. */
export type TransactionMode = 'submit' | 'evaluate';

/** The part of a request that must not be public: it travels in the transient map as canonical JSON under this key. */
export interface TransientSpec<T> {
  readonly key: string;
  readonly codec: Codec<T>;
}

/**
 * Everything there is to say about one transaction. The contracts, the typed client, the REST API, the command line and the
 * reference documentation are made from it.
 */
export interface TransactionSpec<Request, Response, Mode extends TransactionMode = TransactionMode> {
  readonly contract: string;
  readonly name: string;
  /** `submit` writes and carries a `commandId`; `evaluate` only reads. */
  readonly mode: Mode;
  /**
   * Who may send it. For a submit, `anyone` means every role that governance has given to the caller's organisation; for an
   * evaluate it means every identity that the channel lets in.
   */
  readonly roles: readonly Role[] | 'anyone';
  /** True for what founds the consortium and therefore works before any role is given. */
  readonly founding: boolean;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  readonly transient: TransientSpec<unknown> | undefined;
  readonly collection: CollectionName | undefined;
  /** The codes of its own; those of the edge (CALL_, INPUT_, ACCESS_, COMMAND_) apply everywhere. */
  readonly errors: readonly ErrorCode[];
  readonly facts: readonly FactType[];
  /** One sentence for people. */
  readonly summary: string;
  /** A request that decodes. */
  readonly example: JsonObject;
}

/** A spec whose types are not known: what loops over the manifest see. */
export type AnyTransactionSpec = TransactionSpec<unknown, unknown>;

/** The request type of a spec. */
export type RequestOf<Spec extends AnyTransactionSpec> = TypeOf<Spec['request']>;
/** The response type of a spec. */
export type ResponseOf<Spec extends AnyTransactionSpec> = TypeOf<Spec['response']>;
/** The type of the confidential part, undefined where there is none. */
export type ConfidentialOf<Spec extends AnyTransactionSpec> =
  NonNullable<Spec['transient']> extends TransientSpec<infer Confidential>
    ? undefined extends Spec['transient']
      ? undefined
      : Confidential
    : undefined;

interface Written<Request, Response> {
  readonly roles: readonly Role[] | 'anyone';
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  readonly errors: readonly ErrorCode[];
  readonly summary: string;
  readonly example: JsonObject;
}

interface WrittenSubmit<Request, Response> extends Written<Request, Response> {
  readonly facts: readonly FactType[];
  readonly founding?: boolean;
  /** The collection that it reads, so that only its members can endorse it. */
  readonly collection?: CollectionName;
}

interface WrittenPrivateSubmit<Request, Response, Confidential> extends WrittenSubmit<Request, Response> {
  readonly transient: TransientSpec<Confidential>;
  readonly collection: CollectionName;
}

/** Describes a transaction that writes and takes no confidential part. */
export function submitSpec<Request, Response>(
  contract: string,
  name: string,
  written: WrittenSubmit<Request, Response>,
): SubmitSpec<Request, Response> {
  const { collection, ...rest } = written;
  return { founding: false, ...rest, contract, name, mode: 'submit', transient: undefined, collection };
}

/** Describes a transaction that writes and takes a confidential part into a collection. */
export function privateSubmitSpec<Request, Response, Confidential extends object>(
  contract: string,
  name: string,
  written: WrittenPrivateSubmit<Request, Response, Confidential>,
): PrivateTransactionSpec<Request, Response, Confidential> {
  return { founding: false, ...written, contract, name, mode: 'submit' };
}

/** A spec of a transaction that writes and has no confidential part. */
export interface SubmitSpec<Request, Response> extends TransactionSpec<Request, Response, 'submit'> {
  readonly transient: undefined;
}

/** A spec whose confidential part is known to exist. */
export interface PrivateTransactionSpec<Request, Response, Confidential> extends TransactionSpec<
  Request,
  Response,
  'submit'
> {
  readonly transient: TransientSpec<Confidential>;
  readonly collection: CollectionName;
}

/** Describes a transaction that only reads. */
export function evaluateSpec<Request, Response>(
  contract: string,
  name: string,
  written: Written<Request, Response> & { readonly collection?: CollectionName },
): TransactionSpec<Request, Response, 'evaluate'> {
  const { collection, ...rest } = written;
  return { ...rest, contract, name, mode: 'evaluate', founding: false, transient: undefined, collection, facts: [] };
}

/** The function name under which a transaction is called: `contract:transaction`. */
export function functionName(spec: Pick<AnyTransactionSpec, 'contract' | 'name'>): string {
  return `${spec.contract}:${spec.name}`;
}

/** Finds a spec by its function name; refuses with CALL_FUNCTION_UNKNOWN. */
export function specByFunctionName(specs: readonly AnyTransactionSpec[], name: string): AnyTransactionSpec {
  const found = specs.find((spec) => functionName(spec) === name);
  if (found === undefined) {
    throw new RuleError('CALL_FUNCTION_UNKNOWN');
  }
  return found;
}
