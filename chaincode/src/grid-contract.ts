import {
  assert,
  canonicalJson,
  commandIdCodec,
  digestOf,
  factsEventBytes,
  factsEventName,
  functionName,
  InvariantError,
  isJsonObject,
  parseJson,
  parseJsonBytes,
  RuleError,
  type AnyTransactionSpec,
  type CommandId,
  type ConfidentialOf,
  type JsonObject,
  type JsonValue,
  type RequestOf,
  type ResponseOf,
} from '@flexledger/domain';
import { Contract } from 'fabric-contract-api';
import { authorise } from './access';
import { GridContext } from './grid-context';
import { commands } from './store/command-store';
import { governances } from './store/registry/registry-store';

/** What a transaction's rule gets: the decoded request and, where the manifest names one, its confidential part. */
export type Body<S extends AnyTransactionSpec> = (
  request: RequestOf<S>,
  confidential: ConfidentialOf<S>,
) => Promise<ResponseOf<S>>;

/** Reads ahead what a transaction's rule will need. */
export type ReadAhead<S extends AnyTransactionSpec> = (
  request: RequestOf<S>,
  confidential: ConfidentialOf<S>,
) => Promise<unknown>;

interface Input {
  readonly request: unknown;
  readonly confidential: unknown;
}

/**
 * What all contracts have in common. Each transaction passes its entry of the manifest and its rule; everything else, from
 * decoding to the one event, happens here and nowhere else.
 */
export abstract class GridContract extends Contract {
  /** The context with the unit of work. */
  public override createContext(): GridContext {
    return new GridContext();
  }

  /** A name that no contract has is refused with a code as well. */
  public override unknownTransaction(): Promise<void> {
    return Promise.reject(new RuleError('CALL_FUNCTION_UNKNOWN'));
  }

  /**
   * Carries out a command: decode, authorise, look whether it was done before (then the same answer and no write), apply the
   * rule, write everything at once and emit one event. What is known beforehand is read together, with what `ahead` asks for: each
   * message to the peer costs a small transaction more than its rule.
   */
  protected submit<S extends AnyTransactionSpec>(
    context: GridContext,
    spec: S,
    requestText: string,
    body: Body<S>,
    ahead?: ReadAhead<S>,
  ): Promise<string> {
    return withCodes(context, async () => {
      const input = this.read(context, spec, requestText);
      const encoded = spec.request.encode(input.request);
      assert(isJsonObject(encoded), 'A request is an object.');
      const commandId = commandIdOf(encoded);
      context.command = commandId;
      context.request = encoded;
      const digest = commandDigest(context, spec, encoded, input.confidential);
      const [, done] = await Promise.all([
        this.admit(context, spec),
        commands.load(context.session, commandId),
        // Whatever it meets, the rule comes upon it again, and in the right order of errors.
        ahead?.(input.request as RequestOf<S>, input.confidential as ConfidentialOf<S>).catch(() => undefined),
      ]);
      if (done !== undefined) {
        if (done.digest !== digest) {
          throw new RuleError('COMMAND_REUSED', { commandId });
        }
        return canonicalJson(done.response);
      }
      const answer = await body(input.request as RequestOf<S>, input.confidential as ConfidentialOf<S>);
      const response = spec.response.encode(answer);
      commands.save(context.session, { digest, response }, commandId);
      await context.session.flush();
      context.stub.setEvent(factsEventName, this.event(context, spec));
      return canonicalJson(response);
    });
  }

  /** Answers a question: decode, authorise, read. */
  protected evaluate<S extends AnyTransactionSpec>(
    context: GridContext,
    spec: S,
    requestText: string,
    body: Body<S>,
  ): Promise<string> {
    return withCodes(context, async () => {
      const input = this.read(context, spec, requestText);
      await this.admit(context, spec);
      const answer = await body(input.request as RequestOf<S>, input.confidential as ConfidentialOf<S>);
      assert(context.session.writeCount === 0, 'A transaction that only reads writes nothing.');
      return canonicalJson(spec.response.encode(answer));
    });
  }

  private read(context: GridContext, spec: AnyTransactionSpec, requestText: string): Input {
    const called = context.stub.getFunctionAndParameters().fcn;
    if (called !== functionName(spec)) {
      // The contract API lets a caller leave out the contract of the default one; one transaction has one name here.
      throw new RuleError('CALL_FUNCTION_UNKNOWN');
    }
    const request = spec.request.decode(parseJson(requestText), '');
    return { request, confidential: confidentialPart(context, spec) };
  }

  private async admit(context: GridContext, spec: AnyTransactionSpec): Promise<void> {
    context.governance = await governances.load(context.session);
    authorise(spec, context.caller, context.governance);
  }

  private event(context: GridContext, spec: AnyTransactionSpec): Uint8Array {
    return factsEventBytes({
      contract: spec.contract,
      transaction: spec.name,
      commandId: context.commandId,
      ruleSet: context.governance?.ruleSet.number ?? 0,
      facts: context.facts,
    });
  }
}

function confidentialPart(context: GridContext, spec: AnyTransactionSpec): unknown {
  const entries = context.stub.getTransient();
  const known = spec.transient?.key;
  if ([...entries.keys()].some((key) => key !== known)) {
    throw new RuleError('INPUT_TRANSIENT_UNKNOWN');
  }
  if (spec.transient === undefined) {
    return undefined;
  }
  const bytes = entries.get(spec.transient.key);
  if (bytes === undefined) {
    throw new RuleError('INPUT_TRANSIENT_MISSING', { key: spec.transient.key });
  }
  return spec.transient.codec.decode(parseJsonBytes(bytes), `/${spec.transient.key}`);
}

function commandIdOf(encodedRequest: JsonObject): CommandId {
  const { commandId } = encodedRequest;
  assert(commandId !== undefined, 'Every request that writes has a command id.');
  return commandIdCodec.decode(commandId, '/commandId');
}

/** The same command is the same content from the same organisation; confidential content enters by its digest only. */
function commandDigest(
  context: GridContext,
  spec: AnyTransactionSpec,
  request: JsonValue,
  confidential: unknown,
): string {
  return digestOf({
    confidentialDigest: spec.transient === undefined ? null : digestOf(spec.transient.codec.encode(confidential)),
    contract: spec.contract,
    mspId: context.caller.mspId,
    request,
    transaction: spec.name,
  });
}

/** Whatever is thrown reaches the client as a record with a code, and its cause the operator's log. */
async function withCodes<T>(context: GridContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const coded =
      error instanceof RuleError || error instanceof InvariantError
        ? error
        : new InvariantError('The program failed where nothing should fail.', { cause: error });
    context.report(coded);
    throw coded;
  }
}
